"""Which worker processes are alive, as the web role and the command line see it."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import workers
from shopify_imagegen.ports import Clock

SILENT_AFTER = timedelta(seconds=30)


class SqlWorkers:
    """Heartbeats of workers; a worker that is silent for 30 s counts as gone."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def beat(self, worker_id: str) -> None:
        now = self._clock()
        insert = self._database.insert(workers).values(id=worker_id, started_at=now, seen_at=now)
        with self._database.write() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"seen_at": now}))

    def leave(self, worker_id: str) -> None:
        with self._database.write() as connection:
            connection.execute(sa.delete(workers).where(workers.c.id == worker_id))

    def alive(self) -> int:
        with self._database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(workers).where(self._recent())) or 0

    def rank(self, worker_id: str) -> tuple[int, int]:
        """The worker's zero-based place among those alive, and how many they are; all of them see the same order."""
        with self._database.read() as connection:
            alive = connection.scalars(sa.select(workers.c.id).where(self._recent()).order_by(workers.c.id)).all()
        return (alive.index(worker_id), len(alive)) if worker_id in alive else (len(alive), len(alive) + 1)

    def _recent(self) -> sa.ColumnElement[bool]:
        return workers.c.seen_at > self._clock() - SILENT_AFTER
