"""Read the store's products (`ports.Catalog`). What Shopify says becomes models.Product, nothing else is decided."""

from __future__ import annotations

from datetime import UTC, datetime

from shopify_imagegen.adapters.shopify.admin_api import (
    ProductFacts,
    ProductFactsMediaNodesMedia,
    ProductFactsMediaNodesMediaImage,
    ProductSortKeys,
    ProductsPageProductsNodes,
)
from shopify_imagegen.adapters.shopify.graphql import Admin
from shopify_imagegen.errors import NotFound
from shopify_imagegen.models import Listed, Option, Page, Photo, Product

MAX_PHOTOS, MAX_COLLECTIONS = 30, 25  # of a product; the first ones


class Catalog:
    """The products of any shop."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    def product(self, shop: str, product_id: str) -> Product:
        """Raises: NotFound."""
        client = self._admin.to(shop)
        found = client.product_for_plan(product_id, photos=MAX_PHOTOS, collections=MAX_COLLECTIONS).product
        if found is None:
            raise NotFound(f"{product_id} is not in {shop}")
        return product_from(found)

    def product_id(self, shop: str, handle: str) -> str:
        """Raises: NotFound."""
        found = self._admin.to(shop).product_by_handle(handle).product_by_identifier
        if found is None:
            raise NotFound(f"no product of {shop} has the handle {handle}")
        return found.id

    def changed(self, shop: str, since: datetime, *, after: str | None, limit: int) -> Page:
        """See `ports.Catalog`."""
        query = f"updated_at:>='{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"  # the search knows whole seconds
        client, by_change = self._admin.to(shop), ProductSortKeys.UPDATED_AT
        found = client.products_page(first=limit, sort_key=by_change, after=after, query=query).products
        following = found.page_info.end_cursor if found.page_info.has_next_page else None
        return Page(products=tuple(listed_from(node) for node in found.nodes), after=following)


def listed_from(node: ProductsPageProductsNodes) -> Listed:
    return Listed(
        id=node.id,
        status=node.status.value,
        has_media=node.featured_media is not None,
        created_at=node.created_at,
        updated_at=node.updated_at,
    )


def product_from(facts: ProductFacts) -> Product:
    return Product(
        id=facts.id,
        handle=facts.handle,
        title=facts.title,
        description_html=facts.description_html,
        product_type=facts.product_type,
        category=facts.category.full_name if facts.category else "",
        vendor=facts.vendor,
        tags=tuple(facts.tags),
        status=facts.status.value,
        is_gift_card=facts.is_gift_card,
        options=options_from(facts),
        collections=tuple(collection.handle for collection in facts.collections.nodes),
        media=tuple(photo_from(medium) for medium in facts.media.nodes),
        media_count=facts.media_count.count if facts.media_count else len(facts.media.nodes),
        created_at=facts.created_at,
        updated_at=facts.updated_at,
    )


def options_from(facts: ProductFacts) -> tuple[Option, ...]:
    """The options with the values that are really for sale. "Title: Default Title" stands for no options at all."""
    if facts.has_only_default_variant:
        return ()
    values = {
        option.name: tuple(value.name for value in option.option_values if value.has_variants)
        for option in facts.options
    }
    return tuple(Option(name=name, values=sold) for name, sold in values.items())


def photo_from(medium: ProductFactsMediaNodesMedia | ProductFactsMediaNodesMediaImage) -> Photo:
    image = medium.image if isinstance(medium, ProductFactsMediaNodesMediaImage) else None
    return Photo(
        id=medium.id,
        kind=medium.media_content_type.value,
        status=medium.status.value,
        alt=medium.alt or "",
        url=image.url if image else None,
        reference_url=image.reference if image else None,
        width_px=image.width if image else None,
        height_px=image.height if image else None,
    )
