"""A store that has installed us, and work that waits until something is mended."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from shopify_imagegen.models.value import Value

GrantKind = Literal["static", "client_credentials", "offline"]


class Saved(Value):
    """A version of what a shop has set for itself."""

    version: int  #: 0: nothing yet
    document: dict[str, Any]  #: a part of the settings: {"images": {"per_product": 3}}
    saved_by: str = ""
    saved_at: datetime | None = None


class Shop(Value):
    """A store that has installed us."""

    domain: str
    state: Literal["active", "paused", "uninstalled"] = "active"
    reason: str = ""  #: of a pause
    grant: GrantKind  #: how its token is had; "offline": one with a refresh
    scopes: tuple[str, ...] = ()
    installed_at: datetime  #: our clock
    confirmed_at: datetime | None = None  #: Shopify's clock: when the store had the app, as it has proven last


class ShopToken(Value):
    """What lets us into a store. Sealed at rest, never shown."""

    access: str = Field(repr=False)
    ends_at: datetime | None = None  #: None: never
    refresh: str | None = Field(default=None, repr=False)  #: buys the next one, of both
    refresh_ends_at: datetime | None = None


class Pause(Value):
    """Work that waits until something is mended."""

    scope: str  #: "provider:getimg"
    reason: str  #: for a merchant
    since: datetime
    tried_at: datetime  #: when it was last found to be still so
