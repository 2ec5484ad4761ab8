"""The app within the shop's admin: an iframe with session tokens; and a merchant who installs and uninstalls it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from shopify_imagegen.sandbox.control import uninstall_app
from shopify_imagegen.sandbox.pages.frame import find_shop, go
from shopify_imagegen.sandbox.shop.embedding import frame_address
from shopify_imagegen.sandbox.shop.session_tokens import session_token
from shopify_imagegen.sandbox.shop.store import NotHere, Store
from shopify_imagegen.sandbox.shop.tokens import Tokens

ADDRESS = "/store/<handle>/app"


def routes(pages: Blueprint, store: Store, tokens: Tokens) -> None:
    @pages.get(ADDRESS, defaults={"path": ""})
    @pages.get(f"{ADDRESS}/<path:path>")
    def app(handle: str, path: str) -> str | AnyResponse:
        if request.host == urlsplit(store.base_url).netloc.replace("127.0.0.1", "localhost"):
            return redirect(store.base_url + request.full_path)  # the app's script speaks to one address only
        shop, url = find_shop(store, handle), store.app.url
        return render_template(
            "sandbox/app.html",
            address=frame_address(store.app, shop.domain, path, request.args) if url and shop.installed else "",
            installed=shop.installed,
            origin=url_origin(url or ""),
            home=url_for(".app"),
            live=False,
        )

    @pages.post("/store/<handle>/session-token")
    def fresh_token(handle: str) -> Response:
        """A session token of this moment, as App Bridge gets one; the guard keeps other sites out."""
        shop = find_shop(store, handle)
        if not shop.installed:
            raise NotHere("app in this shop")
        token = session_token(shop.domain, client_id=store.app.client_id, secret=store.app.client_secret)
        return Response(token, mimetype="text/plain", headers={"Cache-Control": "no-store"})

    @pages.post("/store/<handle>/install")
    def install(handle: str) -> AnyResponse:
        """The app learns of it when it is opened, which is what happens next."""
        find_shop(store, handle).installed = True
        return go("app")

    @pages.post("/store/<handle>/uninstall")
    def uninstall(handle: str) -> AnyResponse:
        uninstall_app(store, tokens, find_shop(store, handle).domain)
        return go("app", "uninstalled")


def url_origin(url: str) -> str:
    """
    >>> url_origin("http://127.0.0.1:8080/app?x=1")
    'http://127.0.0.1:8080'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
