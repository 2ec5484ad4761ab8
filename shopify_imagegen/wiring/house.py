"""The house: the worker with its chores, and how the whole is doing."""

from __future__ import annotations

import math
import socket
import uuid
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shopify_imagegen.adapters import outside
from shopify_imagegen.adapters.database import vitals
from shopify_imagegen.adapters.database.database import our_errors
from shopify_imagegen.adapters.database.durable import flush_of
from shopify_imagegen.adapters.database.engines import make_engine_of_work
from shopify_imagegen.adapters.database.erase import SqlErase
from shopify_imagegen.adapters.database.gauges import SqlGauges
from shopify_imagegen.adapters.database.leases import leases
from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.adapters.database.past import SqlPast
from shopify_imagegen.adapters.database.prune import SqlPrune
from shopify_imagegen.adapters.providers import provider
from shopify_imagegen.checkup.doctor import Doctor
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.leaving import Leaving, Work
from shopify_imagegen.metering import metered
from shopify_imagegen.prune import Prune
from shopify_imagegen.resuming import RESUME_EVERY_S, Resume
from shopify_imagegen.settings import load
from shopify_imagegen.wiring.doing import Doing, _stubborn
from shopify_imagegen.wiring.records import HASTY_S, utc_now

if TYPE_CHECKING:
    from shopify_imagegen.backfills.feeding import Feeder
    from shopify_imagegen.worker import Chore, Worker
    from shopify_imagegen.workflow import Engine

SWEEP_LOOK_S = 2.0  # between looks for a shop whose turn it is; sweep.every_s is the time between two sweeps of a shop
PRUNE_EVERY_S = 6 * 3600.0
METERS_EVERY_S = 5.0
FEED_EVERY_S = 0.5  # between looks for a backfill's next products
RESERVE = 1.25  # of a backfill's products as many as run at once, and some more, for those that end between two looks
SURVEY_EVERY_S = 5.0  # between looks for a backfill that is to be planned


