"""Stage 1: look at a product as it is now, decide, and write the decision down."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from shopify_imagegen.errors import NeedsAttention, NoAnswer, NotFound, Temporary
from shopify_imagegen.models import (
    FINAL_JOB_STATES,
    WAITING,
    GenerateRequested,
    Job,
    JobState,
    Outcome,
    Plan,
    Product,
    Skip,
    SkipReason,
    Trigger,
)
from shopify_imagegen.pausing import ShopPauses
from shopify_imagegen.plan import Ask, Studio, gone, plan
from shopify_imagegen.ports import Catalog, Clock, Jobs, Shops, Watch
from shopify_imagegen.rules import opted_out
from shopify_imagegen.storm import Storm

logger = logging.getLogger(__name__)

RECHECKS = 8  # looks at a product whose photos are in processing: after 5, 10, 20 … s, about 20 minutes in all
FIRST_RECHECK_S = 5
SAFETY_NET = timedelta(hours=1)  # after which a product is looked at that Shopify did not show us
SHOP_PAUSED = "shop_paused"  # named state of a product that is looked at when its shop is served again
EARLIER_JOB = "Photos for this product were planned before; they are made first."

Quote = Callable[[str], int | None]  #: resolution → what a picture costs now in micro-dollars; None: not known


class Look:
    """Reads products again and plans for them.

    Args:
        studio: of a shop.
        quote: what the provider says of its price; without it, or without an answer, the settings say it.
        storm: holds new products back when there are many at once.
    """

    def __init__(
        self,
        *,
        catalog: Catalog,
        jobs: Jobs,
        watch: Watch,
        shops: Shops,
        studio: Callable[[str], Studio],
        clock: Clock,
        quote: Quote | None = None,
        storm: Storm | None = None,
    ) -> None:
        self._catalog = catalog
        self._jobs = jobs
        self._watch = watch
        self._shops = shops
        self._studio = studio
        self._clock = clock
        self._quote = quote
        self._storm = storm
        self.pauses = ShopPauses(shops=shops)

    def after_a_change(self, shop: str, product_id: str) -> str | None:
        """What a change of the product leads to: the id of a job to be run, or None.

        Raises:
            Temporary, NoAnswer: Shopify did not answer. The product is looked at again even if nobody tries again.
        """
        closed = self.pauses.closed(shop)
        if closed:
            self._later(shop, product_id, closed)
            return None
        begun = self._begun(shop, product_id)
        if begun:
            return begun.id
        try:
            product = self._catalog.product(shop, product_id)
        except NotFound:
            self._watch.forget(shop, product_id)
            return None
        except NeedsAttention as error:
            self._later(shop, product_id, self.pauses.pause(shop, error))
            return None
        except (Temporary, NoAnswer):
            self._watch.recheck(shop, product_id, self._clock() + SAFETY_NET)
            raise
        return self._decided(shop, product)

    def on_request(self, shop: str, request: GenerateRequested) -> tuple[str | None, str]:
        """What a person's wish leads to: the id of a job to be run, or None and the reason.

        Raises:
            Rejected: the requested scene does not exist.
        """
        closed = self.pauses.closed(shop)
        if closed:
            return None, closed.reason
        begun = self._begun(shop, request.product_id)
        if begun:
            return begun.id, EARLIER_JOB
        try:
            decision = self._planned(shop, request, self.priced(shop))
        except NeedsAttention as error:
            return None, self.pauses.pause(shop, error).reason
        if isinstance(decision, Skip):
            return None, decision.reason
        return self.begin(shop, decision, request.trigger).id, ""

    def withdrawn(self, shop: str, product_id: str) -> Outcome | None:
        """What the store says now against pictures that were planned before: the product is gone, or opted out.

        Raises: Temporary, NoAnswer, NeedsAttention.
        """
        try:
            against = opted_out(self._catalog.product(shop, product_id))
        except NotFound:
            against = gone(product_id)
        return Outcome(next="stop", reason=against.reason) if against else None

    def preview(self, shop: str, request: GenerateRequested) -> Plan | Skip:
        """The plan for a product, without a trace: nothing is written, bought or asked of a provider.

        Raises:
            Rejected: the requested scene does not exist.
        """
        return self._planned(shop, request, self._studio(shop))

    def _planned(self, shop: str, request: GenerateRequested, studio: Studio) -> Plan | Skip:
        try:
            product = self._catalog.product(shop, request.product_id)
        except NotFound:
            reason = "There is no such product in this store."
            return Skip(product_id=request.product_id, why=SkipReason.GONE, reason=reason)
        return plan(product, studio, self._ask(shop, product, request))

    def _decided(self, shop: str, product: Product) -> str | None:
        change = GenerateRequested(product_id=product.id, trigger=Trigger.NEW_LISTING)
        decision = plan(product, self.priced(shop), self._ask(shop, product, change))
        if isinstance(decision, Skip):
            self._wait_or_leave(shop, decision)
            return None
        if self._storm and self._storm.keeps(shop, product.id):
            return None
        job = self.begin(shop, decision, Trigger.NEW_LISTING)
        self._watch.settle(shop, product.id, waiting=False, state="job", reason=f"Job {job.id}")
        return None if job.state in FINAL_JOB_STATES else job.id

    def _begun(self, shop: str, product_id: str) -> Job | None:
        """A job that an interrupted look has planned, and perhaps not started. Starting it twice is harmless."""
        active = self._jobs.active(shop, product_id)
        return active if active and active.state == JobState.PLANNED else None

    def _later(self, shop: str, product_id: str, closed: Outcome) -> None:
        """The shop cannot be served. In a paused one the product waits; of one that has left, nothing is remembered."""
        if closed.next == "stop":
            self._watch.forget(shop, product_id)
            return
        self._watch.settle(shop, product_id, waiting=True, state=SHOP_PAUSED, reason=closed.reason)

    def priced(self, shop: str) -> Studio:
        """The shop's studio with the price of now."""
        studio = self._studio(shop)
        price = self._quote(studio.resolution) if self._quote else None
        return studio if price is None else studio.model_copy(update={"price_microusd": price})

    def _ask(self, shop: str, product: Product, request: GenerateRequested) -> Ask:
        return Ask(
            shop=shop,
            trigger=request.trigger,
            is_new=self._is_new(shop, product),
            waited_for_photo=self._waited_for_photo(shop, product.id),
            ours=self._jobs.our_media(shop, product.id),
            shown=self._jobs.shown(shop, product.id),
            busy=self._jobs.active(shop, product.id) is not None,
            note=request.note,
            scene=request.scene,
            count=request.count,
        )

    def _waited_for_photo(self, shop: str, product_id: str) -> bool:
        watched = self._watch.state(shop, product_id)
        return bool(watched and watched[0] == SkipReason.NO_PHOTOS)

    def _is_new(self, shop: str, product: Product) -> bool:
        """Listed since we were installed: its products/create reached us, or was missed and the date says so."""
        installation = self._shops.find(shop)
        since = installation is not None and product.created_at >= installation.installed_at
        return since or self._watch.created_seen(shop, product.id)

    def _wait_or_leave(self, shop: str, skip: Skip) -> None:
        state = skip.why
        if state == SkipReason.PHOTOS_NOT_READY and self._waited_for_photo(shop, skip.product_id):
            state = SkipReason.NO_PHOTOS  # the photo that comes is its first: this must not be forgotten meanwhile
        self._watch.settle(shop, skip.product_id, waiting=skip.why in WAITING, state=state, reason=skip.reason)
        fields = {"action": "skipped", "shop": shop, "product": skip.product_id, "why": skip.why}
        logger.info("no pictures for now", extra=fields)
        tries = self._watch.rechecks(shop, skip.product_id)
        if skip.why == SkipReason.PHOTOS_NOT_READY and tries < RECHECKS:
            wait = timedelta(seconds=FIRST_RECHECK_S * 2**tries)
            self._watch.recheck(shop, skip.product_id, self._clock() + wait)

    def begin(self, shop: str, decided: Plan, trigger: Trigger) -> Job:
        """Write a decision down as a job. The same decision twice is the same job, while that has not ended."""
        return self._jobs.begin(planned_job(shop, decided, trigger, self._clock()), decided)


def planned_job(shop: str, decided: Plan, trigger: Trigger, now: datetime, *, backfill_id: str | None = None) -> Job:
    """The job of a plan: the same recipe of the same product, the same id."""
    number = decided.product_id.rpartition("/")[2]
    return Job(
        id=f"job:{shop}:{number}:{decided.recipe[:12]}",
        shop=shop,
        product_id=decided.product_id,
        product_title=decided.product_title,
        recipe=decided.recipe,
        trigger=trigger,
        state=JobState.PLANNED,
        created_at=now,
        updated_at=now,
        backfill_id=backfill_id,
    )
