"""What lists show of a store's products and pictures (`ports.Cards`): few fields, many at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from shopify_imagegen.adapters.shopify.admin_api import (
    FilesByIdNodesMediaImage,
    ProductCard,
    ProductCardFeaturedMediaMediaImage,
    ProductCardsNodesProduct,
)
from shopify_imagegen.adapters.shopify.graphql import Admin
from shopify_imagegen.models import Card, CardPage, IdPage

NO_WORD = re.compile(r"[^\w.-]+")  # quotes, colons, brackets and stars mean something in Shopify's search
OPERATORS = {"and", "or", "not"}


class Cards:
    """The lists of any shop."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    def search(self, shop: str, words: str, *, after: str | None, limit: int) -> CardPage:
        """See `ports.Cards`."""
        found = self._admin.to(shop).products_browse(first=limit, after=after, query=query_of(words)).products
        following = found.page_info.end_cursor if found.page_info.has_next_page else None
        return CardPage(cards=tuple(card_from(node) for node in found.nodes), after=following)

    def ids(self, shop: str, words: str, *, after: str | None, limit: int) -> IdPage:
        """See `ports.Cards`."""
        found = self._admin.to(shop).product_numbers(first=limit, after=after, query=query_of(words)).products
        following = found.page_info.end_cursor if found.page_info.has_next_page else None
        return IdPage(ids=tuple(node.id for node in found.nodes), after=following)

    def some(self, shop: str, product_ids: Sequence[str]) -> Mapping[str, Card]:
        if not product_ids:
            return {}
        nodes = self._admin.to(shop).product_cards(list(product_ids)).nodes
        return {node.id: card_from(node) for node in nodes if isinstance(node, ProductCardsNodesProduct)}

    def pictures(self, shop: str, file_ids: Sequence[str]) -> Mapping[str, str]:
        if not file_ids:
            return {}
        nodes = self._admin.to(shop).files_by_id(list(file_ids)).nodes
        images = [node for node in nodes if isinstance(node, FilesByIdNodesMediaImage)]
        return {image.id: image.image.url for image in images if image.image and image.image.url}


def query_of(words: str) -> str:
    """What somebody typed as a search for just that: nothing in it is an operator, and the last word may be a part.

    >>> query_of('oak "side" tab'), query_of("-title:lamp OR"), query_of("  ")
    ('oak side tab*', 'title lamp*', '')
    """
    parts = [part.strip("-.") for part in NO_WORD.split(words)]
    plain = [part for part in parts if part and part.lower() not in OPERATORS]
    return " ".join(plain) + "*" if plain else ""


def card_from(node: ProductCard) -> Card:
    medium = node.featured_media
    image = medium.image if isinstance(medium, ProductCardFeaturedMediaMediaImage) else None
    return Card(
        id=node.id,
        title=node.title,
        status=node.status.value,
        product_type=node.product_type,
        media_count=node.media_count.count if node.media_count else 0,
        image_url=image.url if image else None,
    )
