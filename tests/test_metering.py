"""Numbers for those who watch, without a word in the parts that are watched."""

import pytest

from shopify_imagegen.errors import RateLimited
from shopify_imagegen.metering import metered, metered_sleep


class Counts:
    """A meter that remembers."""

    def __init__(self):
        self.counted, self.timed = [], []

    def count(self, name, by=1, **labels):
        self.counted.append((name, labels))

    def took(self, name, seconds, **labels):
        self.timed.append((name, seconds, labels))


class Shop:
    name = "a shop"

    def sell(self, what, *, price):
        return f"{what} for {price}"

    def refuse(self):
        raise RateLimited("not now", retry_after_s=7)


@pytest.fixture
def counts():
    return Counts()


@pytest.fixture
def shop(counts):
    ticks = iter(range(100))
    return metered(Shop(), counts, "shop", monotonic=lambda: next(ticks))


def test_a_call_is_passed_on_and_timed(shop, counts):
    """The part answers as before; its time is on the page."""
    assert "a lamp for 3" == shop.sell("a lamp", price=3)
    assert "a shop" == shop.name
    assert [("shop", 1, {"call": "sell"})] == counts.timed


def test_an_error_is_counted_and_stays_the_same_error(shop, counts):
    """What decides about retries must still see its own error, Retry-After and all."""
    with pytest.raises(RateLimited) as refused:
        shop.refuse()

    assert 7 == refused.value.retry_after_s
    assert [("shop_errors_total", {"call": "refuse", "error": "RateLimited"})] == counts.counted
    assert [("shop", 1, {"call": "refuse"})] == counts.timed


def test_a_wait_is_counted_before_it_is_waited(counts):
    """A worker that waits for long shows it while it waits."""
    waited = []

    metered_sleep(waited.append, counts, "shopify_wait")(2.5)

    assert ([("shopify_wait", 2.5, {})], [2.5]) == (counts.timed, waited)
