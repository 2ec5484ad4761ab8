"""`/auth`: a store's owner installs the app by consenting on Shopify's page. For apps that are not embedded.

An embedded app needs none of this: Shopify installs it, and whoever opens it brings a session token.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from shopify_imagegen.errors import NeedsAttention, NoAnswer, NotSignedIn, Temporary
from shopify_imagegen.ports import Consent

logger = logging.getLogger(__name__)

SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com")
NO_SHOP = "Say which store: /auth?shop=nice-lamps.myshopify.com"
NOT_SHOPIFYS = "This address did not come from Shopify, is too old, or was used before. Begin again: /auth?shop={shop}"
NOT_NOW = "The store could not be connected just now. Begin again in a moment: /auth?shop={shop}"
RETRY = {"Retry-After": "10"}

Consented = Callable[[str, str], None]  #: a store's domain and its code; raises what `installing.consented` raises


def install(*, consent: Consent, consented: Consented, public_url: str = "") -> Blueprint:
    """Both ends of the way to Shopify's page.

    Args:
        public_url: where Shopify reaches this app; "" takes the address of the request.
    """
    door = Blueprint("install", __name__)

    @door.get("/auth", provide_automatic_options=False)
    def begin() -> AnyResponse:
        shop = request.args.get("shop", "").lower()
        if not SHOP.fullmatch(shop):
            return _said(NO_SHOP, 400)
        base = public_url or request.url_root.rstrip("/")
        try:
            return redirect(consent.question(shop, back_to=f"{base}/auth/callback"))
        except NeedsAttention as error:
            return _said(str(error), 503)

    @door.get("/auth/callback", provide_automatic_options=False)
    def finish() -> AnyResponse:
        claimed = request.args.get("shop", "")
        if not SHOP.fullmatch(claimed):
            return _said(NO_SHOP, 400)
        if request.method == "HEAD":  # a scanner of links must not use up the code
            return _said("", 200)
        try:
            shop, code = consent.answer(request.args)
            consented(shop, code)
            return redirect(consent.app_address(shop))
        except NotSignedIn as error:
            return _turned_away(error, NOT_SHOPIFYS.format(shop=claimed), 401)
        except NeedsAttention as error:
            return _turned_away(error, f"The store could not be connected: {error}", 403)
        except (Temporary, NoAnswer) as error:
            return _turned_away(error, NOT_NOW.format(shop=claimed), 503)

    return door


def _turned_away(error: Exception, words: str, status: int) -> Response:
    logger.warning("an installation was not finished: %s", error, extra={"action": "not_installed"})
    return _said(words, status)


def _said(words: str, status: int) -> Response:
    headers = RETRY if status == 503 else {}
    return Response(f"{words}\n", status=status, headers=headers, mimetype="text/plain")
