"""One row a product: a burst of edits is one look, and what is settled stays settled."""

from datetime import timedelta

import pytest

from shopify_imagegen.adapters.database.watch import SqlWatch

from .story import LAMP, NOW, OTHER_SHOP, SHOP

QUIET = timedelta(seconds=60)


@pytest.fixture
def watch(database):
    return SqlWatch(database)


def at(seconds):
    return NOW + timedelta(seconds=seconds)


def test_a_burst_of_edits_is_one_look_after_the_last(watch):
    """The merchant is still typing; the job is for what stands there in the end."""
    watch.touch(SHOP, LAMP, created=True, due_at=at(60))
    for second in range(1, 10):
        watch.touch(SHOP, LAMP, created=False, due_at=at(60 + second))

    assert watch.due(at(68), 10) == ()
    assert watch.due(at(69), 10) == ((SHOP, LAMP, 10),)


def test_the_same_product_number_in_two_shops_is_two_products(watch):
    """Ids are unique in a shop only as far as we know."""
    watch.touch(SHOP, LAMP, created=True, due_at=at(1))
    watch.touch(OTHER_SHOP, LAMP, created=True, due_at=at(0))

    assert watch.due(at(5), 10) == ((OTHER_SHOP, LAMP, 1), (SHOP, LAMP, 1))
    assert len(watch.due(at(5), 1)) == 1


def test_a_look_that_has_begun_is_not_due_again(watch):
    """Otherwise every turn of the dispatcher would start it anew."""
    watch.touch(SHOP, LAMP, created=True, due_at=at(0))
    watch.started(SHOP, LAMP, 1)

    assert watch.due(at(100), 10) == ()


def test_a_change_during_the_start_keeps_its_own_time(watch):
    """`started` speaks of the revision that was read; the newer change is still to be looked at."""
    watch.touch(SHOP, LAMP, created=True, due_at=at(0))
    watch.touch(SHOP, LAMP, created=False, due_at=at(60))
    watch.started(SHOP, LAMP, 1)

    assert watch.due(at(60), 10) == ((SHOP, LAMP, 2),)


def test_a_settled_product_ignores_updates(watch):
    """Our own pictures cause updates; they must not cause looks."""
    watch.touch(SHOP, LAMP, created=True, due_at=at(0))
    watch.started(SHOP, LAMP, 1)
    watch.settle(SHOP, LAMP, waiting=False, state="job", reason="Job 1")
    watch.touch(SHOP, LAMP, created=False, due_at=at(5))

    assert watch.due(at(100), 10) == ()
    assert watch.state(SHOP, LAMP) == ("job", "Job 1")


def test_a_waiting_product_wakes_up_with_an_update(watch):
    """It had no photos; now it may have one."""
    watch.touch(SHOP, LAMP, created=True, due_at=at(0))
    watch.started(SHOP, LAMP, 1)
    watch.settle(SHOP, LAMP, waiting=True, state="no_photos", reason="No photos yet.")
    watch.touch(SHOP, LAMP, created=False, due_at=at(5))

    assert watch.due(at(5), 10) == ((SHOP, LAMP, 2),)


def test_created_after_an_update_opens_it_again_once(watch):
    """Deliveries come out of order: the update was judged as an old product's, the create says that it is new."""
    watch.touch(SHOP, LAMP, created=False, due_at=at(0))
    watch.started(SHOP, LAMP, 1)
    watch.settle(SHOP, LAMP, waiting=False, state="not_new", reason="")
    assert not watch.created_seen(SHOP, LAMP)

    watch.touch(SHOP, LAMP, created=True, due_at=at(5))
    assert watch.created_seen(SHOP, LAMP)
    assert watch.due(at(5), 10) == ((SHOP, LAMP, 2),)

    watch.started(SHOP, LAMP, 2)
    watch.settle(SHOP, LAMP, waiting=False, state="job", reason="")
    watch.touch(SHOP, LAMP, created=True, due_at=at(9))
    assert watch.due(at(100), 10) == ()


def test_a_recheck_is_a_look_of_its_own_and_is_counted(watch):
    """The photos were still in processing; how often we looked by ourselves decides when to stop."""
    watch.touch(SHOP, LAMP, created=True, due_at=at(0))
    for tries in (1, 2):
        watch.started(SHOP, LAMP, tries)
        watch.settle(SHOP, LAMP, waiting=True, state="photos_not_ready", reason="")
        watch.recheck(SHOP, LAMP, at(10 * tries))
        assert watch.rechecks(SHOP, LAMP) == tries
        assert watch.due(at(10 * tries), 10) == ((SHOP, LAMP, tries + 1),)

    watch.touch(SHOP, LAMP, created=False, due_at=at(60))
    assert watch.rechecks(SHOP, LAMP) == 0


def test_a_recheck_does_not_override_a_newer_change(watch):
    """The merchant's edit waits for its quiet time; our own impatience must not cut it short."""
    watch.touch(SHOP, LAMP, created=True, due_at=at(0))
    watch.started(SHOP, LAMP, 1)
    watch.touch(SHOP, LAMP, created=False, due_at=at(60))
    watch.recheck(SHOP, LAMP, at(5))

    assert watch.due(at(59), 10) == ()
    assert watch.due(at(60), 10) == ((SHOP, LAMP, 2),)


def test_a_forgotten_product_is_new_when_heard_of_again(watch):
    """It was deleted, or could not be read for a moment; a look at it later needs a revision that was never used."""
    watch.touch(SHOP, LAMP, created=True, due_at=at(0))
    watch.settle(SHOP, LAMP, waiting=False, state="job", reason="")
    watch.forget(SHOP, LAMP)
    assert (None, False, ()) == (watch.state(SHOP, LAMP), watch.created_seen(SHOP, LAMP), watch.due(at(99), 10))

    watch.touch(SHOP, LAMP, created=False, due_at=at(1))

    assert watch.due(at(1), 10) == ((SHOP, LAMP, 2),)


def test_a_product_never_heard_of_has_no_state(watch):
    """Asking about it is no error, and leaves nothing behind."""
    watch.settle(SHOP, LAMP, waiting=True, state="no_photos", reason="")
    watch.recheck(SHOP, LAMP, at(0))

    assert (None, False, 0, ()) == (
        watch.state(SHOP, LAMP),
        watch.created_seen(SHOP, LAMP),
        watch.rechecks(SHOP, LAMP),
        watch.due(at(9), 9),
    )


def test_products_in_a_named_state_are_woken_once(watch):
    """Their shop is served again: each is looked at, and one that is due already keeps its time."""
    for number, product_id in enumerate(("sleeping", "due", "settled")):
        watch.touch(SHOP, product_id, created=True, due_at=at(0))
        watch.started(SHOP, product_id, 1)
        watch.settle(SHOP, product_id, waiting=True, state="job" if number == 2 else "shop_paused", reason="")
    watch.recheck(SHOP, "due", at(60))

    assert [1, 0] == [watch.wake([SHOP], "shop_paused", at(5)) for _ in range(2)]
    assert ((SHOP, "sleeping", 2),) == watch.due(at(5), 10)
    assert 0 == watch.wake([OTHER_SHOP], "shop_paused", at(5))
