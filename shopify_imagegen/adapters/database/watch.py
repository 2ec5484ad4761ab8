"""Products that a change was heard of: one row each, so that a burst of edits is one look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import watched
from shopify_imagegen.models import Watched
from shopify_imagegen.ports import Clock

DUE = (  # asked four times a second
    sa.select(watched.c.shop, watched.c.product_id, watched.c.revision)
    .where(watched.c.due_at <= sa.bindparam("now"))
    .order_by(watched.c.due_at)
    .limit(sa.bindparam("most"))
)


def utc_now() -> datetime:
    return datetime.now(UTC)


class SqlWatch:
    """Keeps `ports.Watch`."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def touch(self, shop: str, product_id: str, *, created: bool, due_at: datetime) -> None:
        row = {"shop": shop, "product_id": product_id, "created_seen": created, "due_at": due_at}
        heard_at = self._clock() if created else None
        insert = self._database.insert(watched).values(**row, revision=1, open=True, created_heard_at=heard_at)
        first_heard = sa.and_(sa.literal(created), sa.not_(watched.c.created_seen))  # the create came after an update
        again = insert.on_conflict_do_update(
            index_elements=["shop", "product_id"],
            set_={
                "revision": watched.c.revision + 1,
                "created_seen": sa.or_(watched.c.created_seen, sa.literal(created)),
                "due_at": due_at,
                "open": True,
                "rechecks": 0,
                "created_heard_at": sa.func.coalesce(watched.c.created_heard_at, insert.excluded.created_heard_at),
            },
            where=sa.or_(watched.c.open, first_heard),
        )
        with self._database.write() as connection:
            connection.execute(again)

    def due(self, now: datetime, limit: int) -> tuple[tuple[str, str, int], ...]:
        with self._database.read() as connection:
            rows = connection.execute(DUE, {"now": now, "most": limit}).all()
        return tuple((row.shop, row.product_id, row.revision) for row in rows)

    def started(self, shop: str, product_id: str, revision: int) -> None:
        self._update(shop, product_id, watched.c.revision == revision, due_at=None)

    def created_seen(self, shop: str, product_id: str) -> bool:
        query = sa.select(watched.c.created_seen).where(self._mine(shop, product_id))
        with self._database.read() as connection:
            return bool(connection.scalar(query))

    def state(self, shop: str, product_id: str) -> tuple[str, str] | None:
        """The named state that the last look ended in, and its reason."""
        query = sa.select(watched.c.state, watched.c.reason).where(self._mine(shop, product_id))
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return (row.state, row.reason) if row and row.state else None

    def known(self, shop: str, product_ids: Sequence[str]) -> Mapping[str, Watched]:
        mine = sa.and_(watched.c.shop == shop, watched.c.product_id.in_(product_ids))
        with self._database.read() as connection:
            rows = connection.execute(sa.select(watched).where(mine)).all()
        return {row.product_id: _known(row) for row in rows}

    def settle(self, shop: str, product_id: str, *, waiting: bool, state: str, reason: str) -> None:
        self._update(shop, product_id, sa.true(), open=waiting, state=state, reason=reason)

    def recheck(self, shop: str, product_id: str, due_at: datetime) -> None:
        nothing_newer = watched.c.due_at.is_(None)
        after = watched.c.revision + 1
        self._update(shop, product_id, nothing_newer, due_at=due_at, revision=after, rechecks=watched.c.rechecks + 1)

    def wake(self, shops: Sequence[str], state: str, due_at: datetime) -> int:
        asleep = sa.and_(watched.c.shop.in_(shops), watched.c.state == state, watched.c.due_at.is_(None))
        with self._database.read() as connection:  # nearly always nobody sleeps: that needs no lock
            if connection.scalar(sa.select(watched.c.shop).where(asleep).limit(1)) is None:
                return 0
        values = {"due_at": due_at, "revision": watched.c.revision + 1}
        with self._database.write() as connection:
            return connection.execute(sa.update(watched).where(asleep).values(values)).rowcount

    def rechecks(self, shop: str, product_id: str) -> int:
        """How often we looked again by ourselves since the last change that we heard of."""
        with self._database.read() as connection:
            return connection.scalar(sa.select(watched.c.rechecks).where(self._mine(shop, product_id))) or 0

    def forget(self, shop: str, product_id: str) -> None:
        """As if never heard of. The row stays for its revision: a look is named by it, and a used name does nothing."""
        blank = {"created_seen": False, "due_at": None, "open": True, "state": "", "reason": "", "rechecks": 0}
        blank |= {"created_heard_at": None, "hold_id": None, "state_before_hold": None}
        self._update(shop, product_id, sa.true(), **blank)

    def _update(self, shop: str, product_id: str, condition: sa.ColumnElement[bool], **values: Any) -> None:
        with self._database.write() as connection:
            mine = sa.and_(self._mine(shop, product_id), condition)
            connection.execute(sa.update(watched).where(mine).values(**values))

    @staticmethod
    def _mine(shop: str, product_id: str) -> sa.ColumnElement[bool]:
        return sa.and_(watched.c.shop == shop, watched.c.product_id == product_id)


def _known(row: sa.Row[Any]) -> Watched:
    return Watched(created_seen=row.created_seen, open=row.open, is_due=row.due_at is not None, state=row.state)
