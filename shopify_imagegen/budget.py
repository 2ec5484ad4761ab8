"""Which ceilings stand above a purchase, and money in words. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from shopify_imagegen.models import MICRO_PER_USD, Ceiling
from shopify_imagegen.settings import BudgetSection, microusd


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
    per_day, per_month = microusd(budget.per_day_usd), microusd(budget.per_month_usd)
    return (
        Ceiling(scope=scope, period=month(now), limit_microusd=per_month, words=f"this month's {dollars(per_month)}"),
        Ceiling(scope=scope, period=day(now), limit_microusd=per_day, words=f"today's {dollars(per_day)}"),
    )
