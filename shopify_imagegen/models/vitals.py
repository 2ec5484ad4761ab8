"""What the neighbours and the machine say of themselves when they are asked how they are."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from shopify_imagegen.models.value import Value


class Installed(Value):
    """The shop and the app in it, as Shopify sees them."""

    domain: str  #: "nice-lamps.myshopify.com"
    name: str  #: "Nice Lamps"
    timezone: str  #: "Europe/Berlin"
    scopes: tuple[str, ...]  #: granted


class Subscription(Value):
    """A webhook that the shop sends. Those of the app's own configuration file are not listed by Shopify."""

    id: str
    topic: str  #: Shopify's enum, "PRODUCTS_CREATE"
    uri: str
    name: str | None = None
    filter: str | None = None
    include_fields: tuple[str, ...] = ()  #: of the payload; all of them when empty


class Capabilities(Value):
    """What a model can do, as its provider says; an empty tuple says nothing."""

    model: str  #: "gpt-image-2"
    aspect_ratios: tuple[str, ...] = ()
    resolutions: tuple[str, ...] = ()
    references: int | None = None  #: photos that a picture may be made from


class DatabaseVitals(Value):
    """Our database, looked at without changing it."""

    kind: Literal["sqlite", "postgresql"]
    exists: bool = True  #: of SQLite: whether there is a file
    schema_version: str = ""  #: "" without our tables
    newest_version: str  #: that this program has
    is_newer: bool = False  #: shaped by a later version of this program
    read_only: str = ""  #: why nothing can be written; "" when it can
    journal: str = ""  #: of SQLite: "wal"
    size_bytes: int = 0


class Seen(Value):
    """An answer to a plain GET."""

    status: int
    text: str  #: its beginning
    date: datetime | None  #: the neighbour's clock, UTC
    took_s: float
