"""Who asks, when a person of a store has our pages open."""

from __future__ import annotations

from datetime import datetime

from shopify_imagegen.models.value import Value


class Session(Value):
    """A person inside Shopify's admin, as a session token that we have checked says."""

    shop: str  #: "nice-lamps.myshopify.com"
    issued_at: datetime  #: Shopify's clock, whole seconds: the store had the app then
    user_id: str  #: Shopify's number of the person, "548380009"; tells people apart, names nobody
