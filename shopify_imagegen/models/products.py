"""What a merchant's shop tells us: products, their photos, files in the store."""

from __future__ import annotations

import re
from datetime import datetime

from shopify_imagegen.models.value import Value

PRODUCT_GID = re.compile(r"gid://shopify/Product/[1-9][0-9]{0,18}")
NUMBER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
LARGEST_ID = 2**63 - 1


class Photo(Value):
    """One medium on a product's gallery, as Shopify last showed it."""

    id: str  #: "gid://shopify/MediaImage/9"
    kind: str  #: "IMAGE", "VIDEO", "EXTERNAL_VIDEO", "MODEL_3D"
    status: str  #: "UPLOADED", "PROCESSING", "READY", "FAILED"
    alt: str = ""
    url: str | None = None  #: of the CDN; None until READY
    reference_url: str | None = None  #: the same at most 1536 px, JPEG where Shopify can
    width_px: int | None = None  #: of the original
    height_px: int | None = None


class Option(Value):
    """A product option and its values: "Colour": ("Oak", "Walnut")."""

    name: str
    values: tuple[str, ...]


class Variant(Value):
    """One variant of a product, and the one medium that it may show."""

    id: str  #: "gid://shopify/ProductVariant/1"
    title: str  #: "Red / M"
    options: tuple[tuple[str, str], ...]  #: ("Color", "Red"), ("Size", "M")
    media_id: str | None = None


class Product(Value):
    """A product, re-read from Shopify; never a webhook's payload."""

    id: str  #: "gid://shopify/Product/1"
    handle: str
    title: str
    description_html: str = ""
    product_type: str = ""
    category: str = ""  #: Shopify's taxonomy, "Furniture > Tables > End Tables"; "" when unset
    vendor: str = ""
    tags: tuple[str, ...] = ()
    status: str = "ACTIVE"  #: "ACTIVE", "DRAFT", "ARCHIVED", "UNLISTED"
    is_gift_card: bool = False
    options: tuple[Option, ...] = ()  #: without the "Title / Default Title" dummy
    collections: tuple[str, ...] = ()  #: handles
    media: tuple[Photo, ...] = ()  #: in gallery order; at most the first 30
    media_count: int = 0  #: of the whole gallery
    variants: tuple[Variant, ...] = ()  #: read only where images.per_variant_option asks for them
    created_at: datetime
    updated_at: datetime


class StoredFile(Value):
    """A picture in the store's Files, as Shopify last showed it."""

    id: str  #: "gid://shopify/MediaImage/9"
    status: str  #: "UPLOADED", "PROCESSING", "READY", "FAILED"
    url: str | None = None  #: of the CDN; None until READY
    alt: str = ""
    errors: tuple[str, ...] = ()  #: Shopify's words when FAILED


def product_gid(value: object) -> str | None:
    """The gid of the product that *value* names, as a gid, a number or its digits; None for anything else.

    >>> product_gid("gid://shopify/Product/7"), product_gid("7"), product_gid(7), product_gid("brass-lamp")
    ('gid://shopify/Product/7', 'gid://shopify/Product/7', 'gid://shopify/Product/7', None)
    """
    if isinstance(value, bool):
        return None
    digits = str(value) if isinstance(value, int) else value
    if not isinstance(digits, str):
        return None
    if PRODUCT_GID.fullmatch(digits):
        digits = digits.rpartition("/")[2]
    is_id = NUMBER.fullmatch(digits) and int(digits) <= LARGEST_ID
    return f"gid://shopify/Product/{digits}" if is_id else None
