"""Refuse what must not reach a shop window. Pure: bytes in, verdict out. It does not know what a picture shows."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from PIL import Image, ImageStat

from shopify_imagegen.errors import Rejected
from shopify_imagegen.likeness import FRAMING_PX, View, copies, framed, shrunk
from shopify_imagegen.models import Verdict
from shopify_imagegen.references import decoded, on_backdrop, size_px

MAX_BYTES = 20_000_000  # Shopify's limit for an image, read 2026-11-22
MAX_PIXELS = 20_000_000  # the same; also keeps a decompression bomb closed, as it is checked before decoding
RATIO_TOLERANCE = 0.02  #: 2048 x 1360 is sold as 3:2
SMALLEST_LONG_EDGE_PX = 1000  #: 4:3 at 1K is 1024 x 768
MIN_LONG_EDGE_PX = {"1K": SMALLEST_LONG_EDGE_PX, "2K": 1500}
BLANK_BELOW = 3.0  #: standard deviation of the grey levels; white is 0, a pale minimal scene 11

KEPT = 32  #: photos, ready to be compared: the pictures of a product are made one soon after the other
Framings = tuple[View, ...]

SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


def inspect(image: bytes, *, aspect_ratio: str, resolution: str, references: Sequence[bytes]) -> Verdict:
    """Say whether a bought picture may be shown, with every reason against it.

    Args:
        image: what the provider sent, of any kind.
        aspect_ratio: as ordered, "4:5".
        resolution: as ordered, "1K" or "2K".
        references: the photos that it was made from; none of them may come back as the result.
    """
    mime = mime_of(image)
    if mime is None:
        return Verdict(fit=False, reason="The picture is not a JPEG, PNG or WebP file.")
    try:
        picture = _decoded(image)
    except Rejected as error:
        return Verdict(fit=False, reason=f"The picture cannot be used: {error}.")
    small = shrunk(picture)
    photos = [_framings(reference, small.width / small.height) for reference in references]
    size = size_px(image) if mime == "image/jpeg" else picture.size  # only a JPEG was decoded smaller than it is
    problems = [*_of_shape(size, aspect_ratio, resolution), *_of_content(small, photos)]
    return Verdict(fit=not problems, reason=" ".join(problems))


def mime_of(image: bytes) -> str | None:
    """The media type by the first bytes, if it is one that we publish."""
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for signature, mime in SIGNATURES if image.startswith(signature)), None)


def _decoded(image: bytes) -> Image.Image:
    """All of it is read, so that damage shows; a JPEG's pixels are made no more than are looked at."""
    formats = ("JPEG", "PNG", "WEBP")
    picture = decoded(image, formats=formats, max_bytes=MAX_BYTES, max_pixels=MAX_PIXELS, shrink_to_px=FRAMING_PX)
    return on_backdrop(picture)


def _of_shape(size: tuple[int, int], aspect_ratio: str, resolution: str) -> Iterator[str]:
    width, height = size
    if abs(width / height / _ratio(aspect_ratio) - 1) > RATIO_TOLERANCE:
        yield f"The picture is {width} x {height} pixels, which is not the ordered {aspect_ratio}."
    least = MIN_LONG_EDGE_PX.get(resolution, SMALLEST_LONG_EDGE_PX)
    if max(size) < least:
        yield f"The picture is {width} x {height} pixels; {resolution} needs a longer edge of at least {least}."


def _of_content(small: Image.Image, photos: Sequence[Framings | None]) -> Iterator[str]:
    if _variety(small) < BLANK_BELOW:
        yield "The picture is blank: it shows one even colour."
        return  # a blank picture has no shape to compare
    for number, photo in enumerate(photos, start=1):
        if photo is not None and copies(small, photo):
            yield f"The picture is nearly the same as photo {number} of the product: no new scene was made."


def _ratio(aspect_ratio: str) -> float:
    width, height = aspect_ratio.split(":")
    return int(width) / int(height)


def _variety(small: Image.Image) -> float:
    return ImageStat.Stat(small.convert("L")).stddev[0]


@functools.lru_cache(maxsize=KEPT)
def _framings(reference: bytes, ratio: float) -> Framings | None:
    """The photo as it may come back; None when it cannot be read."""
    try:
        return framed(on_backdrop(decoded(reference, shrink_to_px=FRAMING_PX)), ratio)
    except Rejected:
        return None
