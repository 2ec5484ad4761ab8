"""Stage after the last: tell Shopify Flow that a job has published, at most once a job, and never in anybody's way."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from shopify_imagegen.errors import ImagegenError, NoAnswer, Temporary
from shopify_imagegen.models import MICRO_PER_USD, Image, ImageState, Job
from shopify_imagegen.ports import FlowTriggers, Jobs, Ledger, Told

logger = logging.getLogger(__name__)


class Announce:
    """Args: handle of the trigger as it was deployed; "" tells nobody."""

    def __init__(self, *, handle: str, jobs: Jobs, ledger: Ledger, flow: FlowTriggers, told: Told) -> None:
        self._handle = handle
        self._jobs = jobs
        self._ledger = ledger
        self._flow = flow
        self._told = told

    def is_news(self, images: Sequence[Image]) -> bool:
        """Whether a job with these pictures has something to tell: in review mode, from the first approved one on."""
        return bool(self._handle) and any(image.state == ImageState.PUBLISHED for image in images)

    def tell(self, job_id: str) -> None:
        """Written down before it is sent: a crash in between loses the message, and never doubles it.

        Raises:
            Temporary: it certainly was not sent; may be tried again.
        """
        job = self._jobs.job(job_id)
        shown = [image for image in self._jobs.images(job_id) if image.state == ImageState.PUBLISHED]
        if not (self.is_news(shown) and self._told.claim(job)):
            return
        try:
            self._flow.fire(job.shop, self._handle, self._payload(job, shown))
        except Temporary:
            self._told.release(job)
            raise
        except ImagegenError as error:
            unsure = "; it may have arrived" if isinstance(error, NoAnswer) else ""
            logger.warning("Flow was not told: %s%s", error, unsure, extra=_fields(job, "not_told"))
        else:
            logger.info("Flow was told", extra=_fields(job, "told_flow"))

    def _payload(self, job: Job, shown: Sequence[Image]) -> dict[str, object]:
        """By the keys of extensions/flow-trigger."""
        return {
            "product_id": int(job.product_id.rpartition("/")[2]),
            "Photos": len(shown),
            "Cost in USD": self._cost_microusd(shown) / MICRO_PER_USD,
        }

    def _cost_microusd(self, images: Sequence[Image]) -> int:
        purchases = (self._ledger.find(image.id) for image in images)
        return sum(purchase.cost_microusd or 0 for purchase in purchases if purchase)


def _fields(job: Job, action: str) -> dict[str, str]:
    return {"action": action, "job": job.id, "shop": job.shop, "product": job.product_id}
