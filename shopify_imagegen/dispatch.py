"""From what reached us to what is to be done. Knows intents, no topics; starts work through `Starter`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from shopify_imagegen.errors import NotFound, Temporary
from shopify_imagegen.leaving import Later, Leaving
from shopify_imagegen.models import (
    RESTING_JOB_STATES,
    AppUninstalled,
    Arrival,
    BackfillRollbackRequested,
    CustomerPrivacy,
    GenerateRequested,
    ImageApproved,
    Job,
    JobRetried,
    ProductChanged,
    ProductDeleted,
    RegenerateRequested,
    RollbackRequested,
    ScopesChanged,
    Shop,
    ShopRedact,
)
from shopify_imagegen.pausing import ShopPauses
from shopify_imagegen.ports import Clock, Inbox, Jobs, Shops, Watch

logger = logging.getLogger(__name__)

Said = TypeVar("Said")
BATCH = 100
TRIES = 10  # of what raises a bug, over about eight minutes; then it gets out of the way
FIRST_WAIT_S = 1
GIVEN_UP = "given up: it stops the program each time; the log says where"


class Starter(Protocol):
    """Starts durable work. The same id twice is the same work."""

    def look(self, work_id: str, shop: str, product_id: str) -> None: ...

    def ask(self, arrival_id: str, shop: str, request: GenerateRequested | RegenerateRequested) -> None: ...

    def approve(self, arrival_id: str, shop: str, wish: ImageApproved) -> None: ...

    def roll_back(self, arrival_id: str, shop: str, wish: RollbackRequested) -> None: ...

    def roll_back_all(self, arrival_id: str, shop: str, wish: BackfillRollbackRequested) -> None: ...

    def again(self, work_id: str, job: Job, *, refused: bool) -> None: ...


class Dispatcher:
    """Turns arrivals into looks, and due looks into durable work. Safe to run in several workers."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        watch: Watch,
        shops: Shops,
        jobs: Jobs,
        starter: Starter,
        leaving: Leaving,
        quiet_s: Callable[[str], float],
        clock: Clock,
        scopes: Sequence[str] = (),
    ) -> None:
        self._inbox = inbox
        self._watch = watch
        self._shops = shops
        self._jobs = jobs
        self._starter = starter
        self._leaving = leaving
        self._pauses = ShopPauses(shops=shops)
        self._scopes = scopes
        self._quiet_s = quiet_s
        self._clock = clock
        self._stumbles = _Stumbles(clock)

    def run_once(self) -> int:
        """Handle what waits now. Returns how much of it was handled.

        Raises:
            Temporary: our database is away; nothing is lost.
        """
        return self._arrivals() + self._looks()

    def _arrivals(self) -> int:
        handled = 0
        for arrival in self._inbox.waiting(BATCH):
            outcome = self._stumbles.past(arrival.id, partial(self._act, arrival), otherwise=GIVEN_UP)
            if outcome is None:
                continue
            self._write_down(arrival, outcome)
            handled += 1
        return handled

    def _write_down(self, arrival: Arrival, outcome: str | Later) -> None:
        fields = {"delivery": arrival.id, "shop": arrival.shop, "topic": arrival.topic}
        if isinstance(outcome, Later):
            self._inbox.postpone(arrival.id, outcome.until, outcome.why)
            logger.warning("put off: %s", outcome.why, extra={"action": "postponed", **fields})
            return
        self._inbox.done(arrival.id, outcome)
        logger.info("arrival handled", extra={"action": "dispatched", "outcome": outcome, **fields})

    def _looks(self) -> int:
        handled = 0
        for shop, product_id, revision in self._watch.due(self._clock(), BATCH):
            work_id = f"look:{shop}:{product_id.rpartition('/')[2]}:{revision}"
            done = self._stumbles.past(work_id, partial(self._look, work_id, shop, product_id), otherwise=GIVEN_UP)
            if done is None:
                continue
            if done == GIVEN_UP:
                self._watch.settle(shop, product_id, waiting=True, state="failed", reason=GIVEN_UP)
            self._watch.started(shop, product_id, revision)
            handled += 1
        return handled

    def _look(self, work_id: str, shop: str, product_id: str) -> str:
        self._starter.look(work_id, shop, product_id)
        return "started"

    def _quiet_until(self, shop: str) -> datetime:
        return self._clock() + timedelta(seconds=self._quiet_s(shop))

    def _act(self, arrival: Arrival) -> str | Later:
        """One arrival. Doing it twice is harmless: a crash before `done` repeats it."""
        if isinstance(arrival.intent, ShopRedact):
            return self._leaving.redacted(arrival)  # of a store that has left
        shop = self._shops.find(arrival.shop)
        if shop and isinstance(arrival.intent, AppUninstalled):
            return self._leaving.uninstalled(shop, arrival)  # also where a token came, and the installation did not
        if shop is None or shop.state == "uninstalled":
            return "the shop is not installed"
        match arrival.intent:
            case ProductChanged(product_id=product_id, created=created):
                self._watch.touch(shop.domain, product_id, created=created, due_at=self._quiet_until(shop.domain))
                return "will be looked at"
            case ProductDeleted(product_id=product_id):
                self._watch.forget(shop.domain, product_id)
                return "forgotten"
            case GenerateRequested() | RegenerateRequested() as request:
                self._starter.ask(arrival.id, shop.domain, request)
                return "asked"
            case ImageApproved() as wish:
                self._starter.approve(arrival.id, shop.domain, wish)
                return "approved"
            case RollbackRequested() as wish:
                self._starter.roll_back(arrival.id, shop.domain, wish)
                return "asked"
            case BackfillRollbackRequested() as wish:
                self._starter.roll_back_all(arrival.id, shop.domain, wish)
                return "asked"
            case JobRetried(job_id=job_id):
                return self._retried(job_id)
            case ScopesChanged(scopes=scopes):
                return self._scopes_changed(shop, scopes)
            case CustomerPrivacy() | ShopRedact() | AppUninstalled():
                return "nothing is held about customers"
            case None:
                return "nothing to do"

    def _retried(self, job_id: str) -> str:
        try:
            job = self._jobs.job(job_id)
        except NotFound as error:
            return str(error)
        if job.state not in RESTING_JOB_STATES:
            return f"it is {job.state}"
        self._starter.again(again_id(job), job, refused=True)
        return "taken up again"

    def _scopes_changed(self, shop: Shop, scopes: tuple[str, ...]) -> str:
        self._shops.amend(shop.domain, scopes=scopes)
        self._pauses.permitted(shop.domain, scopes, wanted=self._scopes)
        return "scopes noted"


def again_id(job: Job) -> str:
    """The work of taking up a job from where it rests: the same, whoever asks for it, until it has moved."""
    return f"again:{job.id}:{job.updated_at.timestamp():.6f}"


class _Stumbles:
    """What raised a bug is tried again later and later, and in the end passed by, so that nothing waits behind it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, tuple[int, datetime]] = {}  # id → tries, and when the next is due

    def past(self, name: str, do: Callable[[], Said], *, otherwise: str) -> Said | str | None:
        """What *do* says; None while it shall be tried again later; *otherwise* in the end."""
        tries, due_at = self._known.get(name, (0, None))
        if due_at and self._clock() < due_at:
            return None
        try:
            said = do()
        except Temporary:
            raise
        except Exception:
            return self._stumbled(name, tries + 1, otherwise)
        self._known.pop(name, None)
        return said

    def _stumbled(self, name: str, tries: int, otherwise: str) -> str | None:
        logger.exception("could not be acted on", extra={"action": "stumbled", "about": name, "tries": tries})
        if tries >= TRIES:
            self._known.pop(name, None)
            return otherwise
        self._known[name] = (tries, self._clock() + timedelta(seconds=FIRST_WAIT_S * 2 ** (tries - 1)))
        return None
