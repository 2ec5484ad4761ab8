"""The provider's places: no more calls at once than it takes, in the order of coming; all shares add up."""

import threading
from contextlib import contextmanager

import pytest

import shopify_imagegen.places as module
from shopify_imagegen.places import Places, begun_at_once, share
from shopify_imagegen.steps import ProcessEnds, Steps
from tests.end_to_end.house import wait_for

LIMIT_S = 10


@contextmanager
def callers(places, count):
    """So many threads that each want a place, one after the other, and keep it until they are told to go."""
    inside, gates, threads = [], [threading.Event() for _ in range(count)], []

    def call(number):
        try:
            with places.taken():
                inside.append(number)
                gates[number].wait(LIMIT_S)
        except ProcessEnds:
            inside.append(f"{number} ends")

    try:
        for number in range(count):
            threads.append(threading.Thread(target=call, args=(number,)))
            threads[-1].start()
            wait_for(lambda: len(inside) + len(places._line) >= len(threads), LIMIT_S, lambda: inside)
        yield inside, gates
    finally:
        for gate in gates:
            gate.set()
        for thread in threads:
            thread.join(LIMIT_S)


def test_no_more_are_inside_than_there_are_places_and_the_first_to_come_is_the_next(monkeypatch):
    """A call too many is refused by the provider. Who waits looks about now and then, and keeps his turn."""
    monkeypatch.setattr(module, "LOOK_S", 0.001)
    with callers(Places(2, sleep=Steps().sleep), 4) as (inside, gates):
        assert [0, 1] == inside
        gates[1].set()
        wait_for(lambda: inside == [0, 1, 2], LIMIT_S, lambda: inside)
        gates[0].set()
        wait_for(lambda: inside == [0, 1, 2, 3], LIMIT_S, lambda: inside)


def test_another_worker_takes_its_share_as_places_become_free():
    """Who has a place keeps it: a paid call is never cut short. When that worker has gone, all are ours again."""
    places = Places(2, sleep=Steps().sleep)
    with callers(places, 4) as (inside, gates):
        places.change(1)
        gates[0].set()
        gates[1].set()
        wait_for(lambda: len(inside) == 3, LIMIT_S, lambda: inside)
        assert [0, 1, 2] == inside

        places.change(2)
        wait_for(lambda: inside == [0, 1, 2, 3], LIMIT_S, lambda: inside)


def test_who_waits_for_a_place_ends_with_the_process():
    """A stop waits for the calls that are under way, and begins no other."""
    steps = Steps()
    with callers(Places(1, sleep=steps.sleep), 2) as (inside, _):
        steps.close(0)
        wait_for(lambda: inside == [0, "1 ends"], LIMIT_S, lambda: inside)


def test_a_call_that_fails_gives_its_place_back():
    """Or a provider that is away would use them up for ever."""
    places = Places(1, sleep=Steps().sleep)
    for _ in range(2):
        with pytest.raises(ConnectionError), places.taken():
            raise ConnectionError

    with places.taken() as waited_s:
        assert waited_s < LIMIT_S


@pytest.mark.parametrize("workers", range(1, 40))
def test_all_workers_places_together_are_the_providers(workers):
    """Whatever their number; only where there are fewer places than workers has each of them one."""
    shares = [share(32, rank=rank, workers=workers) for rank in range(workers)]

    assert max(32, workers) == sum(shares)


@pytest.mark.parametrize("concurrency", [1, 2, 3])
def test_nobody_stands_ready_for_few_places(concurrency):
    """A provider with few places is slow: who waited there would wait for long, and a person could not get ahead."""
    assert concurrency == begun_at_once(concurrency)
