"""Stages 3 to 5 for one picture: inspect, stamp and stage. Each can run again without a second effect."""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress
from functools import cached_property
from typing import Any

from shopify_imagegen import naming, provenance, quality, references
from shopify_imagegen.errors import Conflict, ImagegenError, NeedsAttention, NoAnswer, NotFound, Permanent, Rejected
from shopify_imagegen.models import GO_ON, Image, ImageState, Outcome, StoredFile
from shopify_imagegen.moves import onward
from shopify_imagegen.photos import Photos
from shopify_imagegen.ports import Jobs, Media, Sleep, Spool

logger = logging.getLogger(__name__)

READY_CHECKS_S = (0.5, 0.5, 1, 1, 2, 2, 4, 4, 8, 8, 15, 15)  # waits between looks at a file in processing
FOUND_CHECKS_S = (0.5, 1, 2, 4)  # waits between searches for a file: Shopify's index lags behind
MAY_BE_KEPT = (ImageState.FAILED, ImageState.UNKNOWN, ImageState.REFUSED)  # the latter two: paid for after all
ON_ITS_WAY = (ImageState.STAGED, ImageState.PUBLISHED)
KEPT_WHERE = {
    ImageState.BOUGHT: "Bought and kept, but not in the store yet",
    ImageState.STAGED: "Bought, and kept in the store's Files, but not on the product",
}
NOT_THERE = "The bought picture is no longer there."
NOT_SAID = "Shopify has not said yet whether it took the picture."
NAME_TAKEN = "The store's Files hold other files under the names that this picture may have; rename or delete them."


class Paid:
    """A picture as it was read, and its bytes, which are read where they are needed, once."""

    def __init__(self, image: Image, spool: Spool) -> None:
        self.image = image
        self._spool = spool

    @cached_property
    def content(self) -> bytes | None:
        """What was bought; None: no longer kept here."""
        return self._spool.read(self.image.id)


