"""Old rows that nobody will ask for again, dropped in small batches so that nobody waits for it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.drop import drop
from shopify_imagegen.adapters.database.tables import (
    backfill_items,
    backfills,
    deliveries,
    images,
    shop_settings,
    spool,
    workers,
)
from shopify_imagegen.models import BackfillState, ImageState

VERSIONS_KEPT = 50  # of each shop's settings, however old: a way back to a style that was good
WORDS_BATCH = 500  # products
OVER = (BackfillState.DONE, BackfillState.CANCELLED, BackfillState.ROLLED_BACK)
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
        return drop(self._database, deliveries, deliveries.c.done_at < before)

    def spool(self, before: datetime) -> int:
        """Bytes that arrived before then, of pictures that the store has, or that are not fit for it."""
        settled = sa.exists().where(images.c.id == spool.c.key, images.c.state.in_(OF_NO_USE))
        return drop(self._database, spool, sa.and_(spool.c.created_at < before, settled))

    def heartbeats(self, before: datetime) -> int:
        """Workers that were last seen before then."""
        return drop(self._database, workers, workers.c.seen_at < before)

    def settings(self, before: datetime) -> int:
        """Versions of what shops had set that were saved before then; the newest of each shop stay."""
        others = shop_settings.alias()
        newest = sa.select(sa.func.max(others.c.version)).where(others.c.shop == shop_settings.c.shop)
        passed = shop_settings.c.version <= newest.scalar_subquery() - VERSIONS_KEPT
        return drop(self._database, shop_settings, sa.and_(shop_settings.c.saved_at < before, passed))

    def plans(self, before: datetime) -> int:
        """Backfills that were never started, with their products; those first, so that no row is left unfound."""
        old = sa.and_(backfills.c.started_at.is_(None), backfills.c.updated_at < before)
        drop(self._database, backfill_items, backfill_items.c.backfill_id.in_(sa.select(backfills.c.id).where(old)))
        return drop(self._database, backfills, old)

    def words(self, before: datetime) -> int:
        """What was planned word by word, of backfills that are over; what was made and paid stays."""
        over = sa.select(backfills.c.id).where(backfills.c.state.in_(OVER), backfills.c.ended_at < before)
        with self._database.read() as connection:
            ids = connection.scalars(over).all()
        return sum(map(self._forget_words, ids))

    def _forget_words(self, backfill_id: str) -> int:
        mine = sa.and_(backfill_items.c.backfill_id == backfill_id, backfill_items.c.plan.is_not(None))
        some = sa.select(backfill_items.c.number).where(mine).limit(WORDS_BATCH).scalar_subquery()
        forget = sa.update(backfill_items).where(mine, backfill_items.c.number.in_(some)).values(plan=None)
        forgotten = 0
        while True:
            with self._database.write() as connection:
                count = connection.execute(forget).rowcount
            forgotten += count
            if count < WORDS_BATCH:
                return forgotten
