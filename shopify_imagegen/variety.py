"""Products with their variants, read only for shops that want a picture for each value of an option."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from shopify_imagegen.models import Page, Product
from shopify_imagegen.ports import Catalog, Catalogue, Variants
from shopify_imagegen.prompts.keywords import fold

Option = Callable[[str], str]  #: a shop's images.per_variant_option; "" for none


class Variety:
    """Completes a product with its variants, where they matter."""

    def __init__(self, *, variants: Variants, option: Option) -> None:
        self._variants = variants
        self._option = option

    def complete(self, shop: str, product: Product) -> Product:
        """Raises: NotFound, Temporary, NoAnswer, NeedsAttention."""
        wanted = fold(self._option(shop))
        if not wanted or not any(fold(option.name) == wanted and len(option.values) > 1 for option in product.options):
            return product
        return product.model_copy(update={"variants": self._variants.of(shop, product.id)})


class VariedCatalog:
    """Keeps `ports.Catalog`, over another one."""

    def __init__(self, catalog: Catalog, variety: Variety) -> None:
        self._catalog = catalog
        self._variety = variety

    def product(self, shop: str, product_id: str) -> Product:
        return self._variety.complete(shop, self._catalog.product(shop, product_id))

    def product_id(self, shop: str, handle: str) -> str:
        return self._catalog.product_id(shop, handle)

    def changed(self, shop: str, since: datetime, *, after: str | None, limit: int) -> Page:
        return self._catalog.changed(shop, since, after=after, limit=limit)


class VariedCatalogue:
    """Keeps `ports.Catalogue`, over another one."""

    def __init__(self, catalogue: Catalogue, variety: Variety) -> None:
        self._catalogue = catalogue
        self._variety = variety

    def count(self, shop: str, search: str) -> int | None:
        return self._catalogue.count(shop, search)

    def each(self, shop: str, search: str, *, many: bool) -> Iterator[Product]:
        for product in self._catalogue.each(shop, search, many=many):
            yield self._variety.complete(shop, product)