class Prepare:
    """From paid bytes to a file in the store, attached to nothing."""

    def __init__(self, *, jobs: Jobs, spool: Spool, media: Media, photos: Photos, sleep: Sleep) -> None:
        self._jobs = jobs
        self._spool = spool
        self._media = media
        self._photos = photos
        self._sleep = sleep

    def prepare(self, image_id: str) -> Outcome:
        """Inspect and stage, for one read of the bytes; both find out what an earlier run of them has done.

        Raises: NeedsAttention, Temporary, NoAnswer.
        """
        paid = self._paid(image_id)
        said = self._inspect(paid)
        if said.next != "go_on":
            return said
        paid.image = self._jobs.image(image_id)  # a person may have decided on it meanwhile
        return self._stage(paid)

    def inspect(self, image_id: str) -> Outcome:
        """Refuse what must not reach a shop window."""
        return self._inspect(self._paid(image_id))

    def stage(self, image_id: str) -> Outcome:
        """Put the picture, with its mark, into the store's Files, once. Raises: NeedsAttention, Temporary, NoAnswer."""
        return self._stage(self._paid(image_id))

    def _paid(self, image_id: str) -> Paid:
        return Paid(self._jobs.image(image_id), self._spool)

    def _inspect(self, paid: Paid) -> Outcome:
        image = paid.image
        ended = _ended(image)
        if ended or image.sha256 or image.file_id:
            return ended or GO_ON
        if paid.content is None:
            return self._stop(image, ImageState.FAILED, NOT_THERE)
        brief = image.brief
        verdict = quality.inspect(
            paid.content,
            aspect_ratio=brief.aspect_ratio,
            resolution=brief.resolution,
            references=self._originals(image),
        )
        if not verdict.fit:
            return self._stop(image, ImageState.UNFIT, verdict.reason)
        return GO_ON

    def _stage(self, paid: Paid) -> Outcome:
        image = paid.image
        ended = _ended(image)
        if ended or image.state == ImageState.PUBLISHED:
            return ended or GO_ON
        try:
            return self._processed(image, image.file_id) if image.file_id else self._stored(paid)
        except NeedsAttention:
            raise  # a person can mend it, and the picture waits
        except Permanent as error:
            return self._stop(image, ImageState.FAILED, f"{KEPT_WHERE[ImageState.BOUGHT]}: {error}")

    def give_up(self, image_id: str, reason: str) -> None:
        """End a bought picture that could not be finished. What was paid for stays: in the spool, or in Files."""
        image = self._jobs.image(image_id)
        if image.state not in KEPT_WHERE:
            return
        words = f"{KEPT_WHERE[image.state]}: {reason}"
        with suppress(Conflict):  # a person has decided on it meanwhile
            self._jobs.move_image(image.id, ImageState.FAILED, words, when=(image.state,))

    def take_up(self, image_id: str) -> None:
        """Let a picture that was bought and kept go on where it can: from the bytes, or from the store's Files."""
        image = self._jobs.image(image_id)
        if image.state not in MAY_BE_KEPT:
            return
        if self._spool.read(image.id) is not None:
            file_id = None if self._is_stuck(image) else image.file_id
            onward(self._jobs, image, ImageState.BOUGHT, file_id=file_id)
        elif image.file_id and image.state == ImageState.FAILED:
            onward(self._jobs, image, ImageState.STAGED)

    def _is_stuck(self, image: Image) -> bool:
        """Whether Shopify never finished with our file; it is deleted then, so that it can be made anew."""
        if image.file_id is None:
            return False
        try:
            if self._media.file(image.shop, image.file_id).status == "READY":
                return False
            self._media.delete_file(image.shop, image.file_id)
        except NotFound:
            return True
        except ImagegenError:
            return False  # found out when the file is waited for again
        return True

    def _originals(self, image: Image) -> list[bytes]:
        """What the picture was made from; nothing where the photos were taken off the product meanwhile."""
        photos = image.brief.references
        try:
            return self._photos.fetch(photos, limit=len(photos))
        except Rejected:
            return []

    def _stored(self, paid: Paid) -> Outcome:
        if paid.content is None:
            return self._stop(paid.image, ImageState.FAILED, NOT_THERE)
        mime = quality.mime_of(paid.content) or ""
        try:
            marked = provenance.stamp(paid.content, mime=mime)
        except Rejected as error:
            return self._stop(paid.image, ImageState.UNFIT, f"The picture cannot be marked as AI-made: {error}")
        return self._uploaded(paid.image, marked, mime)

    def _uploaded(self, image: Image, marked: bytes, mime: str) -> Outcome:
        """Make the file; what went up is written down with the file's id, as soon as Shopify has given it."""
        name = naming.for_mime(image.brief.file_name, mime)
        resource_url = self._media.upload(image.shop, marked, file_name=name, mime=mime)
        for candidate in (name, second(name)):
            file = self._file(image, resource_url, candidate)
            if file is None:
                return Outcome(next="later", reason=NOT_SAID)
            if _same_words(file.alt, image.brief.alt):
                image = onward(self._jobs, image, ImageState.BOUGHT, file_id=file.id, **_measured(marked))
                return self._processed(image, file.id)
        return self._stop(image, ImageState.FAILED, NAME_TAKEN)

    def _file(self, image: Image, resource_url: str, name: str) -> StoredFile | None:
        """The file of that name: a new one, or whichever has it, such as an interrupted run's. None: not known."""
        try:
            return self._media.create_file(image.shop, resource_url, file_name=name, alt=image.brief.alt)
        except (Conflict, NoAnswer):
            return self._found(image.shop, name)

    def _found(self, shop: str, name: str) -> StoredFile | None:
        file = self._media.find_file(shop, name)
        for wait_s in FOUND_CHECKS_S:
            if file:
                break
            self._sleep(wait_s)
            file = self._media.find_file(shop, name)
        return file

    def _processed(self, image: Image, file_id: str) -> Outcome:
        """Wait until Shopify has made the file ready; a file that it could not process is taken away again."""
        try:
            file = self._when_ready(image.shop, file_id)
        except NotFound:
            return self._deleted(image)
        if file.status == "FAILED":
            words = "; ".join(file.errors) or "no reason given"
            self._media.delete_file(image.shop, file_id)
            onward(self._jobs, image, ImageState.BOUGHT, f"Shopify: {words}", file_id=None)
            return Outcome(next="later", reason=f"Shopify could not process the picture: {words}")
        if file.status != "READY":
            return Outcome(next="later", reason="Shopify is still processing the picture.")
        if image.state == ImageState.STAGED:
            self._spool.drop(image.id)
        else:
            onward(self._jobs, image, ImageState.STAGED, keeps_bytes=False)
        return GO_ON

    def _deleted(self, image: Image) -> Outcome:
        """Somebody deleted our file. While we have the bytes, it can be made again."""
        if self._spool.read(image.id) is None:
            words = "The picture was deleted from the store's Files before it was on the product; no copy is kept here."
            return self._stop(image, ImageState.FAILED, words)
        words = "The file was deleted from the store before it was used."
        onward(self._jobs, image, ImageState.BOUGHT, words, file_id=None)
        return Outcome(next="later", reason=words)

    def _when_ready(self, shop: str, file_id: str) -> StoredFile:
        file = self._media.file(shop, file_id)
        for wait_s in READY_CHECKS_S:
            if file.status in ("READY", "FAILED"):
                break
            self._sleep(wait_s)
            file = self._media.file(shop, file_id)
        return file

    def _stop(self, image: Image, state: ImageState, reason: str) -> Outcome:
        onward(self._jobs, image, state, reason)
        fields = {"action": f"image_{state}", "job": image.job_id, "image": image.id, "shop": image.shop}
        logger.warning("a bought picture is not published: %s", reason, extra=fields)
        return Outcome(next="stop", reason=reason)


def second(name: str) -> str:
    """The other name that a picture may have, where a stranger's file has the first. Our mark still shows.

    >>> second("oak-table-lsp0123456789ab.jpg")
    'oak-table-lsp0123456789ab_2.jpg'
    """
    stem, _, extension = name.rpartition(".")
    return f"{stem}_2.{extension}"


def _ended(image: Image) -> Outcome | None:
    """A picture that has ended stays so, however often a step runs again."""
    if image.state == ImageState.BOUGHT or image.state in ON_ITS_WAY:
        return None
    return Outcome(next="stop", reason=image.reason)


def _measured(marked: bytes) -> dict[str, Any]:
    """What we remember of the bytes that we uploaded."""
    width_px, height_px = references.size_px(marked)
    return {"sha256": hashlib.sha256(marked).hexdigest(), "width_px": width_px, "height_px": height_px}


def _same_words(alt: str, ours: str) -> bool:
    """A file of our name with another alt text is not one that we have made."""
    return alt.split() == ours.split()
