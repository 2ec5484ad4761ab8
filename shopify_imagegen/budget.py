"""Which ceilings stand above a purchase, and money in words. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from shopify_imagegen.models import MICRO_PER_USD, Ceiling
from shopify_imagegen.settings import BudgetSection, microusd

ALL = "all"  #: the scope of every store together


def day(now: datetime) -> str:
    """The UTC day that money is counted in: "2026-11-22"."""
    return now.astimezone(UTC).strftime("%Y-%m-%d")


def month(now: datetime) -> str:
    """The UTC month that money is counted in: "2026-11"."""
    return now.astimezone(UTC).strftime("%Y-%m")


def dollars(amount_microusd: int) -> str:
    """Money for people; cents, or as many digits as it takes.

    >>> dollars(60_000), dollars(5_000_000), dollars(6_250)
    ('$0.06', '$5.00', '$0.00625')
    """
    whole, micro = divmod(abs(amount_microusd), MICRO_PER_USD)
    digits = f"{micro:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if amount_microusd < 0 else ''}${whole:,}.{digits}"


def ceilings(shop: str, now: datetime, budget: BudgetSection) -> tuple[Ceiling, ...]:
    """The ceilings that a purchase for *shop* counts against at *now*, in the order they are locked."""
    scope = f"shop:{shop}"
    return (
        _ceiling(ALL, month(now), budget.all_per_month_usd, "this month's {} for all stores"),
        _ceiling(ALL, day(now), budget.all_per_day_usd, "today's {} for all stores"),
        _ceiling(scope, month(now), budget.per_month_usd, "this month's {}"),
        _ceiling(scope, day(now), budget.per_day_usd, "today's {}"),
    )


def _ceiling(scope: str, period: str, limit_usd: Decimal, words: str) -> Ceiling:
    limit = microusd(limit_usd)
    return Ceiling(scope=scope, period=period, limit_microusd=limit, words=words.format(dollars(limit)))
