"""How a store ceases to be one of ours: its work stops and its token is gone at once, its rows two days later.

News that comes at once is believed. It may also be late, come in any order, or get lost, and the store may be back
meanwhile. So it is held against what Shopify has proven since (`Shop.confirmed_at`, its own clock), and late news
against the token: if it opens the store, the app is installed. Where Shopify cannot be asked, the store is paused and
the news is judged later.

What it bought stays in the books, without its name: see `ports.Erase`. About customers nothing was ever held.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from shopify_imagegen.errors import NeedsAttention, NoAnswer, Temporary
from shopify_imagegen.models import Arrival, Shop, Value
from shopify_imagegen.ports import Clock, Erase, Shops

logger = logging.getLogger(__name__)

LEFT = "The app was uninstalled."
IN_DOUBT = "Shopify says that the app was uninstalled. Whether it still is, is being asked."
OLDER = "older than the present installation"
INSTALLED = "the store has installed the app again: its token opens it"
AT_ONCE = timedelta(seconds=10)  # nobody installs it again so fast; and a token may open the store that long
AGAIN_FIRST, AGAIN_AT_MOST = timedelta(seconds=2), timedelta(hours=1)
LEAVES_AFTER = timedelta(days=1)  # of not knowing: the news is believed
ERASED_AFTER = timedelta(days=20)  # of not knowing: Shopify wants it done within 30


class Later(Value):
    """It cannot be judged yet."""

    until: datetime
    why: str  #: for whoever looks what waits


class Work(Protocol):
    """A store's work in the engine."""

    def is_at_work(self, shop: str) -> bool: ...

    def forget(self, shop: str) -> int:
        """Drop what has ended. Returns how much that was."""


class Leaving:
    """Acts on what Shopify tells of installations that have ended. Twice the same is harmless.

    Args:
        has_the_app: asks Shopify whether our token opens a store; raises where that cannot be told.
        waits: factor on how long a doubt lasts; whoever tests this has no seconds.
    """

    def __init__(
        self,
        *,
        shops: Shops,
        erase: Erase,
        work: Work,
        has_the_app: Callable[[str], bool],
        clock: Clock,
        waits: float = 1.0,
    ) -> None:
        self._shops = shops
        self._erase = erase
        self._work = work
        self._has_the_app = has_the_app
        self._clock = clock
        self._waits = waits

    def uninstalled(self, shop: Shop, news: Arrival) -> str | Later:
        """No further step of its jobs is begun, nothing more is bought for it, and its token is forgotten."""
        if news.triggered_at and shop.confirmed_at and news.triggered_at < shop.confirmed_at:
            return self._stays(shop, "uninstall_disregarded", OLDER)
        if shop.state == "uninstalled" and self._shops.token(shop.domain) is None:
            return "known already"
        verdict = self._judged(shop, news, LEAVES_AFTER, is_believed=self._is_fresh(news))
        if isinstance(verdict, Later):
            self._pause(shop)
        return self._stays(shop, "uninstall_disregarded", verdict) if verdict == INSTALLED else verdict

    def redacted(self, news: Arrival) -> str | Later:
        """Shopify asks for it 48 hours after the store has left. One that came back meanwhile keeps its rows."""
        shop = self._shops.find(news.shop)
        verdict = self._judged(shop, news, ERASED_AFTER) if shop and shop.state != "uninstalled" else LEFT
        if isinstance(verdict, Later):
            return verdict
        if shop and verdict == INSTALLED:
            return self._stays(shop, "erasure_disregarded", f"{verdict}; nothing is erased")
        if self._work.is_at_work(news.shop) and self._age(news) < ERASED_AFTER:
            return self._later(news, "a paid call may be under way; its price must be written down first")
        rows = self._work.forget(news.shop) + sum(self._erase.shop(news.shop).values())
        logger.info("a store's rows are erased", extra={"action": "redacted", "rows": rows})
        return "erased"

    def _judged(
        self, shop: Shop, news: Arrival, believed_after: timedelta, *, is_believed: bool = False
    ) -> str | Later:
        """INSTALLED, or LEFT: then it is written down."""
        number = self._shops.token_number(shop.domain)  # first: a token that comes while Shopify is asked counts
        try:
            if not is_believed and shop.state != "uninstalled" and self._has_the_app(shop.domain):
                return INSTALLED
        except (Temporary, NoAnswer, NeedsAttention) as error:
            if self._age(news) < believed_after:
                return self._later(news, f"Shopify could not be asked whether the store has the app: {error}")
        return self._left(shop, after=number) or self._later(news, "the store got a new token meanwhile")

    def _left(self, shop: Shop, *, after: int) -> str | None:
        if not self._shops.leave(shop.domain, LEFT, at=self._clock(), after=after):
            return None
        logger.info("a store has uninstalled the app", extra={"action": "uninstalled", "shop": shop.domain})
        return LEFT

    def _stays(self, shop: Shop, action: str, why: str) -> str:
        logger.warning("news of a store that has left: %s", why, extra={"action": action, "shop": shop.domain})
        self._shops.note(shop.domain, action, at=self._clock(), reason=why)
        if shop.reason == IN_DOUBT:
            self._shops.turn(shop, "active", "")
        return why

    def _pause(self, shop: Shop) -> None:
        """Nothing more is bought while it is in doubt; `resuming` ends the pause, too, when the store answers."""
        if shop.state == "active":
            self._shops.turn(shop, "paused", IN_DOUBT)

    def _later(self, news: Arrival, why: str) -> Later:
        """After as long again as it has waited already."""
        wait = min(max(self._age(news), AGAIN_FIRST * self._waits), AGAIN_AT_MOST)
        return Later(until=self._clock() + wait, why=why)

    def _is_fresh(self, news: Arrival) -> bool:
        moments = [each for each in (news.triggered_at, news.received_at) if each]
        return self._clock() - min(moments) < AT_ONCE * self._waits if moments else False

    def _age(self, news: Arrival) -> timedelta:
        now = self._clock()
        return now - (news.received_at or now)
