"""The stock of the sandbox's shops: invented products with drawn photos. No picture file is shipped; all is painted."""

from __future__ import annotations

import io
from functools import lru_cache

from . import beauty, carry, desk, furniture, kitchen, wearables
from .paint import Canvas
from .studio import Sitter, backdrop

PHOTO_PX = 1200
JPEG_QUALITY = 90
ANGLES = ("front", "other-side", "detail")
SITTERS: dict[str, Sitter] = {
    handle: sitter
    for room in (furniture, kitchen, wearables, carry, beauty, desk)
    for handle, sitter in room.SITTERS.items()
}


@lru_cache(maxsize=128)
def photo(handle: str, angle: str = "front", *, size_px: int = PHOTO_PX) -> bytes:
    """One photo of a product as JPEG.

    Raises:
        KeyError: there is no such product or angle.
    """
    sitter = SITTERS[handle]
    if angle not in ANGLES:
        raise KeyError(angle)
    view = sitter.close_up if angle == "detail" else (0.0, 0.0, 1000.0)
    canvas = Canvas(size_px, view=view)
    backdrop(canvas, lying=sitter.lying)
    sitter.draw(canvas, angle == "other-side")
    encoded = io.BytesIO()
    canvas.image.save(encoded, "JPEG", quality=JPEG_QUALITY)
    return encoded.getvalue()
