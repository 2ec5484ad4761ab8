"""Each call: read what is asked, see that it is the shop's own, record a wish or read where it stands."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, jsonify, request

from shopify_imagegen.admin.api import asking, shapes
from shopify_imagegen.admin.api.refusals import Refused
from shopify_imagegen.admin.api.urls import Urls
from shopify_imagegen.admin.gate import session
from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import (
    Arrival,
    GenerateRequested,
    Image,
    ImageApproved,
    ImageState,
    Intent,
    Progress,
    Skip,
    SkipReason,
)
from shopify_imagegen.ports import Clock
from shopify_imagegen.prompts import choice
from shopify_imagegen.prompts.library import Scene
from shopify_imagegen.wiring import House

MAX_BODY_BYTES = 64 * 1024


def mount(api: Blueprint, house: House, clock: Clock) -> None:
    """All routes of *api*; the gate is before them."""
    calls = Calls(house, clock)
    for method, path, view in (
        ("GET", "/offer", calls.offer),
        ("POST", "/products/jobs", calls.ask_for_many),
        ("GET", "/products/<path:product>", calls.product),
        ("POST", "/products/<path:product>/jobs", calls.ask),
        ("GET", "/jobs/<followed_id>", calls.job),
        ("POST", "/images/<image_id>/approve", calls.approve),
    ):
        # a gid in a path has two slashes in a row; they are not to be "corrected" by a redirect
        api.add_url_rule(
            path, view.__name__, view, methods=[method], merge_slashes=False, provide_automatic_options=True
        )
    api.add_url_rule("/<path:_>", "nowhere", _nowhere, methods=["GET", "POST"], merge_slashes=False)


class Calls:
    """One method a call."""

    def __init__(self, house: House, clock: Clock) -> None:
        self._house = house
        self._clock = clock
        self._url = Urls(house.shopify.media)

    def offer(self) -> Response:
        """What a picture costs in this shop, and which scenes there are."""
        return jsonify(offer=self._offer(()))

    def product(self, product: str) -> Response:
        """Where a product stands, and what it can be asked for. Free: nothing is bought or written."""
        shop, product_id = session().shop, asking.product(product)
        decision = self._house.look.preview(shop, GenerateRequested(product_id=product_id))
        if isinstance(decision, Skip) and decision.why == SkipReason.GONE:
            raise NotFound(decision.reason)
        stands = self._house.overview.standings(shop, [product_id]).get(product_id)
        running = self._house.jobs.active(shop, product_id)
        fits = () if isinstance(decision, Skip) else self._fitting(shop, decision.category)
        return jsonify(
            product=shapes.product(product_id, decision, stands),
            offer=self._offer(fits),
            job=self._shown(self._house.wishes.progress(shop, running.id)) if running else None,
        )

    def ask(self, product: str) -> tuple[Response, int]:
        """A person's wish: recorded now, planned and bought by a worker."""
        wish = _body(asking.WishBody).wish(asking.product(product))
        self._check_scene(wish)
        return jsonify(job=self._shown(self._made(wish))), 202

    def ask_for_many(self) -> tuple[Response, int]:
        wishes = _body(asking.WishesBody).wishes()
        self._check_scene(wishes[0])
        return jsonify(jobs=[self._shown(self._made(wish)) for wish in wishes]), 202

    def job(self, followed_id: str) -> Response:
        return jsonify(job=self._shown(self._house.wishes.progress(session().shop, followed_id)))

    def approve(self, image_id: str) -> tuple[Response, int]:
        """Let a picture that waits into the shop window."""
        image = self._image(image_id)
        if image.state == ImageState.STAGED:
            self._decide(ImageApproved(image_id=image_id, by=session().user_id))
        elif image.state != ImageState.PUBLISHED:
            raise Conflict(f"the picture is {image.state}, so it cannot be approved")
        return self._told(image)

    def _made(self, wish: GenerateRequested) -> Progress:
        """The same wish within the last minute is taken up, even over the edge of a span."""
        shop, key, now = session().shop, request.headers.get("Idempotency-Key", ""), self._clock()
        if not key:
            earlier = asking.arrival(shop, wish, key="", now=now, back=1)
            if self._house.inbox.find(earlier.id):
                return self._house.wishes.make(earlier)
        return self._house.wishes.make(asking.arrival(shop, wish, key=key, now=now))

    def _decide(self, intent: Intent) -> None:
        arrival = Arrival(id=f"api-{uuid.uuid4()}", source="api", topic="", shop=session().shop, intent=intent)
        self._house.inbox.record(arrival)

    def _check_scene(self, wish: GenerateRequested) -> None:
        """Raises: Refused, with the ids that look alike."""
        studio = self._house.tailor.studio(session().shop)
        if wish.scene is None:
            return
        if studio.library.scene(wish.scene) is None:
            words = f"there is no scene “{wish.scene}”{studio.library.like(wish.scene)}"
            raise Refused(words, fields={"scene": words})
        if wish.scene in studio.prompts.scenes_off:
            raise Refused("this scene is switched off", fields={"scene": "switched off in the settings"})

    def _image(self, image_id: str) -> Image:
        """Raises: NotFound, also for another shop's."""
        found = self._house.overview.candidate(session().shop, image_id)
        if found is None:
            raise NotFound(f"there is no picture {image_id}")
        return found.image

    def _told(self, image: Image) -> tuple[Response, int]:
        found = self._house.overview.candidate(image.shop, image.id)
        cost = found.cost_microusd if found else None
        return jsonify(picture=shapes.picture(image, cost, self._url)), 202

    def _shown(self, progress: Progress) -> shapes.Json:
        made = self._house.overview.of_product(progress.shop, progress.product_id) if progress.images else ()
        return shapes.job(progress, shapes.costs(made), self._url)

    def _offer(self, first: tuple[Scene, ...]) -> shapes.Json:
        shop = session().shop
        settings, studio = self._house.tailor.settings(shop), self._house.tailor.studio(shop)
        rest = (scene for scene in studio.library.scenes if scene.full_id not in studio.prompts.scenes_off)
        return shapes.offer(
            price_microusd=self._house.picture_price_microusd(),
            per_product=settings.images.per_product,
            review=settings.publish.mode == "review",
            scenes={scene.full_id: scene for scene in (*first, *rest)}.values(),
        )

    def _fitting(self, shop: str, category_id: str) -> tuple[Scene, ...]:
        studio = self._house.tailor.studio(shop)
        category = studio.library.category(category_id)
        return choice.pool(studio.library, category, only=(), off=studio.prompts.scenes_off) if category else ()


def _body(kind: type[asking.Body]) -> asking.Body:
    request.max_content_length = MAX_BODY_BYTES
    return asking.read(kind, request.get_data(cache=False))


def _nowhere(_: str) -> Response:
    raise NotFound("there is no such call; see docs/api.md")
