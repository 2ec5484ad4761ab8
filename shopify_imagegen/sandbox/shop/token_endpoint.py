"""The token endpoint: every grant that Shopify knows for this kind of app, and strict about each."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Blueprint, Response, jsonify, request

from shopify_imagegen.sandbox.shop import wire
from shopify_imagegen.sandbox.shop.consent import Codes
from shopify_imagegen.sandbox.shop.session_tokens import InvalidSessionToken, shop_of
from shopify_imagegen.sandbox.shop.store import Store
from shopify_imagegen.sandbox.shop.tokens import REFRESH_LIFE_S, Token, Tokens

CLIENT_CREDENTIALS_LIFE_S = 86_399
OFFLINE_LIFE_S = 3_600
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
OFFLINE_TOKEN = "urn:shopify:params:oauth:token-type:offline-access-token"


class Refused(Exception):
    """The token endpoint says no."""

    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.code = code
        self.description = description


def routes(store: Store, tokens: Tokens, codes: Codes) -> Blueprint:
    """`POST /shops/<shop>/admin/oauth/access_token`, form or JSON."""
    blueprint = Blueprint("sandbox_tokens", __name__)

    @blueprint.post("/shops/<shop>/admin/oauth/access_token")
    def access_token(shop: str) -> Response:
        form = request.get_json(silent=True) if request.is_json else request.form.to_dict()
        failing = store.faults.take("token.500", shop=shop)
        if failing is not None and not failing.get("effect"):
            return _said(500, {"error": "internal_server_error"})
        try:
            store.shop(shop)
            granted = grant(store, tokens, codes, shop, form or {})
        except Refused as error:
            return _said(error.status, {"error": error.code, "error_description": error.description})
        if store.faults.take("token.lost", shop=shop) is not None:
            return wire.hang_up()
        if store.faults.take("token.no_end", shop=shop) is not None:
            granted.pop("expires_in", None)
        return _said(500, {"error": "internal_server_error"}) if failing is not None else jsonify(granted)

    return blueprint


def _said(status: int, body: dict[str, Any]) -> Response:
    answer = jsonify(body)
    answer.status_code = status
    return answer


def grant(store: Store, tokens: Tokens, codes: Codes, shop: str, form: dict[str, Any]) -> dict[str, Any]:
    """The answer to a token request.

    Raises:
        Refused: wrong credentials (401), an unknown grant or a bad subject (400).
    """
    _check_client(store, form)
    if not store.shop(shop).installed:
        raise Refused(400, "app_not_installed", "The app is not installed on this shop")
    kind = str(form.get("grant_type", ""))
    if kind == "client_credentials":
        return _for_ourselves(store, tokens, shop)
    if kind == "refresh_token":
        return _refreshed(tokens, shop, str(form.get("refresh_token", "")))
    if kind == TOKEN_EXCHANGE:
        return _exchanged(store, tokens, shop, form)
    if not kind and "code" in form:
        return _redeemed(tokens, codes, shop, form)
    raise Refused(400, "unsupported_grant_type", f"the sandbox does not grant {kind!r}")


def _check_client(store: Store, form: dict[str, Any]) -> None:
    app = store.app
    given, wanted = str(form.get("client_secret", "")), app.client_secret
    if form.get("client_id") != app.client_id:
        raise Refused(400, "application_cannot_be_found", "Could not find Shopify API application with api_key")
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Refused(401, "invalid_client", "the client secret is wrong")


def _for_ourselves(store: Store, tokens: Tokens, shop: str) -> dict[str, Any]:
    if store.faults.take("token.not_own", shop=shop) is not None:
        raise Refused(400, "shop_not_permitted", "Client credentials cannot be performed on this shop.")
    return _answer(tokens.mint(shop, life_s=CLIENT_CREDENTIALS_LIFE_S), CLIENT_CREDENTIALS_LIFE_S)


def _refreshed(tokens: Tokens, shop: str, value: str) -> dict[str, Any]:
    used = tokens.use_refresh(value, shop)
    if used is None:
        raise Refused(400, "invalid_request", "This request requires an active refresh_token")
    return _offline(tokens, shop, replaces=used.value)


def _exchanged(store: Store, tokens: Tokens, shop: str, form: dict[str, Any]) -> dict[str, Any]:
    if form.get("requested_token_type") != OFFLINE_TOKEN:
        raise Refused(400, "invalid_request", f"the sandbox grants {OFFLINE_TOKEN} only")
    subject, kind = str(form.get("subject_token", "")), form.get("subject_token_type")
    is_expiring = str(form.get("expiring", "0")) == "1"
    if kind == OFFLINE_TOKEN:
        _use_up(tokens, shop, subject, is_expiring)
    elif kind == ID_TOKEN:
        _check_subject(store, shop, subject)
    else:
        raise Refused(400, "invalid_subject_token_type", f"{kind!r} cannot be exchanged")
    return _offline(tokens, shop, replaces=None) if is_expiring else _for_ever(tokens.mint(shop))


def _use_up(tokens: Tokens, shop: str, subject: str, is_expiring: bool) -> None:
    """A token that never ends can be turned into one that does: it is void then (facts 4.4)."""
    token = tokens.find(subject, shop)
    if token is None or token.expires_at is not None or not is_expiring:
        raise Refused(400, "invalid_subject_token", "the subject is not a token that never ends")
    tokens.revoke(value=subject)


def _check_subject(store: Store, shop: str, subject: str) -> None:
    app = store.app
    try:
        speaks_for = shop_of(subject, client_id=app.client_id, secret=app.client_secret)
    except InvalidSessionToken as error:
        raise Refused(400, "invalid_subject_token", str(error)) from error
    if speaks_for != shop:
        raise Refused(400, "invalid_subject_token", "the session token is for another shop")


def _redeemed(tokens: Tokens, codes: Codes, shop: str, form: dict[str, Any]) -> dict[str, Any]:
    scopes = codes.use(str(form["code"]), shop)
    if scopes is None:
        raise Refused(400, "invalid_request", "The authorization code was not found or was already used")
    if str(form.get("expiring", "0")) == "1":
        return _offline(tokens, shop, replaces=None, scopes=scopes)
    return _for_ever(tokens.mint(shop, scopes=scopes))


def _offline(
    tokens: Tokens, shop: str, *, replaces: str | None, scopes: tuple[str, ...] | None = None
) -> dict[str, Any]:
    refresh = tokens.mint_refresh(shop, replaces=replaces)
    answer = _answer(tokens.mint(shop, scopes=scopes, life_s=OFFLINE_LIFE_S), OFFLINE_LIFE_S)
    return answer | {"refresh_token": refresh.value, "refresh_token_expires_in": REFRESH_LIFE_S}


def _for_ever(token: Token) -> dict[str, Any]:
    return {"access_token": token.value, "scope": ",".join(token.scopes)}


def _answer(token: Token, life_s: int) -> dict[str, Any]:
    return _for_ever(token) | {"expires_in": life_s}
