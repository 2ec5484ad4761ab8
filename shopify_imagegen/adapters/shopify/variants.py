"""Which medium each variant shows (`ports.Variants`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shopify_imagegen.adapters.shopify.admin_api import (
    ProductVariantAppendMediaInput,
    ProductVariantDetachMediaInput,
    ProductVariantsProductVariants,
    ProductVariantsProductVariantsNodes,
)
from shopify_imagegen.adapters.shopify.graphql import Admin
from shopify_imagegen.adapters.shopify.paging import whole
from shopify_imagegen.adapters.shopify.refusals import accept
from shopify_imagegen.errors import NoAnswer, NotFound
from shopify_imagegen.models import Variant

PAGE = 50
PAGES = 50  # more than the 2,048 variants that a product may have can fill
PAIRS = 100  # of variant and medium in one call; Shopify, read 2026-11-22


class Variants:
    """The variants of any product."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    def of(self, shop: str, product_id: str) -> tuple[Variant, ...]:
        """All of them, page by page. Raises: NotFound."""

        def page(after: str | None) -> ProductVariantsProductVariants:
            product = self._admin.to(shop).product_variants(product_id, PAGE, after=after).product
            if product is None:
                raise NotFound(f"{product_id} is gone")
            return product.variants

        found = whole(page, pages=PAGES, what=f"the list of variants of {product_id}")
        return tuple(variant_from(node) for node in found)

    def show(self, shop: str, product_id: str, media: Mapping[str, str]) -> None:
        """Raises: Conflict, when a variant shows another medium already."""
        for pairs in _batches(media):
            wanted = [ProductVariantAppendMediaInput(variant_id=each, media_ids=[medium]) for each, medium in pairs]
            payload = self._admin.to(shop).variant_append_media(product_id, wanted).product_variant_append_media
            if payload is None:
                raise NoAnswer("Shopify did not say whether the variants show the picture")
            accept(payload.user_errors, doing="show the picture for the variants")

    def show_no_more(self, shop: str, product_id: str, media: Mapping[str, str]) -> None:
        for pairs in _batches(media):
            wanted = [ProductVariantDetachMediaInput(variant_id=each, media_ids=[medium]) for each, medium in pairs]
            payload = self._admin.to(shop).variant_detach_media(product_id, wanted).product_variant_detach_media
            if payload is None:
                raise NoAnswer("Shopify did not say whether the variants still show the picture")
            accept(payload.user_errors, doing="take the picture off the variants")


def variant_from(node: ProductVariantsProductVariantsNodes) -> Variant:
    return Variant(
        id=node.id,
        title=node.title,
        options=tuple((option.name, option.value) for option in node.selected_options),
        media_id=next((medium.id for medium in node.media.nodes), None),
    )


def _batches(media: Mapping[str, str]) -> Iterable[list[tuple[str, str]]]:
    pairs = list(media.items())
    return (pairs[at : at + PAIRS] for at in range(0, len(pairs), PAIRS))
