"""Many new products at once are one decision of a person; until it is made, none of them is bought for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from shopify_imagegen.counts import counted
from shopify_imagegen.models import MICRO_PER_USD, Hold
from shopify_imagegen.ports import Clock, Holds, Watch

logger = logging.getLogger(__name__)

WINDOW = timedelta(minutes=10)
SAME_STORM = timedelta(days=1)  # a product that waits longer for its photo counts anew when the photo comes
LET_THROUGH = {"over_budget"}  # states of products that were let through before, and only lacked money
HELD = "One of many products that were added at once: no photos are made until you start or dismiss them all."
DISMISSED = "One of many products that were added at once, which were dismissed; ask for its photos if you want them."
STARTED = "One of many products that were added at once, which were started; its turn is to come."


class Storm:
    """Notices storms of new products, and carries out what a person decides about them.

    Args:
        threshold: more new products than this within ten minutes are a storm.
        product_price_microusd: asked for what one product of a shop's pictures cost now.
        product_takes_s: what one product keeps the provider busy; a storm that is started goes on at this pace, so
            that a product listed meanwhile does not wait for its end.
    """

    def __init__(
        self,
        *,
        holds: Holds,
        watch: Watch,
        threshold: Callable[[str], int],
        product_price_microusd: Callable[[str], int],
        product_takes_s: float,
        clock: Clock,
    ) -> None:
        self._holds = holds
        self._watch = watch
        self._threshold = threshold
        self._product_price_microusd = product_price_microusd
        self._every = timedelta(seconds=product_takes_s)
        self._clock = clock

    def keeps(self, shop: str, product_id: str) -> bool:
        """Whether a new product that shall get pictures has to wait for a decision; that is written down then."""
        watched = self._watch.state(shop, product_id)
        if watched and watched[0] in LET_THROUGH:
            return False
        storm = self._is_storm(shop, product_id)
        kept = self._holds.keep(shop, product_id, storm=storm, held=HELD, dismissed=DISMISSED)
        if kept:
            logger.info("held", extra={"action": "held", "shop": shop, "product": product_id})
        return kept

    def open(self, shop: str) -> Hold | None:
        """The shop's products that wait for a decision, as one."""
        return self._holds.open(shop)

    def price_microusd(self, hold: Hold) -> int:
        return hold.products * self._product_price_microusd(hold.shop)

    def question(self, hold: Hold) -> str:
        """What a merchant is asked: "5,000 new products, about $600: start, or dismiss"."""
        return f"{counted(hold.products, 'new product')}, about {dollars(self.price_microusd(hold))}: start, or dismiss"

    def start(self, hold_id: str, *, by: str) -> Hold:
        """Make the pictures of all its products, one product after the other. Twice is once.

        Raises: NotFound; Conflict when it was dismissed before.
        """
        return self._holds.start(hold_id, by=by, reason=STARTED, every=self._every)

    def dismiss(self, hold_id: str, *, by: str) -> Hold:
        """Leave its products alone, for good; a person may still ask for one. Twice is once.

        Raises: NotFound; Conflict when it was started before.
        """
        return self._holds.dismiss(hold_id, by=by, reason=DISMISSED)

    def _is_storm(self, shop: str, product_id: str) -> bool:
        heard_at = self._holds.heard(shop, product_id, not_before=self._clock() - SAME_STORM)
        threshold = self._threshold(shop)
        near = self._holds.moments(shop, heard_at, within=WINDOW, limit=threshold + 1)
        return in_storm(heard_at, near, threshold=threshold)


def in_storm(heard_at: datetime, moments: Sequence[datetime], *, threshold: int) -> bool:
    """Whether *heard_at* is among more than *threshold* of the *moments* that lie within ten minutes.

    Args:
        moments: in order, *heard_at* among them.
    """
    spans = zip(moments, moments[threshold:], strict=False)
    return any(first <= heard_at <= last and last - first < WINDOW for first, last in spans)


def dollars(microusd: int) -> str:
    """
    >>> dollars(600_400_000), dollars(1_234_500_000), dollars(120_000)
    ('$600', '$1,234', '$0.12')
    """
    usd = microusd / MICRO_PER_USD
    return f"${usd:,.0f}" if usd >= 10 else f"${usd:.2f}"
