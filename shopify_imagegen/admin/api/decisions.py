"""What a person decides on one picture: let it in, keep it off, have it made anew, take it back."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, jsonify

from shopify_imagegen.admin.api import asking, once, shapes
from shopify_imagegen.admin.api.shown import Shown
from shopify_imagegen.admin.gate import session
from shopify_imagegen.errors import NotFound
from shopify_imagegen.models import (
    Arrival,
    Image,
    ImageApproved,
    ImageState,
    Intent,
    RegenerateRequested,
    RollbackRequested,
)
from shopify_imagegen.ports import Clock
from shopify_imagegen.wiring import House


def mount(api: Blueprint, house: House, shown: Shown, clock: Clock) -> None:
    calls = Decisions(house, shown, clock)
    api.add_url_rule("/images/<image_id>", "image", calls.image)
    for view in (calls.approve, calls.reject, calls.regenerate, calls.rollback):
        api.add_url_rule(f"/images/<image_id>/{view.__name__}", view.__name__, view, methods=["POST"])


class Decisions:
    """One method a call. A picture of another shop is not found."""

    def __init__(self, house: House, shown: Shown, clock: Clock) -> None:
        self._house = house
        self._shown = shown
        self._clock = clock

    def image(self, image_id: str) -> Response:
        return jsonify(picture=self._shown.picture(self._image(image_id)))

    def approve(self, image_id: str) -> tuple[Response, int]:
        """A worker puts it on the product. Again: changes nothing."""
        body = asking.read_request(asking.ApproveBody)
        image = self._image(image_id)
        if image.state != ImageState.PUBLISHED:
            saw = self._house.review.expect(image.shop, image_id, "approved").state
            wish = ImageApproved(image_id=image_id, by=session().user_id, saw=saw, **body.model_dump())
            self._tell_worker(wish)
        return jsonify(picture=self._shown.picture(image)), 202

    def reject(self, image_id: str) -> Response:
        """Keep it off its product, at once; it stays in the store's Files. Again: changes nothing."""
        body = asking.read_request(asking.RejectBody)
        image = self._image(image_id)
        if image.state != ImageState.REJECTED:
            image = self._house.review.reject(image.shop, image_id, by=session().user_id, reason=body.reason)
        return jsonify(picture=self._shown.picture(image))

    def regenerate(self, image_id: str) -> tuple[Response, int]:
        """Buy another in its place; the old one leaves only when the new one is there."""
        body = asking.read_request(asking.RegenerateBody)
        image = self._image(image_id)
        wish = RegenerateRequested(image_id=image.id, note=body.note, by=session().user_id)
        made = once.made(self._house, wish, now=self._clock())
        return jsonify(job=self._shown.job(made)), 202

    def rollback(self, image_id: str) -> tuple[Response, int]:
        """A worker takes it back; with `dry_run`, only what would become of it is said."""
        body = asking.read_request(asking.RollbackBody)
        image = self._image(image_id)
        by, options = session().user_id, body.model_dump(exclude={"dry_run"})
        wish = RollbackRequested(images=(image_id,), by=by, **options)
        if body.dry_run:
            return jsonify(would=shapes.undone(self._house.rollback.would(image.shop, wish))), 200
        self._tell_worker(wish)
        return jsonify(picture=self._shown.picture(image)), 202

    def _tell_worker(self, intent: Intent) -> None:
        """Decisions are safe to repeat, so each press is one."""
        arrival = Arrival(id=f"api-{uuid.uuid4()}", source="api", topic="", shop=session().shop, intent=intent)
        self._house.inbox.record(arrival)

    def _image(self, image_id: str) -> Image:
        found = self._house.overview.candidate(session().shop, image_id)
        if found is None:
            raise NotFound(f"there is no picture {image_id}")
        return found.image
