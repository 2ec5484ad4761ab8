"""The ledger: what was bought, reserved in one transaction with its ceilings, settled with its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import budgets, purchases, spool
from shopify_imagegen.budget import day, month
from shopify_imagegen.errors import Conflict
from shopify_imagegen.models import Ceiling, Purchase, PurchaseState, Receipt, Rendering
from shopify_imagegen.ports import Clock

OPEN = (PurchaseState.RESERVED, PurchaseState.SENT)


class _NoRoom(Exception):
    """Leaves the transaction, and so takes back what it had counted."""

    def __init__(self, ceiling: Ceiling) -> None:
        self.ceiling = ceiling


class SqlLedger:
    """Keeps `ports.Ledger` and `ports.Spool`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def find(self, key: str) -> Purchase | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(purchases).where(purchases.c.key == key)).mappings().first()
        return _purchase(row) if row else None

    def reserve(self, purchase: Purchase, ceilings: Sequence[Ceiling]) -> Ceiling | None:
        """See `ports.Ledger`. Raises: Conflict when the key is reserved, paid or unknown already."""
        try:
            with self._database.write() as connection:
                self._insert(connection, purchase, ceilings)
                for ceiling in sorted(ceilings, key=lambda each: (each.scope, each.period)):
                    self._count(connection, ceiling, purchase.reserved_microusd)
        except _NoRoom as no_room:
            return no_room.ceiling
        return None

    def sent(self, key: str) -> None:
        self._move(key, (PurchaseState.RESERVED,), PurchaseState.SENT)

    def not_begun(self, key: str) -> None:
        self._move(key, (PurchaseState.SENT,), PurchaseState.RESERVED)

    def sold(self, key: str, receipt: Receipt) -> None:
        mine = sa.and_(purchases.c.key == key, purchases.c.state == PurchaseState.SENT)
        with self._database.write() as connection:
            connection.execute(sa.update(purchases).where(mine).values(receipt=receipt.model_dump(mode="json")))

    def paid(self, key: str, rendering: Rendering, *, spare_microusd: int) -> None:
        cost = spare_microusd if rendering.cost_microusd is None else rendering.cost_microusd
        now = self._clock()
        with self._database.write() as connection:
            row = self._settle(
                connection, key, PurchaseState.PAID, cost_microusd=cost, request_id=rendering.request_id, receipt=None
            )
            _give(connection, row["counted"], cost - row["reserved_microusd"])
            insert = self._database.insert(spool).values(key=key, image=rendering.image, created_at=now)
            connection.execute(insert.on_conflict_do_nothing())

    def lost(self, key: str, reason: str) -> None:
        with self._database.write() as connection:
            receipt = connection.scalar(sa.select(purchases.c.receipt).where(purchases.c.key == key)) or {}
            row = self._settle(connection, key, PurchaseState.PAID, reason=reason)
            cost = receipt.get("cost_microusd")
            cost = row["reserved_microusd"] if cost is None else cost
            values = {"cost_microusd": cost, "request_id": receipt.get("request_id")}
            connection.execute(sa.update(purchases).where(purchases.c.key == key).values(values))
            _give(connection, row["counted"], cost - row["reserved_microusd"])

    def refused(self, key: str, reason: str) -> None:
        with self._database.write() as connection:
            row = self._settle(connection, key, PurchaseState.REFUSED, cost_microusd=0, reason=reason)
            _give(connection, row["counted"], -row["reserved_microusd"])

    def unknown(self, key: str, reason: str) -> None:
        with self._database.write() as connection:
            self._settle(connection, key, PurchaseState.UNKNOWN, reason=reason)

    def spend(self, now: datetime, *, shop: str | None = None) -> dict[str, Any]:
        """Micro-dollars of *now*'s UTC day and month: {"day": {"paid": …, "reserved": …, "unknown": …}, "month": …}."""
        return {"day": self._sums(day(now), shop), "month": self._sums(month(now), shop)}

    def _sums(self, period: str, shop: str | None) -> dict[str, int]:
        amount = sa.func.coalesce(purchases.c.cost_microusd, purchases.c.reserved_microusd)
        query = sa.select(purchases.c.state, sa.func.sum(amount)).group_by(purchases.c.state)
        query = query.where(purchases.c.day.startswith(period))
        if shop:
            query = query.where(purchases.c.shop == shop)
        with self._database.read() as connection:
            found = {row[0]: int(row[1]) for row in connection.execute(query)}
        under_way = sum(found.get(state, 0) for state in OPEN)
        return {
            "paid": found.get(PurchaseState.PAID, 0),
            "reserved": under_way,
            "unknown": found.get(PurchaseState.UNKNOWN, 0),
        }

    def read(self, key: str) -> bytes | None:
        with self._database.read() as connection:
            image = connection.scalar(sa.select(spool.c.image).where(spool.c.key == key))
        return bytes(image) if image is not None else None

    def replace(self, key: str, image: bytes) -> None:
        with self._database.write() as connection:
            connection.execute(sa.update(spool).where(spool.c.key == key).values(image=image))

    def drop(self, key: str) -> None:
        with self._database.write() as connection:
            connection.execute(sa.delete(spool).where(spool.c.key == key))

    def _insert(self, connection: sa.Connection, purchase: Purchase, ceilings: Sequence[Ceiling]) -> None:
        values = purchase.model_dump(mode="python") | {"counted": [[each.scope, each.period] for each in ceilings]}
        insert = self._database.insert(purchases).values(values)
        refused_before = purchases.c.state == PurchaseState.REFUSED
        again = insert.on_conflict_do_update(index_elements=["key"], set_=values, where=refused_before)
        if connection.execute(again).rowcount != 1:
            raise Conflict(f"purchase {purchase.key} is in the ledger already")

    def _count(self, connection: sa.Connection, ceiling: Ceiling, amount_microusd: int) -> None:
        """One conditional statement: it counts the money only where there is room for it."""
        scope = {"scope": ceiling.scope, "period": ceiling.period}
        first = self._database.insert(budgets).values(**scope, committed_microusd=0)
        connection.execute(first.on_conflict_do_nothing())
        after = budgets.c.committed_microusd + amount_microusd
        room = sa.and_(budgets.c.scope == ceiling.scope, budgets.c.period == ceiling.period)
        update = sa.update(budgets).where(room, after <= ceiling.limit_microusd).values(committed_microusd=after)
        if connection.execute(update).rowcount != 1:
            raise _NoRoom(ceiling)

    def _move(self, key: str, before: Sequence[PurchaseState], after: PurchaseState) -> None:
        with self._database.write() as connection:
            mine = sa.and_(purchases.c.key == key, purchases.c.state.in_(before))
            if connection.execute(sa.update(purchases).where(mine).values(state=after)).rowcount != 1:
                raise Conflict(f"purchase {key} is not {' or '.join(before)}")

    def _settle(self, connection: sa.Connection, key: str, state: PurchaseState, **fields: Any) -> sa.RowMapping:
        mine = sa.and_(purchases.c.key == key, purchases.c.state.in_(OPEN))
        values = {"state": state, "settled_at": self._clock(), **fields}
        update = sa.update(purchases).where(mine).values(values)
        row = (
            connection.execute(update.returning(purchases.c.counted, purchases.c.reserved_microusd)).mappings().first()
        )
        if row is None:
            raise Conflict(f"purchase {key} is settled already")
        return row


def _give(connection: sa.Connection, counted: Sequence[Sequence[str]], amount_microusd: int) -> None:
    """Correct the budgets that a purchase was counted in; negative gives money back."""
    for scope, period in sorted(map(tuple, counted)):
        mine = sa.and_(budgets.c.scope == scope, budgets.c.period == period)
        after = budgets.c.committed_microusd + amount_microusd
        connection.execute(sa.update(budgets).where(mine).values(committed_microusd=after))


def _purchase(row: sa.RowMapping) -> Purchase:
    return Purchase.model_validate({name: row[name] for name in Purchase.model_fields})
