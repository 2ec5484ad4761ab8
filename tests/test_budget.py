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
