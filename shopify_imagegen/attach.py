"""Stage 6: put staged pictures on the product, in their place, and read back that they are there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from shopify_imagegen import naming
from shopify_imagegen.errors import Conflict, NotFound, Rejected
from shopify_imagegen.models import GO_ON, Image, ImageState, Outcome, Photo
from shopify_imagegen.ports import Jobs, Media, Sleep
from shopify_imagegen.settings import PublishSection

logger = logging.getLogger(__name__)

MEDIA_LIMIT = 250  # of one product; facts from Shopify's REST product image page
VISIBLE_CHECKS_S = (0.2, 0.5, 1, 2, 4, 8)  # waits between looks at a gallery that should have changed

Gallery = tuple[Photo, ...]


class Attach:
    """Adds our pictures to galleries. It never removes, replaces or moves anything that is not ours."""

    def __init__(self, *, jobs: Jobs, media: Media, settings: PublishSection, sleep: Sleep) -> None:
        self._jobs = jobs
        self._media = media
        self._settings = settings
        self._sleep = sleep

    def attach(self, image_ids: Sequence[str]) -> Outcome:
        """Publish those of the pictures that are staged; all of them belong to one product."""
        images = [image for image in map(self._jobs.image, image_ids) if image.state == ImageState.STAGED]
        if not images:
            return GO_ON
        shop, product_id = images[0].shop, images[0].product_id
        try:
            gallery = self._media.gallery(shop, product_id)
        except NotFound:
            return self._all_stop(
                images, "The product was deleted meanwhile; the picture is kept in the store's Files."
            )
        on_it = [added for image in images if (added := self._add(image, gallery))]
        wanted = {str(image.file_id) for image in on_it}
        self._place(shop, product_id, on_it, self._gallery_when(shop, product_id, lambda seen: wanted <= _ids(seen)))
        return self._read_back(shop, product_id, on_it)

    def _add(self, image: Image, gallery: Gallery) -> Image | None:
        """The picture as it is on the product now, or None where it cannot be added."""
        shown = _shown(image, gallery)
        if shown:
            return self._renamed(image, shown.id)
        if len(gallery) >= MEDIA_LIMIT:
            self._stop(image, f"The product has {MEDIA_LIMIT} media already; Shopify allows no more.")
            return None
        try:
            self._media.attach(image.shop, image.product_id, str(image.file_id))
        except Conflict:
            return self._add_by_url(image)
        except (Rejected, NotFound) as error:
            self._stop(image, f"Shopify did not accept the picture on the product: {error}")
            return None
        return image

    def _add_by_url(self, image: Image) -> Image | None:
        """Where Shopify refuses a file as a reference: a new medium from the file's address; then the file can go."""
        staged = str(image.file_id)
        source = self._media.file(image.shop, staged)
        try:
            self._media.add_to_gallery(image.shop, image.product_id, source_url=str(source.url), alt=image.brief.alt)
        except Rejected as error:
            self._stop(image, f"Shopify did not accept the picture on the product: {error}")
            return None
        gallery = self._gallery_when(image.shop, image.product_id, lambda seen: _shown(image, seen) is not None)
        shown = _shown(image, gallery)
        return self._renamed(image, shown.id) if shown else None

    def _renamed(self, image: Image, media_id: str) -> Image:
        """The medium on the product is another one than the staged file: remember it as ours, drop the file."""
        if media_id == image.file_id:
            return image
        staged = str(image.file_id)
        image = self._jobs.move_image(image.id, ImageState.STAGED, file_id=media_id)
        self._media.delete_file(image.shop, staged)
        return image

    def _place(self, shop: str, product_id: str, images: Sequence[Image], gallery: Gallery) -> None:
        first = {"first": 0, "second": 1}.get(self._settings.position)
        if first is None or not images:
            return  # last: where Shopify has put them
        places = {str(image.file_id): first + offset for offset, image in enumerate(images)}
        order = [photo.id for photo in gallery]
        if any(place >= len(order) or order[place] != media_id for media_id, place in places.items()):
            self._media.move(shop, product_id, places)

    def _read_back(self, shop: str, product_id: str, images: Sequence[Image]) -> Outcome:
        """Published is what Shopify shows: on the product, and ready."""
        wanted = {str(image.file_id) for image in images}
        gallery = self._gallery_when(shop, product_id, lambda seen: wanted <= _ready(seen))
        missing = wanted - _ready(gallery)
        for image in images:
            if image.file_id not in missing:
                self._jobs.move_image(image.id, ImageState.PUBLISHED)
                fields = {"action": "published", "job": image.job_id, "image": image.id, "shop": shop}
                logger.info("picture published", extra=fields)
        if missing:
            return Outcome(next="later", reason="Shopify does not show the picture on the product yet.")
        return GO_ON

    def _gallery_when(self, shop: str, product_id: str, ok: Callable[[Gallery], bool]) -> Gallery:
        """The gallery, looked at again for a while until it is *ok*."""
        gallery = self._media.gallery(shop, product_id)
        for wait_s in VISIBLE_CHECKS_S:
            if ok(gallery):
                break
            self._sleep(wait_s)
            gallery = self._media.gallery(shop, product_id)
        return gallery

    def _all_stop(self, images: Sequence[Image], reason: str) -> Outcome:
        for image in images:
            self._stop(image, reason)
        return Outcome(next="stop", reason=reason)

    def _stop(self, image: Image, reason: str) -> None:
        self._jobs.move_image(image.id, ImageState.FAILED, reason)


def _ids(gallery: Gallery) -> set[str]:
    return {photo.id for photo in gallery}


def _ready(gallery: Gallery) -> set[str]:
    return {photo.id for photo in gallery if photo.status == "READY"}


def _shown(image: Image, gallery: Gallery) -> Photo | None:
    """This picture in the gallery: by its id, or by our mark in its file name."""
    for photo in gallery:
        if photo.id == image.file_id or (
            photo.url and naming.mark_of(photo.url) == naming.mark_of(image.brief.file_name)
        ):
            return photo
    return None
