"""Where Shopify refuses a file as a reference, it makes a copy: one, waited for, until it is good or taken away."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from shopify_imagegen import naming, provenance, quality
from shopify_imagegen.errors import ImagegenError, NeedsAttention, NoAnswer, Permanent, Temporary
from shopify_imagegen.models import Image, ImageState, Photo
from shopify_imagegen.ports import Downloads, Jobs, Media, Pictures

logger = logging.getLogger(__name__)

COPIED = "Shopify took a copy of the picture for the product."
GIVEN = "Shopify took the picture itself for the product, as its copy of the file did not get ready."
PERHAPS_COPIED = "Shopify did not say whether it took a copy of the picture for the product."
NO_COPY = "Shopify has no finished copy of the picture; it is made anew."
TAKEN = (COPIED, GIVEN)


class Copies:
    """The other way onto a product. What it did is in the picture's history."""

    def __init__(self, *, jobs: Jobs, pictures: Pictures, media: Media, downloads: Downloads) -> None:
        self._jobs = jobs
        self._pictures = pictures
        self._media = media
        self._downloads = downloads

    def seen_in(self, gallery: Sequence[Photo], image: Image) -> Photo | None:
        """This picture in the gallery: the staged file itself, or a copy that Shopify made of it.

        A copy has our mark in its address. Where it has no address yet, or one without our file's name, it is the
        image with our alt text that was not there before.
        """
        mark = naming.mark_of(image.brief.file_name)
        for photo in gallery:
            if photo.id == image.file_id or (photo.url and naming.mark_of(photo.url) == mark):
                return photo
        return self._by_its_words(gallery, image)

    def _by_its_words(self, gallery: Sequence[Photo], image: Image) -> Photo | None:
        words = image.brief.alt.split()
        ours = [photo for photo in gallery if photo.kind == "IMAGE" and photo.alt.split() == words]
        remembered = self._pictures.remembered(image.job_id) if ours else None
        before = {photo.id for photo in remembered or ()}
        for photo in (each for each in ours if each.id not in before):
            if not photo.url or (remembered is not None and not naming.is_ours(photo.url)):
                return photo
        return None

    def ask(self, image: Image) -> None:
        """Have the file copied onto the product. Raises: Temporary, NoAnswer, Rejected, NotFound."""
        source = self._media.file(image.shop, str(image.file_id))
        if not source.url:
            raise Temporary("Shopify does not name the picture's address yet")
        way = GIVEN if self._last_said(image) == NO_COPY else COPIED
        address = self._uploaded(image, source.url) if way == GIVEN else source.url
        try:
            self._media.add_to_gallery(image.shop, image.product_id, source_url=address, alt=image.brief.alt)
        except NoAnswer:
            self._note(image, PERHAPS_COPIED)
            raise
        self._note(image, way)

    def _uploaded(self, image: Image, url: str) -> str:
        """Where the picture lies for Shopify once more: it does not always fetch what it keeps itself."""
        content = self._downloads.get(url, max_bytes=quality.MAX_BYTES)
        mime = quality.mime_of(content) or ""
        stamped = provenance.stamp(content, mime=mime)
        return self._media.upload(image.shop, stamped, file_name=image.brief.file_name, mime=mime)

    def gives_up(self, image: Image, failed: Photo) -> bool:
        """Whether nothing more can be tried with what failed on the product; a copy is taken off it in any case."""
        if failed.id == image.file_id:
            return True
        given = self._last_said(image) == GIVEN
        self._note(image, NO_COPY)
        self._drop(image, failed.id)
        return given

    def is_awaited(self, image: Image) -> bool:
        """Whether a copy was taken that may still come; another one would be there twice as soon as it does.

        A picture that was published, and taken off again, is a file like any other.
        """
        return self._last_said(image, since="image_published") in TAKEN

    def was_asked(self, image: Image) -> bool:
        """Whether Shopify may have made a copy at all; without one, only the file itself is ours on the product."""
        return bool(self._last_said(image))

    def drop_others(self, image: Image, kept: Photo, gallery: Sequence[Photo]) -> None:
        """One is good: nobody needs the staged file beside its copy, nor a copy beside the file that came after all.

        Raises: NeedsAttention, Temporary, NoAnswer. Both may be in the shop window: until one is gone it is not done.
        """
        others = [] if kept.id == image.file_id else [str(image.file_id)]
        mark = naming.mark_of(image.brief.file_name)
        same = (photo.id for photo in gallery if photo.url and naming.mark_of(photo.url) == mark)
        copies = [medium for medium in same if medium not in (kept.id, *others)]
        if copies and self._last_said(image):
            others += copies
        for medium in others:
            self._drop(image, medium)

    def _drop(self, image: Image, medium: str) -> None:
        try:
            self._jobs.claim(image.id, medium)
            self._media.delete_file(image.shop, medium)
        except NeedsAttention:
            raise
        except Permanent as error:
            fields = {"action": "copy_left", "image": image.id, "file": medium, "shop": image.shop}
            logger.warning("a copy of a published picture stays in Files: %s", error, extra=fields)

    def drop_unfinished(self, image_id: str) -> None:
        """Take away a copy that never got ready, of a picture that is taken up again; it is found out later if not."""
        image = self._jobs.image(image_id)
        if image.state != ImageState.STAGED or self._last_said(image) not in (*TAKEN, PERHAPS_COPIED):
            return
        try:
            if self._is_without_copy(image):
                self._note(image, NO_COPY)
        except ImagegenError as error:
            logger.info("an unfinished copy was left: %s", error, extra={"action": "copy_left", "image": image.id})

    def _is_without_copy(self, image: Image) -> bool:
        """Whether there is none any more: one that will not get ready is deleted."""
        copy = self.seen_in(self._media.gallery(image.shop, image.product_id), image)
        if copy is None or copy.id == image.file_id or copy.status == "READY":
            return False
        self._jobs.claim(image.id, copy.id)
        self._media.delete_file(image.shop, copy.id)
        return True

    def _note(self, image: Image, reason: str) -> None:
        """Its state stays as it is: a person may decide on it at this very moment."""
        self._pictures.note(image, "image_copied", by="app", reason=reason)

    def _last_said(self, image: Image, *, since: str = "") -> str:
        rows = self._jobs.history(image.id)
        begin = max((at for at, row in enumerate(rows) if row["action"] == since), default=0)
        said = [str(row["detail"].get("reason")) for row in rows[begin:]]
        return next((each for each in reversed(said) if each in (*TAKEN, PERHAPS_COPIED, NO_COPY)), "")
