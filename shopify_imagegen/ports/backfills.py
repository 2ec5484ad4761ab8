"""A whole catalogue's pictures: plans, their items, and how far each has come."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from shopify_imagegen.models import Backfill, BackfillProgress, BackfillState, Before, Item, ItemState, Job


class Past(Protocol):
    """What we have done for products before."""

    def of(self, shop: str, product_ids: Sequence[str]) -> Mapping[str, Before]:
        """Product id -> what was done, for each of them."""


class Backfills(Protocol):
    """Frozen plans over many products. Of two workers that change one at the same time, one gets through."""

    def create(self, backfill: Backfill) -> Backfill: ...

    def find(self, backfill_id: str) -> Backfill:
        """Raises: NotFound."""

    def all(
        self, *, shop: str | None = None, states: Collection[BackfillState] = (), limit: int = 50
    ) -> Sequence[Backfill]:
        """The latest first."""

    def move(
        self, backfill_id: str, before: Collection[BackfillState], after: BackfillState, **fields: Any
    ) -> Backfill:
        """Raises: NotFound; Conflict when it is in none of the states *before*."""

    def open(self) -> Sequence[Backfill]:
        """Those in which something may be left to do: running, paused, or ended with products under way."""

    def rest(self, backfill_id: str, after: BackfillState, **fields: Any) -> bool:
        """Move one that runs, or was cancelled, to *after* if each of its products rests. False: one does not."""

    def say(self, backfill_id: str, reason: str) -> None:
        """Write down what a running one waits for."""

    def take_planning(self, backfill_id: str, planner: str, *, silent_since: datetime) -> bool:
        """Whether *planner* is the one who plans it now; what another had planned is dropped."""

    def add(self, backfill_id: str, planner: str, items: Sequence[Item]) -> None:
        """More of its products. Raises: Conflict when somebody else plans it now."""

    def freeze(self, backfill_id: str, planner: str, **totals: Any) -> Backfill:
        """The plan is complete. Raises: Conflict when somebody else plans it now."""

    def break_off(self, backfill_id: str, planner: str, reason: str) -> None:
        """The plan will not be completed. Raises: Conflict when somebody else plans it now."""

    def take_back(
        self, backfill_id: str, holder: str, before: Collection[BackfillState], *, silent_since: datetime
    ) -> bool:
        """Whether *holder* is the one who takes it back now: from one of the states *before*, a sign of life each time.
        Raises: NotFound.
        """

    def taken_back(self, backfill_id: str, holder: str, **fields: Any) -> bool:
        """Name its end. False: somebody else takes it back now."""

    def items(
        self, backfill_id: str, *, states: Collection[ItemState] = (), words: bool = True, after: int = 0
    ) -> Iterator[Item]:
        """In the order of the plan, read in pages. *words*: with their plans; *after*: behind that number."""

    def claim(self, backfill_id: str, limit: int) -> Sequence[Item]:
        """The next products of a running backfill, for the caller alone."""

    def reclaim(self, backfill_id: str, limit: int, *, stale_before: datetime) -> Sequence[Item]:
        """Those that were claimed before then, by a worker that must have died; for the caller alone. Of any state."""

    def settle(self, item: Item, state: ItemState, **fields: Any) -> bool:
        """Where a claimed product stands now. False: another worker has claimed it meanwhile."""

    def leave(self, backfill_id: str, *, why: str, reason: str) -> int:
        """Take what has not begun out of the backfill, for good. Returns how many products."""

    def remark(self, item: Item, *, why: str, reason: str) -> None:
        """Write down what became of a product behind its job's end; "" for nothing more."""

    def retry(self, backfill_id: str) -> int:
        """Put the products that failed back in line. Returns how many."""


class BackfillNumbers(Protocol):
    """How far backfills have come."""

    def of(self, backfill: Backfill) -> BackfillProgress: ...

    def in_flight(self, backfill: Backfill, *, claimed_since: datetime) -> tuple[int, int]:
        """Products that are under way, and the micro-dollars that they will still need; what a budget counts already is
        none of that. What was claimed before then is not under way."""

    def waiting(self, backfill: Backfill) -> int:
        """Products that wait for their turn, or for their job; of a sample, only those in it."""

    def left_behind(self, backfill_id: str, why: str) -> int:
        """Products that say *why* something was left to do."""

    def job(self, backfill: Backfill, product_id: str) -> Job | None:
        """The product's job in this backfill."""

    def parked(self, backfill: Backfill, reason: str | None, *, limit: int) -> Sequence[Job]:
        """Its jobs that were parked with that reason; None: with any."""

    def committed_microusd(self, scope: str, period: str) -> int:
        """What counts against a ceiling now."""
