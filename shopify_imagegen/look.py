"""Stage 1: look at a product as it is now, decide, and write the decision down."""

from __future__ import annotations

import logging
from datetime import timedelta

from shopify_imagegen.errors import NotFound
from shopify_imagegen.models import (
    WAITING,
    GenerateRequested,
    Job,
    JobState,
    Plan,
    Product,
    Skip,
    SkipReason,
    Trigger,
)
from shopify_imagegen.plan import Ask, Studio, plan
from shopify_imagegen.ports import Catalog, Clock, Jobs, Shops, Watch

logger = logging.getLogger(__name__)

RECHECKS = 8  # looks at a product whose photos are in processing: after 5, 10, 20 … s, about 20 minutes in all
FIRST_RECHECK_S = 5


class Look:
    """Reads products again and plans for them."""

    def __init__(
        self, *, catalog: Catalog, jobs: Jobs, watch: Watch, shops: Shops, studio: Studio, clock: Clock
    ) -> None:
        self._catalog = catalog
        self._jobs = jobs
        self._watch = watch
        self._shops = shops
        self._studio = studio
        self._clock = clock

    def after_a_change(self, shop: str, product_id: str) -> str | None:
        """What a change of the product leads to: the id of a job to be run, or None."""
        try:
            product = self._catalog.product(shop, product_id)
        except NotFound:
            self._watch.forget(shop, product_id)
            return None
        change = GenerateRequested(product_id=product_id, trigger=Trigger.NEW_LISTING)
        decision = plan(product, self._studio, self._ask(shop, product, change))
        if isinstance(decision, Skip):
            self._wait_or_leave(shop, decision)
            return None
        job = self._begin(shop, decision, Trigger.NEW_LISTING)
        self._watch.settle(shop, product_id, waiting=False, state="job", reason=f"Job {job.id}")
        return job.id

    def on_request(self, shop: str, request: GenerateRequested) -> tuple[str | None, str]:
        """What a person's wish leads to: the id of a job to be run, or None and the reason."""
        decision = self.preview(shop, request)
        if isinstance(decision, Skip):
            return None, decision.reason
        return self._begin(shop, decision, request.trigger).id, ""

    def preview(self, shop: str, request: GenerateRequested) -> Plan | Skip:
        """The plan for a product, without a trace: nothing is written, bought or asked of a provider.

        Raises:
            Rejected: the requested scene does not exist.
        """
        try:
            product = self._catalog.product(shop, request.product_id)
        except NotFound:
            reason = "There is no such product in this store."
            return Skip(product_id=request.product_id, why=SkipReason.GONE, reason=reason)
        return plan(product, self._studio, self._ask(shop, product, request))

    def _ask(self, shop: str, product: Product, request: GenerateRequested) -> Ask:
        watched = self._watch.state(shop, product.id)
        return Ask(
            shop=shop,
            trigger=request.trigger,
            is_new=self._is_new(shop, product),
            waited_for_photo=bool(watched and watched[0] == SkipReason.NO_PHOTOS),
            ours=self._jobs.our_media(shop, product.id),
            shown=self._jobs.shown(shop, product.id),
            busy=self._jobs.active(shop, product.id) is not None,
            note=request.note,
            scene=request.scene,
            count=request.count,
        )

    def _is_new(self, shop: str, product: Product) -> bool:
        """Listed since we were installed: its products/create reached us, or was missed and the date says so."""
        installation = self._shops.find(shop)
        since = installation is not None and product.created_at >= installation.installed_at
        return since or self._watch.created_seen(shop, product.id)

    def _wait_or_leave(self, shop: str, skip: Skip) -> None:
        self._watch.settle(shop, skip.product_id, waiting=skip.why in WAITING, state=skip.why, reason=skip.reason)
        fields = {"action": "skipped", "shop": shop, "product": skip.product_id, "why": skip.why}
        logger.info("no pictures for now", extra=fields)
        tries = self._watch.rechecks(shop, skip.product_id)
        if skip.why == SkipReason.PHOTOS_NOT_READY and tries < RECHECKS:
            wait = timedelta(seconds=FIRST_RECHECK_S * 2**tries)
            self._watch.recheck(shop, skip.product_id, self._clock() + wait)

    def _begin(self, shop: str, decided: Plan, trigger: Trigger) -> Job:
        now = self._clock()
        number = decided.product_id.rpartition("/")[2]
        job = Job(
            id=f"job:{shop}:{number}:{decided.recipe[:12]}",
            shop=shop,
            product_id=decided.product_id,
            product_title=decided.product_title,
            recipe=decided.recipe,
            trigger=trigger,
            state=JobState.PLANNED,
            created_at=now,
            updated_at=now,
        )
        return self._jobs.begin(job, decided)
