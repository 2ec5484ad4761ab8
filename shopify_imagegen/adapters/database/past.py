"""What we have done for many products before, in four queries instead of four a product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.jobs import COUNTS_AS_SHOWN, counts_as_shown
from shopify_imagegen.adapters.database.tables import images, jobs, our_media
from shopify_imagegen.models import FINAL_JOB_STATES, Before, Trigger

BY_ITSELF = (Trigger.NEW_LISTING, Trigger.BACKFILL)  # a person's wishes are in no recipe of today
AT_ONCE = 500  # product ids in one query: SQLite takes no more than some thousand variables


class SqlPast:
    """Keeps `ports.Past`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, shop: str, product_ids: Sequence[str]) -> Mapping[str, Before]:
        """See `ports.Past`."""
        found: dict[str, Before] = {}
        for start in range(0, len(product_ids), AT_ONCE):
            found |= self._some(shop, product_ids[start : start + AT_ONCE])
        return found

    def _some(self, shop: str, product_ids: Sequence[str]) -> dict[str, Before]:
        wanted = {"of": shop, "wanted": product_ids}
        with self._database.read() as connection:
            media = defaultdict(set)
            for row in connection.execute(MEDIA, wanted):
                media[row.product_id].add(row.media_id)
            shown: dict[str, int] = {row[0]: row[1] for row in connection.execute(SHOWN, wanted)}
            busy = set(connection.scalars(BUSY, wanted))
            recipes: dict[str, str] = {row[0]: row[1] for row in connection.execute(RECIPES, wanted)}
        return {
            each: Before(
                ours=frozenset(media.get(each, ())),
                shown=shown.get(each, 0),
                busy=each in busy,
                recipe=recipes.get(each, ""),
            )
            for each in product_ids
        }


def _of(table: sa.Table, *columns: Any) -> sa.Select[Any]:
    mine = table.c.product_id.in_(sa.bindparam("wanted", expanding=True))
    return sa.select(table.c.product_id, *columns).where(table.c.shop == sa.bindparam("of"), mine)


def _shown() -> sa.Select[Any]:
    mine = _of(images, sa.func.count()).join(jobs, jobs.c.id == images.c.job_id)
    return mine.where(counts_as_shown()).group_by(images.c.product_id)


def _recipes() -> sa.Select[Any]:
    """Product -> recipe of its latest pictures that nobody had wishes for; the later row wins in a dict."""
    joined = _of(jobs, jobs.c.recipe).join(images, images.c.job_id == jobs.c.id)
    mine = sa.and_(images.c.state.in_(COUNTS_AS_SHOWN), jobs.c.trigger.in_(BY_ITSELF))
    return joined.where(mine).order_by(jobs.c.created_at)


# built once: a backfill looks at every product again before it begins it
MEDIA, SHOWN, RECIPES = _of(our_media, our_media.c.media_id), _shown(), _recipes()
BUSY = _of(jobs).where(jobs.c.state.not_in(FINAL_JOB_STATES), jobs.c.trigger != Trigger.TEST)
