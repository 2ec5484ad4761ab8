"""The merchant's photos of a product: fetched, made fit to be sent, near-duplicates dropped."""

from __future__ import annotations

from collections.abc import Sequence

from shopify_imagegen import references
from shopify_imagegen.errors import Rejected
from shopify_imagegen.models import Reference
from shopify_imagegen.ports import Downloads

MAX_BYTES = 25_000_000  # of one photo, before it is made smaller


def fetch(downloads: Downloads, wanted: Sequence[Reference], *, limit: int) -> list[bytes]:
    """The product's photos as JPEG bytes, main photo first, at most *limit*.

    Raises:
        Rejected: none of them is usable; the reason of each is named.
        Temporary, NoAnswer: the store's CDN did not answer.
    """
    prepared, reasons = [], []
    for reference in wanted:
        try:
            prepared.append(references.prepare(downloads.get(reference.url, max_bytes=MAX_BYTES)))
        except Rejected as error:
            reasons.append(str(error))
    if not prepared:
        raise Rejected(f"None of the product's photos can be used: {'; '.join(sorted(set(reasons)))}")
    return [prepared[index] for index in references.distinct(prepared, limit=limit)]
