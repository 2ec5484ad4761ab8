"""Who will not serve us until a person mends something, shop or provider: paused with one reason, jobs parked.

What notices that it was mended is `resuming`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from shopify_imagegen.errors import MissingScope, NeedsAttention, NoAnswer, Temporary
from shopify_imagegen.models import Outcome, Pause, Shop
from shopify_imagegen.ports import ImageProvider, Pauses, Shops

logger = logging.getLogger(__name__)

TRY_AGAIN_S = 60.0  # between asks for a paused provider's balance
PERMISSION = "A permission is missing: "
NOT_INSTALLED = "The app is not installed in this store."


class ShopPauses:
    """Knows whether a shop may be served. It asks Shopify nothing."""

    def __init__(self, *, shops: Shops) -> None:
        self._shops = shops

    def closed(self, shop: str) -> Outcome | None:
        """Why nothing may be begun there now: `stop` where we are not installed, `park` where it is paused; or None."""
        found = self._shops.find(shop)
        if found is None or found.state == "uninstalled":
            return Outcome(next="stop", reason=NOT_INSTALLED)
        return None if found.state == "active" else _parked(found.reason)

    def pause(self, shop: str, error: NeedsAttention) -> Outcome:
        """Shopify turned us away: say so once, and let everything of that shop wait; where it has left, end it."""
        found = self._shops.find(shop)
        if found is None or found.state == "uninstalled":
            return Outcome(next="stop", reason=NOT_INSTALLED)
        reason = f"{PERMISSION if isinstance(error, MissingScope) else ''}{error}"
        if found.state == "active":
            self._turned(found, reason)
        return _parked(reason)

    def _turned(self, seen: Shop, reason: str) -> None:
        """Paused, unless somebody has written another state meanwhile: that it has left, above all."""
        if self._shops.turn(seen, "paused", reason):
            fields = {"action": "shop_paused", "shop": seen.domain}
            logger.warning("the shop is paused until this is mended: %s", reason, extra=fields)

    def permitted(self, shop: str, granted: Sequence[str], *, wanted: Sequence[str]) -> None:
        """The shop has said what we may do: pause it for what lacks, end a pause that was for that."""
        found, lacks = self._shops.find(shop), missing(wanted, granted)
        if found is None or found.state == "uninstalled":
            return
        about = found.state == "paused" and found.reason.startswith(PERMISSION)
        if lacks and (about or found.state == "active"):
            self._turned(found, f"{PERMISSION}{', '.join(lacks)}. Open the app in the store's admin and agree to it.")
        elif about and not lacks:
            self.resume(found)

    def reconnected(self, shop: str) -> None:
        """There is a new token: a pause is over, unless it is for a permission; if not, the next refusal says so."""
        found = self._shops.find(shop)
        if found and found.state == "paused" and not found.reason.startswith(PERMISSION):
            self.resume(found)

    def resume(self, shop: Shop) -> bool:
        """*shop*: as it was seen. False: it has left meanwhile, or was paused for something else, and stays so."""
        resumed = self._shops.turn(shop, "active", "")
        if resumed:
            logger.info("the shop is served again", extra={"action": "shop_resumed", "shop": shop.domain})
        return resumed


def mended(shop: Shop, granted: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a paused shop that answered us may be served: a missing permission must have been granted too."""
    return not shop.reason.startswith(PERMISSION) or not missing(wanted, granted)


def missing(wanted: Sequence[str], granted: Sequence[str]) -> tuple[str, ...]:
    """The scopes that we need and do not have. The right to write is also one to read.

    >>> missing(["write_products", "write_files"], ["write_products"])
    ('write_files',)
    >>> missing(["read_products"], ["write_products"])
    ()
    """
    return tuple(each for each in wanted if not {each, each.replace("read_", "write_", 1)} & set(granted))


def _parked(reason: str) -> Outcome:
    return Outcome(next="park", reason=f"The store is paused. {reason}")


class ProviderPauses:
    """Knows whether pictures can be bought. The probe of a paused provider is its balance, which costs nothing."""

    def __init__(self, *, pauses: Pauses, provider: ImageProvider, try_again_s: float = TRY_AGAIN_S) -> None:
        self._pauses = pauses
        self._try_again_s = try_again_s
        self._provider = provider
        self._scope = f"provider:{provider.name}"

    def closed(self, price_microusd: int) -> Outcome | None:
        """Why a picture of that price cannot be bought now; None when nothing stands against it."""
        pause = self._pauses.find(self._scope)
        if pause is None:
            return None
        if self._pauses.take_turn(self._scope, every_s=self._try_again_s) and self._works_again(price_microusd):
            self._pauses.end(self._scope)
            logger.info("pictures are bought again", extra={"action": "provider_resumed", "scope": self._scope})
            return None
        return _unbought(pause.reason)

    def now(self) -> Pause | None:
        """The pause, for people; asks nobody."""
        return self._pauses.find(self._scope)

    def pause(self, error: NeedsAttention) -> Outcome:
        """The provider turned us away: say so once, and wait."""
        if self._pauses.begin(self._scope, str(error)):
            fields = {"action": "provider_paused", "scope": self._scope}
            logger.warning("no pictures are bought until this is mended: %s", error, extra=fields)
        return _unbought(str(error))

    def _works_again(self, price_microusd: int) -> bool:
        try:
            left_microusd = self._provider.balance()
        except (NeedsAttention, Temporary, NoAnswer):
            return False
        return left_microusd is None or left_microusd >= price_microusd


def _unbought(reason: str) -> Outcome:
    return Outcome(next="park", reason=f"No pictures are bought for now. {reason}")
