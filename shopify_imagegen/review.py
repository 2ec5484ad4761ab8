"""A person decides on pictures: let one in, with other words or at another place, or keep it off."""

from __future__ import annotations

from contextlib import suppress

from shopify_imagegen import ending
from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import GO_ON, Image, ImageApproved, ImageState, Outcome
from shopify_imagegen.ports import Jobs, Media, Pictures

KEPT_OFF = (ImageState.REJECTED, ImageState.ROLLED_BACK, ImageState.REPLACED)
MAY = {"approved": (ImageState.STAGED, *KEPT_OFF), "rejected": (ImageState.STAGED,)}  # from which states
OTHER_CHOSEN = "Another picture was chosen."
NO_FILE = "Its file was deleted from the store's Files, so it cannot be put on the product."
NO_PRODUCT = "The product was deleted from the store; the picture stays in Files."


class Review:
    """Decisions, each written down with who made it. The line does what follows from an approval."""

    def __init__(self, *, jobs: Jobs, pictures: Pictures, media: Media) -> None:
        self._jobs = jobs
        self._pictures = pictures
        self._media = media

    def expect(self, shop: str, image_id: str, wish: str) -> Image:
        """A picture that can be *wish* ("approved", "rejected").

        Raises:
            NotFound: there is no such picture in this shop. Conflict: what it is, and so why it cannot be.
        """
        image = self._jobs.image(image_id)
        if image.shop != shop:
            raise NotFound(f"there is no picture {image_id} in {shop}")
        if image.state not in MAY[wish]:
            raise _too_late(image, wish)
        return image

    def approve(self, shop: str, wish: ImageApproved) -> Outcome:
        """Make a picture ready to be attached. Again: changes nothing. One that was kept off before may come back.

        Raises:
            NotFound, Conflict: see `expect`. NeedsAttention, Temporary, NoAnswer: not now.
        """
        image = self.expect(shop, wish.image_id, "approved")
        if wish.saw not in (None, image.state) and not _is_approved(image):
            raise _too_late(image, "approved")
        against = self._against(image)
        if against:
            return Outcome(next="stop", reason=against)
        image = self._pictures.approve(image.id, by=wish.by or "app", when=(image.state,), **_wanted(wish))
        self._described(image)
        for other in self._others(image) if wish.alone else ():
            with suppress(Conflict):  # somebody else has decided on it meanwhile
                self.reject(shop, other.id, by=wish.by, reason=OTHER_CHOSEN)
        return GO_ON

    def reject(self, shop: str, image_id: str, *, by: str, reason: str = "") -> Image:
        """Keep a picture off its product; it stays in the store's Files. Raises: NotFound, Conflict.

        One that is going onto the product at this moment is taken off again: see `recall`.
        """
        image = self.expect(shop, image_id, "rejected")
        when = MAY["rejected"]
        rejected = self._jobs.move_image(image.id, ImageState.REJECTED, reason, when=when, by=by or "app")
        ending.amend(self._jobs, image.job_id)
        return rejected

    def _against(self, image: Image) -> str:
        """Whether product and file are still there."""
        try:
            self._media.gallery(image.shop, image.product_id)
        except NotFound:
            return NO_PRODUCT
        try:
            self._media.file(image.shop, str(image.file_id))
        except NotFound:
            return NO_FILE
        return ""

    def _described(self, image: Image) -> None:
        """Shopify's alt text is the brief's."""
        file = self._media.file(image.shop, str(image.file_id))
        if file.alt.split() != image.brief.alt.split():
            self._media.describe(image.shop, file.id, image.brief.alt)

    def _others(self, image: Image) -> list[Image]:
        """Those that wait, of the same job or in its place."""
        every = self._pictures.of_product(image.shop, image.product_id)
        waiting = [each for each in every if each.state == ImageState.STAGED and each.id != image.id]
        return [each for each in waiting if each.job_id == image.job_id or image.id == each.brief.replaces]


def _is_approved(image: Image) -> bool:
    """Approved, and on its way to the product."""
    return image.state == ImageState.STAGED and image.brief.review == "approved"


def _wanted(wish: ImageApproved) -> dict[str, str]:
    """The words and the place that the person has chosen."""
    wanted = {"alt": " ".join((wish.alt or "").split()), "place": wish.place or ""}
    return {name: value for name, value in wanted.items() if value}


def _too_late(image: Image, wish: str) -> Conflict:
    return Conflict(f"picture {image.id} is {image.state}, so it cannot be {wish}")
