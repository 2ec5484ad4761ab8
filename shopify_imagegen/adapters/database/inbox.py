"""The deliveries table: what reached us, once each, until it is acted on."""

from __future__ import annotations

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import deliveries
from shopify_imagegen.models import Arrival
from shopify_imagegen.ports import Clock


class SqlInbox:
    """Keeps `ports.Inbox`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def record(self, arrival: Arrival) -> bool:
        now = self._clock()
        values = arrival.model_dump(mode="json", exclude={"triggered_at"})
        values |= {"triggered_at": arrival.triggered_at, "received_at": now}
        if arrival.intent is None:
            values |= {"done_at": now, "outcome": "nothing to do"}
        with self._database.write() as connection:
            insert = self._database.insert(deliveries).values(values).on_conflict_do_nothing()
            return connection.execute(insert).rowcount == 1

    def waiting(self, limit: int) -> tuple[Arrival, ...]:
        query = sa.select(deliveries).where(deliveries.c.done_at.is_(None)).order_by(deliveries.c.received_at)
        with self._database.read() as connection:
            rows = connection.execute(query.limit(limit)).mappings().all()
        return tuple(Arrival.model_validate({name: row[name] for name in Arrival.model_fields}) for row in rows)

    def done(self, arrival_id: str, outcome: str) -> None:
        with self._database.write() as connection:
            mine = deliveries.c.id == arrival_id
            connection.execute(sa.update(deliveries).where(mine).values(done_at=self._clock(), outcome=outcome))

    def answer(self, arrival_id: str, *, job_id: str | None, reason: str) -> None:
        with self._database.write() as connection:
            answer = {"outcome": "a job" if job_id else "no job", "job_id": job_id, "reason": reason}
            connection.execute(sa.update(deliveries).where(deliveries.c.id == arrival_id).values(answer))

    def answered(self, arrival_id: str) -> tuple[str | None, str] | None:
        """What a request led to: a job's id, or None and why not. None altogether while it waits."""
        query = sa.select(deliveries.c.job_id, deliveries.c.reason).where(deliveries.c.id == arrival_id)
        with self._database.read() as connection:
            row = connection.execute(query.where(deliveries.c.outcome.in_(("a job", "no job")))).first()
        return (row.job_id, row.reason) if row else None
