"""Who asks: Shopify's session tokens, checked in every way that Shopify documents. Nothing is sent for it.

shopifyapi's own reader accepts a token without an end, and one secret only; so pyjwt is asked directly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import jwt

from shopify_imagegen.errors import NotSignedIn
from shopify_imagegen.models import Session

LEEWAY_S = 10  # App Bridge's clock is the visitor's; Shopify's own libraries allow as much
CLAIMS = ["iss", "dest", "aud", "sub", "exp", "nbf"]
SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com")
HMAC_KEY_BYTES = 32  # pyjwt warns of a shorter key; HMAC fills keys up with zeros itself, so filled up it is the same


class SessionTokens:
    """Keeps `ports.Sessions`.

    Args:
        client_id: of our app; tokens of other apps are refused.
        secrets: the current one and, while rotating, the old one; empty ones match nothing.
    """

    def __init__(self, *, client_id: str, secrets: Sequence[str]) -> None:
        self._client_id = client_id
        self._keys = [secret.encode().ljust(HMAC_KEY_BYTES, b"\0") for secret in secrets if secret]

    def read(self, token: str) -> Session:
        if not (self._client_id and self._keys):
            raise NotSignedIn("shopify.client_id or shopify.client_secret is empty: nobody can be recognised")
        claims = self._claims(token)
        issued_at = datetime.fromtimestamp(max(0, int(claims["nbf"])), UTC)
        return Session(shop=shop_of(claims), issued_at=issued_at, user_id=claims["sub"])

    def _claims(self, token: str) -> Mapping[str, Any]:
        for key in self._keys:
            try:
                return self._decoded(token, key)
            except jwt.InvalidSignatureError:
                continue  # perhaps signed with the other secret
            except (jwt.PyJWTError, ValueError) as error:  # ValueError: a token with half an emoji in it
                raise NotSignedIn(f"the session token cannot be used: {error}") from None
        raise NotSignedIn("the session token is not signed with our secret; check shopify.client_secret")

    def _decoded(self, token: str, key: bytes) -> dict[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=["HS256"],
            audience=self._client_id,
            leeway=LEEWAY_S,
            options={"require": CLAIMS, "strict_aud": True},
        )


def shop_of(claims: Mapping[str, Any]) -> str:
    """The shop that checked claims speak for.

    >>> shop_of({"iss": "https://a.myshopify.com/admin", "dest": "https://a.myshopify.com"})
    'a.myshopify.com'

    Raises:
        NotSignedIn: issuer and destination differ, or are no shop.
    """
    issuer, shop = _host(claims["iss"]), _host(claims["dest"])
    if not SHOP.fullmatch(shop):
        raise NotSignedIn("the session token is not for a store")
    if issuer != shop:
        raise NotSignedIn("the session token was issued for another store than the one it names")
    return shop


def _host(url: object) -> str:
    """The host of an https address; "" for anything else, so that it matches nothing."""
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return ""
    return parts.netloc if parts.scheme == "https" else ""
