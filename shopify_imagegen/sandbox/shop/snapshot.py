"""What the control API shows of the shops. Pure: values in, JSON objects out."""

from __future__ import annotations

from typing import Any

from shopify_imagegen.sandbox.shop.state import File, Product, Shop, Subscription
from shopify_imagegen.sandbox.shop.store import Store


def state_json(store: Store, *, only: str | None = None) -> dict[str, Any]:
    """Every shop, or the one called *only*."""
    with store.lock:
        shops = [shop for domain, shop in store.shops.items() if only in (None, domain)]
        return {
            "app": {"client_id": store.app.client_id, "url": store.app.url},
            "shops": {shop.domain: shop_json(store, shop) for shop in shops},
            "faults": store.faults.active(),
        }


def shop_json(store: Store, shop: Shop) -> dict[str, Any]:
    return {
        "domain": shop.domain,
        "name": shop.name,
        "products": [product_json(store, shop, product) for product in shop.products.values()],
        "files": [file_json(store, shop, file) for file in shop.files.values()],
        "subscriptions": [subscription_json(each) for each in [*store.app.subscriptions, *shop.subscriptions.values()]],
        "flow_triggers": [list(each) for each in shop.flow_triggers],
        "counts": {"operations": dict(shop.operations), "effects": dict(shop.effects)},
    }


def product_json(store: Store, shop: Shop, product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "gid": product.gid,
        "title": product.title,
        "handle": product.handle,
        "description_html": product.description_html,
        "vendor": product.vendor,
        "product_type": product.product_type,
        "status": product.status,
        "tags": product.tags,
        "category": product.category.full_name if product.category else None,
        "options": [[option.name, [value.name for value in option.option_values]] for option in product.options],
        "price": product.variants[0].price if product.variants else None,
        "created_at": product.created_at.isoformat(),
        "updated_at": product.updated_at.isoformat(),
        "media": [file_json(store, shop, file) for file in product.media],
        "variants": [[variant.title, [file.gid for file in variant.media]] for variant in product.variants],
        "metafields": {".".join(key): each.value for key, each in product.metafields.items()},
    }


def file_json(store: Store, shop: Shop, file: File) -> dict[str, Any]:
    return {
        "id": file.id,
        "gid": file.gid,
        "filename": file.filename,
        "alt": file.alt,
        "status": file.status,
        "errors": [error.code for error in file.errors],
        "made_by": file.made_by,
        "url": store.cdn_url(shop, file) if file.content else None,
        "width_px": file.width_px,
        "height_px": file.height_px,
        "bytes": len(file.content),
    }


def subscription_json(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "topic": subscription.topic,
        "uri": subscription.uri,
        "name": subscription.name,
        "include_fields": subscription.include_fields,
        "filter": subscription.filter,
        "declared": subscription.declared,
    }
