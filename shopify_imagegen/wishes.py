"""A person's wishes: each is recorded once, and can be followed from the inbox to the end of its job."""

from __future__ import annotations

from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import (
    DECLINED,
    QUEUED,
    Arrival,
    GenerateRequested,
    Heard,
    Job,
    Progress,
    RegenerateRequested,
)
from shopify_imagegen.ports import Inbox, Jobs, Shops

ASKED = "asked"  # the outcome of a wish that a worker has taken up and not answered yet


class Wishes:
    """Keeps `ports.Wishes`. Writes one row; a worker does the rest."""

    def __init__(self, *, inbox: Inbox, jobs: Jobs, shops: Shops) -> None:
        self._inbox = inbox
        self._jobs = jobs
        self._shops = shops

    def make(self, wish: Arrival) -> Progress:
        shop = self._shops.find(wish.shop)
        if shop is None or shop.state == "uninstalled":
            raise NotFound(f"the app is not installed in {wish.shop}")
        if not self._inbox.record(wish):
            self._check_same(wish)
        return self.progress(wish.shop, wish.id)

    def progress(self, shop: str, followed_id: str) -> Progress:
        heard = self._inbox.find(followed_id)
        if heard and heard.arrival.shop == shop:
            intent = heard.arrival.intent
            if isinstance(intent, GenerateRequested):
                return self._of_wish(heard, intent.product_id)
            if isinstance(intent, RegenerateRequested):
                return self._of_wish(heard, self._jobs.image(intent.image_id).product_id)
        job = self._jobs.job(followed_id)
        if job.shop != shop:
            raise NotFound(f"there is no job {followed_id}")  # the words for one that nobody has
        return self._of_job(followed_id, job)

    def _check_same(self, wish: Arrival) -> None:
        heard = self._inbox.find(wish.id)
        if heard and (heard.arrival.shop, heard.arrival.intent) != (wish.shop, wish.intent):
            raise Conflict("this key was used for another request; use a new one")

    def _of_wish(self, heard: Heard, product_id: str) -> Progress:
        arrival = heard.arrival
        if heard.job_id:
            return self._of_job(arrival.id, self._jobs.job(heard.job_id), else_reason=heard.reason)
        waits = heard.outcome in ("", ASKED)
        return Progress(
            id=arrival.id,
            shop=arrival.shop,
            product_id=product_id,
            state=QUEUED if waits else DECLINED,
            reason="" if waits else heard.reason or heard.outcome,
        )

    def _of_job(self, followed_id: str, job: Job, *, else_reason: str = "") -> Progress:
        return Progress(
            id=followed_id,
            shop=job.shop,
            product_id=job.product_id,
            state=job.state,
            reason=job.reason or else_reason,
            job=job,
            images=self._jobs.images(job.id),
        )
