"""Move products of running backfills into the engine, a few at a time, so that a pause takes effect within seconds.

Any number of workers may do this at once, and die anywhere: a product is claimed, its job carries the backfill's id,
and whoever finds a claim left behind finds that job too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Protocol

from shopify_imagegen import budget
from shopify_imagegen.backfills.frozen import planned_fields
from shopify_imagegen.backfills.gate import ON_HOLD, ceiling
from shopify_imagegen.backfills.hours import is_within
from shopify_imagegen.backfills.surveying import Survey
from shopify_imagegen.dispatch import again_id
from shopify_imagegen.errors import NeedsAttention, NoAnswer, NotFound, Temporary
from shopify_imagegen.look import planned_job
from shopify_imagegen.models import (
    FINAL_JOB_STATES,
    Backfill,
    BackfillState,
    Ceiling,
    Item,
    ItemState,
    Job,
    Plan,
    Skip,
    SkipReason,
    Trigger,
)
from shopify_imagegen.pausing import ProviderPauses, ShopPauses
from shopify_imagegen.plan import gone
from shopify_imagegen.ports import BackfillNumbers, Backfills, Catalog, Clock, Jobs, Past
from shopify_imagegen.settings import BudgetSection

logger = logging.getLogger(__name__)

CHUNK = 8  # products claimed together
THREADS = 4  # that look at them: most of a look is waiting for Shopify
CLAIM_LASTS = timedelta(seconds=60)
SAMPLED = "The sample is made; look at it, then resume for the rest, or cancel."
CHANGED = "The product has changed since the plan; it was left alone, as you chose. Plan again to include it."
OTHERS = "Photos for this product are being made right now, by another job."
CEILING_REACHED = "The backfill's ceiling of {} is reached."
RUNNING, CANCELLED = BackfillState.RUNNING, BackfillState.CANCELLED


class Starter(Protocol):
    """Starts durable work. The same id twice is the same work."""

    def make(self, job_id: str, shop: str, trigger: str) -> None: ...

    def again(self, work_id: str, job: Job, *, refused: bool) -> None: ...


class Feeder:
    """Feeds the running backfills of all shops in turns, and ends those that are through.

    Args:
        at_once: products of one backfill that may be under way.
        limits: the budget of a shop.
    """

    def __init__(
        self,
        *,
        backfills: Backfills,
        numbers: BackfillNumbers,
        survey: Survey,
        catalog: Catalog,
        past: Past,
        jobs: Jobs,
        pauses: ShopPauses,
        provider: ProviderPauses,
        limits: Callable[[str], BudgetSection],
        starter: Starter,
        at_once: Callable[[], int],
        clock: Clock,
    ) -> None:
        self._backfills = backfills
        self._numbers = numbers
        self._survey = survey
        self._catalog = catalog
        self._past = past
        self._jobs = jobs
        self._pauses = pauses
        self._provider = provider
        self._limits = limits
        self._starter = starter
        self._at_once = at_once
        self._clock = clock

    def run_once(self) -> int:
        """A few products of each. Returns how many were taken up."""
        active = self._backfills.all(states=[RUNNING, CANCELLED], limit=1000)
        return sum(self._feed(backfill) for backfill in active if backfill.ended_at is None)

    def _feed(self, backfill: Backfill) -> int:
        resumed = self._resume(backfill)
        if backfill.state == CANCELLED:
            self._end_if_through(backfill)
            return resumed
        waits = self._waits_for(backfill)
        items = () if waits else self._claimed(backfill)
        self._take_up(backfill, items)
        if not items and not waits:
            waits = self._end_if_through(backfill) or self._without_money(backfill)
        self._backfills.say(backfill.id, waits)
        return resumed + len(items)

    def _claimed(self, backfill: Backfill) -> Sequence[Item]:
        """What a dead worker has left behind, with or without its job; else as many more as there is room for."""
        left_behind = self._backfills.reclaim(backfill.id, CHUNK, stale_before=self._stale())
        if left_behind:
            return left_behind
        room = self._room(backfill)
        return self._backfills.claim(backfill.id, room) if room else ()

    def _take_up(self, backfill: Backfill, items: Sequence[Item]) -> None:
        if items:
            with ThreadPoolExecutor(THREADS, thread_name_prefix="feed") as pool:
                list(pool.map(lambda item: self._begin(backfill, item), items))

    def _resume(self, backfill: Backfill) -> int:
        """Jobs that were parked because the backfill was paused go on, or find that it was cancelled."""
        parked = self._numbers.parked(backfill, ON_HOLD, limit=CHUNK)
        for job in parked:
            self._starter.again(again_id(job), job, refused=False)
        return len(parked)

    # may it go on?

    def _waits_for(self, backfill: Backfill) -> str:
        """What a person, a neighbour or the clock has against it now; "" for nothing."""
        if not is_within(backfill.hours, backfill.time_zone, self._clock()):
            return f"It waits for its hours, {backfill.hours} {backfill.time_zone}."
        closed = self._pauses.closed(backfill.shop) or self._provider.closed(_usual_price(backfill))
        return closed.reason if closed else ""

    def _room(self, backfill: Backfill) -> int:
        """How many products may be taken up now: by what is under way, and by money."""
        count, price = self._under_way(backfill)
        by_money = [(self._left(each) - price) // self._needs(backfill, each) for each in self._ceilings(backfill)]
        return max(0, min(CHUNK, self._at_once() - count, *by_money))

    def _without_money(self, backfill: Backfill) -> str:
        """Why it cannot go on although nothing is under way; "" if that is not so. An own ceiling ends it."""
        if self._under_way(backfill)[0] or not self._numbers.waiting(backfill):
            return ""
        short = [each for each in self._ceilings(backfill) if self._left(each) < self._needs(backfill, each)]
        if ceiling(backfill) in short:
            reason = CEILING_REACHED.format(budget.dollars(backfill.ceiling_microusd))
            self._backfills.leave(backfill.id, why="ceiling", reason=reason)
            return ""
        return f"It waits: {short[0].words} budget has no room for more; it goes on by itself." if short else ""

    def _ceilings(self, backfill: Backfill) -> tuple[Ceiling, ...]:
        shop = backfill.shop
        return (ceiling(backfill), *budget.ceilings(shop, self._clock(), self._limits(shop)))

    def _needs(self, backfill: Backfill, above: Ceiling) -> int:
        """The money that must be left for one more product: for all of its pictures, so that none is begun that waits
        for tomorrow. The backfill's own ceiling has no tomorrow: its last product may get fewer, and so may all where
        a limit allows no more.
        """
        picture = max(1, _usual_price(backfill))
        product = picture * max(1, backfill.pictures // max(1, backfill.products))
        most = self._left(above) if above == ceiling(backfill) else above.limit_microusd
        return product if most >= product else picture

    def _under_way(self, backfill: Backfill) -> tuple[int, int]:
        return self._numbers.in_flight(backfill, claimed_since=self._stale())

    def _stale(self) -> datetime:
        """The worker that claimed a product before then has vanished."""
        return self._clock() - CLAIM_LASTS

    def _left(self, above: Ceiling) -> int:
        return above.limit_microusd - self._numbers.committed_microusd(above.scope, above.period)

    def _end_if_through(self, backfill: Backfill) -> str:
        """Name the end of one that has nothing to do any more; of a sample, say that it is ready."""
        if self._is_waited_for(backfill) or self._under_way(backfill)[0]:
            return ""
        now = self._clock()
        if backfill.state == CANCELLED:
            self._backfills.move(backfill.id, [CANCELLED], CANCELLED, ended_at=now)
        elif backfill.sample is not None:
            self._backfills.move(backfill.id, [RUNNING], BackfillState.PAUSED, reason=SAMPLED)
        else:
            self._backfills.move(backfill.id, [RUNNING], BackfillState.DONE, reason="", ended_at=now)
        return ""

    def _is_waited_for(self, backfill: Backfill) -> bool:
        return backfill.state != CANCELLED and self._numbers.waiting(backfill) > 0

    # one product

    def _begin(self, backfill: Backfill, item: Item) -> None:
        """Its job, started; or why there is none."""
        job = self._numbers.job(backfill, item.product_id)
        if job is None:
            self._look(backfill, item)
            return
        if item.job_id and job.state in FINAL_JOB_STATES:
            self._starter.again(again_id(job), job, refused=True)
        else:
            self._starter.make(job.id, job.shop, job.trigger)
        self._backfills.settle(item, ItemState.BEGUN, job_id=job.id)

    def _look(self, backfill: Backfill, item: Item) -> None:
        try:
            decision = self._decided(backfill, item)
        except (Temporary, NoAnswer) as error:
            extra = {"action": "not_fed", "backfill": backfill.id, "product": item.product_id, "why": str(error)}
            logger.warning("a product of a backfill could not be read; it is tried again", extra=extra)
            self._backfills.settle(item, ItemState.PLANNED)
        except NeedsAttention as error:
            self._pauses.pause(backfill.shop, error)
            self._backfills.settle(item, ItemState.PLANNED)
        else:
            if isinstance(decision, Skip):
                self._backfills.settle(item, ItemState.LEFT, why=str(decision.why), reason=decision.reason)
            elif decision.recipe != item.recipe and backfill.on_change == "skip":
                self._backfills.settle(item, ItemState.LEFT, why="changed", reason=CHANGED)
            else:
                self._start(backfill, item, decision)

    def _decided(self, backfill: Backfill, item: Item) -> Plan | Skip:
        """What the product gets, as it is now. Raises: Temporary, NoAnswer, NeedsAttention."""
        try:
            product = self._catalog.product(backfill.shop, item.product_id)
        except NotFound:
            return gone(item.product_id, item.product_title)
        before = self._past.of(backfill.shop, [item.product_id])[item.product_id]
        return self._survey.decide(backfill, product, before)

    def _start(self, backfill: Backfill, item: Item, decision: Plan) -> None:
        wanted = planned_job(backfill.shop, decision, Trigger.BACKFILL, self._clock(), backfill_id=backfill.id)
        job = self._jobs.begin(wanted, decision)
        if job.backfill_id != backfill.id:
            self._backfills.settle(item, ItemState.LEFT, why=SkipReason.IN_PROGRESS, reason=OTHERS)
            return
        self._starter.make(job.id, job.shop, job.trigger)
        fields = planned_fields(decision) if decision.recipe != item.recipe else {}
        self._backfills.settle(item, ItemState.BEGUN, job_id=job.id, **fields)


def _usual_price(backfill: Backfill) -> int:
    """Of one picture, as it was planned."""
    return backfill.worst_microusd // backfill.pictures if backfill.pictures else 0
