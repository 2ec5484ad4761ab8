"""The stock of the sandbox's shops: invented products with drawn photos. No picture file is shipped; all is painted."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

from . import beauty, carry, desk, furniture, kitchen, wearables
from .catalogue import LISTINGS, Listing
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


@dataclass(frozen=True)
class StockProduct:
    """A product as a merchant would list it, with the plain photos they would upload."""

    title: str
    handle: str
    description_html: str
    vendor: str
    product_type: str
    category: str  #: Shopify's taxonomy, full name: "Furniture > Tables > Accent Tables > End Tables"
    tags: list[str]
    options: list[tuple[str, list[str]]]
    price: str  #: "249.00"
    photos: list[bytes]  #: JPEG; the front first


@lru_cache(maxsize=1)
def _stock() -> tuple[StockProduct, ...]:
    wanted = [(listing.handle, angle) for listing in LISTINGS for angle in ANGLES]
    with ThreadPoolExecutor(max_workers=2) as painters:  # Pillow works outside the interpreter's lock
        list(painters.map(lambda one: photo(*one), wanted))
    return tuple(_product(listing) for listing in LISTINGS)


def stock() -> list[StockProduct]:
    """Every product with its photos; drawn on the first call, kept for the rest of the process."""
    return list(_stock())


def handles() -> list[str]:
    """The products that `photo` can draw."""
    return [listing.handle for listing in LISTINGS]


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


def _product(listing: Listing) -> StockProduct:
    return StockProduct(
        title=listing.title,
        handle=listing.handle,
        description_html=listing.description_html,
        vendor=listing.vendor,
        product_type=listing.product_type,
        category=listing.category,
        tags=list(listing.tags),
        options=[(name, list(values)) for name, values in listing.options],
        price=listing.price,
        photos=[photo(listing.handle, angle) for angle in ANGLES],
    )
