"""Which ceilings stand above a purchase, and money in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

from shopify_imagegen.errors import BadInput
from shopify_imagegen.models import MICRO_PER_USD, Ceiling, Value
from shopify_imagegen.settings import BudgetSection, microusd

Grouping = Literal["shop", "product", "job", "trigger"]  #: of spending

ALL = "all"  #: the scope of every store together
MOST_USD = 10**9  # that somebody can mean


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


def amount_usd(given: str) -> Decimal:
    """An amount of money as people type it, 0 or more.

    >>> amount_usd("12.50"), amount_usd("$3")
    (Decimal('12.50'), Decimal('3'))

    Raises:
        BadInput: it is none.
    """
    try:
        found = Decimal(given.strip().removeprefix("$"))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not 0 <= found <= MOST_USD:
        raise BadInput(f"{given!r}: an amount in US dollars looks like 12.50")
    return found


class Sum(Value):
    """Some purchases, and what they count for."""

    purchases: int = 0
    microusd: int = 0


class Money(Value):
    """The ledger of a period, told apart by how sure the money is."""

    reserved: Sum = Sum()  #: set aside, or being spent now
    paid: Sum = Sum()
    refused: Sum = Sum()  #: certainly not charged: counts for nothing
    unknown: Sum = Sum()  #: perhaps charged; waits for a decision
    accepted: Sum = Sum()  #: perhaps charged; written off, or bought again

    @property
    def committed_microusd(self) -> int:
        """What counts against the ceilings."""
        return sum(each.microusd for each in (self.reserved, self.paid, self.unknown, self.accepted))


class Share(Value):
    """One shop's, product's, job's or trigger's part of a period."""

    name: str  #: a domain, a gid, a job's id, or a trigger
    title: str = ""  #: of the product, where the name is a product's or a job's
    money: Money


class DayCompared(Value):
    """One UTC day of our ledger beside the provider's bill."""

    day: str
    ours_microusd: int  #: paid
    unknown_microusd: int  #: perhaps charged
    theirs_microusd: int
    difference_microusd: int  #: theirs minus what we know to be paid
    verdict: str  #: in words


def days_compared(ours: Mapping[str, tuple[int, int]], theirs: Mapping[str, int]) -> tuple[DayCompared, ...]:
    """Our ledger against the provider's daily costs.

    Args:
        ours: day -> (paid, unknown), micro-dollars.
        theirs: day -> charged, micro-dollars; a day without costs may be missing.
    """
    return tuple(_compared(each, *ours[each], theirs.get(each, 0)) for each in sorted(ours))


def _compared(each: str, paid: int, unknown: int, charged: int) -> DayCompared:
    difference = charged - paid
    if difference == 0:
        verdict = "equal" if not unknown else "equal: what is unknown was not charged"
    elif 0 < difference <= unknown:
        verdict = f"{dollars(difference)} of the {dollars(unknown)} unknown was charged"
    elif difference > 0:
        verdict = f"{dollars(difference - unknown)} that this ledger does not know; is the key used elsewhere?"
    else:
        verdict = f"{dollars(-difference)} less than the ledger says; the provider's day may not be complete"
    return DayCompared(
        day=each,
        ours_microusd=paid,
        unknown_microusd=unknown,
        theirs_microusd=charged,
        difference_microusd=difference,
        verdict=verdict,
    )


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
