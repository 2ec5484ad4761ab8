"""A picture that was kept off while it went onto the product comes off again: the merchant's last word counts."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from shopify_imagegen.copies import Copies
from shopify_imagegen.errors import NotFound, Temporary
from shopify_imagegen.models import Image, ImageState, Photo
from shopify_imagegen.ports import Jobs, Media, Pictures, Sleep

logger = logging.getLogger(__name__)

KEPT_OFF = (ImageState.REJECTED, ImageState.ROLLED_BACK)
OFF_CHECKS_S = (0.2, 0.5, 1, 2, 4)  # waits between looks at a gallery that still shows the picture
COMING = "Shopify may still show a copy of a picture that was kept off."
STILL_SHOWN = "Shopify still shows a picture that was kept off."


class Recall:
    """Looks once more at pictures that we have just put on a product; safe to repeat at any point."""

    def __init__(self, *, jobs: Jobs, pictures: Pictures, media: Media, copies: Copies, sleep: Sleep) -> None:
        self._jobs = jobs
        self._pictures = pictures
        self._media = media
        self._copies = copies
        self._sleep = sleep

    def run(self, image_ids: Sequence[str]) -> None:
        """Take those off again that were kept off meanwhile; all of them belong to one product.

        Raises:
            NeedsAttention, Temporary, NoAnswer: not now; until one is off, it is not done.
        """
        kept_off = [image for image in self._jobs.some(image_ids) if image.state in KEPT_OFF]
        if not kept_off:
            return
        gallery = self._gallery(kept_off[0])
        for image in kept_off:
            shown = self._copies.seen_in(gallery, image)
            if shown and (shown.id == image.file_id or self._copies.was_asked(image)):
                self._take_off(image, shown)
            elif gallery and self._copies.is_awaited(image):
                raise Temporary(COMING)

    def _take_off(self, image: Image, shown: Photo) -> None:
        self._jobs.claim(image.id, shown.id)
        try:
            self._media.detach(image.shop, image.product_id, shown.id)
        except NotFound:
            return  # the merchant was quicker
        self._until_off(image, shown.id)
        self._pictures.note(image, "image_recalled", by="app")
        fields = {"action": "recalled", "job": image.job_id, "image": image.id, "shop": image.shop}
        logger.info("a picture that was kept off is off the product again", extra=fields)

    def _until_off(self, image: Image, medium: str) -> None:
        for wait_s in (*OFF_CHECKS_S, None):
            if medium not in {photo.id for photo in self._gallery(image)}:
                return
            if wait_s is not None:
                self._sleep(wait_s)
        raise Temporary(STILL_SHOWN)

    def _gallery(self, image: Image) -> tuple[Photo, ...]:
        try:
            return self._media.gallery(image.shop, image.product_id)
        except NotFound:
            return ()  # the product is gone
