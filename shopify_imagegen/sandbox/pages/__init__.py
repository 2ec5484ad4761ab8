"""The shop admin in the browser: watch the app work, play the merchant, and make things go wrong.

Plain pages and forms; the one script only keeps an open page up to date.
"""

from __future__ import annotations

from flask import Blueprint, render_template

from shopify_imagegen.sandbox.pages import (
    adding,
    app_page,
    bill,
    deliveries,
    fault_panel,
    frame,
    guard,
    product_page,
    products,
)
from shopify_imagegen.sandbox.shop.store import NotHere, Store
from shopify_imagegen.sandbox.shop.tokens import Tokens

__all__ = ["blueprint"]


def blueprint(store: Store, tokens: Tokens) -> Blueprint:
    """Every page of the shops in *store*, to mount at `/`; *tokens* are the app's."""
    pages = Blueprint(
        "sandbox_pages",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/page-files",
    )
    guard.protect(pages)
    frame.routes(pages, store)
    for room in (products, product_page, adding, deliveries, bill, fault_panel):
        room.routes(pages, store)
    app_page.routes(pages, store, tokens)
    pages.register_error_handler(NotHere, _not_here)
    return pages


def _not_here(error: NotHere) -> tuple[str, int]:
    return render_template("sandbox/not_here.html", missing=str(error)), 404
