"""Take up again what rests, when what stood in its way may be gone: paused shops, paused jobs, kept pictures."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from shopify_imagegen import next_day
from shopify_imagegen.backfills.gate import is_held
from shopify_imagegen.dispatch import again_id
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.look import SHOP_PAUSED
from shopify_imagegen.models import ImageState, Job, JobState, Shop
from shopify_imagegen.pausing import ProviderPauses, ShopPauses, mended
from shopify_imagegen.ports import Clock, Jobs, Shops, Watch

logger = logging.getLogger(__name__)

RESUME_EVERY_S = 60.0  # between asks of a paused shop whether it works again: a point or two of its thousands
PAUSED_AT_MOST = timedelta(hours=1)  # behind the last time that it was paused
ENDED_AT_LEAST = timedelta(hours=1)
KEPT_FOR = timedelta(days=30)  # after that, only a person takes up a job that has ended

Probe = Callable[[str], Sequence[str]]  #: asks a shop which scopes it has granted us: a cheap question


class Starter(Protocol):
    """Starts durable work. The same id twice is the same work."""

    def again(self, work_id: str, job: Job, *, refused: bool) -> None: ...


class Resume:
    """Safe to run in several workers.

    Args:
        probe: may raise any of our errors: then the shop stays paused.
        scopes: that the app needs.
        waits: factor on how long things rest; whoever tests this has no hours.
    """

    def __init__(
        self,
        *,
        shops: Shops,
        jobs: Jobs,
        watch: Watch,
        starter: Starter,
        probe: Probe,
        scopes: Sequence[str],
        provider: ProviderPauses,
        clock: Clock,
        waits: float = 1.0,
    ) -> None:
        self._shops = shops
        self._pauses = ShopPauses(shops=shops)
        self._jobs = jobs
        self._watch = watch
        self._starter = starter
        self._probe = probe
        self._scopes = scopes
        self._provider = provider
        self._clock = clock
        self._waits = waits

    def run_once(self) -> int:
        """Try what is paused, and let go on what may. Returns how many jobs were taken up."""
        known = self._shops.all()
        served = [shop.domain for shop in known if self._is_served(shop)]
        there = {shop.domain for shop in known if shop.state != "uninstalled"}
        self._watch.wake(served, SHOP_PAUSED, self._clock())
        stopped = self._jobs.stopped(since=self._clock() - KEPT_FOR)
        resumed = [job for job in stopped if job.shop in served and self._is_due(job) and self._can_buy(job)]
        short = [job for job in self._jobs.short_of_budget(since=self._clock() - KEPT_FOR) if job.shop in served]
        resumed += [job for job in short if job not in resumed and self._has_a_new_day(job) and self._can_buy(job)]
        resumed += [job for job in stopped if job.shop not in there and job.state == JobState.PAUSED]  # they end so
        for job in resumed:
            self._starter.again(again_id(job), job, refused=False)
            logger.info("a job is taken up again", extra={"action": "resumed", "job": job.id, "shop": job.shop})
        return len(resumed)

    def _is_served(self, shop: Shop) -> bool:
        return shop.state == "active" or (shop.state == "paused" and self._works_again(shop))

    def _works_again(self, shop: Shop) -> bool:
        try:
            granted = self._probe(shop.domain)
        except ImagegenError:
            return False
        return mended(shop, granted, self._scopes) and self._pauses.resume(shop)

    def _is_due(self, job: Job) -> bool:
        """A job that stops again and again is tried less and less: when it has rested as long as it has lasted.

        One that waits for its backfill is not ours: it goes on with that.
        """
        if is_held(job.reason):
            return False
        lasted = job.updated_at - job.created_at
        rest = min(lasted, PAUSED_AT_MOST) if job.state == JobState.PAUSED else max(lasted, ENDED_AT_LEAST)
        return self._clock() >= job.updated_at + rest * self._waits

    def _has_a_new_day(self, job: Job) -> bool:
        """Whether the budget may have room today for what it had none for before: one try a day."""
        return bool(next_day.due(job, self._jobs.images(job.id), self._clock()))

    def _can_buy(self, job: Job) -> bool:
        """Whether the provider sells to us, where the job has pictures to be bought."""
        images = self._jobs.images(job.id)
        planned = [image for image in images if image.state == ImageState.PLANNED]
        planned += next_day.due(job, images, self._clock())
        return not planned or self._provider.closed(planned[0].brief.price_microusd) is None
