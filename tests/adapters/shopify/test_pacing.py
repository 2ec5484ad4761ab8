"""Pacing: with many workers on one shop, we wait in line ourselves and do not run into THROTTLED."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from shopify_imagegen.adapters.shopify.pacing import Cost, Pacing
from shopify_imagegen.errors import Unavailable


@pytest.fixture
def pacing(time):
    return Pacing(sleep=time.sleep, monotonic=time.monotonic)


def ask(pacing, *, requested=100, available=None, shop="a", operation="Read"):
    with pacing.turn(shop, operation) as turn:
        if available is not None:
            turn.cost = Cost(requested=requested, maximum=1000, available=available, restored_per_s=50)


def test_nobody_waits_before_anything_is_known(pacing, time):
    """A first request tells us where we stand."""
    ask(pacing)

    assert [] == time.slept_s


def test_a_full_bucket_makes_nobody_wait(pacing, time):
    """Pacing must cost nothing in quiet times."""
    ask(pacing, available=900)
    ask(pacing, available=800)

    assert [] == time.slept_s


def test_a_low_bucket_is_waited_for(pacing, time):
    """It holds 20 of the 100 points that the operation asks for, and gets 50 a second."""
    ask(pacing, requested=100, available=20)
    ask(pacing)

    assert [1.6] == time.slept_s


def test_the_bucket_fills_meanwhile(pacing, time):
    """Time that passed anyway need not be waited for."""
    ask(pacing, requested=100, available=20)
    time.now_s += 1
    ask(pacing)

    assert [pytest.approx(0.6)] == time.slept_s


def test_the_bucket_does_not_fill_beyond_its_brim(pacing, time):
    """After a night's sleep there is one bucketful, not a thousand."""
    ask(pacing, requested=1000, available=0)
    time.now_s += 3600
    ask(pacing)
    ask(pacing)

    assert [20.0] == time.slept_s


def test_an_operation_that_was_never_seen_is_let_through(pacing, time):
    """We cannot know its cost; Shopify will tell."""
    ask(pacing, available=0)
    ask(pacing, operation="Other")

    assert [] == time.slept_s


def test_one_shop_does_not_wait_for_another(pacing, time):
    """Buckets are per shop."""
    ask(pacing, available=0, shop="a")
    ask(pacing, shop="b")

    assert [] == time.slept_s


def test_what_is_under_way_counts():
    """Five workers see 250 points, for 100 each: two may go, the others line up."""
    waits_s, all_in = [], Barrier(5, timeout=10)
    pacing = Pacing(sleep=waits_s.append, monotonic=lambda: 0.0)
    ask(pacing, requested=100, available=250)

    def work():
        with pacing.turn("a", "Read"):
            all_in.wait()

    with ThreadPoolExecutor(5) as pool:
        for future in [pool.submit(work) for _ in range(5)]:
            future.result(timeout=10)

    assert [1.0, 3.0, 5.0] == sorted(waits_s)


def test_an_answer_does_not_forget_those_under_way(pacing, time):
    """Shopify's number cannot know of a request that is still on the wire."""
    ask(pacing, requested=100, available=1000)
    with pacing.turn("a", "Read"), pacing.turn("a", "Read"):
        ask(pacing, requested=100, available=220)
        ask(pacing)

    assert [pytest.approx(1.6)] == time.slept_s  # 220 - 2 x 100 under way = 20


def test_a_request_that_failed_is_no_longer_under_way(pacing, time):
    """Else each error would make the bucket smaller for ever."""
    ask(pacing, requested=100, available=1000)
    for _ in range(50):
        with pytest.raises(ZeroDivisionError), pacing.turn("a", "Read"):
            raise ZeroDivisionError
        time.now_s += 2
    ask(pacing, requested=100, available=150)
    ask(pacing)

    assert [] == time.slept_s


def test_no_wait_is_longer_than_half_a_minute(pacing, time):
    """A wrong number in an answer must not stop the line."""
    ask(pacing, requested=1000, available=-1_000_000)
    ask(pacing)

    assert [30.0] == time.slept_s


def test_whoever_will_not_wait_has_spent_nothing(time):
    """The web role gives a long wait up. Its points come back, or a store would seem busy for ever."""

    def impatient(seconds):
        if seconds > 2:
            raise Unavailable("busy")
        time.sleep(seconds)

    pacing = Pacing(sleep=impatient, monotonic=time.monotonic)
    ask(pacing, requested=500, available=0)
    for _ in range(10):
        with pytest.raises(Unavailable):
            ask(pacing)
    time.now_s += 10
    ask(pacing)

    assert [] == time.slept_s
