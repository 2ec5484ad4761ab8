"""Where the money went: sums over the ledger, by shop, product, job or trigger. Reads only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import jobs, purchases
from shopify_imagegen.budget import Grouping, Money, Share, Sum, day, month
from shopify_imagegen.models import PurchaseState


class SqlSpend:
    """Asks the ledger. A purchase belongs to the UTC day on which it was reserved, as in its budgets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def total(self, period: str, *, shop: str | None = None) -> Money:
        """The sums of a day, "2026-11-22", or a month, "2026-11"."""
        query = sa.select(*SUMS).where(_within(period, shop))
        with self._database.read() as connection:
            return money_of(connection.execute(query).mappings().one())

    def by(self, grouping: Grouping, period: str, *, shop: str | None = None, limit: int = 50) -> tuple[Share, ...]:
        """The largest shares of a period, largest first."""
        name = _NAMES[grouping]
        title = sa.func.max(jobs.c.product_title) if grouping in ("product", "job") else sa.literal("")
        joined = purchases.outerjoin(jobs, purchases.c.job_id == jobs.c.id)
        query = sa.select(name.label("name"), title.label("title"), *SUMS).select_from(joined)
        query = query.where(_within(period, shop)).group_by(name).order_by(COMMITTED.desc(), name).limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(Share(name=row["name"], title=row["title"] or "", money=money_of(row)) for row in rows)

    def short(self, now: datetime, *, shop: str | None = None) -> dict[str, Any]:
        """Micro-dollars of *now*'s UTC day and month: {"day": {"paid": …, "reserved": …, "unknown": …}, "month": …}."""
        return {"day": _short(self.total(day(now), shop=shop)), "month": _short(self.total(month(now), shop=shop))}


_NAMES: dict[Grouping, sa.Column[str]] = {
    "shop": purchases.c.shop,
    "product": purchases.c.product_id,
    "job": purchases.c.job_id,
    "trigger": purchases.c.trigger,
}
_STATE, _DECIDED = purchases.c.state, purchases.c.decision.is_not(None)
_UNKNOWN = _STATE == PurchaseState.UNKNOWN
_GROUPS = {
    "reserved": _STATE.in_((PurchaseState.RESERVED, PurchaseState.SENT)),
    "paid": _STATE == PurchaseState.PAID,
    "refused": _STATE == PurchaseState.REFUSED,
    "unknown": sa.and_(_UNKNOWN, sa.not_(_DECIDED)),
    "accepted": sa.and_(_UNKNOWN, _DECIDED),
}
_AMOUNT = sa.case(
    (_GROUPS["refused"], 0),
    (_GROUPS["paid"], purchases.c.cost_microusd),
    else_=purchases.c.reserved_microusd,
)
COMMITTED = sa.func.sum(_AMOUNT)  #: what purchases count for in their budgets, in micro-dollars
SUMS = [
    column
    for name, group in _GROUPS.items()
    for column in (
        sa.func.count().filter(group).label(f"{name}_purchases"),
        sa.func.sum(_AMOUNT).filter(group).label(f"{name}_microusd"),
    )
]


def _within(period: str, shop: str | None) -> sa.ColumnElement[bool]:
    """Days of one length compare alike in every collation, and so can use the index; a prefix search cannot."""
    of_month = purchases.c.day.between(f"{period}-01", f"{period}-31")
    inside = purchases.c.day == period if len(period) > len("2026-11") else of_month
    return sa.and_(inside, purchases.c.shop == shop) if shop else inside


def money_of(row: sa.RowMapping) -> Money:
    def of(name: str) -> Sum:
        return Sum(purchases=row[f"{name}_purchases"], microusd=int(row[f"{name}_microusd"] or 0))

    return Money(**{name: of(name) for name in _GROUPS})


def _short(money: Money) -> dict[str, int]:
    unknown = money.unknown.microusd + money.accepted.microusd
    return {"paid": money.paid.microusd, "reserved": money.reserved.microusd, "unknown": unknown}
