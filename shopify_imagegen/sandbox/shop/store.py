"""All shops, one lock, one clock. The functions of the other modules change them; this one only keeps them."""

from __future__ import annotations

import itertools
import re
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from shopify_imagegen.sandbox.faults import Faults
from shopify_imagegen.sandbox.shop.later import Later
from shopify_imagegen.sandbox.shop.payloads import product_body
from shopify_imagegen.sandbox.shop.state import File, Product, Rules, Shop
from shopify_imagegen.sandbox.shop.webhooks import App, Webhooks

SHOP_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")
FIRST_ID = 8_000_000_000_001  # real ids do not fit 32 bits either


def _utc_now() -> datetime:
    return datetime.now(UTC)


class NotHere(LookupError):
    """Somebody asked for a shop, a product or a file that is not here; the message names it."""


class Store:
    """Every shop of this stand-in. Take `lock` to look at more than one value at a time."""

    def __init__(
        self,
        rules: Rules | None = None,
        *,
        app: App | None = None,
        faults: Faults | None = None,
        base_url: str = "http://127.0.0.1",
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.rules = rules or Rules()
        self.faults = faults or Faults()
        self.base_url = base_url
        self.now = now
        self.lock = threading.RLock()
        self.closed = threading.Event()
        self.app = app or App()
        self.webhooks = Webhooks(self)
        self.later = Later("sandbox-shop")
        self.shops: dict[str, Shop] = {}
        self._ids = itertools.count(FIRST_ID)

    def next_id(self) -> int:
        return next(self._ids)

    def shop(self, domain: str) -> Shop:
        """The shop of *domain*, made on first use.

        Raises:
            NotHere: *domain* is not a `….myshopify.com`.
        """
        with self.lock:
            if domain not in self.shops:
                if not SHOP_DOMAIN.fullmatch(domain):
                    raise NotHere(domain)
                self.shops[domain] = Shop(self.next_id(), domain)
            return self.shops[domain]

    def touch(self, shop: Shop, product: Product, *, effect: str) -> None:
        """Move `updated_at`, count *effect* and tell the app: whatever changes a product ends here."""
        product.updated_at = self.now()
        shop.effects[effect] += 1
        self.announce(shop, ["products/update"], product)

    def announce(self, shop: Shop, topics: Sequence[str], product: Product) -> None:
        """Send the product as it is now under each of *topics*: one event, several deliveries."""
        self.announce_body(shop, topics, product_body(self, shop, product))

    def announce_body(self, shop: Shop, topics: Sequence[str], body: dict[str, Any]) -> None:
        event_id = str(uuid.uuid4())
        for topic in topics:
            self.webhooks.announce(shop, topic, body, event_id=event_id)

    def cdn_url(self, shop: Shop, file: File) -> str:
        """Where the original bytes of *file* are served."""
        return f"{self.base_url}/shops/{shop.domain}/cdn/files/{file.filename}?v={file.version}"

    def close(self) -> None:
        """End the background work."""
        self.closed.set()
        self.later.close()
        self.webhooks.close()
