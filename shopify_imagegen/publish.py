"""Stages 3 to 6 for one picture: inspect, stamp, stage, attach. Each can run again without a second effect."""

from __future__ import annotations

import hashlib
import logging

from shopify_imagegen import naming, photos, provenance, quality
from shopify_imagegen.errors import Conflict, NoAnswer, NotFound, Rejected
from shopify_imagegen.models import GO_ON, Image, ImageState, Outcome, StoredFile
from shopify_imagegen.ports import Downloads, Jobs, Media, Sleep, Spool

logger = logging.getLogger(__name__)

READY_CHECKS_S = (0.5, 0.5, 1, 1, 2, 2, 4, 4, 8, 8, 15, 15)  # waits between looks at a file in processing
ON_ITS_WAY = (ImageState.STAGED, ImageState.PUBLISHED)


class Prepare:
    """From paid bytes to a file in the store, attached to nothing."""

    def __init__(self, *, jobs: Jobs, spool: Spool, media: Media, downloads: Downloads, sleep: Sleep) -> None:
        self._jobs = jobs
        self._spool = spool
        self._media = media
        self._downloads = downloads
        self._sleep = sleep

    def inspect(self, image_id: str) -> Outcome:
        """Refuse what must not reach a shop window."""
        image = self._jobs.image(image_id)
        if image.state in ON_ITS_WAY or image.sha256:
            return GO_ON
        bought = self._spool.read(image.id)
        if bought is None:
            return self._stop(image, ImageState.FAILED, "The bought picture is no longer there.")
        brief = image.brief
        try:
            originals = photos.fetch(self._downloads, brief.references, limit=len(brief.references))
        except Rejected:
            originals = []  # taken off the product meanwhile: nothing to compare with
        verdict = quality.inspect(
            bought, aspect_ratio=brief.aspect_ratio, resolution=brief.resolution, references=originals
        )
        if not verdict.fit:
            return self._stop(image, ImageState.UNFIT, verdict.reason)
        self._jobs.move_image(image.id, ImageState.BOUGHT, width_px=verdict.width_px, height_px=verdict.height_px)
        return GO_ON

    def stamp(self, image_id: str) -> Outcome:
        """Add the machine-readable AI mark, and remember what we are about to publish."""
        image = self._jobs.image(image_id)
        bought = self._spool.read(image.id)
        if image.state in ON_ITS_WAY or bought is None:
            return GO_ON
        try:
            stamped = provenance.stamp(bought, mime=quality.mime_of(bought) or "")
        except Rejected as error:
            return self._stop(image, ImageState.UNFIT, f"The picture cannot be marked as AI-made: {error}")
        self._spool.replace(image.id, stamped)
        self._jobs.move_image(image.id, ImageState.BOUGHT, sha256=hashlib.sha256(stamped).hexdigest())
        return GO_ON

    def stage(self, image_id: str) -> Outcome:
        """Put the picture into the store's Files, once."""
        image = self._jobs.image(image_id)
        if image.state == ImageState.PUBLISHED:
            return GO_ON
        if image.file_id is None:
            created = self._created(image)
            if created is None:
                return Outcome(next="later", reason="Shopify has not said yet whether it took the picture.")
            image = self._jobs.move_image(image.id, ImageState.BOUGHT, file_id=created.id)
        return self._processed(image, str(image.file_id))

    def give_up(self, image_id: str, reason: str) -> None:
        """End a picture that could not be finished; what was paid for stays in the spool."""
        image = self._jobs.image(image_id)
        if image.state == ImageState.PLANNED:
            self._jobs.move_image(image.id, ImageState.REFUSED, f"Not bought: {reason}")
        elif image.state == ImageState.BOUGHT:
            self._jobs.move_image(image.id, ImageState.FAILED, f"Bought and kept, but not in the store yet: {reason}")

    def _created(self, image: Image) -> StoredFile | None:
        """The file of this picture's name: a new one, or the one that an interrupted run has made. None: not known."""
        bought = self._spool.read(image.id)
        if bought is None:
            raise NotFound("the bought picture is no longer there")
        mime = quality.mime_of(bought) or ""
        name = naming.for_mime(image.brief.file_name, mime)
        resource_url = self._media.upload(image.shop, bought, file_name=name, mime=mime)
        try:
            return self._media.create_file(image.shop, resource_url, file_name=name, alt=image.brief.alt)
        except (Conflict, NoAnswer):
            return self._media.find_file(image.shop, name)

    def _processed(self, image: Image, file_id: str) -> Outcome:
        """Wait until Shopify has made the file ready; a file that it could not process is taken away again."""
        try:
            file = self._when_ready(image.shop, file_id)
        except NotFound:
            self._jobs.move_image(image.id, ImageState.BOUGHT, "The file was deleted from the store.", file_id=None)
            return Outcome(next="later", reason="The file was deleted from the store before it was used.")
        if file.status == "FAILED":
            words = "; ".join(file.errors) or "no reason given"
            self._media.delete_file(image.shop, file_id)
            self._jobs.move_image(image.id, ImageState.BOUGHT, f"Shopify: {words}", file_id=None)
            return Outcome(next="later", reason=f"Shopify could not process the picture: {words}")
        if file.status != "READY":
            return Outcome(next="later", reason="Shopify is still processing the picture.")
        self._jobs.move_image(image.id, ImageState.STAGED)
        self._spool.drop(image.id)
        return GO_ON

    def _when_ready(self, shop: str, file_id: str) -> StoredFile:
        file = self._media.file(shop, file_id)
        for wait_s in READY_CHECKS_S:
            if file.status in ("READY", "FAILED"):
                break
            self._sleep(wait_s)
            file = self._media.file(shop, file_id)
        return file

    def _stop(self, image: Image, state: ImageState, reason: str) -> Outcome:
        self._jobs.move_image(image.id, state, reason)
        return Outcome(next="stop", reason=reason)
