"""Forget a store. Every table with a `shop` column loses its rows by itself, so a new table is never overlooked.

The purchases stay, as an accountant needs them: what was paid on which day, with the provider's own number of the call.
Their store, product, job and words are taken out; the new name of the store is made up and tells nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.drop import BATCH, drop
from shopify_imagegen.adapters.database.tables import (
    backfill_items,
    backfills,
    budgets,
    images,
    metadata,
    pauses,
    purchases,
    shops,
    spool,
)
from shopify_imagegen.budget import ALL

NAMELESS = {"product_id": "", "job_id": "", "recipe": "", "receipt": None, "reason": None, "decided_by": None}


class SqlErase:
    """Keeps `ports.Erase`. Works in small commits; begun again after a crash, it goes on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def shop(self, domain: str) -> dict[str, int]:
        """Pictures before the rows that lead to them; the store's own row last, so that nothing is left unfound."""
        erased = {"purchases": self._unname(domain)}
        for table, rows in _rows_of(domain):
            erased[table.name] = erased.get(table.name, 0) + drop(self._database, table, rows)
        return {table: count for table, count in erased.items() if count}

    def _unname(self, domain: str) -> int:
        pseudonym, changed = f"erased:{secrets.token_hex(6)}", 0
        while True:
            with self._database.write() as connection:
                mine = purchases.c.shop == domain
                rows = connection.execute(
                    sa.select(purchases.c.key, purchases.c.counted).where(mine).limit(BATCH)
                ).all()
                if rows:
                    connection.execute(UNNAME, [_nameless(row, pseudonym, changed + at) for at, row in enumerate(rows)])
                    connection.execute(sa.delete(spool).where(spool.c.key.in_([row.key for row in rows])))
            changed += len(rows)
            if len(rows) < BATCH:
                return changed


UNNAME = (
    sa.update(purchases)
    .where(purchases.c.key == sa.bindparam("old_key"))
    .values(key=sa.bindparam("new_key"), shop=sa.bindparam("new_shop"), counted=sa.bindparam("kept"), **NAMELESS)
)


def _nameless(row: Any, pseudonym: str, number: int) -> dict[str, Any]:
    """A key of its own: if the store comes back, its pictures are bought by the old keys, and those are free again."""
    kept = [[scope, period] for scope, period in row.counted if scope == ALL]
    return {"old_key": row.key, "new_key": f"{pseudonym}:{number}", "new_shop": pseudonym, "kept": kept}


def _rows_of(domain: str) -> Iterator[tuple[sa.Table, sa.ColumnElement[bool]]]:
    yield spool, spool.c.key.in_(sa.select(images.c.id).where(images.c.shop == domain))
    yield backfill_items, backfill_items.c.backfill_id.in_(sa.select(backfills.c.id).where(backfills.c.shop == domain))
    yield budgets, budgets.c.scope == f"shop:{domain}"
    yield pauses, pauses.c.scope == f"shop:{domain}"
    for table in metadata.sorted_tables:
        if "shop" in table.c and table is not purchases:
            yield table, table.c.shop == domain
    yield shops, sa.and_(shops.c.domain == domain, shops.c.state == "uninstalled")  # it may come back meanwhile
