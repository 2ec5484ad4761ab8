"""The store's files and galleries (`ports.Media`): one method a mutation or a read, each sent as often as is safe."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import httpx

from shopify_imagegen.adapters.http import patience
from shopify_imagegen.adapters.shopify import gallery, uploads
from shopify_imagegen.adapters.shopify.admin_api import (
    CreateMediaInput,
    FileContentType,
    FileCreateInput,
    FileCreateInputDuplicateResolutionMode,
    FilesByIdNodesMediaImage,
    FilesSearchFilesNodesMediaImage,
    FileUpdateInput,
    MediaContentType,
    MoveInput,
    ProductUpdateInput,
)
from shopify_imagegen.adapters.shopify.graphql import Admin
from shopify_imagegen.adapters.shopify.refusals import accept
from shopify_imagegen.errors import BadInput, Conflict, ImagegenError, NoAnswer, NotFound, Temporary
from shopify_imagegen.models import Photo, StoredFile
from shopify_imagegen.ports import Sleep

CANDIDATES = 10  # files that a search by name may give before ours
REORDER_S = 60.0  # how long Shopify may take to reorder a gallery
REORDER_POLL_S = 0.5


class Media:
    """The files and galleries of any shop.

    Args:
        storage: a client for upload targets, which never sees a token.
    """

    def __init__(self, admin: Admin, storage: httpx.Client, *, sleep: Sleep) -> None:
        self._admin = admin
        self._storage = storage
        self._sleep = sleep
        self._twice = patience(
            on=(Temporary, NoAnswer), attempts=2, total_s=180.0, first_wait_s=0.5, longest_wait_s=10.0, sleep=sleep
        )

    def upload(self, shop: str, image: bytes, *, file_name: str, mime: str) -> str:
        """Put bytes on a staged upload target, on a second one if the first refuses. Returns the resource URL."""

        def once() -> str:
            target = uploads.mint(self._admin.to(shop), file_name=file_name, mime=mime)
            return uploads.put(self._storage, target, image, file_name=file_name, mime=mime)

        return self._twice(once)

    def create_file(self, shop: str, resource_url: str, *, file_name: str, alt: str) -> StoredFile:
        """Make a file of that very name, or none: a repeat raises Conflict and can never make a second one."""
        wanted = FileCreateInput(
            original_source=resource_url,
            filename=file_name,
            alt=alt,
            content_type=FileContentType.IMAGE,
            duplicate_resolution_mode=FileCreateInputDuplicateResolutionMode.RAISE_ERROR,
        )
        payload = self._admin.to(shop).file_create([wanted]).file_create
        accept(payload.user_errors if payload else [], doing=f"store {file_name}")
        if not (payload and payload.files):
            raise NoAnswer(f"Shopify did not say whether it stored {file_name}")
        return StoredFile(id=payload.files[0].id, status=payload.files[0].file_status.value, alt=alt)

    def find_file(self, shop: str, file_name: str) -> StoredFile | None:
        """The file of exactly that name, READY or not."""
        found = self._admin.to(shop).files_search(gallery.named(file_name), CANDIDATES).files.nodes
        images = [node for node in found if isinstance(node, FilesSearchFilesNodesMediaImage)]
        return gallery.pick([gallery.stored_from(image) for image in images], file_name)

    def file(self, shop: str, file_id: str) -> StoredFile:
        """Raises: NotFound."""
        node = next(iter(self._admin.to(shop).files_by_id([file_id]).nodes), None)
        if not isinstance(node, FilesByIdNodesMediaImage):
            raise NotFound(f"{file_id} is not among the images of {shop}")
        errors = tuple(" ".join(filter(None, (each.message, each.details))) for each in node.media_errors)
        return gallery.stored_from(node).model_copy(update={"errors": errors})

    def attach(self, shop: str, product_id: str, file_id: str) -> None:
        """Add a READY file to a gallery.

        Raises:
            Conflict: Shopify refuses references to it, in these or in words that we do not know; `add_to_gallery` is
                the other way in.
        """
        change = FileUpdateInput(id=file_id, references_to_add=[product_id])
        self._update(shop, change, doing="attach the picture", otherwise=Conflict)

    def detach(self, shop: str, product_id: str, file_id: str) -> None:
        """Take a file off a product and its variants; it stays in Files."""
        change = FileUpdateInput(id=file_id, references_to_remove=[product_id])
        self._update(shop, change, doing="take the picture off the product")

    def describe(self, shop: str, file_id: str, alt: str) -> None:
        """Give a READY file another alt text."""
        self._update(shop, FileUpdateInput(id=file_id, alt=alt), doing="change the alt text")

    def _update(
        self, shop: str, change: FileUpdateInput, *, doing: str, otherwise: type[ImagegenError] = BadInput
    ) -> None:
        payload = self._admin.to(shop).file_update([change]).file_update
        if payload is None:
            raise NoAnswer(f"Shopify did not say whether it could {doing}")
        accept(payload.user_errors, doing=doing, otherwise=otherwise)

    def add_to_gallery(self, shop: str, product_id: str, *, source_url: str, alt: str) -> None:
        medium = CreateMediaInput(original_source=source_url, media_content_type=MediaContentType.IMAGE, alt=alt)
        payload = self._admin.to(shop).product_add_media(ProductUpdateInput(id=product_id), [medium]).product_update
        if payload is None:
            raise NoAnswer("Shopify did not say whether it added the picture")
        accept(payload.user_errors, doing="add the picture to the product")

    def gallery(self, shop: str, product_id: str) -> tuple[Photo, ...]:
        """Raises: NotFound."""
        return gallery.photos(self._admin.to(shop), product_id)

    def move(self, shop: str, product_id: str, places: Mapping[str, int]) -> None:
        """Put media at zero-based places, and wait until Shopify has done it."""
        if not places:
            return
        # Shopify makes the moves one after the other: from the front on, none pushes an earlier one away
        ordered = sorted(places.items(), key=lambda each: each[1])
        moves = [MoveInput(id=media_id, new_position=str(place)) for media_id, place in ordered]
        payload = self._admin.to(shop).product_reorder_media(product_id, moves).product_reorder_media
        if payload is None:
            raise NoAnswer("Shopify did not say whether it reordered the gallery")
        accept(payload.media_user_errors, doing="reorder the gallery")
        if payload.job and not payload.job.done:
            self._await_job(shop, payload.job.id)

    def _await_job(self, shop: str, job_id: str) -> None:
        waited_s = 0.0
        while waited_s < REORDER_S:
            self._sleep(REORDER_POLL_S)
            waited_s += REORDER_POLL_S
            job = self._admin.to(shop).job_status(job_id).job
            if job is None or job.done:  # a job that is long done is forgotten
                return
        raise Temporary(f"Shopify has been reordering the gallery for more than {REORDER_S:g} s")

    def delete_file(self, shop: str, file_id: str) -> None:
        """For good. A file that is gone already is as good as deleted."""
        payload = self._admin.to(shop).file_delete([file_id]).file_delete
        if payload is None:
            raise NoAnswer(f"Shopify did not say whether it deleted {file_id}")
        with suppress(NotFound):
            accept(payload.user_errors, doing="delete the file")
