"""Rows go in small commits, so that nobody waits for it; begun again after a crash, it goes on."""

from __future__ import annotations

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import spool

BATCH = 500
BYTES_BATCH = 20  # pictures of some megabytes each


def drop(database: Database, table: sa.Table, rows: sa.ColumnElement[bool]) -> int:
    """Delete the *rows* of a table. Returns how many there were."""
    keys = list(table.primary_key)
    batch = BYTES_BATCH if table is spool else BATCH
    dropped = 0
    while True:
        with database.write() as connection:
            found = connection.execute(sa.select(*keys).where(rows).limit(batch)).all()
            if found:
                connection.execute(sa.delete(table).where(sa.tuple_(*keys).in_([tuple(row) for row in found])))
        dropped += len(found)
        if len(found) < batch:
            return dropped
