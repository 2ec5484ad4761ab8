"""products/create, products/update, products/delete: only the product's id is taken; the worker re-reads the rest."""

from __future__ import annotations

import re
from typing import Any

from shopify_imagegen.models import ProductChanged, ProductDeleted
from webhooks.delivery import Delivery
from webhooks.errors import BadDelivery

PRODUCT_GID = re.compile(r"gid://shopify/Product/[1-9][0-9]{0,18}")
LARGEST_ID = 2**63 - 1


def created(delivery: Delivery) -> ProductChanged:
    return ProductChanged(product_id=product_id(delivery), created=True)


def updated(delivery: Delivery) -> ProductChanged:
    return ProductChanged(product_id=product_id(delivery), created=False)


def deleted(delivery: Delivery) -> ProductDeleted:
    return ProductDeleted(product_id=product_id(delivery))


def product_id(delivery: Delivery) -> str:
    """The product's gid, from whichever field of the body has it.

    Raises:
        BadDelivery: none has.
    """
    body = delivery.body
    found = _gid(body.get("admin_graphql_api_id")) or _gid_of_number(body.get("id")) or _gid(_queried(body))
    if not found:
        raise BadDelivery(f"{delivery.topic} without a product id")
    return found


def _gid(value: object) -> str | None:
    return value if isinstance(value, str) and PRODUCT_GID.fullmatch(value) else None


def _gid_of_number(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID:
        return f"gid://shopify/Product/{value}"
    return None


def _queried(body: Any) -> object:
    """Where an Events delivery has the id."""
    variables = body.get("query_variables")
    return variables.get("productId") if isinstance(variables, dict) else None
