"""Keep a picture whose style a store likes in that store's own Files: we have no store of pictures."""

from __future__ import annotations

import hashlib

from shopify_imagegen import references
from shopify_imagegen.errors import Conflict, NoAnswer, Rejected, Unavailable
from shopify_imagegen.models import Reference, StoredFile
from shopify_imagegen.ports import Media, Sleep

ALT = "Style reference for lifestyle photos"
READY_CHECKS_S = (0.3, 0.5, 0.7, 1, 1, 1.5)  # waits between looks at a file in processing; a person waits, too
STILL = "Shopify is still processing the style image; save again in a moment."


class StyleImages:
    """Puts them into Files, once each: the name of the file comes from its bytes."""

    def __init__(self, *, media: Media, sleep: Sleep) -> None:
        self._media = media
        self._sleep = sleep

    def keep(self, shop: str, picture: bytes) -> Reference:
        """The picture as a file of the store, checked and made fit to be sent.

        Args:
            picture: as somebody chose it: any still image, see `references.prepare`.

        Raises:
            Rejected: not an image, too large, or Shopify cannot process it.
            Temporary, NoAnswer, NeedsAttention: not now. Again with the same picture finds what was uploaded.
        """
        image = references.prepare(picture)
        name = f"lifestyle-style-{hashlib.sha256(image).hexdigest()[:12]}.jpg"
        file = self._media.find_file(shop, name) or self._stored(shop, image, name)
        return self.ready(shop, file.id)

    def ready(self, shop: str, file_id: str) -> Reference:
        """Where a file is served, once it is. Raises: as `keep`; NotFound."""
        file = self._media.file(shop, file_id)
        for wait_s in READY_CHECKS_S:
            if file.status in ("READY", "FAILED"):
                break
            self._sleep(wait_s)
            file = self._media.file(shop, file_id)
        if file.status == "FAILED":
            raise Rejected(f"Shopify could not process the style image: {'; '.join(file.errors) or 'no reason given'}")
        if file.status != "READY" or not file.url:
            raise Unavailable(STILL)
        return Reference(media_id=file.id, url=file.url)

    def _stored(self, shop: str, image: bytes, name: str) -> StoredFile:
        resource_url = self._media.upload(shop, image, file_name=name, mime="image/jpeg")
        try:
            return self._media.create_file(shop, resource_url, file_name=name, alt=ALT)
        except (Conflict, NoAnswer):
            found = self._media.find_file(shop, name)
        if found is None:
            raise Unavailable(STILL)
        return found
