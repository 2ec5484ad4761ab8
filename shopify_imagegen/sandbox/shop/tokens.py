"""Access tokens of the app, and the endpoint that grants them."""

from __future__ import annotations

import hmac
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from shopify_imagegen.sandbox.shop.session_tokens import InvalidSessionToken, shop_of
from shopify_imagegen.sandbox.shop.store import Store

CLIENT_CREDENTIALS_LIFE_S = 86_399
OFFLINE_LIFE_S = 3_600
REFRESH_LIFE_S = 7_776_000
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


@dataclass(frozen=True)
class Token:
    """Lets its holder into one shop."""

    value: str
    shop: str
    client_id: str
    scopes: tuple[str, ...]
    expires_at: datetime | None  #: None: never

    def grants(self, scope: str) -> bool:
        """Whether the token carries *scope*; write implies read."""
        return scope in self.scopes or scope.replace("read_", "write_", 1) in self.scopes


@dataclass(frozen=True)
class Refresh:
    """Buys the next access token of its shop, once."""

    value: str
    shop: str
    expires_at: datetime
    replaces: str | None  #: the refresh token before, which lives until this one is used


class Tokens:
    """All tokens of all shops. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._tokens: dict[str, Token] = {}
        self._refreshes: dict[str, Refresh] = {}

    def mint(self, shop: str, *, scopes: tuple[str, ...] | None = None, life_s: float | None = None) -> Token:
        """A new token for *shop*; without *life_s* it never expires."""
        granted = self._store.rules.scopes if scopes is None else scopes
        expires_at = None if life_s is None else self._store.now() + timedelta(seconds=life_s)
        token = Token(f"shpat_{secrets.token_hex(16)}", shop, self._store.app.client_id, granted, expires_at)
        with self._lock:
            self._tokens[token.value] = token
        return token

    def find(self, value: str | None, shop: str) -> Token | None:
        """The living token *value* of *shop*."""
        with self._lock:
            token = self._tokens.get(value or "")
        if token is None or token.shop != shop or self._is_over(token.expires_at):
            return None
        return token

    def expire(self, *, shop: str | None = None, value: str | None = None) -> int:
        """Let matching access tokens expire now; how many did."""
        with self._lock:
            doomed = [token for token in self._tokens.values() if _is_meant(token, shop, value)]
            for token in doomed:
                self._tokens[token.value] = replace(token, expires_at=self._store.now())
        return len(doomed)

    def revoke(self, *, shop: str | None = None, value: str | None = None) -> int:
        """Forget matching access tokens, and the refresh tokens of *shop*; how many access tokens went."""
        with self._lock:
            doomed = [token for token in self._tokens.values() if _is_meant(token, shop, value)]
            for token in doomed:
                del self._tokens[token.value]
            if shop is not None:
                self._refreshes = {key: kept for key, kept in self._refreshes.items() if kept.shop != shop}
        return len(doomed)

    def mint_refresh(self, shop: str, *, replaces: str | None = None) -> Refresh:
        expires_at = self._store.now() + timedelta(seconds=REFRESH_LIFE_S)
        refresh = Refresh(f"shprt_{secrets.token_hex(16)}", shop, expires_at, replaces)
        with self._lock:
            self._refreshes[refresh.value] = refresh
        return refresh

    def use_refresh(self, value: str, shop: str) -> Refresh | None:
        """Check the refresh token *value*; using it ends the one before (facts 4.4)."""
        with self._lock:
            refresh = self._refreshes.get(value)
            if refresh is None or refresh.shop != shop or self._is_over(refresh.expires_at):
                return None
            if refresh.replaces:
                self._refreshes.pop(refresh.replaces, None)
            return refresh

    def _is_over(self, expires_at: datetime | None) -> bool:
        return expires_at is not None and expires_at <= self._store.now()


def _is_meant(token: Token, shop: str | None, value: str | None) -> bool:
    return shop in (None, token.shop) and value in (None, token.value)


class Refused(Exception):
    """The token endpoint says no."""

    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.code = code
        self.description = description


def routes(store: Store, tokens: Tokens) -> Blueprint:
    """`POST /shops/<shop>/admin/oauth/access_token`, form or JSON."""
    blueprint = Blueprint("sandbox_tokens", __name__)

    @blueprint.post("/shops/<shop>/admin/oauth/access_token")
    def access_token(shop: str) -> Response:
        form = request.get_json(silent=True) if request.is_json else request.form.to_dict()
        try:
            store.shop(shop)
            return jsonify(grant(store, tokens, shop, form or {}))
        except Refused as error:
            answer = jsonify({"error": error.code, "error_description": error.description})
            answer.status_code = error.status
            return answer

    return blueprint


def grant(store: Store, tokens: Tokens, shop: str, form: dict[str, Any]) -> dict[str, Any]:
    """The answer to a token request.

    Raises:
        Refused: wrong credentials (401), an unknown grant or a bad subject (400).
    """
    _check_client(store, form)
    kind = str(form.get("grant_type", ""))
    if kind == "client_credentials":
        return _answer(tokens.mint(shop, life_s=CLIENT_CREDENTIALS_LIFE_S), CLIENT_CREDENTIALS_LIFE_S)
    if kind == "refresh_token":
        return _refreshed(tokens, shop, str(form.get("refresh_token", "")))
    if kind == TOKEN_EXCHANGE:
        return _exchanged(store, tokens, shop, form)
    raise Refused(400, "unsupported_grant_type", f"the sandbox does not grant {kind!r}")


def _check_client(store: Store, form: dict[str, Any]) -> None:
    app = store.app
    given, wanted = str(form.get("client_secret", "")), app.client_secret
    if form.get("client_id") != app.client_id:
        raise Refused(400, "application_cannot_be_found", "Could not find Shopify API application with api_key")
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Refused(401, "invalid_client", "the client secret is wrong")


def _refreshed(tokens: Tokens, shop: str, value: str) -> dict[str, Any]:
    used = tokens.use_refresh(value, shop)
    if used is None:
        raise Refused(400, "invalid_request", "This request requires an active refresh_token")
    return _offline(tokens, shop, replaces=used.value)


def _exchanged(store: Store, tokens: Tokens, shop: str, form: dict[str, Any]) -> dict[str, Any]:
    app = store.app
    try:
        subject = shop_of(str(form.get("subject_token", "")), client_id=app.client_id, secret=app.client_secret)
    except InvalidSessionToken as error:
        raise Refused(400, "invalid_subject_token", str(error)) from error
    if subject != shop:
        raise Refused(400, "invalid_subject_token", "the session token is for another shop")
    if str(form.get("expiring", "0")) == "1":
        return _offline(tokens, shop, replaces=None)
    token = tokens.mint(shop)
    return {"access_token": token.value, "scope": ",".join(token.scopes)}


def _offline(tokens: Tokens, shop: str, *, replaces: str | None) -> dict[str, Any]:
    refresh = tokens.mint_refresh(shop, replaces=replaces)
    answer = _answer(tokens.mint(shop, life_s=OFFLINE_LIFE_S), OFFLINE_LIFE_S)
    return answer | {"refresh_token": refresh.value, "refresh_token_expires_in": REFRESH_LIFE_S}


def _answer(token: Token, life_s: int) -> dict[str, Any]:
    return {"access_token": token.value, "scope": ",".join(token.scopes), "expires_in": life_s}
