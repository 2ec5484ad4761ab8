"""Fairness: what a flood of one shop may cost the others."""

import doctest

from shopify_imagegen import turns
from shopify_imagegen.models import Trigger
from shopify_imagegen.turns import place


def test_the_examples_are_true():
    """The docstring is what the next engineer reads."""
    assert 0 == doctest.testmod(turns).failed


def test_a_shop_s_first_call_goes_before_another_shop_s_second():
    """Four thousand new products of one shop, one of another."""
    flood = [place(Trigger.NEW_LISTING, turn) for turn in range(4000)]
    other = place(Trigger.NEW_LISTING, 0)

    assert 1 == sum(each <= other for each in flood)


def test_no_flood_passes_a_person_and_no_turn_passes_a_trigger():
    """Somebody looks at a spinner: a person's last call goes before every new listing, and that before any backfill."""
    assert place(Trigger.PERSON, 10**6) < place(Trigger.NEW_LISTING, 0)
    assert place(Trigger.NEW_LISTING, 10**6) < place(Trigger.BACKFILL, 0)
    assert {place(trigger, 0) for trigger in Trigger} == {1000, 2000, 10_000}
