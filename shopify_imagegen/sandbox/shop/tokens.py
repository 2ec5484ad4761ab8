"""Access tokens of the app: what they open, how they end, and that one refresh token a shop is good."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shopify_imagegen.sandbox.shop.store import Store

REFRESH_LIFE_S = 7_776_000


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
        self._granted: dict[str, tuple[str, ...]] = {}  #: by the merchant, where that was changed

    def mint(self, shop: str, *, scopes: tuple[str, ...] | None = None, life_s: float | None = None) -> Token:
        """A new token for *shop*; without *life_s* it never expires."""
        granted = self._granted.get(shop, self._store.rules.scopes) if scopes is None else scopes
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

    def regrant(self, shop: str, scopes: tuple[str, ...]) -> tuple[str, ...]:
        """Let the tokens of *shop*, those to come too, carry other scopes; which they had before."""
        with self._lock:
            before = self._granted.get(shop, self._store.rules.scopes)
            self._granted[shop] = scopes
            mine = {value: token for value, token in self._tokens.items() if token.shop == shop}
            self._tokens |= {value: replace(token, scopes=scopes) for value, token in mine.items()}
        return before

    def mint_refresh(self, shop: str, *, replaces: str | None = None) -> Refresh:
        expires_at = self._store.now() + timedelta(seconds=REFRESH_LIFE_S)
        refresh = Refresh(f"shprt_{secrets.token_hex(16)}", shop, expires_at, replaces)
        with self._lock:
            if replaces is None:  # a new exchange voids what came before
                self._refreshes = {key: kept for key, kept in self._refreshes.items() if kept.shop != shop}
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
