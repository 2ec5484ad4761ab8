"""Turns to write: one at a time, in order, money first, and nobody waits without end."""

import contextlib
import threading

import pytest

from shopify_imagegen import hurry
from shopify_imagegen.adapters.database.turn import Turn
from shopify_imagegen.errors import Unavailable
from tests.end_to_end.house import wait_for

LIMIT_S = 10


@pytest.fixture
def turn():
    return Turn(wait_s=LIMIT_S)


def waiting(turn):
    return len(turn._ahead) + len(turn._behind)


def test_who_is_waited_for_by_the_second_goes_first_and_the_rest_in_order(turn):
    """A paid call holds one of the provider's places; what else is written has time."""
    went, threads = [], []
    with turn.taken():
        for name, ahead in (("a", False), ("b", False), ("paid", True), ("c", False), ("sold", True)):
            thread = threading.Thread(target=enter, args=(turn, name, ahead, went))
            thread.start()
            threads.append(thread)
            wait_for(lambda: waiting(turn) == len(threads), LIMIT_S, name)
    for thread in threads:
        thread.join(LIMIT_S)

    assert ["paid", "sold", "a", "b", "c"] == went


def enter(turn, name, ahead, went):
    with turn.taken(ahead=ahead):
        went.append(name)


def test_a_paid_call_writes_first(open_database, empty_url):
    """From the reservation to the state of the picture: all of it is written by the thread that holds the place."""
    database = open_database(empty_url)
    if not database.is_sqlite:
        pytest.skip("PostgreSQL lets many write at once")
    went = []
    with database.write():
        other = threading.Thread(target=write, args=(database, "other", contextlib.nullcontext(), went))
        other.start()
        wait_for(lambda: waiting(database._turn) == 1, LIMIT_S, "the other")
        paid = threading.Thread(target=write, args=(database, "paid", hurry.first(), went))
        paid.start()
        wait_for(lambda: waiting(database._turn) == 2, LIMIT_S, "the paid call")
    for thread in (other, paid):
        thread.join(LIMIT_S)

    assert ["paid", "other"] == went


def write(database, name, hurried, went):
    with hurried, database.write():
        went.append(name)


def test_one_at_a_time(turn):
    """Two writers at once would fail on SQLite's own lock."""
    inside, most = [], []

    def write():
        for _ in range(200):
            with turn.taken():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT_S)

    assert (1600, 1) == (len(most), max(most))


def test_nobody_waits_without_end():
    """Whoever waits in vain says so, and takes nobody's turn with him."""
    turn = Turn(wait_s=0.05)
    with turn.taken(), pytest.raises(Unavailable, match=r"no turn to write within 0\.05 s"), turn.taken():
        pass

    assert 0 == waiting(turn)
    with turn.taken():
        pass


def test_a_failing_writer_passes_the_turn_on(turn):
    """A bug in one transaction must not stop all others."""
    with pytest.raises(KeyError), turn.taken():
        raise KeyError("a bug")

    with turn.taken(ahead=True):
        pass
