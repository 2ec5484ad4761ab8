"""How many more products of a backfill may be taken up now: by what is under way, and by money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from shopify_imagegen import budget
from shopify_imagegen.backfills.gate import ceiling
from shopify_imagegen.models import Backfill, Ceiling
from shopify_imagegen.ports import BackfillNumbers, Clock
from shopify_imagegen.settings import BudgetSection

CLAIM_LASTS = timedelta(seconds=60)


class Room:
    """
    Args:
        limits: the budget of a shop.
        at_once: products of one backfill that may be under way.
    """

    def __init__(
        self,
        *,
        numbers: BackfillNumbers,
        limits: Callable[[str], BudgetSection],
        at_once: Callable[[], int],
        clock: Clock,
    ) -> None:
        self._numbers = numbers
        self._limits = limits
        self._at_once = at_once
        self._clock = clock

    def products(self, backfill: Backfill) -> int:
        """How many more may be taken up; 0 for none."""
        count, promised = self._in_flight(backfill)
        by_money = [(self._left(each) - promised) // self._needs(backfill, each) for each in self._ceilings(backfill)]
        return max(0, min(self._at_once() - count, *by_money))

    def under_way(self, backfill: Backfill) -> int:
        """Products whose job has not come to rest, or that a living worker looks at."""
        return self._in_flight(backfill)[0]

    def short(self, backfill: Backfill) -> tuple[Ceiling, ...]:
        """What has no money left for one more product; its own ceiling comes first."""
        return tuple(each for each in self._ceilings(backfill) if self._left(each) < self._needs(backfill, each))

    def stale(self) -> datetime:
        """The worker that claimed a product before then has vanished."""
        return self._clock() - CLAIM_LASTS

    def _in_flight(self, backfill: Backfill) -> tuple[int, int]:
        """Products that are under way, and what they will still need. To be asked before what is left: in between,
        money may go from the one to the other, and is better counted twice than not at all."""
        return self._numbers.in_flight(backfill, claimed_since=self.stale())

    def _ceilings(self, backfill: Backfill) -> tuple[Ceiling, ...]:
        shop = backfill.shop
        return (ceiling(backfill), *budget.ceilings(shop, self._clock(), self._limits(shop)))

    def _needs(self, backfill: Backfill, above: Ceiling) -> int:
        """The money that must be left for one more product: for all of its pictures, so that none is begun that waits
        for tomorrow. The backfill's own ceiling has no tomorrow: its last product may get fewer, and so may all where
        a limit allows no more.
        """
        picture = max(1, usual_price(backfill))
        product = picture * max(1, backfill.pictures // max(1, backfill.products))
        most = self._left(above) if above == ceiling(backfill) else above.limit_microusd
        return product if most >= product else picture

    def _left(self, above: Ceiling) -> int:
        return above.limit_microusd - self._numbers.committed_microusd(above.scope, above.period)


def usual_price(backfill: Backfill) -> int:
    """Of one picture, as it was planned."""
    return backfill.worst_microusd // backfill.pictures if backfill.pictures else 0
