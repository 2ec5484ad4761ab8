"""What the pages show of products and pictures. Frozen values, made under the store's lock and drawn without it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from shopify_imagegen.sandbox.shop.state import File, Product, Shop
from shopify_imagegen.sandbox.shop.store import Store

OURS = re.compile(r"-lsp[0-9a-f]{12}(?![0-9a-f])")  # the app's mark in a file name
STATES = {"UPLOADED": "Uploaded", "PROCESSING": "Processing", "READY": "Ready", "FAILED": "Failed"}
MAKERS = {"lifestyle": "Lifestyle photo", "merchant": "Merchant’s photo", "app": "Added by an app"}
PATIENCE = timedelta(minutes=10)  # after that nobody is promised a picture any more


@dataclass(frozen=True)
class Picture:
    """One medium of a product."""

    id: int
    filename: str
    alt: str
    maker: str  #: a key of `MAKERS`
    status: str
    problem: str  #: why it failed; empty otherwise
    version: int
    width_px: int
    height_px: int

    @property
    def ready(self) -> bool:
        return self.status == "READY"

    @property
    def badge(self) -> str:
        return MAKERS[self.maker]

    @property
    def state(self) -> str:
        return STATES.get(self.status, self.status.title())


@dataclass(frozen=True)
class Card:
    """A product in the list."""

    id: int
    title: str
    status: str
    vendor: str
    product_type: str
    pictures: Sequence[Picture]

    @property
    def cover(self) -> Picture | None:
        return self.pictures[0] if self.pictures else None

    @property
    def lifestyle(self) -> list[Picture]:
        return [picture for picture in self.pictures if picture.maker == "lifestyle"]


@dataclass(frozen=True)
class Detail(Card):
    """A product on its own page."""

    handle: str
    description_html: str
    tags: Sequence[str]
    category: str
    price: str
    waiting_for: str  #: "photos", "lifestyle", "app", "active" or "" when nothing is to be expected


def is_ours(filename: str) -> bool:
    """
    >>> is_ours("oak-table-desk-lsp0123456789ab.jpg"), is_ours("oak-table.jpg")
    (True, False)
    """
    return OURS.search(filename) is not None


def picture(file: File) -> Picture:
    return Picture(
        id=file.id,
        filename=file.filename,
        alt=file.alt,
        maker="lifestyle" if is_ours(file.filename) else file.made_by,
        status=file.status,
        problem="; ".join(error.message for error in file.errors),
        version=file.version,
        width_px=file.width_px,
        height_px=file.height_px,
    )


def card(product: Product) -> Card:
    return Card(
        id=product.id,
        title=product.title,
        status=product.status,
        vendor=product.vendor,
        product_type=product.product_type,
        pictures=[picture(file) for file in product.media],
    )


def detail(store: Store, shop: Shop, product: Product) -> Detail:
    return Detail(
        **card(product).__dict__,
        handle=product.handle,
        description_html=product.description_html,
        tags=list(product.tags),
        category=product.category.full_name if product.category else "",
        price=product.variants[0].price if product.variants else "",
        waiting_for=_waiting_for(store, shop, product),
    )


def _waiting_for(store: Store, shop: Shop, product: Product) -> str:
    """What has to happen before lifestyle photos can appear; empty when they did, or when it has been too long."""
    pictures = [picture(file) for file in product.media]
    if any(each.maker == "lifestyle" for each in pictures):
        return ""
    if not pictures:
        return "photos"
    if store.app.url is None and not shop.subscriptions:
        return "app"
    if product.status != "ACTIVE":
        return "active"
    return "lifestyle" if store.now() - product.created_at < PATIENCE else ""
