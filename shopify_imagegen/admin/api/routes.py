"""What is asked about products and jobs: an offer, a wish, where it stands."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from shopify_imagegen.admin.api import asking, once, shapes
from shopify_imagegen.admin.api.refusals import Refused
from shopify_imagegen.admin.api.shown import Shown
from shopify_imagegen.admin.gate import session
from shopify_imagegen.errors import NotFound
from shopify_imagegen.models import GenerateRequested, ImageState, Progress, Skip, SkipReason
from shopify_imagegen.ports import Clock
from shopify_imagegen.prompts import choice
from shopify_imagegen.prompts.library import Scene
from shopify_imagegen.wiring import House

NOT_BOUGHT = {ImageState.REFUSED, ImageState.OVER_BUDGET}


def mount(api: Blueprint, house: House, shown: Shown, clock: Clock) -> None:
    calls = Calls(house, shown, clock)
    for method, path, view in (
        ("GET", "/offer", calls.offer),
        ("POST", "/products/jobs", calls.ask_for_many),
        ("GET", "/products/<path:product>", calls.product),
        ("POST", "/products/<path:product>/jobs", calls.ask),
        ("GET", "/jobs/<followed_id>", calls.job),
    ):
        # a gid in a path has two slashes in a row; they are not to be "corrected" by a redirect
        api.add_url_rule(
            path, view.__name__, view, methods=[method], merge_slashes=False, provide_automatic_options=True
        )


class Calls:
    """One method a call."""

    def __init__(self, house: House, shown: Shown, clock: Clock) -> None:
        self._house = house
        self._shown = shown
        self._clock = clock

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
            product=shapes.product(product_id, decision, stands, self._made_before(shop, product_id)),
            offer=self._offer(fits),
            job=self._shown.job(self._house.wishes.progress(shop, running.id)) if running else None,
        )

    def ask(self, product: str) -> tuple[Response, int]:
        """A person's wish: recorded now, planned and bought by a worker."""
        wish = asking.read_request(asking.WishBody).wish(asking.product(product))
        self._check_scene(wish)
        return jsonify(job=self._shown.job(self._made(wish))), 202

    def ask_for_many(self) -> tuple[Response, int]:
        wishes = asking.read_request(asking.WishesBody).wishes()
        self._check_scene(wishes[0])
        return jsonify(jobs=[self._shown.job(self._made(wish)) for wish in wishes]), 202

    def job(self, followed_id: str) -> Response:
        return jsonify(job=self._shown.job(self._house.wishes.progress(session().shop, followed_id)))

    def _made_before(self, shop: str, product_id: str) -> set[str]:
        """Ids of pictures that the same wish does not buy again."""
        pictures = (each.image for each in self._house.overview.of_product(shop, product_id))
        return {image.id for image in pictures if image.state not in NOT_BOUGHT}

    def _made(self, wish: GenerateRequested) -> Progress:
        return once.made(self._house, wish, now=self._clock())

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
