"""Who will not serve us until a person mends something, shop or provider: paused with one reason, back by itself."""

from __future__ import annotations

import logging

from shopify_imagegen.errors import MissingScope, NeedsAttention, NoAnswer, NotFound, Temporary
from shopify_imagegen.models import Outcome, Shop
from shopify_imagegen.ports import Catalog, ImageProvider, Pauses, Shops

logger = logging.getLogger(__name__)

TRY_AGAIN_S = 900.0  # between tries, while a person has to mend something
PERMISSION = "A permission is missing: "  # a read that works is no sign that this was mended
NOT_INSTALLED = "The app is not installed in this store."


class ShopPauses:
    """Knows whether a shop may be served. The probe of a paused one is a read of the product in question."""

    def __init__(self, *, shops: Shops, catalog: Catalog) -> None:
        self._shops = shops
        self._catalog = catalog

    def closed(self, shop: str, product_id: str) -> Outcome | None:
        """Why nothing may be begun for that product now; None when nothing stands against it."""
        found = self._shops.find(shop)
        if found is None or found.state == "uninstalled":
            return Outcome(next="stop", reason=NOT_INSTALLED)
        if found.state == "active" or self._works_again(found, product_id):
            return None
        return _waits(f"The store is paused. {found.reason}")

    def pause(self, shop: str, error: NeedsAttention) -> Outcome:
        """Shopify turned us away: say so once, and wait."""
        found = self._shops.find(shop)
        reason = f"{PERMISSION if isinstance(error, MissingScope) else ''}{error}"
        if found and found.state == "active":
            self._shops.save(found.model_copy(update={"state": "paused", "reason": reason}))
            fields = {"action": "shop_paused", "shop": shop}
            logger.warning("the shop is paused until this is mended: %s", reason, extra=fields)
        return _waits(reason)

    def resume(self, shop: Shop) -> None:
        self._shops.save(shop.model_copy(update={"state": "active", "reason": ""}))
        logger.info("the shop is served again", extra={"action": "shop_resumed", "shop": shop.domain})

    def _works_again(self, shop: Shop, product_id: str) -> bool:
        if shop.reason.startswith(PERMISSION):
            return False  # until Shopify tells us about new scopes, or the shop is added anew
        try:
            self._catalog.product(shop.domain, product_id)
        except NotFound:
            pass
        except (NeedsAttention, Temporary, NoAnswer):
            return False
        self.resume(shop)
        return True


class ProviderPauses:
    """Knows whether pictures can be bought. The probe of a paused provider is its balance, which costs nothing."""

    def __init__(self, *, pauses: Pauses, provider: ImageProvider) -> None:
        self._pauses = pauses
        self._provider = provider
        self._scope = f"provider:{provider.name}"

    def paused(self) -> bool:
        return self._pauses.find(self._scope) is not None

    def closed(self, price_microusd: int) -> Outcome | None:
        """Why a picture of that price cannot be bought now; None when nothing stands against it."""
        pause = self._pauses.find(self._scope)
        if pause is None:
            return None
        if self._pauses.take_turn(self._scope, every_s=TRY_AGAIN_S) and self._works_again(price_microusd):
            self._pauses.end(self._scope)
            logger.info("pictures are bought again", extra={"action": "provider_resumed", "scope": self._scope})
            return None
        return _waits(f"No pictures are bought for now. {pause.reason}")

    def pause(self, error: NeedsAttention) -> Outcome:
        """The provider turned us away: say so once, and wait."""
        if self._pauses.begin(self._scope, str(error)):
            fields = {"action": "provider_paused", "scope": self._scope}
            logger.warning("no pictures are bought until this is mended: %s", error, extra=fields)
        return _waits(f"No pictures are bought for now. {error}")

    def _works_again(self, price_microusd: int) -> bool:
        try:
            left_microusd = self._provider.balance()
        except (NeedsAttention, Temporary, NoAnswer):
            return False
        return left_microusd is None or left_microusd >= price_microusd


def _waits(reason: str) -> Outcome:
    return Outcome(next="later", reason=reason, retry_after_s=TRY_AGAIN_S)
