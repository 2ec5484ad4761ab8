"""How a store ceases to be one of ours: its work stops and its token is gone at once, its rows two days later.

What it bought stays in the books, without its name: see `ports.Erase`. About customers nothing was ever held.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from shopify_imagegen.models import Shop
from shopify_imagegen.ports import Erase, Shops

logger = logging.getLogger(__name__)

LEFT = "The app was uninstalled."


class Leaving:
    """Acts on what Shopify tells of installations that have ended. Twice the same is harmless.

    Args:
        forget: lets the engine forget the work of a store that has ended.
    """

    def __init__(self, *, shops: Shops, erase: Erase, forget: Callable[[str], int]) -> None:
        self._shops = shops
        self._erase = erase
        self._forget = forget

    def uninstalled(self, shop: Shop, triggered_at: datetime | None) -> str:
        """No further step of its jobs is begun, nothing more is bought for it, and its token is forgotten.

        Args:
            triggered_at: Shopify's clock; news of an earlier installation may come after the store is back.
        """
        if triggered_at and triggered_at < shop.installed_at:
            return "older than the present installation"
        self._shops.drop_token(shop.domain)  # first: once the state is written, this news is not acted on again
        self._shops.save(shop.model_copy(update={"state": "uninstalled", "reason": LEFT}))
        logger.info("a store has uninstalled the app", extra={"action": "uninstalled", "shop": shop.domain})
        return "uninstalled"

    def redacted(self, domain: str) -> str:
        """Shopify asks for it 48 hours after the store has left. One that came back meanwhile keeps its rows."""
        shop = self._shops.find(domain)
        if shop and shop.state != "uninstalled":
            return "the store has installed the app again: nothing is erased"
        rows = self._forget(domain) + sum(self._erase.shop(domain).values())
        logger.info("a store's rows are erased", extra={"action": "redacted", "rows": rows})
        return "erased"
