"""Pictures that wait for a decision, beside the photos they were made from; decided one by one or many at once."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, render_template, request
from pydantic import ValidationError
from werkzeug.wrappers import Response

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages.frame import ask, by, go, once, t
from shopify_imagegen.admin.pages.pace import refresh_ms
from shopify_imagegen.admin.pages.reach import reached
from shopify_imagegen.errors import Conflict, NotFound, Rejected
from shopify_imagegen.models import Candidate, Heard, Image, ImageApproved, ImageState, JobState, Value
from shopify_imagegen.wiring import House

PER_PAGE = 20
REASON_CHARS = 300


class Waiting(Value):
    """A picture that waits."""

    candidate: Candidate
    url: str | None  #: None: the store did not answer
    siblings: int  #: other pictures of its job that wait too
    is_going: bool  #: somebody has approved it, and the worker is about to put it on the product
    against: str  #: why an approval could not be carried out, in a merchant's words


def routes(pages: Blueprint, house: House) -> None:
    @pages.get("/review")
    def review() -> str:
        shown = _shown(house, house.overview.waiting(session().shop, limit=PER_PAGE))
        return render_template(
            "admin/review.html",
            waiting=shown,
            reviews=house.tailor.settings(session().shop).publish.mode == "review",
            picture_price_microusd=house.picture_price_microusd(),
            refresh_ms=refresh_ms(any(each.is_going for each in shown)),
        )

    @pages.post("/review/approve")
    def approve_many() -> Response:
        chosen, approved = request.form.getlist("image"), 0
        for image_id in chosen[:PER_PAGE]:
            try:
                _approve(house, _waits(house, image_id), ImageApproved(image_id=image_id, by=by()))
                approved += 1
            except (Conflict, NotFound):
                continue  # somebody else was quicker
        return go("review", "approved", count=approved)

    @pages.post("/review/<image_id>/approve")
    def approve(image_id: str) -> Response:
        _approve(house, _waits(house, image_id), _approval(image_id))
        return go("review", "approved", count=1)

    @pages.post("/review/<image_id>/reject")
    def reject(image_id: str) -> Response:
        _waits(house, image_id)
        reason = request.form.get("reason", "").strip()[:REASON_CHARS]
        house.review.reject(session().shop, image_id, by=by(), reason=reason)
        return go("review", "rejected")


def _waits(house: House, image_id: str) -> Image:
    """A picture of this store that waits.

    Raises:
        NotFound: this store has no such picture. Conflict: it does not wait any more.
    """
    found = house.overview.candidate(session().shop, image_id)
    if found is None:
        raise NotFound(t("review.no_picture"))
    if found.image.state != ImageState.STAGED or found.job_state != JobState.AWAITING_REVIEW:
        raise Conflict(t("review.decided"))
    return found.image


def _approval(image_id: str) -> ImageApproved:
    """What the form says of it. Raises: Rejected."""
    wish = {name: request.form[name] for name in ("alt", "place", "alone") if request.form.get(name)}
    try:
        return ImageApproved.model_validate(wish | {"image_id": image_id, "by": by()})
    except ValidationError:
        raise Rejected(t("review.wrong")) from None


def _approve(house: House, image: Image, approval: ImageApproved) -> None:
    """Approved twice as it is now, by whomever, is approved once; after it could not be done, it may be tried again."""
    heard = _heard(house, image)
    again = f":{once()}" if heard and heard.reason else ""
    ask(house, approval.model_copy(update={"saw": image.state}), once=f"{_decision(image)}{again}")


def _decision(image: Image) -> str:
    return f"approve:{image.id}:{image.updated_at.timestamp():.6f}"


def _heard(house: House, image: Image) -> Heard | None:
    return house.inbox.find(f"admin:{image.shop}:{_decision(image)}")


def _shown(house: House, waiting: tuple[Candidate, ...]) -> list[Waiting]:
    files = [each.image.file_id for each in waiting if each.image.file_id]
    urls = reached(lambda: house.shopify.cards.pictures(session().shop, files)) or {}
    of_job = {job: len(list(group)) for job, group in groupby(waiting, key=lambda each: each.image.job_id)}
    heard = {each.image.id: _heard(house, each.image) for each in waiting}
    return [
        Waiting(
            candidate=each,
            url=urls.get(each.image.file_id or ""),
            siblings=of_job[each.image.job_id] - 1,
            is_going=wish is not None and not wish.reason,
            against=wish.reason if wish else "",
        )
        for each in waiting
        for wish in [heard[each.image.id]]
    ]
