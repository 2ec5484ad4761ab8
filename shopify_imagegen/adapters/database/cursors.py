"""How far each sweep has read. A cursor moves only from where its reader last saw it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import cursors
from shopify_imagegen.models import Cursor
from shopify_imagegen.ports import Clock

TICK = timedelta(microseconds=1)


class SqlCursors:
    """Keeps `ports.Cursors`. The moment of the last move is what tells two readers apart."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def all(self, name: str) -> Mapping[str, Cursor]:
        query = sa.select(cursors).where(cursors.c.name == name)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {row.shop: Cursor(value=row.value, updated_at=row.updated_at) for row in rows}

    def move(self, shop: str, name: str, *, before: Cursor | None, value: str) -> Cursor | None:
        now = self._clock()
        moved = Cursor(value=value, updated_at=max(now, before.updated_at + TICK) if before else now)
        row = {"shop": shop, "name": name, **moved.model_dump()}
        if before is None:
            statement = self._database.insert(cursors).values(row).on_conflict_do_nothing()
        else:
            seen = sa.and_(cursors.c.shop == shop, cursors.c.name == name, cursors.c.updated_at == before.updated_at)
            statement = sa.update(cursors).where(seen).values(row)
        with self._database.write() as connection:  # an INSERT's rowcount is not kept
            return moved if connection.scalar(statement.returning(cursors.c.shop)) else None
