"""Stage 6: put staged pictures on the product, in their place, and read back that they are there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from shopify_imagegen import naming
from shopify_imagegen.copies import Copies
from shopify_imagegen.errors import (
    Conflict,
    ImagegenError,
    NeedsAttention,
    NoAnswer,
    NotFound,
    Permanent,
    Temporary,
)
from shopify_imagegen.models import GO_ON, Image, ImageState, Outcome, Photo
from shopify_imagegen.ports import Downloads, Jobs, Media, Pictures, Sleep
from shopify_imagegen.recall import Recall
from shopify_imagegen.settings import PublishSection

logger = logging.getLogger(__name__)

MEDIA_LIMIT = 250  # of one product; facts from Shopify's REST product image page
VISIBLE_CHECKS_S = (0.2, 0.5, 1, 2, 4, 8)  # waits between looks at a gallery that should have changed
MOVES = 2  # tries to put the pictures in their place, each read back
PLACES = {"first": 0, "second": 1}  # zero-based

PRODUCT_GONE = "The product was deleted meanwhile; the picture is kept in the store's Files."
FILE_GONE = "The picture was deleted from the store's Files before it was on the product; no copy is kept here."
NOT_FIRST = (
    "The product has no photo of its own any more, so that this would become its main picture; "
    "it is kept in the store's Files."
)
FULL = f"The product has {MEDIA_LIMIT} media already, and Shopify allows no more; the picture is in the store's Files."
NOT_SHOWN = "Shopify does not show the picture on the product yet."
NOT_ACCEPTED = "Shopify did not accept the picture on the product; it is kept in the store's Files"
NOT_MADE = "Shopify could not process the picture on the product; it is kept in the store's Files."

Gallery = tuple[Photo, ...]


class Attach:
    """Adds our pictures to galleries. It never removes, replaces or moves anything that is not ours."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        pictures: Pictures,
        media: Media,
        downloads: Downloads,
        settings: Callable[[str], PublishSection],
        sleep: Sleep,
    ) -> None:
        self._jobs = jobs
        self._pictures = pictures
        self._media = media
        self._copies = Copies(jobs=jobs, pictures=pictures, media=media, downloads=downloads)
        self._recall = Recall(jobs=jobs, pictures=pictures, media=media, copies=self._copies, sleep=sleep)
        self._settings = settings
        self._sleep = sleep

    def attach(self, image_ids: Sequence[str]) -> Outcome:
        """Publish those of the pictures that are staged and wait for nobody; all of them belong to one product.

        One that a person keeps off meanwhile is off again in the end.

        Raises:
            NeedsAttention, Temporary, NoAnswer: not now; what was done already is found again by the next run.
        """
        images = self._jobs.some(image_ids)
        staged = [image for image in images if image.state == ImageState.STAGED and image.brief.review != "wanted"]
        said = self._published_now(images, staged) if staged else GO_ON
        self._recall.run(image_ids)
        return said

    def take_up(self, image_id: str) -> None:
        """Let a picture be put on the product anew where Shopify never finished what it made of it."""
        self._copies.drop_unfinished(image_id)

    def _published_now(self, images: Sequence[Image], staged: Sequence[Image]) -> Outcome:
        try:
            return self._publish(images, staged)
        except NotFound:
            return self._all_stop(staged, PRODUCT_GONE)

    def _publish(self, images: Sequence[Image], staged: Sequence[Image]) -> Outcome:
        shop, product_id = staged[0].shop, staged[0].product_id
        gallery = self._media.gallery(shop, product_id)
        position = staged[0].brief.place or self._settings(shop).position
        if position != "first" and not self._strangers(shop, product_id, images, gallery):
            return self._all_stop(staged, NOT_FIRST)
        self._pictures.remember(staged[0].job_id, shop, product_id, gallery)
        added, waits = self._add_all(staged, gallery)
        gallery = self._gallery_when(shop, product_id, lambda seen: all(self._is_ready(image, seen) for image in added))
        gallery = self._placed(shop, product_id, images, gallery, position)
        waits += self._read_back(added, gallery)
        return Outcome(next="later", reason="; ".join(dict.fromkeys(waits))) if waits else GO_ON

    def _strangers(self, shop: str, product_id: str, images: Sequence[Image], gallery: Gallery) -> list[Photo]:
        """What the merchant has on the product."""
        ours = self._jobs.our_media(shop, product_id) | {image.file_id for image in images}
        return [photo for photo in gallery if photo.id not in ours and not naming.is_ours(photo.url or "")]

    # One picture

    def _add_all(self, images: Sequence[Image], gallery: Gallery) -> tuple[list[Image], list[str]]:
        """Those that are on the product now, as far as we know, and why others are not yet."""
        added = [image for image in images if self._copies.seen_in(gallery, image)]
        room, waits = MEDIA_LIMIT - len(gallery), []
        for image in (each for each in images if each not in added):
            if room <= 0:
                self._stop(image, FULL)
                continue
            try:
                room -= 1
                self._add(image)
                added.append(image)
            except NoAnswer:
                added.append(image)  # the read-back will tell
            except Temporary as error:
                waits.append(str(error))
            except NotFound:
                self._gone(image)
            except NeedsAttention:
                raise
            except Permanent as error:
                self._stop(image, f"{NOT_ACCEPTED}: {error}")
        return added, waits

    def _add(self, image: Image) -> None:
        if self._copies.is_awaited(image):
            return
        try:
            self._media.attach(image.shop, image.product_id, str(image.file_id))
        except Conflict:
            self._copies.ask(image)

    def _gone(self, image: Image) -> None:
        """Shopify does not know the product, or the file."""
        self._media.gallery(image.shop, image.product_id)  # raises NotFound where it is the product
        self._stop(image, FILE_GONE)

    # Their places

    def _placed(self, shop: str, product_id: str, images: Sequence[Image], gallery: Gallery, position: str) -> Gallery:
        """The gallery with our pictures at their position, or where Shopify left them."""
        for _ in range(MOVES):
            shown = [(image, photo.id) for image in images if (photo := self._copies.seen_in(gallery, image))]
            places = _misplaced(shown, gallery, position)
            if not places:
                return gallery
            try:
                self._media.move(shop, product_id, places)
            except NotFound:
                pass  # a picture was taken off meanwhile; the read-back will tell
            except NeedsAttention:
                raise
            except ImagegenError as error:
                logger.warning("pictures not moved: %s", error, extra={"action": "not_moved", "shop": shop})
            gallery = self._media.gallery(shop, product_id)
        return gallery

    # What Shopify shows

    def _read_back(self, images: Sequence[Image], gallery: Gallery) -> list[str]:
        """Published is what Shopify shows: on the product, and ready. Returns why some are not."""
        waits = []
        for image in images:
            seen = self._copies.seen_in(gallery, image)
            if seen and seen.status == "READY":
                self._published(image, seen, gallery)
            elif seen and seen.status == "FAILED" and self._copies.gives_up(image, seen):
                self._stop(image, NOT_MADE)
            else:
                waits.append(NOT_SHOWN)
        return waits

    def _published(self, image: Image, shown: Photo, gallery: Gallery) -> None:
        fields = {"action": "published", "job": image.job_id, "image": image.id, "shop": image.shop}
        self._copies.drop_others(image, shown, gallery)
        if not self._moved(image, ImageState.PUBLISHED, file_id=shown.id):
            return
        if shown.alt.split() != image.brief.alt.split():
            logger.warning("a picture's alt text is not ours any more", extra=fields | {"action": "alt_differs"})
        logger.info("picture published", extra=fields)

    def _is_ready(self, image: Image, gallery: Gallery) -> bool:
        seen = self._copies.seen_in(gallery, image)
        return bool(seen and seen.status in ("READY", "FAILED"))

    def _gallery_when(self, shop: str, product_id: str, ok: Callable[[Gallery], bool]) -> Gallery:
        """The gallery, looked at again for a while until it is *ok*."""
        gallery = self._media.gallery(shop, product_id)
        for wait_s in VISIBLE_CHECKS_S:
            if ok(gallery):
                break
            self._sleep(wait_s)
            gallery = self._media.gallery(shop, product_id)
        return gallery

    def _all_stop(self, images: Iterable[Image], reason: str) -> Outcome:
        for image in images:
            self._stop(image, reason)
        return Outcome(next="stop", reason=reason)

    def _stop(self, image: Image, reason: str) -> None:
        if self._moved(image, ImageState.FAILED, reason):
            fields = {"action": "image_failed", "job": image.job_id, "image": image.id, "shop": image.shop}
            logger.warning("a bought picture is not published: %s", reason, extra=fields)

    def _moved(self, image: Image, state: ImageState, reason: str = "", *, file_id: str | None = None) -> bool:
        """End a staged picture. False where somebody has decided on it meanwhile: then that stands."""
        changes: dict[str, Any] = {"file_id": file_id} if file_id not in (None, image.file_id) else {}
        try:
            self._jobs.move_image(image.id, state, reason, when=(ImageState.STAGED,), **changes)
        except Conflict:
            return False
        return True


def _misplaced(shown: Sequence[tuple[Image, str]], gallery: Gallery, position: str) -> dict[str, int]:
    """Medium → place, of those to be published now. What is published stays where the merchant has it.

    Args:
        shown: our pictures, each with its medium on the product.
    """
    order = [photo.id for photo in gallery]
    new = [medium for image, medium in shown if image.state == ImageState.STAGED]
    wanted = [medium for medium in order if medium not in new]
    slots = [medium for _, medium in shown]
    for medium in new:
        wanted.insert(_place(medium, slots, wanted, position), medium)
    return {} if wanted == order else {medium: wanted.index(medium) for medium in new}


def _place(medium: str, slots: Sequence[str], order: Sequence[str], position: str) -> int:
    """Beside our others, in the order of their slots; without others, where the settings say."""
    slot = slots.index(medium)
    before = [order.index(other) + 1 for other in slots[:slot] if other in order]
    behind = [order.index(other) for other in slots[slot + 1 :] if other in order]
    wanted = PLACES.get(position, len(order))
    place = (before[-1:] or behind[:1] or [min(wanted, len(order))])[0]
    return place if position == "first" else max(place, min(1, len(order)))