class House(Doing):
    """Every part, made when it is first asked for: the web role needs few of them.

    Args:
        settings: read once; the parts receive what they need of it.
        waits: factor on the waits between tries, so that a test of hours takes seconds.
        database_wait_s: how long to wait for a database that is busy; None for the usual time.
        hurried: give a slow Shopify up after seconds: people, and Shopify's webhooks, wait for this process.
    """

    def _feeder(self, engine: Engine) -> Feeder:
        from shopify_imagegen.backfills.beginning import Beginning
        from shopify_imagegen.backfills.feeding import Feeder
        from shopify_imagegen.backfills.room import Room
        from shopify_imagegen.workflow import bulk_at_once

        at_once = math.ceil(RESERVE * bulk_at_once(self.settings.provider.chosen.concurrency))
        rows, numbers, pauses = self.backfill_rows, self.backfill_numbers, self.look.pauses
        beginning = Beginning(
            backfills=rows,
            numbers=numbers,
            survey=self.survey,
            catalog=self.shopify.catalog,
            past=SqlPast(self.database),
            jobs=self.jobs,
            pauses=pauses,
            starter=engine,
            clock=utc_now,
        )
        room = Room(
            numbers=numbers,
            limits=lambda shop: self.tailor.settings(shop).budget,
            at_once=lambda: at_once * max(1, self.workers.alive()),
            clock=utc_now,
        )
        return Feeder(
            backfills=rows,
            numbers=numbers,
            beginning=beginning,
            room=room,
            pauses=pauses,
            provider=self.provider_pauses,
            starter=engine,
            clock=utc_now,
        )

    def prune(self, engine: Engine | None = None) -> Prune:
        return Prune(rows=SqlPrune(self.database), workflows=engine, clock=utc_now)

    @cached_property
    def doctor(self) -> Doctor:
        """Looks at everything, and changes nothing: the database is not brought up to date for it."""
        url = self.settings.database.url
        return Doctor(
            self.settings,
            database=lambda: vitals.look(url, wait_s=HASTY_S),
            database_file=vitals.file_of(url),
            shops=lambda: self.shops,
            inbox=lambda: self.inbox,
            installation=lambda: self._hasty_installation,
            provider=lambda: provider(self.settings.provider, self.downloads),  # unmetered: meters are in the database
            alive=lambda: self.workers.alive(),
            outside=outside.connect(loopback=self.is_local),
            clock=utc_now,
        )

    def readings(self) -> dict[str, list[tuple[dict[str, str], float]]]:
        """Every number that /metrics shows of the whole house."""
        lags = [({"shop": shop}, lag) for shop, lag in self.sweep.lags().items()]
        gauges = SqlGauges(self.database, utc_now).read()
        gauges["workers_alive"] = [({}, self.workers.alive())]
        return gauges | self.meters.totals() | {"sweep_lag_seconds": lags}

    def worker(self) -> Worker:
        """A worker of this process, with an id that no other process has."""
        from shopify_imagegen.dispatch import Dispatcher  # the engine takes half a second to import:
        from shopify_imagegen.worker import Worker  # only the worker role shall wait for it
        from shopify_imagegen.workflow import Engine, is_claiming

        worker_id = f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}"
        chosen = self.settings.provider.chosen
        kept = make_engine_of_work(engine_url(self.settings.database.url), alone=is_claiming)
        engine = Engine(
            metered(self.line, self.meters, "stage"),
            unlooked=self._unlooked,
            steps=self.steps,
            database=kept,
            flush=flush_of(kept),
            border=our_errors,
            executor_id=worker_id,
            places=self.places,
            concurrency=chosen.concurrency,
            requests_per_minute=chosen.requests_per_minute,
            waits=self._waits,
        )
        dispatcher = Dispatcher(
            inbox=self.inbox,
            watch=self.watch,
            shops=self.shops,
            jobs=self.jobs,
            starter=engine,
            leaving=self.leaving(engine),
            scopes=self.settings.shopify.scopes,
            quiet_s=lambda shop: self._trigger(shop).quiet_s,
            clock=utc_now,
        )
        return Worker(
            worker_id,
            engine=engine,
            dispatcher=dispatcher,
            leases=leases(self.database),
            heartbeats=self.workers,
            jobs=self.jobs,
            chores=self._chores(engine),
            clock=utc_now,
        )

    def leaving(self, work: Work) -> Leaving:
        return Leaving(
            shops=self.shops,
            erase=SqlErase(self.database),
            work=work,
            has_the_app=self.doorbell.is_there,
            clock=utc_now,
            waits=self._waits,
        )

    def _chores(self, engine: Engine) -> list[Chore]:
        from shopify_imagegen.worker import Chore

        return [
            Chore("resume", _unhurried(self._resume(engine).run_once), RESUME_EVERY_S * self._waits),
            Chore("feed", self._feeder(engine).run_once, FEED_EVERY_S),
            Chore("survey", self.survey.run_once, SURVEY_EVERY_S),
            Chore("sweep", self.sweep.run_once, SWEEP_LOOK_S),
            Chore("prune", _unhurried(self.prune(engine).run), PRUNE_EVERY_S),
            Chore("meters", _unhurried(self.meters.flush), METERS_EVERY_S),
        ]

    def ready(self) -> dict[str, str]:
        """Part -> "" when it works, else what is wrong."""
        try:
            alive = self.workers.alive()
        except ImagegenError as error:
            return {"database": str(error), "worker": "not known"}
        return {"database": "", "worker": "" if alive else "no worker is running; start `shopify-imagegen worker`"}

    def _resume(self, engine: Engine) -> Resume:
        return Resume(
            shops=self.shops,
            jobs=self.jobs,
            watch=self.watch,
            starter=engine,
            probe=lambda shop: self.shopify.installation.installed(shop).scopes,
            scopes=self.settings.shopify.scopes,
            provider=self.provider_pauses,
            clock=utc_now,
            waits=self._waits,
        )

    def _unlooked(self, shop: str, product_id: str, reason: str) -> None:
        """A look that failed for good is a named state too; the product's next change is looked at again."""
        self.watch.settle(shop, product_id, waiting=True, state="failed", reason=reason)


def open_house(
    path: Path | None = None, *, is_role: bool = False, database_wait_s: float | None = None, hurried: bool = False
) -> House:
    """The house over the settings of this process, its database brought up to date.

    Args:
        is_role: of a process that shall last: it waits for a database that is away, for some minutes.
        hurried: of one that answers people: it gives a slow Shopify up after seconds.
    """
    house = House(load(path), database_wait_s=database_wait_s, hurried=hurried)
    ask = _stubborn() if is_role else _once
    ask(lambda: migrate(house.database))
    return house


def engine_url(database_url: str) -> str:
    """Where the engine keeps its tables: on SQLite a file beside ours, so that neither waits for the other's lock.

    >>> engine_url("sqlite:///var/imagegen.db")
    'sqlite:///var/imagegen.engine.db'
    """
    if not database_url.startswith("sqlite"):
        return database_url
    return database_url.removesuffix(".db") + ".engine.db"


def _unhurried(do: Callable[[], object]) -> Callable[[], int]:
    """A chore that is never done again at once."""

    def run() -> int:
        do()
        return 0

    return run


def _once(do: Callable[[], None]) -> None:
    do()
