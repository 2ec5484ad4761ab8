"""Is it Shopify's? Pure: body, header and secrets in, yes or no out."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable


def sign(body: bytes, secret: str) -> bytes:
    """The value of `X-Shopify-Hmac-Sha256` for *body*: base64 of its HMAC-SHA256."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))


def matches(body: bytes, header: str, secrets: Iterable[str]) -> bool:
    """Whether *header* is the signature of *body* under one of *secrets*, in constant time.

    Args:
        body: the raw bytes as they arrived; a parsed and rewritten body has another signature.
        header: as the server hands it over; may hold any character, or be "".
        secrets: the current one and, while rotating, the old one; an empty one matches nothing.
    """
    given = header.encode("utf-8", "surrogatepass")  # bytes: compare_digest refuses non-ASCII text
    answers = [hmac.compare_digest(sign(body, secret), given) for secret in secrets if secret]
    return any(answers)  # every secret was tried: the time does not tell which one matched
