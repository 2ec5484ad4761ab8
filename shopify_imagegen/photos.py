"""The merchant's photos of a product: fetched, made fit to be sent, near-duplicates dropped."""

from __future__ import annotations

from collections.abc import Sequence

from shopify_imagegen import references
from shopify_imagegen.errors import Rejected
from shopify_imagegen.models import Brief, Reference
from shopify_imagegen.ports import Downloads

MAX_BYTES = 25_000_000  # of one photo, before it is made smaller


def of(downloads: Downloads, brief: Brief, *, limit: int) -> list[bytes]:
    """All that a picture is made from, at most *limit*: the product's photos, and the style image behind them.

    Raises:
        Rejected: the style image, or every photo, cannot be used. Nothing is bought without what was asked for.
        Temporary, NoAnswer: the store's CDN did not answer.
    """
    style = [_style(downloads, brief.style_image)] if brief.style_image else []
    return [*fetch(downloads, brief.references, limit=limit - len(style)), *style]


def _style(downloads: Downloads, wanted: Reference) -> bytes:
    try:
        return references.prepare(downloads.get(wanted.url, max_bytes=MAX_BYTES))
    except Rejected as error:
        raise Rejected(f"The style image cannot be used: {error}. Choose another one, or take it out.") from error


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
