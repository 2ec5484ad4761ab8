"""One module per topic family, each pure: Delivery in, intent out. This table is all the topics we know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from shopify_imagegen.models import Intent
from webhooks.delivery import Delivery
from webhooks.topics import app, privacy, products

READERS: Mapping[str, Callable[[Delivery], Intent]] = MappingProxyType(
    {
        "products/create": products.created,
        "products/update": products.updated,
        "products/delete": products.deleted,
        "app/uninstalled": app.uninstalled,
        "app/scopes_update": app.scopes_changed,
        "customers/data_request": privacy.data_requested,
        "customers/redact": privacy.customer_redacted,
        "shop/redact": privacy.shop_redacted,
    }
)


def intent(delivery: Delivery) -> Intent | None:
    """What a delivery wants done; None for a topic that we do not know.

    Raises:
        BadDelivery: the body lacks what the topic promises.
    """
    reader = READERS.get(delivery.topic)
    return reader(delivery) if reader else None
