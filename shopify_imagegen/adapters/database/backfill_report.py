"""What became of each product of a backfill, read in pages, with every purchase that its ceiling counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database import books
from shopify_imagegen.adapters.database.backfills import SqlBackfills
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import images, jobs, purchases
from shopify_imagegen.models import Backfill, Image, Item, Job, Made

AT_ONCE = 200


class SqlBackfillReport:
    """The report of any backfill, also while it runs."""

    def __init__(self, database: Database, backfills: SqlBackfills) -> None:
        self._database = database
        self._backfills = backfills

    def lines(self, backfill: Backfill, *, words: bool = True, after: int = 0) -> Iterator[Made]:
        """Product by product, in the order of the plan. *words*: with their plans; *after*: behind that number."""
        items = self._backfills.items(backfill.id, words=words, after=after)
        while page := list(islice(items, AT_ONCE)):
            yield from self._made(page)

    def _made(self, items: Sequence[Item]) -> Iterator[Made]:
        ids = [item.job_id for item in items if item.job_id]
        with self._database.read() as connection:
            found = {row["id"]: Job.model_validate(dict(row)) for row in _of(connection, jobs, jobs.c.id, ids)}
            pictures, bought = defaultdict(list), defaultdict(list)
            for row in _of(connection, images, images.c.job_id, ids, images.c.slot):
                pictures[row["job_id"]].append(Image.model_validate(dict(row)))
            for row in _of(connection, purchases, purchases.c.job_id, ids, purchases.c.key):
                bought[row["job_id"]].append(books.purchase_of(row))
        for item in items:
            job_id = item.job_id or ""
            made = {"images": tuple(pictures[job_id]), "purchases": tuple(bought[job_id])}
            yield Made(item=item, job=found.get(job_id), **made)


def _of(
    connection: sa.Connection, table: sa.Table, column: sa.Column[Any], ids: Sequence[str], *order: sa.Column[Any]
) -> Sequence[sa.RowMapping]:
    return connection.execute(sa.select(table).where(column.in_(ids)).order_by(*order)).mappings().all()
