"""What a sweep asks the database: a place that one worker at a time moves, and what is known of a page of products."""

import threading

import pytest

from shopify_imagegen.adapters.database.cursors import SqlCursors
from shopify_imagegen.adapters.database.watch import SqlWatch
from shopify_imagegen.models import Watched

from .story import NOW, OTHER_SHOP, SHOP


@pytest.fixture
def cursors(database, clock):
    return SqlCursors(database, clock)


def test_a_cursor_is_read_as_it_was_written(cursors):
    """Where a sweep stands must survive a restart."""
    moved = cursors.move(SHOP, "products", before=None, value="page 1")
    cursors.move(OTHER_SHOP, "products", before=None, value="page 9")
    cursors.move(SHOP, "something else", before=None, value="not this")

    assert ("page 1", NOW) == (moved.value, moved.updated_at)
    assert moved == cursors.all("products")[SHOP]
    assert {SHOP, OTHER_SHOP} == set(cursors.all("products"))


def test_a_cursor_moves_only_from_where_it_was_seen(cursors):
    """Who comes second must not set the first one back."""
    begun = cursors.move(SHOP, "products", before=None, value="page 1")
    first = cursors.move(SHOP, "products", before=begun, value="page 2")
    second = cursors.move(SHOP, "products", before=begun, value="page 1 again")

    assert "page 2" == first.value
    assert second is None
    assert first == cursors.all("products")[SHOP]


def test_a_cursor_that_is_there_is_not_made_again(cursors):
    """Two workers that find no cursor must not both begin."""
    assert cursors.move(SHOP, "products", before=None, value="mine")
    assert cursors.move(SHOP, "products", before=None, value="yours") is None


def test_every_move_can_be_told_from_the_one_before(cursors):
    """Also when the clock stands still, or goes back."""
    begun = cursors.move(SHOP, "products", before=None, value="a")
    moved = cursors.move(SHOP, "products", before=begun, value="b")

    assert moved.updated_at > begun.updated_at


def test_of_many_readers_at_once_one_has_the_turn(url, open_database, clock):
    """The point of it all: one page is read once, by any number of workers."""
    readers = [SqlCursors(open_database(url), clock) for _ in range(6)]
    begun = readers[0].move(SHOP, "products", before=None, value="start")
    gate, turns = threading.Barrier(len(readers)), []

    def read(number, cursors):
        gate.wait(10)
        turns.append((number, cursors.move(SHOP, "products", before=begun, value=str(number))))

    threads = [threading.Thread(target=read, args=each) for each in enumerate(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    (winner,) = [number for number, moved in turns if moved]
    assert len(readers) == len(turns)
    assert str(winner) == readers[0].all("products")[SHOP].value


def test_what_is_known_of_products_is_told_for_a_whole_page(database, clock):
    """One question for fifty products; those that were never heard of are not in the answer."""
    watch = SqlWatch(database, clock)
    ids = [f"gid://shopify/Product/{number}" for number in range(4)]
    watch.touch(SHOP, ids[0], created=True, due_at=NOW)
    watch.touch(SHOP, ids[1], created=False, due_at=NOW)
    watch.started(SHOP, ids[1], 1)
    watch.settle(SHOP, ids[1], waiting=False, state="job", reason="Job 1")
    watch.touch(OTHER_SHOP, ids[2], created=True, due_at=NOW)

    assert {
        ids[0]: Watched(created_seen=True, open=True, is_due=True, state=""),
        ids[1]: Watched(created_seen=False, open=False, is_due=False, state="job"),
    } == watch.known(SHOP, ids)
