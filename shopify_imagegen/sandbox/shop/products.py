"""The shop's products: add, edit, delete. What a merchant does in the admin, and `productUpdate`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from shopify_imagegen.sandbox.shop.files import add_file, add_ready_file, from_bytes
from shopify_imagegen.sandbox.shop.state import Category, Collection, File, Option, OptionValue, Product, Shop, Variant
from shopify_imagegen.sandbox.shop.store import Store

MAX_VARIANTS = 100
STATUSES = ("ACTIVE", "ARCHIVED", "DRAFT", "UNLISTED")
EDITABLE = ("title", "description_html", "vendor", "product_type", "status", "tags", "handle")


class BadProduct(ValueError):
    """A product cannot be like that; the message says why, `field` where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Photo:
    """A file that a merchant uploads."""

    filename: str
    content: bytes
    alt: str = ""


@dataclass(frozen=True)
class VariantDraft:
    choices: tuple[str, ...]
    price: str = "0.00"
    sku: str | None = None


@dataclass(frozen=True)
class Draft:
    """A product before the shop has given it ids."""

    title: str
    handle: str = ""
    description_html: str = ""
    vendor: str = ""
    product_type: str = ""
    status: str = "ACTIVE"
    tags: Sequence[str] = ()
    category: str | None = None
    collections: Sequence[str] = ()
    options: Sequence[tuple[str, Sequence[str]]] = ()
    variants: Sequence[VariantDraft] = ()  #: empty: every combination of the options
    price: str = "0.00"
    photos: Sequence[Photo] = field(default=(), repr=False)

    @classmethod
    def known(cls) -> set[str]:
        return {each.name for each in fields(cls)}


def add_product(store: Store, shop: Shop, draft: Draft, *, quietly: bool = False) -> Product:
    """Add *draft* to *shop*. A merchant's photos are processed in the background, and the app is told.

    *quietly* stands for a shop that was there before the app: photos are READY at once, no webhook is sent.

    Raises:
        BadProduct: no title, or a status that Shopify does not have.
    """
    _check({"title": draft.title, "status": draft.status})
    product = _blank(store, shop, draft)
    shop.stock(product)
    shop.effects["product created"] += 1
    for photo in draft.photos:
        product.gallery.append(upload(store, shop, photo, quietly=quietly))
    if not quietly:
        store.announce(shop, ["products/create", "products/update"], product)
    return product


def upload(store: Store, shop: Shop, photo: Photo, *, quietly: bool = False) -> File:
    """A merchant's photo as a file of the shop."""
    if quietly:
        return add_ready_file(store, shop, photo.filename, photo.content, alt=photo.alt, made_by="merchant")
    return add_file(store, shop, photo.filename, from_bytes(photo.content), alt=photo.alt, made_by="merchant")


def edit_product(store: Store, shop: Shop, product: Product, changes: Mapping[str, Any]) -> None:
    """Set the attributes that *changes* names, of those in `EDITABLE`.

    Raises:
        BadProduct: a value that Shopify refuses; nothing has changed.
    """
    _check(changes)
    if "handle" in changes and shop.product_with(changes["handle"]) not in (None, product):
        raise BadProduct("handle", "Handle has already been taken")
    for name in changes:
        if name not in EDITABLE:
            raise BadProduct(name, f"the sandbox does not edit {name}")
    for name, value in changes.items():
        setattr(product, name, _unique(value) if name == "tags" else value)
    shop.stock(product)
    if changes:
        store.touch(shop, product, effect="product edited")


def delete_product(store: Store, shop: Shop, product: Product) -> None:
    """Delete the product; its files stay in the shop's Files."""
    del shop.products[product.id]
    shop.effects["product deleted"] += 1
    store.announce_body(shop, ["products/delete"], {"id": product.id})


def slug(title: str) -> str:
    """
    >>> slug("Oak side table, 45 cm")
    'oak-side-table-45-cm'
    """
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-") or "product"


def _check(changes: Mapping[str, Any]) -> None:
    if "title" in changes and not str(changes["title"] or "").strip():
        raise BadProduct("title", "Title can't be blank")
    if "status" in changes and changes["status"] not in STATUSES:
        raise BadProduct("status", f"Status is one of {', '.join(STATUSES)}")


def _blank(store: Store, shop: Shop, draft: Draft) -> Product:
    now = store.now()
    options = draft.options or [("Title", ["Default Title"])]
    return Product(
        id=store.next_id(),
        title=draft.title,
        handle=_free_handle(shop, draft.handle or slug(draft.title)),
        created_at=now,
        updated_at=now,
        description_html=draft.description_html,
        vendor=draft.vendor,
        product_type=draft.product_type,
        status=draft.status,
        tags=_unique(draft.tags),
        category=Category(store.next_id(), draft.category) if draft.category else None,
        options=[_option(store, name, values, at) for at, (name, values) in enumerate(options, start=1)],
        variants=_variants(store, draft, options),
        collections=[Collection(store.next_id(), slug(title), title) for title in draft.collections],
    )


def _option(store: Store, name: str, values: Sequence[str], position: int) -> Option:
    return Option(store.next_id(), name, position, [OptionValue(store.next_id(), value) for value in values])


def _variants(store: Store, draft: Draft, options: Sequence[tuple[str, Sequence[str]]]) -> list[Variant]:
    combinations = itertools.islice(itertools.product(*(values for _, values in options)), MAX_VARIANTS)
    drafts = draft.variants or [VariantDraft(tuple(choices), draft.price) for choices in combinations]
    return [
        Variant(store.next_id(), " / ".join(each.choices), at, tuple(each.choices), each.price, each.sku)
        for at, each in enumerate(drafts, start=1)
    ]


def _free_handle(shop: Shop, handle: str) -> str:
    names = itertools.chain([handle], (f"{handle}-{n}" for n in itertools.count(1)))
    return next(name for name in names if shop.product_with(name) is None)


def _unique(tags: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
