"""The deliveries table: what reached us, once each, until it is acted on."""

from __future__ import annotations

import logging
from datetime import datetime

import sqlalchemy as sa
from pydantic import ValidationError

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import deliveries
from shopify_imagegen.models import Arrival, Heard
from shopify_imagegen.ports import Clock

logger = logging.getLogger(__name__)

WAITING = (  # asked four times a second
    sa.select(deliveries)
    .where(deliveries.c.done_at.is_(None))
    .where(sa.or_(deliveries.c.retry_at.is_(None), deliveries.c.retry_at <= sa.bindparam("now")))
    .order_by(deliveries.c.received_at, deliveries.c.id)
    .limit(sa.bindparam("most"))
)
A_JOB, NO_JOB = ANSWERS = ("a job", "no job")


class SqlInbox:
    """Keeps `ports.Inbox`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def record(self, arrival: Arrival) -> bool:
        now = self._clock()
        values = arrival.model_dump(mode="json", exclude={"triggered_at", "received_at"})
        values |= {"triggered_at": arrival.triggered_at, "received_at": now}
        if arrival.intent is None:
            values |= {"done_at": now, "outcome": "nothing to do"}
        with self._database.write() as connection:
            insert = self._database.insert(deliveries).values(values).on_conflict_do_nothing()
            return connection.scalar(insert.returning(deliveries.c.id)) is not None  # its rowcount is not kept

    def waiting(self, limit: int) -> tuple[Arrival, ...]:
        """What is to be done, in the order of arrival. What this version cannot read is put aside, and said."""
        with self._database.read() as connection:
            rows = connection.execute(WAITING, {"now": self._clock(), "most": limit}).mappings().all()
        return tuple(arrival for row in rows if (arrival := self._readable(row)))

    def postpone(self, arrival_id: str, until: datetime, reason: str) -> None:
        with self._database.write() as connection:
            mine = sa.and_(deliveries.c.id == arrival_id, deliveries.c.done_at.is_(None))
            connection.execute(sa.update(deliveries).where(mine).values(retry_at=until, reason=reason))

    def postponed(self) -> tuple[Heard, ...]:
        query = sa.select(deliveries).where(deliveries.c.done_at.is_(None), deliveries.c.retry_at.is_not(None))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(deliveries.c.received_at)).mappings().all()
        return tuple(_heard(row) for row in rows)

    def done(self, arrival_id: str, outcome: str) -> None:
        """An answer that came first is kept: the work may be quicker than the one who started it."""
        said = sa.case((deliveries.c.outcome.in_(ANSWERS), deliveries.c.outcome), else_=outcome)
        with self._database.write() as connection:
            mine = deliveries.c.id == arrival_id
            connection.execute(sa.update(deliveries).where(mine).values(done_at=self._clock(), outcome=said))

    def answer(self, arrival_id: str, *, job_id: str | None, reason: str) -> None:
        with self._database.write() as connection:
            answer = {"outcome": A_JOB if job_id else NO_JOB, "job_id": job_id, "reason": reason}
            connection.execute(sa.update(deliveries).where(deliveries.c.id == arrival_id).values(answer))

    def answered(self, arrival_id: str) -> tuple[str | None, str] | None:
        """What a request led to: a job's id, or None and why not. None altogether while it waits."""
        query = sa.select(deliveries.c.job_id, deliveries.c.reason).where(deliveries.c.id == arrival_id)
        with self._database.read() as connection:
            row = connection.execute(query.where(deliveries.c.outcome.in_(ANSWERS))).first()
        return (row.job_id, row.reason) if row else None

    def find(self, arrival_id: str) -> Heard | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(deliveries).where(deliveries.c.id == arrival_id)).mappings().first()
        return _heard(row) if row else None

    def heard(self) -> dict[str, dict[str, datetime]]:
        newest = sa.select(deliveries.c.shop, deliveries.c.topic, sa.func.max(deliveries.c.received_at))
        query = newest.where(deliveries.c.source == "webhook").group_by(deliveries.c.shop, deliveries.c.topic)
        found: dict[str, dict[str, datetime]] = {}
        with self._database.read() as connection:
            for shop, topic, received_at in connection.execute(query):
                found.setdefault(shop, {})[topic] = received_at
        return found

    def _readable(self, row: sa.RowMapping) -> Arrival | None:
        try:
            return Arrival.model_validate({name: row[name] for name in Arrival.model_fields})
        except ValidationError:
            fields = {"action": "put_aside", "delivery": row["id"], "shop": row["shop"], "topic": row["topic"]}
            logger.error("an arrival of another version cannot be read", extra=fields)
            self.done(row["id"], "not readable by this version")
            return None


def _heard(row: sa.RowMapping) -> Heard:
    arrival = Arrival.model_validate({name: row[name] for name in Arrival.model_fields})
    return Heard(arrival=arrival, outcome=row["outcome"] or "", job_id=row["job_id"], reason=row["reason"])
