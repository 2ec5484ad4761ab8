"""Work that waits until something is mended, for all workers, across restarts."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import pauses
from shopify_imagegen.models import Pause
from shopify_imagegen.ports import Clock

FIND = sa.select(pauses).where(pauses.c.scope == sa.bindparam("wanted"))  # built once: asked before each purchase


class SqlPauses:
    """Keeps `ports.Pauses`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def find(self, scope: str) -> Pause | None:
        with self._database.read() as connection:
            row = connection.execute(FIND, {"wanted": scope}).mappings().first()
        return Pause.model_validate(dict(row)) if row else None

    def all(self) -> tuple[Pause, ...]:
        """Everything that is paused, for the people who watch."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(pauses).order_by(pauses.c.scope)).mappings()
            return tuple(Pause.model_validate(dict(row)) for row in rows)

    def begin(self, scope: str, reason: str) -> bool:
        now = self._clock()
        row = {"scope": scope, "reason": reason, "since": now, "tried_at": now}
        mine = pauses.c.scope == scope
        with self._database.write() as connection:
            insert = self._database.insert(pauses).values(row).on_conflict_do_nothing()
            if connection.scalar(insert.returning(pauses.c.scope)):  # an INSERT's rowcount is not kept
                return True
            connection.execute(sa.update(pauses).where(mine).values(reason=reason, tried_at=now))
        return False

    def take_turn(self, scope: str, *, every_s: float) -> bool:
        now = self._clock()
        due = sa.and_(pauses.c.scope == scope, pauses.c.tried_at <= now - timedelta(seconds=every_s))
        with self._database.write() as connection:
            return connection.execute(sa.update(pauses).where(due).values(tried_at=now)).rowcount == 1

    def end(self, scope: str) -> None:
        with self._database.write() as connection:
            connection.execute(sa.delete(pauses).where(pauses.c.scope == scope))
