"""Settings become the running house. The only module that imports the adapters."""

from __future__ import annotations

import socket
import uuid
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shopify_imagegen.adapters import downloads, shopify
from shopify_imagegen.adapters.database.database import Database, make_engine
from shopify_imagegen.adapters.database.inbox import SqlInbox
from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.leases import leases
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.adapters.database.shops import SqlShops
from shopify_imagegen.adapters.database.vault import Vault, key_of
from shopify_imagegen.adapters.database.watch import SqlWatch
from shopify_imagegen.adapters.database.workers import SqlWorkers
from shopify_imagegen.adapters.http import Patient, patience
from shopify_imagegen.adapters.providers import provider
from shopify_imagegen.attach import Attach
from shopify_imagegen.errors import ImagegenError, Temporary
from shopify_imagegen.generate import Generate
from shopify_imagegen.line import Line
from shopify_imagegen.look import Look
from shopify_imagegen.plan import Studio, open_studio
from shopify_imagegen.ports import ImageProvider
from shopify_imagegen.publish import Prepare
from shopify_imagegen.settings import Settings, load
from shopify_imagegen.steps import Steps

if TYPE_CHECKING:
    from shopify_imagegen.worker import Worker


def utc_now() -> datetime:
    return datetime.now(UTC)


class House:
    """Every part, made when it is first asked for: the web role needs few of them.

    Args:
        settings: read once; the parts receive what they need of it.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.database.url)

    @cached_property
    def inbox(self) -> SqlInbox:
        return SqlInbox(self.database, utc_now)

    @cached_property
    def jobs(self) -> SqlJobs:
        return SqlJobs(self.database, utc_now)

    @cached_property
    def ledger(self) -> SqlLedger:
        return SqlLedger(self.database, utc_now)

    @cached_property
    def watch(self) -> SqlWatch:
        return SqlWatch(self.database)

    @cached_property
    def workers(self) -> SqlWorkers:
        return SqlWorkers(self.database, utc_now)

    @cached_property
    def shops(self) -> SqlShops:
        app = self.settings.app
        keys = [key.get_secret_value() for key in app.encryption_keys] or [key_of(app.data_dir)]
        return SqlShops(self.database, Vault(keys))

    @cached_property
    def steps(self) -> Steps:
        """Those of the worker role; its stages wait through them, so that a stop does not wait for a wait."""
        return Steps()

    @cached_property
    def shopify(self) -> shopify.Neighbour:
        return shopify.connect(self.settings.shopify, self.shops, sleep=self.steps.sleep, clock=utc_now)

    @cached_property
    def downloads(self) -> downloads.Downloads:
        return downloads.connect()

    @cached_property
    def provider(self) -> ImageProvider:
        return provider(self.settings.provider, self.downloads)

    @cached_property
    def studio(self) -> Studio:
        limits = self.provider
        return open_studio(
            self.settings, max_references=limits.max_references, max_prompt_chars=limits.max_prompt_chars
        )

    @cached_property
    def look(self) -> Look:
        return Look(
            catalog=self.shopify.catalog,
            jobs=self.jobs,
            watch=self.watch,
            shops=self.shops,
            studio=self.studio,
            clock=utc_now,
        )

    @cached_property
    def line(self) -> Line:
        media, publish = self.shopify.media, self.settings.publish
        return Line(
            look=self.look,
            generate=self._generate(),
            prepare=Prepare(
                jobs=self.jobs, spool=self.ledger, media=media, downloads=self.downloads, sleep=self.steps.sleep
            ),
            attach=Attach(jobs=self.jobs, media=media, settings=publish, sleep=self.steps.sleep),
            jobs=self.jobs,
            watch=self.watch,
            inbox=self.inbox,
            review=publish.mode == "review",
            clock=utc_now,
        )

    def worker(self) -> Worker:
        """A worker of this process, with an id that no other process has."""
        from shopify_imagegen.dispatch import Dispatcher  # the engine takes half a second to import:
        from shopify_imagegen.worker import Worker  # only the worker role shall wait for it
        from shopify_imagegen.workflow import Engine

        worker_id = f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}"
        chosen = self.settings.provider.chosen
        engine = Engine(
            self.line,
            unlooked=self._unlooked,
            steps=self.steps,
            database=make_engine(engine_url(self.settings.database.url), own_transactions=False, pool_size=3),
            executor_id=worker_id,
            concurrency=chosen.concurrency,
            requests_per_minute=chosen.requests_per_minute,
        )
        dispatcher = Dispatcher(
            inbox=self.inbox,
            watch=self.watch,
            shops=self.shops,
            starter=engine,
            quiet_s=self.settings.trigger.quiet_s,
            clock=utc_now,
        )
        return Worker(
            worker_id,
            engine=engine,
            dispatcher=dispatcher,
            leases=leases(self.database),
            heartbeats=self.workers,
            jobs=self.jobs,
            clock=utc_now,
        )

    def ready(self) -> dict[str, str]:
        """Part -> "" when it works, else what is wrong."""
        try:
            alive = self.workers.alive()
        except ImagegenError as error:
            return {"database": str(error), "worker": "not known"}
        return {"database": "", "worker": "" if alive else "no worker is running; start `shopify-imagegen worker`"}

    def _generate(self) -> Generate:
        return Generate(
            jobs=self.jobs,
            ledger=self.ledger,
            provider=self.provider,
            downloads=self.downloads,
            patience=self._paid_call(),
            stubborn=_stubborn(),
            limits=self.settings.budget,
            clock=utc_now,
        )

    def _paid_call(self) -> Patient:
        """Repeats a paid call that certainly did not begin."""
        return patience(
            on=(Temporary,), attempts=4, total_s=240, first_wait_s=2, longest_wait_s=120, sleep=self.steps.sleep
        )

    def _unlooked(self, shop: str, product_id: str, reason: str) -> None:
        """A look that failed for good is a named state too; the product's next change is looked at again."""
        self.watch.settle(shop, product_id, waiting=True, state="failed", reason=reason)


def open_house(path: Path | None = None) -> House:
    """The house over the settings of this process, its database brought up to date."""
    house = House(load(path))
    migrate(house.database)
    return house


def engine_url(database_url: str) -> str:
    """Where the engine keeps its tables: on SQLite a file beside ours, so that neither waits for the other's lock.

    >>> engine_url("sqlite:///var/imagegen.db")
    'sqlite:///var/imagegen.engine.db'
    """
    if not database_url.startswith("sqlite"):
        return database_url
    return database_url.removesuffix(".db") + ".engine.db"


def _stubborn() -> Patient:
    """Repeats a write to our own database: what it writes down has been paid for."""
    return patience(on=(Temporary,), attempts=60, total_s=300, first_wait_s=0.5, longest_wait_s=10)
