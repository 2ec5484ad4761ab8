"""Where a merchant consents to an app: this one does at once. Strict about who asks, and where to go back to."""

from __future__ import annotations

import secrets
import threading
import time
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from shopify_imagegen.sandbox.shop.embedding import signed
from shopify_imagegen.sandbox.shop.store import Store

CODE_LIFE = timedelta(minutes=1)


class Codes:
    """Codes that buy a token, each once. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._codes: dict[str, tuple[str, tuple[str, ...], datetime]] = {}

    def make(self, shop: str, scopes: tuple[str, ...]) -> str:
        code = secrets.token_hex(16)
        with self._lock:
            self._codes[code] = (shop, scopes, self._store.now() + CODE_LIFE)
        return code

    def use(self, code: str, shop: str) -> tuple[str, ...] | None:
        """The scopes that were consented to; None for a code that is not good."""
        with self._lock:
            found_shop, scopes, ends_at = self._codes.pop(code, ("", (), self._store.now()))
        return scopes if found_shop == shop and ends_at > self._store.now() else None


def routes(store: Store, codes: Codes) -> Blueprint:
    """`GET /shops/<shop>/admin/oauth/authorize`, and the way to the app in the shop's admin."""
    blueprint = Blueprint("sandbox_consent", __name__)

    @blueprint.get("/shops/<shop>/admin/oauth/authorize")
    def authorize(shop: str) -> AnyResponse:
        problem = _problem(store)
        if problem:
            return Response(f"{problem}\n", 400, mimetype="text/plain")
        store.shop(shop).installed = True
        scopes = tuple(each for each in request.args.get("scope", "").split(",") if each)
        answer = {
            "code": codes.make(shop, scopes),
            "shop": shop,
            "state": request.args.get("state", ""),
            "timestamp": str(int(time.time())),
        }
        return redirect(f"{request.args['redirect_uri']}?{urlencode(signed(answer, store.app.client_secret))}")

    @blueprint.get("/shops/<shop>/admin/apps/<client_id>")
    def app(shop: str, client_id: str) -> AnyResponse:
        return redirect(f"/store/{store.shop(shop).domain.partition('.')[0]}/app")

    return blueprint


def _problem(store: Store) -> str:
    asked, app = request.args, store.app
    if asked.get("client_id") != app.client_id:
        return "Oauth error invalid_request: Could not find Shopify API application with api_key"
    back, home = urlsplit(asked.get("redirect_uri", "")), urlsplit(app.url or "")
    if (back.scheme, back.netloc) != (home.scheme, home.netloc) or not back.netloc:
        return "Oauth error invalid_request: The redirect_uri is not whitelisted"
    return ""
