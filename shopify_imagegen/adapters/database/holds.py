"""Storms of new products: one open hold a shop, its products, and the decision that ends it, each in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import audit, holds, watched
from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import Hold, SkipReason
from shopify_imagegen.ports import Clock

RELEASE_BATCH = 1000


class SqlHolds:
    """Keeps `ports.Holds`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def heard(self, shop: str, product_id: str, *, not_before: datetime) -> datetime:
        now, mine = self._clock(), _mine(shop, product_id)
        with self._database.read() as connection:
            known = connection.execute(sa.select(watched.c.created_heard_at, watched.c.hold_id).where(mine)).first()
        if known and known.created_heard_at and (known.hold_id or known.created_heard_at >= not_before):
            moment: datetime = known.created_heard_at
            return moment
        with self._database.write() as connection:
            connection.execute(sa.update(watched).where(mine).values(created_heard_at=now))
        return now

    def moments(self, shop: str, around: datetime, *, within: timedelta, limit: int) -> Sequence[datetime]:
        at = watched.c.created_heard_at
        query = sa.select(at).where(watched.c.shop == shop).limit(limit)
        before = query.where(at > around - within, at <= around).order_by(at.desc())
        after = query.where(at > around, at < around + within).order_by(at)
        with self._database.read() as connection:
            return [*reversed(connection.scalars(before).all()), *connection.scalars(after)]

    def keep(self, shop: str, product_id: str, *, storm: bool, held: str, dismissed: str) -> bool:
        with self._database.write() as connection:
            own = connection.execute(_own_hold(shop, product_id)).first()
            if own and own.state == "started":
                return False
            if own and own.state == "dismissed":
                _set(connection, shop, product_id, state="dismissed", reason=dismissed, open=False)
                return True
            hold_id = own.id if own else self._joined(connection, shop, opens=storm)
            if hold_id:
                before = sa.case((watched.c.state == "held", watched.c.state_before_hold), else_=watched.c.state)
                fields = {"hold_id": hold_id, "state_before_hold": before, "state": "held", "open": False}
                _set(connection, shop, product_id, reason=held, **fields)
            return hold_id is not None

    def open(self, shop: str) -> Hold | None:
        with self._database.read() as connection:
            hold_id = connection.scalar(sa.select(holds.c.id).where(holds.c.shop == shop, holds.c.state == "open"))
            return _read(connection, hold_id) if hold_id else None

    def find(self, hold_id: str) -> Hold:
        with self._database.read() as connection:
            return _read(connection, hold_id)

    def start(self, hold_id: str, *, by: str, reason: str, every: timedelta) -> Hold:
        with self._database.write() as connection:
            if self._decide(connection, hold_id, "started", by):
                self._release(connection, hold_id, reason, every)
            return _read(connection, hold_id)

    def dismiss(self, hold_id: str, *, by: str, reason: str) -> Hold:
        with self._database.write() as connection:
            if self._decide(connection, hold_id, "dismissed", by):
                left = {"state": "dismissed", "reason": reason, "open": False, "due_at": None}
                connection.execute(sa.update(watched).where(watched.c.hold_id == hold_id).values(left))
            return _read(connection, hold_id)

    def _joined(self, connection: sa.Connection, shop: str, *, opens: bool) -> str | None:
        """The shop's open hold, locked so that it is not decided meanwhile; a new one if asked for."""
        query = sa.select(holds.c.id).where(holds.c.shop == shop, holds.c.state == "open").with_for_update()
        while True:
            found: str | None = connection.scalar(query)
            if found or not opens:
                return found
            row = {"id": f"hold-{uuid4().hex[:8]}", "shop": shop, "state": "open", "created_at": self._clock()}
            insert = self._database.insert(holds).values(row)
            connection.execute(insert.on_conflict_do_nothing())  # of two at once, one; a unique index sees to it

    def _decide(self, connection: sa.Connection, hold_id: str, state: str, by: str) -> bool:
        """Whether this was the decision; False when the same one was made before."""
        values = {"state": state, "decided_by": by, "decided_at": self._clock()}
        update = sa.update(holds).where(holds.c.id == hold_id, holds.c.state == "open").values(values)
        first = connection.execute(update).rowcount == 1
        hold = _read(connection, hold_id)
        if hold.state != state:
            raise Conflict(f"{hold_id} was {hold.state} before, by {hold.decided_by or 'somebody'}")
        if first:
            detail = {"hold": hold_id, "products": hold.products}
            entry = {"at": values["decided_at"], "shop": hold.shop, "product_id": "", "actor": by or "somebody"}
            connection.execute(sa.insert(audit).values(**entry, action=f"hold_{state}", detail=detail))
        return first

    def _release(self, connection: sa.Connection, hold_id: str, reason: str, every: timedelta) -> None:
        """One after the other: whatever is listed meanwhile finds its turn between them."""
        now, before = self._clock(), watched.c.state_before_hold
        waited = sa.case((before == SkipReason.NO_PHOTOS, before), else_="released")  # the look wants to know
        mine = watched.c.hold_id == hold_id
        values = {"state": waited, "reason": reason, "open": True, "rechecks": 0, "revision": watched.c.revision + 1}
        connection.execute(sa.update(watched).where(mine).values(values))
        turns = sa.select(watched.c.product_id).where(mine).order_by(watched.c.created_heard_at, watched.c.product_id)
        product_ids = connection.scalars(turns).all()
        turn = sa.update(watched).where(mine, watched.c.product_id == sa.bindparam("id"))
        rows = [{"id": each, "due": now + place * every} for place, each in enumerate(product_ids)]
        for start in range(0, len(rows), RELEASE_BATCH):
            connection.execute(turn.values(due_at=sa.bindparam("due")), rows[start : start + RELEASE_BATCH])


def _mine(shop: str, product_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(watched.c.shop == shop, watched.c.product_id == product_id)


def _own_hold(shop: str, product_id: str) -> sa.Select[Any]:
    """The hold that the product is in, locked so that it is not decided meanwhile."""
    joined = sa.select(holds.c.id, holds.c.state).join(watched, watched.c.hold_id == holds.c.id)
    return joined.where(_mine(shop, product_id)).with_for_update(of=holds)


def _set(connection: sa.Connection, shop: str, product_id: str, **values: Any) -> None:
    connection.execute(sa.update(watched).where(_mine(shop, product_id)).values(values))


def _read(connection: sa.Connection, hold_id: str) -> Hold:
    row = connection.execute(sa.select(holds).where(holds.c.id == hold_id)).mappings().first()
    if row is None:
        raise NotFound(f"there is no hold {hold_id}")
    members = sa.select(sa.func.count()).select_from(watched).where(watched.c.hold_id == hold_id)
    return Hold(**row, products=connection.scalar(members) or 0)
