"""Which category of the scene library a product belongs to: its taxonomy first, then type, title and tags."""

from __future__ import annotations

from shopify_imagegen.models import Product
from shopify_imagegen.prompts.keywords import find, fold
from shopify_imagegen.prompts.library import GENERIC, Library


def recognise(product: Product, library: Library) -> str:
    """The id of the product's category, "generic" when nothing gives it away."""
    by_taxonomy = _by_taxonomy(product.category, library)
    if by_taxonomy:
        return by_taxonomy
    for text in (product.product_type, product.title, " ; ".join(sorted(product.tags))):
        found = find(text, library.keywords)
        if found:
            return found
    return GENERIC


def _by_taxonomy(full_name: str, library: Library) -> str | None:
    """The category whose taxonomy entry is the longest beginning of the full name."""
    steps = _steps(full_name)
    fits = [
        (len(entry), category.id)
        for category in library.categories
        for entry in map(_steps, category.taxonomy)
        if entry and steps[: len(entry)] == entry
    ]
    return max(fits)[1] if fits else None


def _steps(full_name: str) -> list[str]:
    return [fold(step) for step in full_name.split(">") if step.strip()]
