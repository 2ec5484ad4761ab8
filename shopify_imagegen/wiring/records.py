"""The database's parts: one each table or two, over one connection pool."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property

from shopify_imagegen.adapters.database import vitals
from shopify_imagegen.adapters.database.backfill_numbers import SqlBackfillNumbers
from shopify_imagegen.adapters.database.backfill_report import SqlBackfillReport
from shopify_imagegen.adapters.database.backfills import SqlBackfills
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.decisions import SqlDecisions
from shopify_imagegen.adapters.database.inbox import SqlInbox
from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.meters import SqlMeters
from shopify_imagegen.adapters.database.overview import SqlOverview
from shopify_imagegen.adapters.database.pictures import SqlPictures
from shopify_imagegen.adapters.database.shops import SqlShops
from shopify_imagegen.adapters.database.spend import SqlSpend
from shopify_imagegen.adapters.database.vault import Vault, key_of
from shopify_imagegen.adapters.database.watch import SqlWatch
from shopify_imagegen.adapters.database.workers import SqlWorkers
from shopify_imagegen.settings import Settings

HASTY_S = 4.0  # for one answer, when a person waits


def utc_now() -> datetime:
    return datetime.now(UTC)


class Records:
    """What is written down. Each part is made when it is first asked for."""

    def __init__(
        self,
        settings: Settings,
        *,
        waits: float = 1.0,
        database_wait_s: float | None = None,
        hurried: bool = False,
    ) -> None:
        self.settings = settings
        self._hurried = hurried
        self._database_wait_s = database_wait_s
        self._waits = waits

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.database.url, wait_s=self._database_wait_s)

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
    def backfill_report(self) -> SqlBackfillReport:
        return SqlBackfillReport(self.database, self.backfill_rows)

    @cached_property
    def meters(self) -> SqlMeters:
        return SqlMeters(self.database)

    def schema_version(self) -> str:
        return vitals.look(self.settings.database.url, wait_s=HASTY_S).schema_version

    @cached_property
    def pictures(self) -> SqlPictures:
        return SqlPictures(self.database, utc_now)
