"""One picture of ours in another's place: the new one is on the product, read back, before the old one leaves."""

from __future__ import annotations

import logging
from contextlib import suppress

from shopify_imagegen import ending
from shopify_imagegen.attach import Attach
from shopify_imagegen.errors import BadInput, Conflict, NotFound, Permanent, Temporary
from shopify_imagegen.linking import Linking
from shopify_imagegen.models import Image, ImageState
from shopify_imagegen.moves import onward
from shopify_imagegen.ports import Jobs, Media, Pictures, Sleep

logger = logging.getLogger(__name__)

OFF_CHECKS_S = (0.2, 0.5, 1, 2, 4)  # waits between looks at a gallery that still shows the old picture
STILL_SHOWN = "Shopify still shows the earlier picture beside the new one."
NEWER = "A newer picture is in its place; this one stays in the store's Files."
RETURNS = "Put back in the place of a picture that was rolled back."


class Swap:
    """Exchanges our own pictures on a product; safe to repeat at any point."""

    def __init__(
        self, *, jobs: Jobs, pictures: Pictures, media: Media, attach: Attach, linking: Linking, sleep: Sleep
    ) -> None:
        self._jobs = jobs
        self._pictures = pictures
        self._media = media
        self._attach = attach
        self._linking = linking
        self._sleep = sleep

    def retire(self, new: Image) -> None:
        """Take off the picture in whose place *new* goes, if *new* is published.

        Raises:
            NeedsAttention, Temporary, NoAnswer: not now; both are on the product meanwhile.
        """
        if new.state != ImageState.PUBLISHED or not new.brief.replaces:
            return
        old = self._jobs.image(new.brief.replaces)
        if old.state == ImageState.PUBLISHED:
            try:
                self._take_off(old, new)
            except (BadInput, Conflict) as error:
                return self._stays(old, f"A newer picture is beside it; it could not be taken off: {error}")
        elif old.state not in (ImageState.STAGED, ImageState.FAILED):
            return  # it is off the product already, and says why
        onward(self._jobs, old, ImageState.REPLACED, NEWER)
        ending.amend(self._jobs, old.job_id)

    def bring_back(self, earlier: Image, *, in_place_of: str, by: str) -> None:
        """Put *earlier* on the product again, where the medium *in_place_of* is now.

        Raises:
            Temporary: Shopify does not show it yet. Permanent: it cannot be put back; its reason.
        """
        if earlier.state == ImageState.REPLACED:
            onward(self._jobs, earlier, ImageState.STAGED, RETURNS, by=by or "app")
        said = self._attach.attach([earlier.id])
        if said.next == "later":
            raise Temporary(said.reason)
        if said.next != "go_on":
            raise Permanent(said.reason)
        back = self._jobs.image(earlier.id)
        if back.state != ImageState.PUBLISHED:
            raise Permanent(back.reason or "Shopify does not show it.")
        self._move(back, str(back.file_id), in_place_of)
        ending.finish(self._jobs, back.job_id)

    def _take_off(self, old: Image, new: Image) -> None:
        ours = self._pictures.media_of(old.shop, old.product_id).get(old.id, frozenset())
        for medium in (photo.id for photo in self._media.gallery(old.shop, old.product_id) if photo.id in ours):
            self._move(old, str(new.file_id), medium)
            self._linking.hand_over(old, medium, new)
            with suppress(NotFound):  # the merchant was quicker
                self._media.detach(old.shop, old.product_id, medium)
            self._until_off(old, medium)

    def _stays(self, old: Image, reason: str) -> None:
        logger.warning(reason, extra={"action": "not_taken_off", "image": old.id, "shop": old.shop})
        onward(self._jobs, old, ImageState.PUBLISHED, reason)

    def _move(self, image: Image, medium: str, to: str) -> None:
        """Put a medium where another one is, unless it is right beside it."""
        order = [photo.id for photo in self._media.gallery(image.shop, image.product_id)]
        if medium in order and to in order and abs(order.index(medium) - order.index(to)) > 1:
            self._media.move(image.shop, image.product_id, {medium: order.index(to)})

    def _until_off(self, old: Image, medium: str) -> None:
        for wait_s in (*OFF_CHECKS_S, None):
            if medium not in {photo.id for photo in self._media.gallery(old.shop, old.product_id)}:
                return
            if wait_s is not None:
                self._sleep(wait_s)
        raise Temporary(STILL_SHOWN)
