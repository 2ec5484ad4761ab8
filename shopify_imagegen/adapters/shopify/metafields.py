"""What we keep on a product in our own namespace (`ports.Metafields`)."""

from __future__ import annotations

import json

from shopify_imagegen.adapters.shopify.admin_api import MetafieldIdentifierInput, MetafieldsSetInput
from shopify_imagegen.adapters.shopify.graphql import Admin
from shopify_imagegen.adapters.shopify.refusals import accept
from shopify_imagegen.errors import NoAnswer

NAMESPACE = "$app"  # Shopify reads it as "app--" and the app's id: no other app can write there
TYPE = "json"


class Metafields:
    """Of any product."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    def write(self, shop: str, product_id: str, key: str, value: object) -> None:
        """The same value twice is the same metafield."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        wanted = MetafieldsSetInput(owner_id=product_id, namespace=NAMESPACE, key=key, type=TYPE, value=text)
        payload = self._admin.to(shop).metafields_set([wanted]).metafields_set
        if payload is None:
            raise NoAnswer("Shopify did not say whether it noted which pictures are AI-made")
        accept(payload.user_errors, doing="note which pictures are AI-made")

    def erase(self, shop: str, product_id: str, key: str) -> None:
        """One that is not there is as good as erased."""
        which = MetafieldIdentifierInput(owner_id=product_id, namespace=NAMESPACE, key=key)
        payload = self._admin.to(shop).metafields_delete([which]).metafields_delete
        if payload is None:
            raise NoAnswer("Shopify did not say whether it dropped the note on AI-made pictures")
        accept(payload.user_errors, doing="drop the note on AI-made pictures")
