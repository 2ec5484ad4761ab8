"""Which ceilings stand above a purchase, and money in words."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopify_imagegen import budget
from shopify_imagegen.settings import BudgetSection

NEW_YEARS_EVE = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


def test_a_purchase_counts_against_the_shops_day_and_month():
    """Both are checked in one transaction, always in the same order."""
    section = BudgetSection(per_day_usd=Decimal("5"), per_month_usd=Decimal("50"))

    *_, month, day = budget.ceilings("nice-lamps.myshopify.com", NEW_YEARS_EVE, section)

    assert ("2026-12", 50_000_000) == (month.period, month.limit_microusd)
    assert ("2026-12-31", 5_000_000) == (day.period, day.limit_microusd)
    assert {"shop:nice-lamps.myshopify.com"} == {month.scope, day.scope}
    assert ("this month's $50.00", "today's $5.00") == (month.words, day.words)


def test_a_purchase_counts_against_all_stores_together():
    """A thousand stores within their own budgets can still be too much for the one who pays."""
    section = BudgetSection(all_per_day_usd=Decimal("7"), all_per_month_usd=Decimal("70"))

    month, day, *_ = budget.ceilings("nice-lamps.myshopify.com", NEW_YEARS_EVE, section)

    assert [("all", "2026-12", 70_000_000), ("all", "2026-12-31", 7_000_000)] == [
        (each.scope, each.period, each.limit_microusd) for each in (month, day)
    ]
    assert "today's $7.00 for all stores" == day.words


@pytest.mark.parametrize("hours", [-12, 0, 14])
def test_the_day_is_utc_wherever_the_clock_stands(hours):
    """Two workers in two time zones must count into one day."""
    there = NEW_YEARS_EVE.astimezone(timezone(timedelta(hours=hours)))

    assert ("2026-12-31", "2026-12") == (budget.day(there), budget.month(there))


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_money_in_words_loses_nothing(amount_microusd):
    """What the merchant reads is what the ledger counts."""
    words = budget.dollars(amount_microusd)

    assert Decimal(amount_microusd) / 1_000_000 == Decimal(words.replace("$", "").replace(",", ""))
    assert len(words.partition(".")[2]) >= 2


@pytest.mark.parametrize(
    ("paid", "unknown", "charged", "verdict"),
    [
        pytest.param(120, 0, 120, "equal", id="equal"),
        pytest.param(120, 60, 120, "equal: what is unknown was not charged", id="unknown was not charged"),
        pytest.param(120_000, 60_000, 180_000, "$0.06 of the $0.06 unknown was charged", id="unknown was charged"),
        pytest.param(
            120_000, 60_000, 240_000, "$0.06 that this ledger does not know; is the key used elsewhere?", id="more"
        ),
        pytest.param(
            120_000, 0, 60_000, "$0.06 less than the ledger says; the provider's day may not be complete", id="less"
        ),
    ],
)
def test_a_difference_to_the_providers_bill_is_named(paid, unknown, charged, verdict):
    """The merchant learns whether an unknown purchase was charged, or somebody else uses the key."""
    (day,) = budget.days_compared({"2026-11-22": (paid, unknown)}, {"2026-11-22": charged})

    assert (charged - paid, verdict) == (day.difference_microusd, day.verdict)


def test_a_day_that_the_provider_leaves_out_cost_nothing():
    """Its list has only the days with costs."""
    (day,) = budget.days_compared({"2026-11-22": (0, 0)}, {})

    assert ("equal", 0) == (day.verdict, day.theirs_microusd)
