"""What is heard of products: what the sweep and the storms go by."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from shopify_imagegen.models.value import Value


class Listed(Value):
    """A product as a page of the catalogue lists it: enough to tell whether a look is worthwhile."""

    id: str
    status: str  #: "ACTIVE", "DRAFT", "ARCHIVED", "UNLISTED"
    has_media: bool
    created_at: datetime
    updated_at: datetime


class Page(Value):
    """A page of the catalogue."""

    products: tuple[Listed, ...]
    after: str | None  #: asks for the page behind this one; None: this is the last


class Watched(Value):
    """What we know of a product that a change was heard of."""

    created_seen: bool
    open: bool  #: a later change may still start a job
    is_due: bool  #: it will be looked at by itself
    state: str  #: that the last look ended in; "" before the first


class Cursor(Value):
    """How far a sweep has read in one shop."""

    value: str
    updated_at: datetime


class Hold(Value):
    """Many new products at once: one decision of a person."""

    id: str
    shop: str
    state: Literal["open", "started", "dismissed"]
    products: int
    created_at: datetime
    decided_at: datetime | None = None
    decided_by: str = ""
