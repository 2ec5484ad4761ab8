"""How far a backfill has come, and what it may still take up. Reads only, each by an index."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database import backfill_rows as rows
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.spend import COMMITTED, SUMS, money_of
from shopify_imagegen.adapters.database.tables import backfill_items, budgets, images, jobs, purchases
from shopify_imagegen.budget import Money
from shopify_imagegen.models import (
    Backfill,
    BackfillProgress,
    ImageState,
    ItemState,
    Job,
    JobState,
    PurchaseState,
)
from shopify_imagegen.ports import Clock

LATELY = timedelta(minutes=5)
SAY_WHY = (ImageState.REFUSED, ImageState.OVER_BUDGET, ImageState.UNKNOWN, ImageState.UNFIT, ImageState.FAILED)


_COUNTED = (
    sa.select(sa.func.coalesce(COMMITTED, 0)).where(purchases.c.job_id == jobs.c.id).correlate(jobs).scalar_subquery()
)
_REST = backfill_items.c.price_microusd - _COUNTED
_PROMISED = sa.func.coalesce(sa.func.sum(sa.case((_REST > 0, _REST), else_=0)), 0)
_PRICE = sa.func.coalesce(sa.func.sum(backfill_items.c.price_microusd), 0)
_THIS: sa.BindParameter[str] = sa.bindparam("this")
_COMMITTED = sa.select(budgets.c.committed_microusd).where(
    budgets.c.scope == sa.bindparam("of"), budgets.c.period == sa.bindparam("within")
)


def _begun() -> sa.Select[Any]:
    of_it = sa.and_(backfill_items.c.backfill_id == _THIS, backfill_items.c.product_id == jobs.c.product_id)
    joined = sa.select(sa.func.count(), _PROMISED).select_from(jobs.outerjoin(backfill_items, of_it))
    return joined.where(jobs.c.backfill_id == _THIS, jobs.c.state.not_in(rows.SETTLED))


def _claimed() -> sa.Select[Any]:
    of_it = sa.and_(jobs.c.backfill_id == _THIS, jobs.c.product_id == backfill_items.c.product_id)
    return sa.select(sa.func.count(), _PRICE).where(
        backfill_items.c.backfill_id == _THIS,
        backfill_items.c.state == ItemState.CLAIMED,
        backfill_items.c.claimed_at >= sa.bindparam("since"),
        sa.not_(sa.exists().where(of_it)),
    )


# one statement, so that a product which goes from one to the next meanwhile is seen in one of them
_IN_FLIGHT = sa.union_all(_begun(), _claimed(), sa.select(sa.func.count(), _PRICE).where(rows.not_moved(_THIS)))


class SqlBackfillNumbers:
    """Keeps `ports.BackfillNumbers`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(self, backfill: Backfill) -> BackfillProgress:
        """The numbers of now."""
        mine = jobs.c.backfill_id == backfill.id
        with self._database.read() as connection:
            money = money_of(connection.execute(_bought(mine, *SUMS)).mappings().one())
            begun, lately = self._lately(connection, backfill)
            return BackfillProgress(
                items=_counts(connection, backfill_items.c.state, backfill_items.c.backfill_id == backfill.id),
                jobs=_counts(connection, jobs.c.state, mine),
                images=_counts(connection, images.c.state, mine, _PICTURES),
                reasons=_counts(connection, images.c.reason, sa.and_(mine, images.c.state.in_(SAY_WHY)), _PICTURES),
                paid_microusd=money.paid.microusd,
                unknown_microusd=money.unknown.microusd + money.accepted.microusd,
                reserved_microusd=money.reserved.microusd,
                bought=money.paid.purchases,
                bought_lately=lately,
                lately_s=begun,
            )

    def money(self, backfill: Backfill) -> Money:
        """What it has bought, as the ledger says."""
        with self._database.read() as connection:
            return money_of(connection.execute(_bought(jobs.c.backfill_id == backfill.id, *SUMS)).mappings().one())

    def counted_microusd(self, backfill: Backfill) -> int:
        """What counts against its own ceiling."""
        return self.committed_microusd(f"backfill:{backfill.id}", "all")

    def committed_microusd(self, scope: str, period: str) -> int:
        """What counts against a ceiling now."""
        with self._database.read() as connection:
            return connection.scalar(_COMMITTED, {"of": scope, "within": period}) or 0

    def in_flight(self, backfill: Backfill, *, claimed_since: datetime) -> tuple[int, int]:
        """Products that are under way, and the price of those of their pictures that no budget counts yet."""
        with self._database.read() as connection:
            found = connection.execute(_IN_FLIGHT, {"this": backfill.id, "since": claimed_since}).all()
        return sum(count for count, _ in found), sum(int(microusd) for _, microusd in found)

    def waiting(self, backfill: Backfill) -> int:
        """Products that wait for their turn, or for their job; of a sample, only those in it."""
        mine = rows.in_line(backfill)
        with self._database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(backfill_items).where(mine)) or 0

    def left_behind(self, backfill_id: str, why: str) -> int:
        """Products that say *why* something was left to do."""
        mine = sa.and_(backfill_items.c.backfill_id == backfill_id, backfill_items.c.why == why)
        with self._database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(backfill_items).where(mine)) or 0

    def job(self, backfill: Backfill, product_id: str) -> Job | None:
        """The product's job in this backfill."""
        mine = sa.and_(jobs.c.shop == backfill.shop, jobs.c.product_id == product_id, jobs.c.backfill_id == backfill.id)
        query = sa.select(jobs).where(mine).order_by(jobs.c.created_at.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return Job.model_validate(dict(row)) if row else None

    def parked(self, backfill: Backfill, reason: str | None, *, limit: int) -> list[Job]:
        """Its jobs that were parked with that reason; None: with any."""
        mine = sa.and_(jobs.c.backfill_id == backfill.id, jobs.c.state == JobState.PAUSED)
        mine = mine if reason is None else sa.and_(mine, jobs.c.reason == reason)
        with self._database.read() as connection:
            found = connection.execute(sa.select(jobs).where(mine).limit(limit)).mappings().all()
        return [Job.model_validate(dict(row)) for row in found]

    def _lately(self, connection: sa.Connection, backfill: Backfill) -> tuple[float, int]:
        """Seconds of the window, and how many pictures were paid for in it."""
        now = self._clock()
        since = max(now - LATELY, backfill.started_at or now)
        paid = sa.and_(purchases.c.state == PurchaseState.PAID, purchases.c.settled_at >= since)
        bought = _bought(sa.and_(jobs.c.backfill_id == backfill.id, paid), sa.func.count().label("count"))
        return (now - since).total_seconds(), connection.scalar(bought) or 0


_PICTURES = jobs.join(images, images.c.job_id == jobs.c.id)


def _bought(mine: sa.ColumnElement[bool], *columns: Any) -> sa.Select[Any]:
    joined = jobs.join(purchases, purchases.c.job_id == jobs.c.id)
    return sa.select(*columns).select_from(joined).where(mine)


def _counts(
    connection: sa.Connection, column: sa.Column[str], mine: sa.ColumnElement[bool], source: Any = None
) -> dict[str, int]:
    query = sa.select(column, sa.func.count()).where(mine).group_by(column)
    rows = connection.execute(query.select_from(source) if source is not None else query).all()
    return {row[0]: row[1] for row in rows}
