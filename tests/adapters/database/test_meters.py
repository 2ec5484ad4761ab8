"""Counts of all workers in one table, and how things stand in numbers."""

import pytest

from shopify_imagegen.adapters.database.gauges import SqlGauges
from shopify_imagegen.adapters.database.meters import SqlMeters
from shopify_imagegen.errors import Unavailable


def test_counts_of_two_workers_add_up(database):
    """Each worker counts for itself; whoever watches sees the sum."""
    one, other = SqlMeters(database), SqlMeters(database)
    one.count("provider_errors_total", error="RateLimited")
    other.count("provider_errors_total", 2, error="RateLimited")
    other.took("stage", 1.5, stage="buy")

    one.flush()
    other.flush()

    totals = one.totals()
    assert [({"error": "RateLimited"}, 3)] == totals["provider_errors_total"]
    assert [({"stage": "buy"}, 1.5)] == totals["stage_seconds_sum"]
    assert [({"stage": "buy"}, 1)] == totals["stage_seconds_count"]


def test_a_flush_counts_once(database):
    """A second flush without news must not add the same counts again."""
    meters = SqlMeters(database)
    meters.count("x_total")

    meters.flush()
    meters.flush()

    assert [({}, 1)] == meters.totals()["x_total"]


def test_counts_survive_a_database_that_is_away(database, monkeypatch):
    """What could not be written is written the next time."""
    meters = SqlMeters(database)
    meters.count("x_total")

    def away(_counted):
        raise Unavailable("the database did not answer")

    with monkeypatch.context() as broken:
        broken.setattr(meters, "_add", away)
        with pytest.raises(Unavailable):
            meters.flush()
    meters.count("x_total")
    meters.flush()

    assert [({}, 2)] == meters.totals()["x_total"]


def test_an_empty_house_reads_as_zeros(database, clock):
    """A scrape right after installing must not fail, and shows that nothing waits."""
    readings = SqlGauges(database, clock).read()

    assert [({}, 0)] == readings["deliveries_waiting"]
    assert [({}, 0.0)] == readings["products_due_age_seconds"]
    assert [] == readings["money_usd"]
