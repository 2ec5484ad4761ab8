"""Where pictures of ours can be seen: asked of the store once each, as their address stays the same."""

from __future__ import annotations

from contextlib import suppress

from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.models import Image
from shopify_imagegen.ports import Media

REMEMBERED = 2048


class Urls:
    """Answers the address on the store's CDN, or None when there is none yet or the store does not say."""

    def __init__(self, media: Media) -> None:
        self._media = media
        self._known: dict[tuple[str, str], str] = {}

    def __call__(self, image: Image) -> str | None:
        if not image.file_id:
            return None
        key = (image.shop, image.file_id)
        if key not in self._known:
            with suppress(ImagegenError):  # a thumbnail is not worth an error
                self._remember(key, self._media.file(*key).url)
        return self._known.get(key)

    def _remember(self, key: tuple[str, str], url: str | None) -> None:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        if url:
            self._known[key] = url
