"""Purchases of unknown outcome, settled by a decision. The money stays counted either way: it may have been charged.

Write off: accepted as spent, asks no more, is not bought again. Buy again: the row steps aside under a key of its own
("…:1"), so that its old key is free for exactly one more purchase; both rows stay.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database import audit, books
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import images, purchases
from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import ImageState, Purchase, PurchaseState
from shopify_imagegen.ports import Clock

WRITTEN_OFF = "Perhaps charged; written off: it counts as spent and is not bought again."
TO_BE_BOUGHT = "Perhaps charged before; to be bought again."


class SqlDecisions:
    """Asks about unknown purchases and writes the answers down, each with its picture and audit row in one commit."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def waiting(self, *, shop: str | None = None) -> tuple[Purchase, ...]:
        """Unknown purchases that nobody has decided on, oldest first."""
        query = sa.select(purchases).where(_UNDECIDED).order_by(purchases.c.created_at, purchases.c.key)
        if shop:
            query = query.where(purchases.c.shop == shop)
        with self._database.read() as connection:
            return tuple(books.purchase_of(row) for row in connection.execute(query).mappings())

    def write_off(self, key: str, *, by: str) -> Purchase:
        """Accept that the money is gone. Raises: Conflict (not unknown, or decided already), NotFound."""
        with self._database.write() as connection:
            purchase = self._decide(connection, key, by=by, decision="written_off")
            self._tell(connection, purchase, ImageState.UNKNOWN, WRITTEN_OFF, by=by)
        return purchase

    def buy_again(self, key: str, *, by: str) -> Purchase:
        """Free the key for one more purchase. The picture may then be planned again.

        Returns:
            the first purchase, under the key that it has now.

        Raises:
            Conflict: it is not unknown, or has been decided on already.
            NotFound: there is no such purchase.
        """
        with self._database.write() as connection:
            try:
                books.expect(connection, key)
            except NotFound:
                if books.beside(connection, key):
                    raise Conflict(f"purchase {key} is free to be bought again already") from None
                raise
            aside = books.key_beside(connection, key)
            purchase = self._decide(connection, key, by=by, decision="bought_again", key_now=aside)
            self._tell(connection, purchase.model_copy(update={"key": key}), ImageState.REFUSED, TO_BE_BOUGHT, by=by)
        return purchase

    def earlier(self, key: str) -> tuple[Purchase, ...]:
        """Purchases of the same picture that stepped aside, oldest first."""
        with self._database.read() as connection:
            return books.beside(connection, key)

    def _decide(
        self, connection: sa.Connection, key: str, *, by: str, decision: str, key_now: str | None = None
    ) -> Purchase:
        books.expect(connection, key)
        values = {"decision": decision, "decided_by": by, "decided_at": self._clock(), "key": key_now or key}
        update = sa.update(purchases).where(purchases.c.key == key, _UNDECIDED).values(values)
        row = connection.execute(update.returning(*purchases.c)).mappings().first()
        if row is None:
            raise Conflict(f"purchase {key} does not wait for a decision")
        return books.purchase_of(row)

    def _tell(self, connection: sa.Connection, purchase: Purchase, state: ImageState, reason: str, *, by: str) -> None:
        """Let the picture say what was decided, unless it has moved on by itself."""
        now = self._clock()
        mine = sa.and_(images.c.id == purchase.key, images.c.state == ImageState.UNKNOWN)
        told: dict[str, Any] = {"state": state, "reason": reason, "updated_at": now}
        connection.execute(sa.update(images).where(mine).values(told))
        audit.note(connection, purchase, f"purchase_{purchase.decision}", at=now, detail={"reason": reason}, actor=by)


_UNDECIDED = sa.and_(purchases.c.state == PurchaseState.UNKNOWN, purchases.c.decision.is_(None))
