"""Take up a product that was claimed: a job runs for it, or it says why it has none, or it waits again.

Nothing that happens here leaves it claimed, a bug included; only a process that dies does, and then it is claimed anew.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from shopify_imagegen.backfills.frozen import planned_fields
from shopify_imagegen.backfills.surveying import Survey
from shopify_imagegen.dispatch import again_id
from shopify_imagegen.errors import ConfigError, ImagegenError, NeedsAttention, NoAnswer, NotFound, Temporary
from shopify_imagegen.look import planned_job
from shopify_imagegen.models import (
    FINAL_JOB_STATES,
    Backfill,
    Item,
    ItemState,
    Job,
    Plan,
    Skip,
    SkipReason,
    Trigger,
)
from shopify_imagegen.pausing import ShopPauses
from shopify_imagegen.plan import gone
from shopify_imagegen.ports import BackfillNumbers, Backfills, Catalog, Clock, Jobs, Past
from shopify_imagegen.stages import bug

logger = logging.getLogger(__name__)

THREADS = 8  # that look at products: most of a look is waiting for Shopify
CHANGED = "The product has changed since the plan; it was left alone, as you chose. Plan again to include it."
NOT_MEANT = "The product has changed since the plan, and is not what you asked for any more."
OTHERS = "Photos for this product are being made right now, by another job."
STUMBLED = "stumbled"  # why a product was left: by an error, so that a retry takes it up


class Starter(Protocol):
    """Starts durable work. The same id twice is the same work."""

    def make(self, job_id: str, shop: str, trigger: str) -> None: ...

    def again(self, work_id: str, job: Job, *, refused: bool) -> None: ...


class Beginning:
    """Any number of workers may do this at once, and die anywhere: a product's job carries the backfill's id."""

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
        starter: Starter,
        clock: Clock,
    ) -> None:
        self._backfills = backfills
        self._numbers = numbers
        self._survey = survey
        self._catalog = catalog
        self._past = past
        self._jobs = jobs
        self._pauses = pauses
        self._starter = starter
        self._clock = clock

    def take_up(self, backfill: Backfill, items: Sequence[Item], *, begins: bool = True) -> str:
        """Each of the claimed *items*.

        Args:
            begins: whether the backfill begins products now; if not, those without a job go back into the line.

        Returns:
            What is in the way of all products now; "" for nothing.
        """
        if not items:
            return ""
        with ThreadPoolExecutor(THREADS, thread_name_prefix="feed") as pool:
            troubles = list(pool.map(lambda item: self._surely(backfill, item, begins), items))
        return next(filter(None, troubles), "")

    def _surely(self, backfill: Backfill, item: Item, begins: bool) -> str:
        """Begin it, or put it back into the line, or leave it out with its reason; never keep it claimed."""
        try:
            self._begin(backfill, item, begins)
        except NeedsAttention as error:
            self._pauses.pause(backfill.shop, error)
            return self._given_back(backfill, item, error)
        except (Temporary, NoAnswer, ConfigError) as error:
            return self._given_back(backfill, item, error)
        except ImagegenError as error:
            self._leave(backfill, item, str(error))
        except Exception as error:
            extra = {"action": "not_fed", "backfill": backfill.id, "product": item.product_id}
            logger.exception("a product of a backfill stopped at a bug; it is left out", extra=extra)
            self._leave(backfill, item, bug(error))
        return ""

    def _given_back(self, backfill: Backfill, item: Item, error: ImagegenError) -> str:
        """Put it back into the line, unless its job is there: that one the worker starts, as any that was forgotten."""
        extra = {"action": "not_fed", "backfill": backfill.id, "product": item.product_id, "why": str(error)}
        logger.warning("a product of a backfill could not be begun; it is tried again", extra=extra)
        job = self._numbers.job(backfill, item.product_id)
        if job and job.state not in FINAL_JOB_STATES:
            self._backfills.settle(item, ItemState.BEGUN, job_id=job.id)
        else:
            self._backfills.settle(item, ItemState.PLANNED)
        return str(error)

    def _leave(self, backfill: Backfill, item: Item, reason: str) -> None:
        """Leave it out with its reason, unless its job is there and has reasons of its own."""
        job = self._numbers.job(backfill, item.product_id)
        if job:
            self._backfills.settle(item, ItemState.BEGUN, job_id=job.id)
        else:
            self._backfills.settle(item, ItemState.LEFT, why=STUMBLED, reason=reason)

    def _begin(self, backfill: Backfill, item: Item, begins: bool) -> None:
        job = self._numbers.job(backfill, item.product_id)
        if job and job.state not in FINAL_JOB_STATES:
            self._starter.make(job.id, job.shop, job.trigger)
            self._backfills.settle(item, ItemState.BEGUN, job_id=job.id)
        elif not begins:
            self._backfills.settle(item, ItemState.PLANNED)
        elif job and item.job_id:
            self._starter.again(again_id(job), job, refused=True)
            self._backfills.settle(item, ItemState.RETRIED, claimed_at=job.updated_at)
        elif job:
            self._backfills.settle(item, ItemState.BEGUN, job_id=job.id)
        else:
            self._look(backfill, item)

    def _look(self, backfill: Backfill, item: Item) -> None:
        decision = self._decided(backfill, item)
        if decision is None:
            self._backfills.settle(item, ItemState.LEFT, why="changed", reason=NOT_MEANT)
        elif isinstance(decision, Skip):
            self._backfills.settle(item, ItemState.LEFT, why=str(decision.why), reason=decision.reason)
        elif decision.recipe != item.recipe and backfill.on_change == "skip":
            self._backfills.settle(item, ItemState.LEFT, why="changed", reason=CHANGED)
        else:
            self._start(backfill, item, decision)

    def _decided(self, backfill: Backfill, item: Item) -> Plan | Skip | None:
        """What the product gets, as it is now; None: it is none of those that were asked for any more."""
        try:
            product = self._catalog.product(backfill.shop, item.product_id)
        except NotFound:
            return gone(item.product_id, item.product_title)
        before = self._past.of(backfill.shop, [item.product_id])[item.product_id]
        decision = self._survey.decide(backfill, product, before)
        return decision if isinstance(decision, Skip) or self._survey.asks_for(backfill, product, before) else None

    def _start(self, backfill: Backfill, item: Item, decision: Plan) -> None:
        wanted = planned_job(backfill.shop, decision, Trigger.BACKFILL, self._clock(), backfill_id=backfill.id)
        job = self._jobs.begin(wanted, decision)
        if job.backfill_id != backfill.id:
            self._backfills.settle(item, ItemState.LEFT, why=SkipReason.IN_PROGRESS, reason=OTHERS)
            return
        self._starter.make(job.id, job.shop, job.trigger)
        fields = planned_fields(decision) if decision.recipe != item.recipe else {}
        self._backfills.settle(item, ItemState.BEGUN, job_id=job.id, **fields)
