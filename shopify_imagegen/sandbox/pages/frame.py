"""What every page has around it: which shop this is, the way to its places, and what the last form did."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from shopify_imagegen.sandbox.control import DEFAULT_SHOP
from shopify_imagegen.sandbox.pages import words
from shopify_imagegen.sandbox.pages.seen import Picture
from shopify_imagegen.sandbox.shop.state import Shop
from shopify_imagegen.sandbox.shop.store import NotHere, Store

SUFFIX = ".myshopify.com"
SAID = {
    "added": "Product added.",
    "saved": "Changes saved.",
    "deleted": "Product deleted. Its files stay in the shop’s Files.",
    "photos": "Photos added.",
    "photo-deleted": "Photo deleted.",
    "moved": "Photo moved to the first place.",
    "uninstalled": "The app is uninstalled. It has been told, and its tokens are void.",
    "resent": "The webhook is on its way again.",
    "fault-on": "Fault switched on.",
    "fault-off": "Fault switched off.",
    "faults-off": "All faults are off.",
}


def find_shop(store: Store, handle: str) -> Shop:
    """The shop called *handle*. Only the demo's own shop is made by looking at it.

    Raises:
        NotHere: there is no such shop.
    """
    domain = handle + SUFFIX
    if domain not in store.shops and domain != DEFAULT_SHOP:
        raise NotHere(f"shop {handle}")
    return store.shop(domain)


def go(endpoint: str, said: str | None = None, **values: Any) -> Response:
    """Answer a form: see the page *endpoint*, which says what happened."""
    return redirect(url_for(f".{endpoint}", said=said, **values), 303)


def routes(pages: Blueprint, store: Store) -> None:
    @pages.get("/")
    def home() -> Response:
        handles = [domain.removesuffix(SUFFIX) for domain in list(store.shops)]
        default = DEFAULT_SHOP.removesuffix(SUFFIX)
        return go("products", handle=handles[0] if handles and default not in handles else default)

    @pages.url_value_preprocessor
    def remember_shop(_: str | None, values: dict[str, Any] | None) -> None:
        g.handle = (values or {}).get("handle", DEFAULT_SHOP.removesuffix(SUFFIX))

    @pages.url_defaults
    def same_shop(endpoint: str, values: dict[str, Any]) -> None:
        if not endpoint.endswith((".static", ".home", ".stock_photo")):
            values.setdefault("handle", g.handle)

    @pages.context_processor
    def around() -> dict[str, Any]:
        return {
            "shop": _shop_words(store),
            "app_url": store.app.url,
            "shops": sorted(domain.removesuffix(SUFFIX) for domain in list(store.shops)),
            "faults_on": len(store.faults.active()),
            "said": SAID.get(request.args.get("said", "")),
            "picture_url": picture_url,
            "clock": words.clock,
            "count": words.size,
            "paragraphs": words.paragraphs,
        }


def picture_url(picture: Picture, *, width_px: int | None = None) -> str:
    """Where the shop's CDN serves *picture*: the original, or a copy at most *width_px* wide."""
    shop = f"{g.handle}{SUFFIX}"
    return url_for("sandbox_cdn.serve", shop=shop, name=picture.filename, v=picture.version, width=width_px)


def _shop_words(store: Store) -> dict[str, str]:
    """Also on the page that says that there is no such shop."""
    shop = store.shops.get(g.handle + SUFFIX)
    return {"name": shop.name if shop else "Sandbox", "domain": shop.domain if shop else "", "handle": g.handle}
