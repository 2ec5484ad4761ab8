"""The raw body of a request that Shopify has signed; anything else is refused before a byte of it is parsed."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from webhooks.errors import BadDelivery, BadSignature, TooLarge
from webhooks.signature import matches

NO_SECRET = "webhook cannot be verified: shopify.client_secret is not set"
NO_SIGNATURE = "webhook without x-shopify-hmac-sha256: not from Shopify, or a proxy drops headers"
WRONG_SIGNATURE = (
    "webhook HMAC does not match; check shopify.client_secret; webhooks made in the admin's Notifications page "
    "are signed with another secret; a proxy must not change the body"
)


def signed_body(given: str, secrets: Sequence[str], *, max_bytes: int) -> bytes:
    """The bytes of the present request.

    Args:
        given: the signature header; may be "".
        secrets: the current one and, while rotating, the old one.

    Raises:
        TooLarge, BadDelivery: not read to its end.
        BadSignature: its message names the likely mistake, for our log.
    """
    body = _raw(max_bytes)
    if matches(body, given, secrets):
        return body
    if not any(secrets):
        raise BadSignature(NO_SECRET)
    raise BadSignature(WRONG_SIGNATURE if given else NO_SIGNATURE)


def _raw(max_bytes: int) -> bytes:
    """Werkzeug refuses a longer Content-Length unread."""
    request.max_content_length = max_bytes + 1  # one more: a longer chunked body is cut there without a word
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        body = None
    except ClientDisconnected:
        raise BadDelivery("the body ended before its Content-Length") from None
    if body is None or len(body) > max_bytes:
        raise TooLarge(f"webhook body over {max_bytes} bytes")
    return body
