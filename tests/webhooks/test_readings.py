"""The house's numbers on the door's page."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from shopify_imagegen.errors import Unavailable
from webhooks.readings import HouseCollector


@pytest.fixture
def page():
    """What a scrape of these readings shows, as lines without comments."""

    def scrape(readings):
        registry = CollectorRegistry()
        registry.register(HouseCollector(readings))
        return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]

    return scrape


def test_gauges_counters_and_durations_are_told_apart(page):
    """A watcher's rate() works only on what is declared as growing."""
    lines = page(
        lambda: {
            "deliveries_waiting": [({}, 3)],
            "provider_errors_total": [({"error": "RateLimited"}, 2)],
            "stage_seconds_sum": [({"stage": "buy"}, 90.5)],
            "stage_seconds_count": [({"stage": "buy"}, 2)],
        }
    )

    assert 'imagegen_provider_errors_total{error="RateLimited"} 2.0' in lines
    assert "imagegen_deliveries_waiting 3.0" in lines
    assert 'imagegen_stage_seconds_sum{stage="buy"} 90.5' in lines
    assert 'imagegen_stage_seconds_count{stage="buy"} 2.0' in lines


def test_a_missing_database_is_a_number_not_an_error(page):
    """The page must answer exactly when somebody looks because something is wrong."""

    def away():
        raise Unavailable("the database did not answer")

    assert ["imagegen_database_up 0.0"] == page(away)


def test_samples_may_differ_in_their_labels(page):
    """Labels are those of all samples together; a missing one is empty."""
    lines = page(lambda: {"x_total": [({"a": "1"}, 1), ({"b": "2"}, 2)]})

    assert ['imagegen_x_total{a="1",b=""} 1.0', 'imagegen_x_total{a="",b="2"} 2.0'] == lines[1:]
