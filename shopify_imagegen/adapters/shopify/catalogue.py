"""Read all of a store's products (`ports.Catalogue`): in pages, or many at once by a bulk operation."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from pydantic import ValidationError

from shopify_imagegen.adapters.shopify.admin_api import ProductFacts
from shopify_imagegen.adapters.shopify.bulk import Bulk
from shopify_imagegen.adapters.shopify.catalog import MAX_PHOTOS, Catalog, product_from
from shopify_imagegen.adapters.shopify.graphql import Admin
from shopify_imagegen.adapters.shopify.loose_lines import Found, together
from shopify_imagegen.errors import NoAnswer, NotFound, Rejected, Temporary, Unavailable
from shopify_imagegen.models import Product

logger = logging.getLogger(__name__)

PAGE = 25  # products: by the old price list, which is the dearest, a page costs just under the 1,000 points allowed
PHOTOS, COLLECTIONS = 8, 10  # of a product in a page; one that has more is read by itself

Lines = Iterator[tuple[Found, list[Found]]]


class Catalogue:
    """The catalogue of any shop."""

    def __init__(self, admin: Admin, catalog: Catalog, bulk: Bulk) -> None:
        self._admin = admin
        self._catalog = catalog
        self._bulk = bulk

    def count(self, shop: str, search: str) -> int | None:
        """See `ports.Catalogue`."""
        found = self._admin.to(shop).products_count(query=search or None).products_count
        return found.count if found and found.precision.value == "EXACT" else None

    def each(self, shop: str, search: str, *, many: bool) -> Iterator[Product]:
        """See `ports.Catalogue`. A bulk operation that does not work is no hindrance: then it is pages."""
        with contextlib.ExitStack() as stack:
            written = self._written(shop, search, stack) if many else None
            if written is None:
                yield from self._pages(shop, search)
                return
            for root, children in written:
                yield product_of(root, children)

    def _written(
        self, shop: str, search: str, stack: contextlib.ExitStack
    ) -> Iterator[tuple[Found, list[Found]]] | None:
        """Everything in one file, complete; None when that does not work now."""
        try:
            return stack.enter_context(together(self._bulk.lines(shop, search)))
        except (Temporary, NoAnswer, Rejected) as error:
            extra = {"action": "bulk_failed", "shop": shop, "why": str(error)}
            logger.warning("no bulk operation; the catalogue is read in pages, which takes longer", extra=extra)
            return None

    def _pages(self, shop: str, search: str) -> Iterator[Product]:
        after: str | None = None
        while True:
            page = self._admin.to(shop).catalogue_page(
                first=PAGE, photos=PHOTOS, collections=COLLECTIONS, query=search or None, after=after
            )
            for facts in page.products.nodes:
                if (product := self._whole(shop, facts)) is not None:
                    yield product
            if not page.products.page_info.has_next_page:
                return
            after = page.products.page_info.end_cursor

    def _whole(self, shop: str, facts: ProductFacts) -> Product | None:
        """The product; read by itself if the page cut it short. None: it was deleted meanwhile."""
        product = product_from(facts)
        is_cut = facts.media.page_info.has_next_page or len(product.collections) >= COLLECTIONS
        if not is_cut:
            return product
        try:
            return self._catalog.product(shop, product.id)
        except NotFound:
            return None


def product_of(root: Found, children: list[Found]) -> Product:
    """A product of a bulk operation's file.

    Raises:
        Unavailable: its lines are not what was asked for.
    """
    collections = [child for child in children if child.get("__typename") == "Collection"]
    media = [child for child in children if child.get("__typename") != "Collection"]
    page = {"hasNextPage": len(media) > MAX_PHOTOS, "endCursor": None}
    nodes = {"collections": {"nodes": collections}, "media": {"nodes": media[:MAX_PHOTOS], "pageInfo": page}}
    try:
        return product_from(ProductFacts.model_validate(root | nodes))
    except ValidationError as error:
        raise Unavailable(f"a line of the bulk operation's file is not a product: {error.errors()[0]['loc']}") from None
