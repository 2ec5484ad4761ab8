"""Variants show the picture that was made for them; what they showed before is written down first, and comes back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping

from shopify_imagegen.errors import NeedsAttention, Permanent
from shopify_imagegen.models import Image, ImageState
from shopify_imagegen.ports import Media, Pictures, Variants
from shopify_imagegen.settings import ImagesSection

logger = logging.getLogger(__name__)


class Linking:
    """Ties our pictures to variants and unties them; safe to repeat at any point.

    Args:
        settings: of a shop.
    """

    def __init__(
        self, *, pictures: Pictures, variants: Variants, media: Media, settings: Callable[[str], ImagesSection]
    ) -> None:
        self._pictures = pictures
        self._variants = variants
        self._media = media
        self._settings = settings

    def show(self, image: Image) -> None:
        """Have the variants that *image* was made for show it, once it is published.

        A refusal is logged and holds nothing up: the picture is on the product all the same.

        Raises:
            NeedsAttention, Temporary, NoAnswer: not now; do it again.
        """
        if image.state == ImageState.PUBLISHED and image.brief.variants:
            self._show(image, image.brief.variants, also_taken=self._settings(image.shop).link_variants == "all")

    def hand_over(self, old: Image, medium: str, new: Image) -> None:
        """Have the variants that show *medium*, which is *old*'s, show the newer picture in its place."""
        users = [each.id for each in self._variants.of(old.shop, old.product_id) if each.media_id == medium]
        begun = self._pictures.links(old.shop, old.product_id).get(new.id, {})
        wanted = dict.fromkeys([*users, *(each for each, before in begun.items() if before == medium)])
        if wanted:
            self._show(new, wanted, also_taken=True)

    def give_back(self, images: Iterable[Image]) -> None:
        """Have variants show what they showed before these pictures, which are off the product by now."""
        for image in images:
            links = self._pictures.links(image.shop, image.product_id)
            if links.get(image.id):
                self._give_back(image, links)

    def ours(self, shop: str, product_id: str) -> dict[str, frozenset[str]]:
        """Picture id → the variants that show it because we said so."""
        return {image_id: frozenset(each) for image_id, each in self._pictures.links(shop, product_id).items()}

    def _show(self, image: Image, wanted: Iterable[str], *, also_taken: bool) -> None:
        medium = str(image.file_id)
        now = {each.id: each.media_id for each in self._variants.of(image.shop, image.product_id)}
        begun = self._pictures.links(image.shop, image.product_id).get(image.id, {})
        missing = [each for each in wanted if each in now and now[each] != medium and (also_taken or not now[each])]
        missing = [each for each in missing if each not in begun or now[each] in (None, begun[each])]
        for variant_id in missing:
            self._pictures.link(image, variant_id, before=now[variant_id])
        taken = {each: before for each in missing if (before := now[each])}
        self._kindly(image, lambda: self._variants.show_no_more(image.shop, image.product_id, taken))
        shown = dict.fromkeys(missing, medium)
        if not self._kindly(image, lambda: self._variants.show(image.shop, image.product_id, shown)):
            self._kindly(image, lambda: self._variants.show(image.shop, image.product_id, taken))

    def _give_back(self, image: Image, links: Mapping[str, Mapping[str, str | None]]) -> None:
        there = {photo.id for photo in self._media.gallery(image.shop, image.product_id)}
        now = {each.id: each.media_id for each in self._variants.of(image.shop, image.product_id)}
        before = {each: self._before(image, each, links, there) for each in links[image.id] if each in now}
        back = {each: medium for each, medium in before.items() if medium and now[each] is None}
        self._kindly(image, lambda: self._variants.show(image.shop, image.product_id, back))

    def _before(
        self, image: Image, variant_id: str, links: Mapping[str, Mapping[str, str | None]], there: set[str]
    ) -> str | None:
        """What the variant showed before and the product still has: another's photo, or an earlier picture of ours."""
        owners = {
            medium: owner
            for owner, media in self._pictures.media_of(image.shop, image.product_id).items()
            for medium in media
        }
        medium, seen = links[image.id][variant_id], {image.id}
        while medium and medium not in there:
            owner = owners.get(medium)
            if owner is None or owner in seen:
                return None
            seen.add(owner)
            medium = links.get(owner, {}).get(variant_id)
        return medium

    def _kindly(self, image: Image, change: Callable[[], None]) -> bool:
        """Make a change. False where somebody was quicker or Shopify refuses: the log says so, and it is left."""
        try:
            change()
        except NeedsAttention:
            raise
        except Permanent as error:
            fields = {"action": "not_linked", "image": image.id, "shop": image.shop, "product": image.product_id}
            logger.warning("variants do not show a picture as they should: %s", error, extra=fields)
            return False
        return True
