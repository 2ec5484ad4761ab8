"""Bookkeeping within one transaction: a purchase cannot change its state without its budgets being corrected."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import budgets, purchases
from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import Ceiling, Purchase, PurchaseState

FIND = sa.select(purchases).where(purchases.c.key == sa.bindparam("wanted"))
HOLD = FIND.with_for_update()
STEP = (
    sa.update(purchases)
    .where(purchases.c.key == sa.bindparam("wanted"), purchases.c.state.in_(sa.bindparam("before", expanding=True)))
    .values(state=sa.bindparam("after"))
)
ROOM = (
    sa.update(budgets)
    .where(
        budgets.c.scope == sa.bindparam("of"),
        budgets.c.period == sa.bindparam("within"),
        budgets.c.committed_microusd + sa.bindparam("more") <= sa.bindparam("most"),
    )
    .values(committed_microusd=budgets.c.committed_microusd + sa.bindparam("more"))
)
CORRECT = (
    sa.update(budgets)
    .where(budgets.c.scope == sa.bindparam("of"), budgets.c.period == sa.bindparam("within"))
    .values(committed_microusd=budgets.c.committed_microusd + sa.bindparam("more"))
)


class NotAll(Exception):
    """Leaves the transaction, and so takes back what it had counted."""


class NoRoom(NotAll):
    """The same, and says where there was none."""

    def __init__(self, ceiling: Ceiling) -> None:
        self.ceiling = ceiling


def find(connection: sa.Connection, key: str) -> Purchase | None:
    row = connection.execute(FIND, {"wanted": key}).mappings().first()
    return purchase_of(row) if row else None


def expect(connection: sa.Connection, key: str) -> Purchase:
    """The purchase, held until the end of the transaction. Raises: NotFound."""
    return purchase_of(held(connection, key))


def held(connection: sa.Connection, key: str) -> sa.RowMapping:
    """The row of a purchase, which nobody else changes until the end of the transaction. Raises: NotFound."""
    row = _hold(connection, key)
    if row is None:
        raise NotFound(f"there is no purchase {key}")
    return row


def back(connection: sa.Connection, key: str) -> sa.RowMapping:
    """The same for the provider's answer that came after all: a row that stepped aside, and whose picture was not
    bought again before, has its old key again. Raises: NotFound.
    """
    row = _hold(connection, key)
    if row is not None:
        return row
    aside = beside(connection, key)
    if aside:
        again = {"key": key, "decision": None, "decided_by": None, "decided_at": None}
        connection.execute(sa.update(purchases).where(purchases.c.key == aside[-1].key).values(again))
    return held(connection, key)


def purchase_of(row: sa.RowMapping) -> Purchase:
    return Purchase.model_validate({name: row[name] for name in Purchase.model_fields})


def weight(state: PurchaseState, reserved_microusd: int, cost_microusd: int | None) -> int:
    """The micro-dollars that a purchase counts for in its budgets."""
    if state == PurchaseState.REFUSED:
        return 0
    return (cost_microusd or 0) if state == PurchaseState.PAID else reserved_microusd


def step(connection: sa.Connection, key: str, before: Sequence[PurchaseState], after: PurchaseState) -> None:
    """Change the state alone, between states that weigh the same. Raises: Conflict, NotFound, as `move` does."""
    wanted = {"wanted": key, "before": before, "after": after}
    if connection.execute(STEP, wanted).rowcount != 1:
        move(connection, held(connection, key), before, after)  # it says why not


def move(
    connection: sa.Connection,
    row: sa.RowMapping,
    before: Sequence[PurchaseState],
    after: PurchaseState,
    **fields: Any,
) -> None:
    """Change a purchase's state and other fields, and correct its budgets by the difference.

    Args:
        row: as `held` in this transaction.

    Raises:
        Conflict: it is in none of the states *before*.
    """
    if row["state"] not in before:
        raise Conflict(f"purchase {row['key']} is {row['state']}, so it cannot become {after}")
    connection.execute(_moving("state", *fields), {"wanted": row["key"], "state": after, **fields})
    cost = fields.get("cost_microusd", row["cost_microusd"])
    difference = weight(after, row["reserved_microusd"], cost) - _weight_of(row)
    _correct(connection, row["counted"], difference)


def count_together(connection: sa.Connection, ceilings: Sequence[Ceiling], amount_microusd: int) -> None:
    """One conditional statement, run for all: it counts the money only where there is room for it.

    Raises:
        NotAll: somewhere there is no room, or a day or a month begins; `count` finds out.
    """
    wanted = [_wanted(each, amount_microusd) for each in ceilings]
    if wanted and connection.execute(ROOM, wanted).rowcount != len(wanted):
        raise NotAll


def count(connection: sa.Connection, database: Database, ceiling: Ceiling, amount_microusd: int) -> None:
    """The same for one, which may be the first money of its day. Raises: NoRoom."""
    wanted = _wanted(ceiling, amount_microusd)
    if connection.execute(ROOM, wanted).rowcount == 1:
        return
    first = database.insert(budgets).values(scope=ceiling.scope, period=ceiling.period, committed_microusd=0)
    connection.execute(first.on_conflict_do_nothing())  # a day begins; or there is no room, which the next one says
    if connection.execute(ROOM, wanted).rowcount != 1:
        raise NoRoom(ceiling)


def add_settled(connection: sa.Connection, row: sa.RowMapping, *, cost_microusd: int, **fields: Any) -> str:
    """A further, paid row beside the *held* one, counted in the same budgets. Returns its own key."""
    own_key = key_beside(connection, row["key"])
    own = {"key": own_key, "state": PurchaseState.PAID, "cost_microusd": cost_microusd, "receipt": None}
    connection.execute(sa.insert(purchases).values(dict(row) | own | fields))
    _correct(connection, row["counted"], cost_microusd)
    return own_key


def beside(connection: sa.Connection, key: str) -> tuple[Purchase, ...]:
    """Other rows of the same picture, "…:1", "…:2", in the order in which they stepped aside."""
    numbered = (find(connection, f"{key}:{number}") for number in itertools.count(1))
    return tuple(purchase for purchase in itertools.takewhile(bool, numbered) if purchase)


def key_beside(connection: sa.Connection, key: str) -> str:
    """The next free key for another row of the same picture; the row of *key* itself should be held."""
    return f"{key}:{len(beside(connection, key)) + 1}"


def _wanted(ceiling: Ceiling, amount_microusd: int) -> dict[str, object]:
    return {
        "of": ceiling.scope,
        "within": ceiling.period,
        "more": amount_microusd,
        "most": ceiling.limit_microusd,
    }


def _hold(connection: sa.Connection, key: str) -> sa.RowMapping | None:
    return connection.execute(HOLD, {"wanted": key}).mappings().first()


@functools.cache
def _moving(*names: str) -> sa.Update:
    """The statement for these columns, built once."""
    mine = purchases.c.key == sa.bindparam("wanted")
    return sa.update(purchases).where(mine).values({name: sa.bindparam(name) for name in names})


def _weight_of(row: sa.RowMapping) -> int:
    return weight(row["state"], row["reserved_microusd"], row["cost_microusd"])


def _correct(connection: sa.Connection, counted: Sequence[Sequence[str]], amount_microusd: int) -> None:
    """Add to the budgets that a purchase counts in; negative gives money back. No ceiling is asked: it is a fact."""
    ordered = sorted(map(tuple, counted)) if amount_microusd else ()
    if ordered:
        rows = [{"of": scope, "within": period, "more": amount_microusd} for scope, period in ordered]
        connection.execute(CORRECT, rows)
