"""customers/data_request, customers/redact, shop/redact: no personal data is taken from their bodies."""

from __future__ import annotations

from shopify_imagegen.models import CustomerPrivacy, ShopRedact
from webhooks.delivery import Delivery


def data_requested(delivery: Delivery) -> CustomerPrivacy:
    return CustomerPrivacy(request="data_request")


def customer_redacted(delivery: Delivery) -> CustomerPrivacy:
    return CustomerPrivacy(request="redact")


def shop_redacted(delivery: Delivery) -> ShopRedact:
    return ShopRedact()
