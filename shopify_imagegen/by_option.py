"""One picture for each value of an option, such as each colour: whose variants, and from which photos. Pure."""

from __future__ import annotations

from shopify_imagegen.models import Photo, Product, Reference, Value, Variant
from shopify_imagegen.prompts.keywords import fold
from shopify_imagegen.rules import Ask, is_usable, merchants_photos

MOST_VALUES = 10  # pictures of one job


class Share(Value):
    """The variants of one value, and what their picture is made from."""

    name: str  #: "Color"
    value: str  #: "Red"
    variants: tuple[str, ...]
    references: tuple[Reference, ...]  #: the photos that these variants show

    @property
    def words(self) -> str:
        return f"{self.name}: {self.value}"


def shares(product: Product, option: str, ask: Ask, *, max_references: int) -> tuple[tuple[Share, ...], list[str]]:
    """The values that get a picture, in the product's order, and notes on those that get none.

    Nothing of both for a product without that option, or with one value of it.
    """
    found = _values(product, option)
    if len(found) < 2:
        return (), []
    photos = {photo.id: photo for photo in merchants_photos(product, ask) if is_usable(photo)}
    every = [
        Share(
            name=name,
            value=value,
            variants=tuple(variant.id for variant in variants),
            references=_references(variants, photos)[:max_references],
        )
        for (name, value), variants in found.items()
    ]
    usable = [share for share in every if share.references]
    notes = [
        f"“{share.value}” has no photo of its own, so it gets no picture." for share in every if share not in usable
    ]
    if len(usable) > MOST_VALUES:
        notes.append(f"Only the first {MOST_VALUES} of {len(usable)} values get a picture.")
    return tuple(usable[:MOST_VALUES]), notes


def _values(product: Product, option: str) -> dict[tuple[str, str], list[Variant]]:
    """(option's name, value) → its variants."""
    found: dict[tuple[str, str], list[Variant]] = {}
    for variant in product.variants:
        for name, value in variant.options:
            if fold(name) == fold(option):
                found.setdefault((name, value), []).append(variant)
    return found


def _references(variants: list[Variant], photos: dict[str, Photo]) -> tuple[Reference, ...]:
    media = dict.fromkeys(variant.media_id for variant in variants if variant.media_id in photos)
    shown = [photos[media_id] for media_id in media if media_id]
    return tuple(Reference(media_id=photo.id, url=photo.reference_url or photo.url or "") for photo in shown)
