"""How Shopify's admin loads an embedded app: the address of the iframe, signed, with a session token in it. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlencode

from shopify_imagegen.sandbox.shop.session_tokens import session_token
from shopify_imagegen.sandbox.shop.webhooks import App


def signed(query: Mapping[str, str], secret: str) -> dict[str, str]:
    """*query* with its `hmac`: hex, over the sorted rest (facts 4.7)."""
    text = "&".join(f"{key}={value}" for key, value in sorted(query.items()))
    return {**query, "hmac": hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()}


def frame_address(app: App, shop: str, path: str = "", asked: Mapping[str, str] = MappingProxyType({})) -> str:
    """Where the iframe of *app* in the admin of *shop* goes.

    Args:
        path: within the app.
        asked: what else the address shall say; its locale is the language of whoever looks.
    """
    handle = shop.partition(".")[0]
    query = (
        {"locale": "en"}
        | dict(asked)
        | {
            "embedded": "1",
            "host": base64.urlsafe_b64encode(f"admin.shopify.com/store/{handle}".encode()).rstrip(b"=").decode(),
            "id_token": session_token(shop, client_id=app.client_id, secret=app.client_secret),
            "shop": shop,
            "timestamp": str(int(time.time())),
        }
    )
    return f"{app.url}/{path}?{urlencode(signed(query, app.client_secret))}"
