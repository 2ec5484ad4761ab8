"""The ledger: what was bought, reserved in one transaction with its ceilings, settled with its bytes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database import books
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.spend import SqlSpend
from shopify_imagegen.adapters.database.tables import purchases, spool
from shopify_imagegen.errors import Conflict, Unavailable
from shopify_imagegen.models import Ceiling, Purchase, PurchaseState, Receipt, Rendering
from shopify_imagegen.ports import Clock

logger = logging.getLogger(__name__)

RESERVED, SENT, PAID = PurchaseState.RESERVED, PurchaseState.SENT, PurchaseState.PAID
REFUSED, UNKNOWN = PurchaseState.REFUSED, PurchaseState.UNKNOWN
OPEN = (RESERVED, SENT)
READ = sa.select(spool.c.image).where(spool.c.key == sa.bindparam("wanted"))
IN_DOUBT = (RESERVED, SENT, UNKNOWN)  # a worker that was taken for dead may still bring the answer


class SqlLedger:
    """Keeps `ports.Ledger` and `ports.Spool`.

    Each method may be repeated after `Unavailable`: one whose commit was made all the same finds that out. What a
    provider is known to have done is written down whatever stood there before; a decision to pay is not.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._unsure: set[str] = set()  # keys whose `sent` may have been committed without our knowing
        self._reserving, self._keeping = _reserving(database), _keeping(database)

    def find(self, key: str) -> Purchase | None:
        with self._database.read() as connection:
            return books.find(connection, key)

    def reserve(self, purchase: Purchase, ceilings: Sequence[Ceiling]) -> Ceiling | None:
        """See `ports.Ledger`. Raises: Conflict when the key is reserved, paid or unknown already."""
        ordered = sorted(ceilings, key=lambda each: (each.scope, each.period))
        try:
            with self._database.write() as connection:
                self._insert(connection, purchase, ordered)
                books.count_together(connection, ordered, purchase.reserved_microusd)
        except books.NotAll:
            return self._reserve_by_each(purchase, ordered)
        return None

    def sent(self, key: str) -> None:
        before = OPEN if self._was_unsure(key) else (RESERVED,)
        try:
            with self._database.write() as connection:
                books.step(connection, key, before, SENT)
        except Unavailable:
            self._unsure.add(key)
            raise

    def not_begun(self, key: str) -> None:
        with self._database.write() as connection:
            books.step(connection, key, OPEN, RESERVED)

    def sold(self, key: str, receipt: Receipt) -> None:
        written = receipt.model_dump(mode="json")
        with self._database.write() as connection:
            row = books.back(connection, key)
            books.move(connection, row, IN_DOUBT, SENT, receipt=written, settled_at=None, reason=None)

    def paid(self, key: str, rendering: Rendering, *, spare_microusd: int) -> None:
        cost = spare_microusd if rendering.cost_microusd is None else rendering.cost_microusd
        settled = {"cost_microusd": cost, "request_id": rendering.request_id, "settled_at": self._clock()}
        with self._database.write() as connection:
            row = books.back(connection, key)
            if row["state"] == PAID and not _lost_till_now(row, rendering):
                self._paid_before(connection, row, settled)
                return
            books.move(connection, row, tuple(PurchaseState), PAID, receipt=None, reason=None, **settled)
            self._keep(connection, key, rendering.image)

    def lost(self, key: str, reason: str) -> None:
        with self._database.write() as connection:
            row = books.held(connection, key)
            before = books.purchase_of(row)
            if before.state == PAID and before.reason:
                return
            said = before.receipt.cost_microusd if before.receipt else None
            cost = before.reserved_microusd if said is None else said
            request_id = before.receipt.request_id if before.receipt else None
            self._settle(connection, row, IN_DOUBT, PAID, reason, cost_microusd=cost, request_id=request_id)

    def refused(self, key: str, reason: str) -> None:
        with self._database.write() as connection:
            row = books.held(connection, key)
            if row["state"] != REFUSED:
                self._settle(connection, row, IN_DOUBT, REFUSED, reason, cost_microusd=0)

    def unknown(self, key: str, reason: str) -> None:
        with self._database.write() as connection:
            row = books.held(connection, key)
            if row["state"] != UNKNOWN:
                self._settle(connection, row, OPEN, UNKNOWN, reason)

    def spend(self, now: datetime, *, shop: str | None = None) -> dict[str, Any]:
        """Micro-dollars of *now*'s UTC day and month: {"day": {"paid": …, "reserved": …, "unknown": …}, "month": …}."""
        return SqlSpend(self._database).short(now, shop=shop)

    def read(self, key: str) -> bytes | None:
        with self._database.read() as connection:
            image = connection.scalar(READ, {"wanted": key})
        return bytes(image) if image is not None else None

    def replace(self, key: str, image: bytes) -> None:
        with self._database.write() as connection:
            connection.execute(sa.update(spool).where(spool.c.key == key).values(image=image))

    def drop(self, key: str) -> None:
        with self._database.write() as connection:
            connection.execute(sa.delete(spool).where(spool.c.key == key))

    def _reserve_by_each(self, purchase: Purchase, ceilings: Sequence[Ceiling]) -> Ceiling | None:
        """The same anew, for what counting together cannot tell: where there is no room."""
        try:
            with self._database.write() as connection:
                self._insert(connection, purchase, ceilings)
                for ceiling in ceilings:
                    books.count(connection, self._database, ceiling, purchase.reserved_microusd)
        except books.NoRoom as no_room:
            return no_room.ceiling
        return None

    def _insert(self, connection: sa.Connection, purchase: Purchase, ceilings: Sequence[Ceiling]) -> None:
        values = purchase.model_dump(exclude={"receipt"}) | {"state": RESERVED, "receipt": None}
        values["counted"] = [[each.scope, each.period] for each in ceilings]
        if connection.scalar(self._reserving, values) is None:  # an INSERT's rowcount is not kept
            raise Conflict(f"purchase {purchase.key} is in the ledger already")

    def _settle(
        self,
        connection: sa.Connection,
        row: sa.RowMapping,
        before: Sequence[PurchaseState],
        after: PurchaseState,
        reason: str,
        **fields: Any,
    ) -> None:
        books.move(connection, row, before, after, reason=reason, settled_at=self._clock(), **fields)

    def _keep(self, connection: sa.Connection, key: str, image: bytes) -> None:
        connection.execute(self._keeping, {"key": key, "image": image, "created_at": self._clock()})

    def _paid_before(self, connection: sa.Connection, row: sa.RowMapping, settled: dict[str, Any]) -> None:
        """The same sale told twice changes nothing; another sale under one key is money that must not go uncounted."""
        if row["request_id"] == settled["request_id"]:
            return
        reason = f"A second picture was sold for purchase {row['key']}; the first one is used."
        second = books.add_settled(connection, row, reason=reason, **settled)
        logger.error("a picture was sold twice", extra={"action": "sold_twice", "image": row["key"], "key": second})

    def _was_unsure(self, key: str) -> bool:
        try:
            self._unsure.remove(key)  # one caller gets it, whatever the threads do
        except KeyError:
            return False
        return True


def _reserving(database: Database) -> sa.UpdateBase:
    """Writes a purchase, anew or over one that was refused, and returns its key; built once, as all that is hot."""
    insert = database.insert(purchases)
    written = {name: insert.excluded[name] for name in (*Purchase.model_fields, "counted")}
    refused_before = purchases.c.state == REFUSED
    again: sa.UpdateBase = insert.on_conflict_do_update(index_elements=["key"], set_=written, where=refused_before)
    return again.returning(purchases.c.key)


def _keeping(database: Database) -> sa.UpdateBase:
    insert = database.insert(spool)
    written = {name: insert.excluded[name] for name in ("image", "created_at")}
    again: sa.UpdateBase = insert.on_conflict_do_update(index_elements=["key"], set_=written)
    return again


def _lost_till_now(row: sa.RowMapping, rendering: Rendering) -> bool:
    """Whether a picture that was given up has arrived after all."""
    return bool(row["reason"]) and row["request_id"] == rendering.request_id
