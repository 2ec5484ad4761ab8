"""Who asks, when a person of a store has our pages open."""

from __future__ import annotations

from shopify_imagegen.models.value import Value


class Session(Value):
    """A person inside Shopify's admin, as a session token that we have checked says."""

    shop: str  #: "nice-lamps.myshopify.com"
    user_id: str  #: Shopify's number of the person, "548380009"; tells people apart, names nobody
