"""Where pictures of ours can be seen: asked of the store once, as their address stays the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.models import Image
from shopify_imagegen.ports import Cards

REMEMBERED = 2048


class Urls:
    """Addresses on the stores' CDN."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards
        self._known: dict[tuple[str, str], str] = {}  # (shop, file) → address

    def of(self, shop: str, images: Sequence[Image]) -> Mapping[str, str]:
        """Picture id → its address; without those that have none yet, or that the store does not tell."""
        files = {image.id: image.file_id for image in images if image.file_id}
        missing = [file_id for file_id in files.values() if (shop, file_id) not in self._known]
        if missing:
            with suppress(ImagegenError):  # a thumbnail is not worth an error
                self._remember(shop, self._cards.pictures(shop, missing))
        found = {image_id: self._known.get((shop, file_id)) for image_id, file_id in files.items()}
        return {image_id: url for image_id, url in found.items() if url}

    def _remember(self, shop: str, urls: Mapping[str, str]) -> None:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known |= {(shop, file_id): url for file_id, url in urls.items()}
