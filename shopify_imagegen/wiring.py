"""Settings become the running house. The only module that imports the adapters."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shopify_imagegen.adapters import downloads, outside, shopify
from shopify_imagegen.adapters.database import vitals
from shopify_imagegen.adapters.database.backfill_numbers import SqlBackfillNumbers
from shopify_imagegen.adapters.database.backfill_report import SqlBackfillReport
from shopify_imagegen.adapters.database.backfills import SqlBackfills
from shopify_imagegen.adapters.database.cursors import SqlCursors
from shopify_imagegen.adapters.database.database import Database, make_engine, our_errors
from shopify_imagegen.adapters.database.decisions import SqlDecisions
from shopify_imagegen.adapters.database.erase import SqlErase
from shopify_imagegen.adapters.database.gauges import SqlGauges
from shopify_imagegen.adapters.database.holds import SqlHolds
from shopify_imagegen.adapters.database.inbox import SqlInbox
from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.leases import leases
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.meters import SqlMeters
from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.adapters.database.overview import SqlOverview
from shopify_imagegen.adapters.database.past import SqlPast
from shopify_imagegen.adapters.database.pauses import SqlPauses
from shopify_imagegen.adapters.database.pictures import SqlPictures
from shopify_imagegen.adapters.database.prune import SqlPrune
from shopify_imagegen.adapters.database.shop_settings import SqlShopSettings
from shopify_imagegen.adapters.database.shops import SqlShops
from shopify_imagegen.adapters.database.spend import SqlSpend
from shopify_imagegen.adapters.database.told import SqlTold
from shopify_imagegen.adapters.database.vault import Vault, key_of
from shopify_imagegen.adapters.database.vault import new_key as new_key
from shopify_imagegen.adapters.database.watch import SqlWatch
from shopify_imagegen.adapters.database.workers import SqlWorkers
from shopify_imagegen.adapters.http import Patient, patience
from shopify_imagegen.adapters.providers import provider
from shopify_imagegen.announce import Announce
from shopify_imagegen.attach import Attach
from shopify_imagegen.backfill import Backfilling, Gate
from shopify_imagegen.buckets import Buckets
from shopify_imagegen.checkup.doctor import Doctor
from shopify_imagegen.disclosure import Disclosure
from shopify_imagegen.errors import ConfigError, ImagegenError, Temporary
from shopify_imagegen.generate import COLLECT_FOR, Generate
from shopify_imagegen.installing import Installing
from shopify_imagegen.leaving import Leaving
from shopify_imagegen.line import Line
from shopify_imagegen.linking import Linking
from shopify_imagegen.look import Look
from shopify_imagegen.metering import metered, metered_sleep
from shopify_imagegen.pausing import TRY_AGAIN_S, ProviderPauses, ShopPauses
from shopify_imagegen.plan import Studio, open_studio
from shopify_imagegen.ports import ImageProvider, Installation
from shopify_imagegen.prune import Prune
from shopify_imagegen.publish import Prepare
from shopify_imagegen.reconcile import Sweep
from shopify_imagegen.regenerate import Regenerate
from shopify_imagegen.resuming import RESUME_EVERY_S, Resume
from shopify_imagegen.review import Review
from shopify_imagegen.rollback import Rollback
from shopify_imagegen.settings import LOOPBACK, Settings, TriggerSection, load, microusd
from shopify_imagegen.steps import Steps
from shopify_imagegen.storm import Storm
from shopify_imagegen.surveying import Survey
from shopify_imagegen.swap import Swap
from shopify_imagegen.tailoring import Tailor
from shopify_imagegen.variety import VariedCatalog, VariedCatalogue, Variety
from shopify_imagegen.wishes import Wishes

if TYPE_CHECKING:
    from shopify_imagegen.feeding import Feeder
    from shopify_imagegen.worker import Chore, Worker
    from shopify_imagegen.workflow import Engine

SWEEP_LOOK_S = 2.0  # between looks for a shop whose turn it is; sweep.every_s is the time between two sweeps of a shop
PRUNE_EVERY_S = 6 * 3600.0
METERS_EVERY_S = 5.0
VISITS_PER_MINUTE, VISITS_AT_ONCE = 600, 200
CALLS_PER_MINUTE, CALLS_AT_ONCE = 300, 120
FEED_EVERY_S = 1.0  # between looks for a backfill's next products
SURVEY_EVERY_S = 5.0  # between looks for a backfill that is to be planned
HASTY_S = 4.0  # for one answer, when a person waits


def utc_now() -> datetime:
    return datetime.now(UTC)


class House:
    """Every part, made when it is first asked for: the web role needs few of them.

    Args:
        settings: read once; the parts receive what they need of it.
        waits: factor on the waits between tries, so that a test of hours takes seconds.
        database_wait_s: how long to wait for a database that is busy; None for the usual time.
    """

    def __init__(self, settings: Settings, *, waits: float = 1.0, database_wait_s: float | None = None) -> None:
        self.settings = settings
        self._database_wait_s = database_wait_s
        self._waits = waits

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.database.url, wait_s=self._database_wait_s)

    @cached_property
    def inbox(self) -> SqlInbox:
        return SqlInbox(self.database, utc_now)

    @cached_property
    def wishes(self) -> Wishes:
        return Wishes(inbox=self.inbox, jobs=self.jobs, shops=self.shops)

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

    @property
    def app_secrets(self) -> list[str]:
        """The app's own secret and, while rotating, the old one: Shopify signs with either."""
        section = self.settings.shopify
        return [each.get_secret_value() for each in (section.client_secret, section.old_client_secret)]

    @cached_property
    def sessions(self) -> shopify.SessionTokens:
        return shopify.SessionTokens(client_id=self.settings.shopify.client_id, secrets=self.app_secrets)

    def permitted(self, shop: str, scopes: Sequence[str]) -> None:
        """A store has said what we may do."""
        ShopPauses(shops=self.shops).permitted(shop, scopes, wanted=self.settings.shopify.scopes)

    @cached_property
    def consent(self) -> shopify.Consent:
        section = self.settings.shopify
        return shopify.Consent(
            client_id=section.client_id,
            secrets=self.app_secrets,
            base_url=section.base_url,
            scopes=section.scopes,
            clock=utc_now,
        )

    @cached_property
    def installing(self) -> Installing:
        return Installing(shops=self.shops, tokens=self.shopify.tokens, permitted=self.permitted, clock=utc_now)

    @cached_property
    def steps(self) -> Steps:
        """Those of the worker role; its stages wait through them, so that a stop does not wait for a wait."""
        return Steps(waits=self._waits)

    @cached_property
    def shopify(self) -> shopify.Neighbour:
        sleep = metered_sleep(self.steps.sleep, self.meters, "shopify_wait")
        neighbour = shopify.connect(
            self.settings.shopify, self.shops, sleep=sleep, clock=utc_now, noticed=self.permitted
        )
        return replace(
            neighbour,
            catalog=metered(neighbour.catalog, self.meters, "shopify"),
            media=metered(neighbour.media, self.meters, "shopify"),
            variants=metered(neighbour.variants, self.meters, "shopify"),
            metafields=metered(neighbour.metafields, self.meters, "shopify"),
        )

    @cached_property
    def downloads(self) -> downloads.Downloads:
        hosts = [*self.settings.app.picture_hosts, *self._neighbours()]
        return downloads.connect(hosts=hosts, loopback=self.is_local)

    @cached_property
    def visitors(self) -> Buckets:
        """The pace of each address that is not signed in by anything yet."""
        return Buckets(per_minute=VISITS_PER_MINUTE, at_once=VISITS_AT_ONCE)

    @cached_property
    def callers(self) -> Buckets:
        """The pace at which each shop's people and extensions may ask us to do something."""
        return Buckets(per_minute=CALLS_PER_MINUTE, at_once=CALLS_AT_ONCE)

    @cached_property
    def provider(self) -> ImageProvider:
        return metered(provider(self.settings.provider, self.downloads), self.meters, "provider")

    @cached_property
    def provider_pauses(self) -> ProviderPauses:
        pauses = SqlPauses(self.database, utc_now)
        return ProviderPauses(pauses=pauses, provider=self.provider, try_again_s=TRY_AGAIN_S * self._waits)

    @cached_property
    def tailor(self) -> Tailor:
        """Each shop's settings and studio."""
        saved = SqlShopSettings(self.database, utc_now)
        return Tailor(settings=self.settings, saved=saved, opened=self._open_studio, clock=utc_now)

    def _open_studio(self, settings: Settings) -> Studio:
        limits = self.provider
        return open_studio(settings, max_references=limits.max_references, max_prompt_chars=limits.max_prompt_chars)

    def _trigger(self, shop: str) -> TriggerSection:
        """Of a shop whose own settings do not fit any more, the file's: its looks will say what is wrong."""
        try:
            return self.tailor.settings(shop).trigger
        except ConfigError:
            return self.settings.trigger

    @cached_property
    def look(self) -> Look:
        return Look(
            catalog=VariedCatalog(self.shopify.catalog, self._variety),
            jobs=self.jobs,
            watch=self.watch,
            shops=self.shops,
            studio=self.tailor.studio,
            quote=self.provider.quote,
            storm=self.storm,
            clock=utc_now,
        )

    @cached_property
    def storm(self) -> Storm:
        chosen = self.settings.provider.chosen
        return Storm(
            holds=SqlHolds(self.database, utc_now),
            watch=self.watch,
            threshold=lambda shop: self._trigger(shop).storm_threshold,
            product_price_microusd=self._product_price_microusd,
            product_takes_s=60 / chosen.requests_per_minute * self.settings.images.per_product,
            clock=utc_now,
        )

    @cached_property
    def sweep(self) -> Sweep:
        return Sweep(
            shops=self.shops,
            catalog=self.shopify.catalog,
            watch=self.watch,
            cursors=SqlCursors(self.database, utc_now),
            every_s=self.settings.sweep.every_s,
            trigger=self._trigger,
            clock=utc_now,
        )

    @cached_property
    def decisions(self) -> SqlDecisions:
        return SqlDecisions(self.database, utc_now)

    @cached_property
    def spending(self) -> SqlSpend:
        return SqlSpend(self.database)

    @cached_property
    def overview(self) -> SqlOverview:
        return SqlOverview(self.database)

    @cached_property
    def backfill_rows(self) -> SqlBackfills:
        return SqlBackfills(self.database, utc_now)

    @cached_property
    def backfill_numbers(self) -> SqlBackfillNumbers:
        return SqlBackfillNumbers(self.database, utc_now)

    @cached_property
    def backfills(self) -> Backfilling:
        return Backfilling(
            backfills=self.backfill_rows,
            numbers=self.backfill_numbers,
            time_zone=lambda shop: self.shopify.installation.installed(shop).timezone,
            clock=utc_now,
        )

    @cached_property
    def backfill_report(self) -> SqlBackfillReport:
        return SqlBackfillReport(self.database, self.backfill_rows)

    def usual_picture_s(self) -> float | None:
        """What one picture takes the provider, as measured; None while we have bought none."""
        totals = self.meters.totals()
        seconds, count = (_of_call(totals.get(f"provider_seconds_{each}", []), "render") for each in ("sum", "count"))
        return seconds / count if count else None

    @cached_property
    def survey(self) -> Survey:
        return Survey(
            catalogue=VariedCatalogue(self.shopify.catalogue, self._variety),
            past=SqlPast(self.database),
            backfills=self.backfill_rows,
            studio=self.tailor.studio,
            quote=self.provider.quote,
            clock=utc_now,
        )

    def _feeder(self, engine: Engine) -> Feeder:
        from shopify_imagegen.feeding import Feeder
        from shopify_imagegen.workflow import bulk_at_once

        at_once = bulk_at_once(self.settings.provider.chosen.concurrency)
        return Feeder(
            backfills=self.backfill_rows,
            numbers=self.backfill_numbers,
            survey=self.survey,
            catalog=self.shopify.catalog,
            past=SqlPast(self.database),
            jobs=self.jobs,
            pauses=self.look.pauses,
            provider=self.provider_pauses,
            limits=lambda shop: self.tailor.settings(shop).budget,
            starter=engine,
            at_once=lambda: at_once * max(1, self.workers.alive()),
            clock=utc_now,
        )

    @cached_property
    def meters(self) -> SqlMeters:
        return SqlMeters(self.database)

    def picture_price_microusd(self) -> int:
        """What the provider says of its price; where it does not answer, what the settings say."""
        chosen = self.settings.provider.chosen
        quoted = self.provider.quote(chosen.resolution)
        return microusd(chosen.prices_usd[chosen.resolution]) if quoted is None else quoted

    def _product_price_microusd(self, shop: str) -> int:
        return self.tailor.settings(shop).images.per_product * self.picture_price_microusd()

    def prune(self, engine: Engine | None = None) -> Prune:
        return Prune(rows=SqlPrune(self.database), workflows=engine, clock=utc_now)

    def schema_version(self) -> str:
        return vitals.look(self.settings.database.url, wait_s=HASTY_S).schema_version

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

    @cached_property
    def _hasty_installation(self) -> Installation:
        """For a person who waits for an answer, be it a bad one."""
        section = self.settings.shopify
        hasty = section.model_copy(update={"timeout_s": min(HASTY_S, section.timeout_s)})
        return shopify.connect(hasty, self.shops, sleep=lambda _seconds: None, clock=utc_now).installation

    @property
    def is_local(self) -> bool:
        """Whether a neighbour lives on this machine: the sandbox."""
        return any(host in LOOPBACK for host in self._neighbours())

    def _neighbours(self) -> list[str]:
        urls = (self.settings.shopify.base_url, self.settings.provider.chosen.base_url)
        return [urlsplit(url.replace("{shop}", "shop.myshopify.com")).hostname or "" for url in urls]

    def readings(self) -> dict[str, list[tuple[dict[str, str], float]]]:
        """Every number that /metrics shows of the whole house."""
        lags = [({"shop": shop}, lag) for shop, lag in self.sweep.lags().items()]
        gauges = SqlGauges(self.database, utc_now).read()
        gauges["workers_alive"] = [({}, self.workers.alive())]
        return gauges | self.meters.totals() | {"sweep_lag_seconds": lags}

    @cached_property
    def pictures(self) -> SqlPictures:
        return SqlPictures(self.database, utc_now)

    @cached_property
    def _attach(self) -> Attach:
        return Attach(
            jobs=self.jobs,
            pictures=self.pictures,
            media=self.shopify.media,
            settings=lambda shop: self.tailor.settings(shop).publish,
            sleep=self.steps.sleep,
        )

    @cached_property
    def _swap(self) -> Swap:
        media, sleep = self.shopify.media, self.steps.sleep
        return Swap(
            jobs=self.jobs,
            pictures=self.pictures,
            media=media,
            attach=self._attach,
            linking=self.linking,
            sleep=sleep,
        )

    @cached_property
    def linking(self) -> Linking:
        return Linking(
            pictures=self.pictures,
            variants=self.shopify.variants,
            media=self.shopify.media,
            settings=lambda shop: self.tailor.settings(shop).images,
        )

    @cached_property
    def _variety(self) -> Variety:
        return Variety(
            variants=self.shopify.variants,
            option=lambda shop: self.tailor.settings(shop).images.per_variant_option,
        )

    @cached_property
    def rollback(self) -> Rollback:
        return Rollback(
            jobs=self.jobs,
            pictures=self.pictures,
            media=self.shopify.media,
            variants=self.shopify.variants,
            watch=self.watch,
            swap=self._swap,
            linking=self.linking,
            disclosure=self.disclosure,
            sleep=self.steps.sleep,
        )

    @cached_property
    def disclosure(self) -> Disclosure:
        return Disclosure(
            pictures=self.pictures,
            metafields=self.shopify.metafields,
            settings=lambda shop: self.tailor.settings(shop).disclosure,
        )

    @cached_property
    def regenerate(self) -> Regenerate:
        return Regenerate(
            catalog=VariedCatalog(self.shopify.catalog, self._variety),
            jobs=self.jobs,
            pictures=self.pictures,
            look=self.look,
        )

    @cached_property
    def review(self) -> Review:
        return Review(jobs=self.jobs, pictures=self.pictures, media=self.shopify.media)

    @cached_property
    def line(self) -> Line:
        media, settings = self.shopify.media, self.tailor.settings
        return Line(
            look=self.look,
            generate=self._generate(),
            prepare=Prepare(
                jobs=self.jobs, spool=self.ledger, media=media, downloads=self.downloads, sleep=self.steps.sleep
            ),
            attach=self._attach,
            jobs=self.jobs,
            watch=self.watch,
            inbox=self.inbox,
            regenerate=self.regenerate,
            reviews=self.review,
            rollback=self.rollback,
            swap=self._swap,
            linking=self.linking,
            disclosure=self.disclosure,
            review=lambda shop: settings(shop).publish.mode == "review",
            backfills=Gate(self.backfill_rows),
            announce=self._announce(),
            clock=utc_now,
        )

    def _announce(self) -> Announce:
        return Announce(
            handle=self.settings.shopify.flow_trigger,
            jobs=self.jobs,
            ledger=self.ledger,
            flow=self.shopify.flow,
            told=SqlTold(self.database, utc_now),
        )

    def worker(self) -> Worker:
        """A worker of this process, with an id that no other process has."""
        from shopify_imagegen.dispatch import Dispatcher  # the engine takes half a second to import:
        from shopify_imagegen.worker import Worker  # only the worker role shall wait for it
        from shopify_imagegen.workflow import Engine

        worker_id = f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}"
        chosen = self.settings.provider.chosen
        engine = Engine(
            metered(self.line, self.meters, "stage"),
            unlooked=self._unlooked,
            steps=self.steps,
            database=make_engine(engine_url(self.settings.database.url), own_transactions=False, pool_size=3),
            border=our_errors,
            executor_id=worker_id,
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
            leaving=Leaving(shops=self.shops, erase=SqlErase(self.database), forget=engine.forget),
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

    def _generate(self) -> Generate:
        return Generate(
            jobs=self.jobs,
            ledger=self.ledger,
            provider=self.provider,
            downloads=self.downloads,
            patience=self._paid_call(),
            stubborn=_stubborn(),
            limits=lambda shop: self.tailor.settings(shop).budget,
            clock=utc_now,
            pauses=self.provider_pauses,
            decisions=self.decisions,
            on_unknown=self.settings.budget.on_unknown,
            collect_for=COLLECT_FOR * self._waits,
            of_backfill=Gate(self.backfill_rows).ceiling,
        )

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

    def _paid_call(self) -> Patient:
        """Repeats a paid call that certainly did not begin."""
        return patience(
            on=(Temporary,), attempts=4, total_s=240, first_wait_s=2, longest_wait_s=120, sleep=self.steps.sleep
        )

    def _unlooked(self, shop: str, product_id: str, reason: str) -> None:
        """A look that failed for good is a named state too; the product's next change is looked at again."""
        self.watch.settle(shop, product_id, waiting=True, state="failed", reason=reason)


def open_house(path: Path | None = None, *, is_role: bool = False, database_wait_s: float | None = None) -> House:
    """The house over the settings of this process, its database brought up to date.

    Args:
        is_role: of a process that shall last: it waits for a database that is away, for some minutes.
    """
    house = House(load(path), database_wait_s=database_wait_s)
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


def _stubborn() -> Patient:
    """Repeats a write to our own database: what it writes down has been paid for."""
    return patience(on=(Temporary,), attempts=60, total_s=300, first_wait_s=0.5, longest_wait_s=10)


def _of_call(series: list[tuple[dict[str, str], float]], call: str) -> float:
    """The sum of what was measured of one call."""
    return sum(value for labels, value in series if labels.get("call") == call)
