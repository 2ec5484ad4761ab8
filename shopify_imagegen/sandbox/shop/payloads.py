"""The REST-shaped bodies of webhooks. Pure: a product in, a JSON object out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shopify_imagegen.sandbox.shop.state import File, Option, Product, Shop, Variant
    from shopify_imagegen.sandbox.shop.store import Store

LEGACY_IMAGE_OFFSET = 500_000_000_000  # `images[]` have ids of their own, never the MediaImage's


def timestamp(moment: datetime) -> str:
    """The REST form, whole seconds and an offset: "2026-11-22T10:00:00+00:00"."""
    return moment.isoformat(timespec="seconds")


def product_body(store: Store, shop: Shop, product: Product) -> dict[str, Any]:
    """The body of products/create and products/update."""
    images = [
        _image(store, shop, product, file, position)
        for position, file in enumerate(product.media, start=1)
        if file.ready
    ]
    return {
        "id": product.id,
        "admin_graphql_api_id": product.gid,
        "title": product.title,
        "body_html": product.description_html,
        "vendor": product.vendor,
        "product_type": product.product_type,
        "handle": product.handle,
        "status": product.status.lower(),
        "tags": ", ".join(product.tags),
        "template_suffix": None,
        "published_at": timestamp(product.created_at) if product.status == "ACTIVE" else None,
        "published_scope": "web",
        "created_at": timestamp(product.created_at),
        "updated_at": timestamp(product.updated_at),
        "category": _category(product),
        "options": [_option(product, option) for option in product.options],
        "variants": [_variant(product, variant) for variant in product.variants],
        "variant_gids": [_variant_gid(product, variant) for variant in product.variants],
        "images": images,
        "image": images[0] if images else None,
        "media": [_media(store, shop, product, file, at) for at, file in enumerate(product.media, start=1)],
        "has_variants_that_requires_components": False,
    }


def _category(product: Product) -> dict[str, Any] | None:
    category = product.category
    if category is None:
        return None
    return {"admin_graphql_api_id": category.gid, "name": category.name, "full_name": category.full_name}


def _option(product: Product, option: Option) -> dict[str, Any]:
    return {
        "id": option.id,
        "product_id": product.id,
        "name": option.name,
        "position": option.position,
        "values": [value.name for value in option.option_values],
    }


def _variant(product: Product, variant: Variant) -> dict[str, Any]:
    choices: list[str | None] = [*variant.choices, None, None, None]
    return {
        "id": variant.id,
        "admin_graphql_api_id": variant.gid,
        "product_id": product.id,
        "title": variant.title,
        "price": variant.price,
        "compare_at_price": None,
        "sku": variant.sku,
        "barcode": None,
        "position": variant.position,
        "inventory_policy": "deny",
        "option1": choices[0],
        "option2": choices[1],
        "option3": choices[2],
        "taxable": True,
        "image_id": None,
        "inventory_quantity": 5,
        "created_at": timestamp(product.created_at),
        "updated_at": timestamp(product.created_at),
    }


def _variant_gid(product: Product, variant: Variant) -> dict[str, Any]:
    return {"admin_graphql_api_id": variant.gid, "updated_at": timestamp(product.created_at)}


def _image(store: Store, shop: Shop, product: Product, file: File, position: int) -> dict[str, Any]:
    legacy_id = file.id + LEGACY_IMAGE_OFFSET
    return {
        "id": legacy_id,
        "admin_graphql_api_id": f"gid://shopify/ProductImage/{legacy_id}",
        "product_id": product.id,
        "position": position,
        "alt": file.alt or None,
        "width": file.width_px,
        "height": file.height_px,
        "src": store.cdn_url(shop, file),
        "variant_ids": [variant.id for variant in product.variants if file in variant.media],
        "created_at": timestamp(file.created_at),
        "updated_at": timestamp(file.updated_at),
    }


def _media(store: Store, shop: Shop, product: Product, file: File, position: int) -> dict[str, Any]:
    return {
        "id": file.id,
        "admin_graphql_api_id": file.gid,
        "product_id": product.id,
        "position": position,
        "alt": file.alt or None,
        "status": file.status,
        "media_content_type": "IMAGE",
        "preview_image": _preview(store, shop, file),
        "variant_ids": [variant.id for variant in product.variants if file in variant.media],
        "created_at": timestamp(file.created_at),
        "updated_at": timestamp(file.updated_at),
    }


def _preview(store: Store, shop: Shop, file: File) -> dict[str, Any]:
    if not file.ready:
        return {"status": file.status}
    return {
        "width": file.width_px,
        "height": file.height_px,
        "src": store.cdn_url(shop, file),
        "status": "READY",
    }
