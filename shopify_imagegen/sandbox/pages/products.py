"""The list of products: what each looks like, and which have their lifestyle photos already."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from shopify_imagegen.sandbox.pages import seen
from shopify_imagegen.sandbox.pages.bill import bank_here
from shopify_imagegen.sandbox.pages.frame import find_shop
from shopify_imagegen.sandbox.shop.state import Product, Shop
from shopify_imagegen.sandbox.shop.store import Store

PER_PAGE = 50


@dataclass(frozen=True)
class Totals:
    """The shop in numbers."""

    products: int
    with_lifestyle: int
    lifestyle_photos: int
    spent_usd: str


def routes(pages: Blueprint, store: Store) -> None:
    @pages.get("/store/<handle>/products")
    def products(handle: str) -> str:
        wanted, page_number = request.args.get("q", "").strip(), max(1, request.args.get("page", 1, type=int))
        with store.lock:
            shop = find_shop(store, handle)
            found = matching(shop, wanted)
            start = (page_number - 1) * PER_PAGE
            cards = [seen.card(product) for product in found[start : start + PER_PAGE]]
            totals = _totals(shop)
        more = len(found) > start + PER_PAGE
        return render_template(
            "sandbox/products.html", cards=cards, totals=totals, wanted=wanted, page_number=page_number, more=more
        )


def matching(shop: Shop, wanted: str) -> list[Product]:
    """The products whose title, vendor, type or tags hold *wanted*, the newest first."""
    needle = wanted.casefold()
    return [
        product
        for product in reversed(shop.products.values())
        if needle in " ".join((product.title, product.vendor, product.product_type, *product.tags)).casefold()
    ]


def _totals(shop: Shop) -> Totals:
    ours = [sum(seen.is_ours(file.filename) for file in product.media) for product in shop.products.values()]
    bank = bank_here()
    return Totals(
        products=len(ours),
        with_lifestyle=sum(number > 0 for number in ours),
        lifestyle_photos=sum(ours),
        spent_usd=str(bank.total_usd) if bank else "",
    )
