"""The merchant's photos of a product: fetched, made fit to be sent, near-duplicates dropped, and kept for a while.

All pictures of a product are made from the same photos, and compared with them afterwards; each is made fit once.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from shopify_imagegen import references
from shopify_imagegen.errors import Rejected
from shopify_imagegen.models import Brief, Reference
from shopify_imagegen.ports import Downloads

MAX_BYTES = 25_000_000  # of one photo, before it is made smaller
KEPT_BYTES = 64_000_000  # of photos that are made fit, in all
KEPT_FOR_S = 600.0  # Shopify gives a photo that is replaced another address


class _Kept(NamedTuple):
    image: bytes
    until_s: float


class Photos:
    """Fetches photos. Serves all threads; two that ask for the same photo wait for the same download.

    Args:
        kept_bytes: the photos used last stay in memory, up to so many bytes in all.
        monotonic: seconds of a clock that never goes back.
    """

    def __init__(
        self,
        downloads: Downloads,
        *,
        kept_bytes: int = KEPT_BYTES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._downloads = downloads
        self._kept_bytes = kept_bytes
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()  # the one used last is the last
        self._coming: dict[str, Future[bytes]] = {}

    def of(self, brief: Brief, *, limit: int) -> list[bytes]:
        """All that a picture is made from, at most *limit*: the product's photos, and the style image behind them.

        Raises:
            Rejected: the style image, or every photo, cannot be used. Nothing is bought without what was asked for.
            Temporary, NoAnswer: the store's CDN did not answer.
        """
        style = [self._style(brief.style_image)] if brief.style_image else []
        return [*self.fetch(brief.references, limit=limit - len(style)), *style]

    def fetch(self, wanted: Sequence[Reference], *, limit: int) -> list[bytes]:
        """The product's photos as JPEG bytes, main photo first, at most *limit*.

        Raises:
            Rejected: none of them is usable; the reason of each is named.
            Temporary, NoAnswer: the store's CDN did not answer.
        """
        fit, reasons = [], []
        for reference in wanted:
            try:
                fit.append(self._fit(reference.url))
            except Rejected as error:
                reasons.append(str(error))
        if not fit:
            raise Rejected(f"None of the product's photos can be used: {'; '.join(sorted(set(reasons)))}")
        if len(fit) == 1:
            return fit[:limit]
        return [fit[index] for index in references.distinct(fit, limit=limit)]

    def _style(self, wanted: Reference) -> bytes:
        try:
            return self._fit(wanted.url)
        except Rejected as error:
            raise Rejected(f"The style image cannot be used: {error}. Choose another one, or take it out.") from error

    def _fit(self, url: str) -> bytes:
        """The photo, made fit: from memory, from whoever is fetching it, or fetched."""
        with self._lock:
            kept = self._kept.get(url)
            if kept and self._monotonic() < kept.until_s:
                self._kept.move_to_end(url)
                return kept.image
            coming = self._coming.get(url)
            is_first = coming is None
            if coming is None:
                coming = self._coming[url] = Future()
        if is_first:
            self._bring(url, coming)
        return coming.result()

    def _bring(self, url: str, coming: Future[bytes]) -> None:
        try:
            image = references.prepare(self._downloads.get(url, max_bytes=MAX_BYTES))
        except BaseException as error:
            with self._lock:
                del self._coming[url]
            coming.set_exception(error)
            return
        with self._lock:
            del self._coming[url]
            self._keep(url, image)
        coming.set_result(image)

    def _keep(self, url: str, image: bytes) -> None:
        self._kept.pop(url, None)
        self._kept[url] = _Kept(image, self._monotonic() + KEPT_FOR_S)
        while sum(len(kept.image) for kept in self._kept.values()) > self._kept_bytes:
            self._kept.popitem(last=False)
