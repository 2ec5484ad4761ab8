"""How things stand right now, in numbers: queues, jobs, pictures, money."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import deliveries, holds, images, jobs, pauses, purchases, shops, watched
from shopify_imagegen.models import FINAL_JOB_STATES, MICRO_PER_USD
from shopify_imagegen.ports import Clock

Samples = list[tuple[dict[str, str], float]]  #: labels, value


class SqlGauges:
    """Counts rows. Each number is one indexed or small query; a scrape reads, and never writes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def read(self) -> dict[str, Samples]:
        """name -> [(labels, value)]; ages in seconds, money in dollars."""
        now = self._clock()
        with self._database.read() as connection:
            waiting, oldest = _waiting(connection)
            overdue, first_due = _overdue(connection, now)
            return {
                "deliveries_waiting": [({}, waiting)],
                "deliveries_waiting_age_seconds": [({}, _age_s(now, oldest))],
                "deliveries_postponed": [({}, _postponed(connection))],
                "products_due": [({}, overdue)],
                "products_due_age_seconds": [({}, _age_s(now, first_due))],
                "jobs_running": _grouped(connection, jobs.c.state, jobs.c.state.not_in(FINAL_JOB_STATES)),
                "images": _grouped(connection, images.c.state),
                "purchases": _grouped(connection, purchases.c.state),
                "money_usd": _money(connection),
                "shops": _grouped(connection, shops.c.state),
                "holds_open": [({}, _count(connection, holds.c.id, holds.c.state == "open"))],
                "pauses": [({}, _count(connection, pauses.c.scope))],
            }


def _waiting(connection: sa.Connection) -> tuple[int, datetime | None]:
    query = sa.select(sa.func.count(), sa.func.min(deliveries.c.received_at))
    unhandled = sa.and_(deliveries.c.done_at.is_(None), deliveries.c.retry_at.is_(None))
    count, oldest = connection.execute(query.where(unhandled)).one()
    return count, oldest


def _postponed(connection: sa.Connection) -> int:
    """News of a store's leaving while Shopify cannot be asked: no queue is stuck for it."""
    return _count(connection, deliveries.c.id, deliveries.c.done_at.is_(None), deliveries.c.retry_at.is_not(None))


def _overdue(connection: sa.Connection, now: datetime) -> tuple[int, datetime | None]:
    query = sa.select(sa.func.count(), sa.func.min(watched.c.due_at)).where(watched.c.due_at <= now)
    count, first = connection.execute(query).one()
    return count, first


def _grouped(connection: sa.Connection, column: sa.Column[str], *conditions: sa.ColumnElement[bool]) -> Samples:
    query = sa.select(column, sa.func.count()).where(*conditions).group_by(column).order_by(column)
    return [({"state": state}, count) for state, count in connection.execute(query)]


def _money(connection: sa.Connection) -> Samples:
    amount = sa.func.sum(sa.func.coalesce(purchases.c.cost_microusd, purchases.c.reserved_microusd))
    query = sa.select(purchases.c.state, amount).group_by(purchases.c.state).order_by(purchases.c.state)
    return [({"state": state}, int(total) / MICRO_PER_USD) for state, total in connection.execute(query)]


def _count(connection: sa.Connection, column: sa.Column[str], *conditions: sa.ColumnElement[bool]) -> int:
    return connection.scalar(sa.select(sa.func.count(column)).where(*conditions)) or 0


def _age_s(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
