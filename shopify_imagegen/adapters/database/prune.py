"""Old rows that nobody will ask for again, dropped in small batches so that nobody waits for it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import deliveries, images, spool, workers
from shopify_imagegen.models import ImageState

BATCH = 500
BYTES_BATCH = 20  # pictures of some megabytes each
SAFE_IN_THE_STORE = (
    ImageState.STAGED,
    ImageState.PUBLISHED,
    ImageState.REJECTED,
    ImageState.ROLLED_BACK,
    ImageState.REPLACED,
)
OF_NO_USE = (*SAFE_IN_THE_STORE, ImageState.UNFIT)  # not FAILED: it was paid for, and may still be published


class SqlPrune:
    """Each method returns how many rows it dropped, and commits after each batch."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def deliveries(self, before: datetime) -> int:
        """What reached us and was done with by then. Keep some days: Shopify may send a delivery again."""
        old = sa.select(deliveries.c.id).where(deliveries.c.done_at < before)
        return self._drop(deliveries.c.id, old, BATCH)

    def spool(self, before: datetime) -> int:
        """Bytes that arrived before then, of pictures that the store has, or that are not fit for it."""
        settled = sa.and_(images.c.id == spool.c.key, images.c.state.in_(OF_NO_USE))
        old = sa.select(spool.c.key).where(spool.c.created_at < before, sa.exists().where(settled))
        return self._drop(spool.c.key, old, BYTES_BATCH)

    def heartbeats(self, before: datetime) -> int:
        """Workers that were last seen before then."""
        return self._drop(workers.c.id, sa.select(workers.c.id).where(workers.c.seen_at < before), BATCH)

    def _drop(self, key: sa.Column[str], old: sa.Select[tuple[str]], batch: int) -> int:
        dropped = 0
        while True:
            with self._database.write() as connection:
                found = connection.scalars(old.limit(batch)).all()
                connection.execute(sa.delete(key.table).where(key.in_(found)))
            dropped += len(found)
            if len(found) < batch:
                return dropped
