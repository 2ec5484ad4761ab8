"""Planning: one planner, whatever dies or breaks, and no plan's trouble is another's."""

import pytest

from shopify_imagegen.backfills.deciding import SILENT, SILENT_AFTER
from shopify_imagegen.errors import NoAnswer
from shopify_imagegen.models import BackfillState
from tests.fakes import SHOP, START, lamp

from .town import gid

PLANNED, CANCELLED = BackfillState.PLANNED, BackfillState.CANCELLED


def test_a_planner_that_was_replaced_does_not_break_off_the_new_one_s_plan(town):
    """A laptop sleeps in the middle of planning; a worker takes over; the laptop wakes, and its call has failed."""
    made = town.backfills.create(SHOP, "", by="me")
    usually = town.catalogue.each

    def falls_asleep(shop, search, *, many):
        town.catalogue.each = usually
        town.time.sleep(60)
        assert town.rows.take_planning(made.id, "a worker", silent_since=town.time.now - SILENT_AFTER)
        yield lamp(id=gid(1))
        raise NoAnswer("Shopify did not answer")

    town.catalogue.each = falls_asleep
    with pytest.raises(NoAnswer):
        town.survey.plan(made.id)

    assert BackfillState.PLANNING == town.now(made).state
    assert PLANNED == town.rows.freeze(made.id, "a worker", products=0).state


def test_a_bug_in_one_plan_does_not_stop_the_others(town, caplog):
    """It is named in that plan; it is not tried again for ever, each time over the whole catalogue."""
    broken, fine = (town.backfills.create(SHOP, query, by="me") for query in ("tag:broken", "status:active"))
    usually = town.catalogue.each

    def each(shop, search, *, many):
        return iter([1 / 0]) if "broken" in search else usually(shop, search, many=many)

    town.catalogue.each = each
    assert 1 == town.survey.run_once()

    assert (CANCELLED, PLANNED) == (town.now(broken).state, town.now(fine).state)
    assert "ZeroDivisionError" in town.now(broken).reason
    assert "Traceback" in caplog.text


def test_a_dead_planner_is_replaced_within_a_minute(town):
    """The worker looks every five seconds."""
    made = town.backfills.create(SHOP, "", by="me")
    town.rows.take_planning(made.id, "dead", silent_since=START)
    town.time.sleep(55)
    assert SILENT[BackfillState.PLANNING] == town.now(made).reason

    assert SILENT_AFTER.total_seconds() <= 50
    assert 1 == town.survey.run_once()
    assert PLANNED == town.now(made).state
