"""Session tokens of the embedded app: signed by "Shopify", one minute long. Pure but for the clock."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

LIFE_S = 60
LEEWAY_S = 10


class InvalidSessionToken(ValueError):
    """The token is forged, over, or not for this app; the message says which."""


def session_token(shop: str, *, client_id: str, secret: str, user_id: int = 1, at: float | None = None) -> str:
    """A JWT as App Bridge gives it to the embedded page of *shop*."""
    now = int(time.time() if at is None else at)
    claims = {
        "iss": f"https://{shop}/admin",
        "dest": f"https://{shop}",
        "aud": client_id,
        "sub": str(user_id),
        "exp": now + LIFE_S,
        "nbf": now,
        "iat": now,
        "jti": str(uuid.uuid4()),
        "sid": str(uuid.uuid4()),
    }
    signed = f"{_encode({'alg': 'HS256', 'typ': 'JWT'})}.{_encode(claims)}"
    return f"{signed}.{_sign(signed, secret)}"


def shop_of(token: str, *, client_id: str, secret: str) -> str:
    """The shop that *token* speaks for.

    Raises:
        InvalidSessionToken: forged, over, or for another app.
    """
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _sign(signed, secret).encode()):
        raise InvalidSessionToken("the session token is not signed with the app's secret")
    claims = _claims(signed)
    if claims.get("aud") != client_id:
        raise InvalidSessionToken("the session token is for another app")
    if not claims.get("nbf", 0) - LEEWAY_S <= time.time() <= claims.get("exp", 0) + LEEWAY_S:
        raise InvalidSessionToken("the session token is over")
    return str(claims.get("dest", "")).removeprefix("https://")


def _claims(signed: str) -> dict[str, Any]:
    try:
        payload = signed.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error):
        raise InvalidSessionToken("the session token cannot be read") from None
    if not isinstance(claims, dict):
        raise InvalidSessionToken("the session token cannot be read")
    return claims


def _encode(part: dict[str, Any]) -> str:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _sign(signed: str, secret: str) -> str:
    return _base64(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
