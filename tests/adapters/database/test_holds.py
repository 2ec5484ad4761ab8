"""Storms of new products in the database: one open hold a shop, one decision, and nothing lost between the two."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shopify_imagegen.adapters.database.holds import SqlHolds
from shopify_imagegen.adapters.database.tables import audit, holds, watched
from shopify_imagegen.adapters.database.watch import SqlWatch
from shopify_imagegen.errors import Conflict, NotFound

from .story import NOW, OTHER_SHOP, SHOP

WORDS = {"held": "Held.", "dismissed": "Dismissed."}
AT_ONCE = timedelta(0)
DAY = timedelta(days=1)


def product(number):
    return f"gid://shopify/Product/{number}"


class Store:
    """A watch and its holds, as a look uses them."""

    def __init__(self, database, clock):
        self.database, self.clock = database, clock
        self.watch = SqlWatch(database, clock)
        self.holds = SqlHolds(database, clock)

    def hear(self, *numbers, shop=SHOP, created=True):
        for number in numbers:
            self.watch.touch(shop, product(number), created=created, due_at=self.clock())
            self._looked_at(shop, number)

    def _looked_at(self, shop, number):
        revisions = {each: revision for where, each, revision in self.watch.due(self.clock(), 1000) if where == shop}
        if product(number) in revisions:
            self.watch.started(shop, product(number), revisions[product(number)])

    def keep(self, number, *, storm=True, shop=SHOP):
        return self.holds.keep(shop, product(number), storm=storm, **WORDS)

    def hold(self, *numbers, shop=SHOP):
        self.hear(*numbers, shop=shop)
        assert all(self.keep(number, shop=shop) for number in numbers)
        return self.holds.open(shop)

    def due(self, at=None):
        return [each for _, each, _ in self.watch.due(at or self.clock(), 1000)]

    def state(self, number):
        return self.watch.state(SHOP, product(number))

    def rows(self, table):
        with self.database.read() as connection:
            return connection.execute(sa.select(table)).all()


@pytest.fixture
def store(database, clock):
    return Store(database, clock)


def test_a_product_outside_a_storm_goes_on(store):
    """Most products, on most days."""
    store.hear(1)

    assert store.keep(1, storm=False) is False
    assert store.holds.open(SHOP) is None


def test_a_storm_is_one_hold(store):
    """A merchant is asked once, not five thousand times."""
    hold = store.hold(1, 2, 3)

    assert (SHOP, "open", 3, NOW) == (hold.shop, hold.state, hold.products, hold.created_at)
    assert ("held", "Held.") == store.state(2)
    assert [] == store.due()


def test_later_products_join_the_open_hold(store):
    """The end of an import comes slower than its beginning, and is the same decision."""
    store.hold(1, 2)
    store.hear(3)

    assert store.keep(3, storm=False) is True
    assert 3 == store.holds.open(SHOP).products


def test_another_shop_is_not_held(store):
    """One store's import is no business of another's."""
    store.hold(1)
    store.hear(1, shop=OTHER_SHOP)

    assert store.keep(1, storm=False, shop=OTHER_SHOP) is False


def test_a_step_that_runs_again_holds_once(store):
    """The engine may repeat a look after a crash."""
    store.hold(1)

    assert store.keep(1) is True
    assert 1 == store.holds.open(SHOP).products
    assert 1 == len(store.rows(holds))


def test_a_held_product_sleeps_until_the_decision(store):
    """Each price change of a held product would cost a read."""
    store.hold(1)
    store.watch.touch(SHOP, product(1), created=False, due_at=NOW)

    assert [] == store.due()


def test_started_products_go_on_one_after_the_other(store, clock):
    """What is listed meanwhile finds its turn between two of them."""
    hold = store.hold(1, 2, 3)
    clock.go_on(hours=1)
    started = store.holds.start(hold.id, by="Ann", reason="Started.", every=timedelta(seconds=10))

    assert ("started", "Ann", clock(), 3) == (started.state, started.decided_by, started.decided_at, started.products)
    assert [product(1)] == store.due()
    assert [product(1), product(2), product(3)] == store.due(clock() + timedelta(seconds=20))
    assert ("released", "Started.") == store.state(2)


def test_a_started_product_is_not_held_again(store):
    """One decision, one answer; also while another storm goes on."""
    hold = store.hold(1)
    store.holds.start(hold.id, by="Ann", reason="Started.", every=AT_ONCE)
    store.hold(2)

    assert store.keep(1) is False


def test_a_started_product_gets_a_look_of_its_own(store):
    """Looks are named by their revision: one with a used name would never run."""
    hold = store.hold(1)
    ((before,),) = {(row.revision,) for row in store.rows(watched)}
    store.holds.start(hold.id, by="Ann", reason="Started.", every=AT_ONCE)

    assert [(SHOP, product(1), before + 1)] == list(store.watch.due(NOW, 10))


def test_dismissed_products_are_left_alone_for_good(store):
    """Neither a late webhook nor a repeated look may buy what was refused."""
    hold = store.hold(1)
    store.hear(2, created=False)
    store.keep(2)
    store.holds.dismiss(hold.id, by="Ann", reason="Dismissed.")
    store.watch.touch(SHOP, product(1), created=True, due_at=NOW)

    assert [] == store.due()
    assert ("dismissed", "Dismissed.") == store.state(1)

    store.watch.touch(SHOP, product(2), created=True, due_at=NOW)  # its create comes after its update: heard for the
    assert [product(2)] == store.due()  # first time, so it is looked at
    assert store.keep(2, storm=False) is True
    assert ("dismissed", "Dismissed.") == store.state(2)


@pytest.mark.parametrize("decide", ["start", "dismiss"])
def test_the_same_decision_twice_is_once(store, clock, decide):
    """A merchant clicks twice; a command is repeated after a lost answer."""
    hold = store.hold(1)
    first = _decide(store, decide, hold.id)
    store.watch.started(SHOP, product(1), store.watch.due(NOW, 1)[0][2] if decide == "start" else 0)
    clock.go_on(minutes=5)

    assert first == _decide(store, decide, hold.id)
    assert [] == store.due()
    assert 1 == len(store.rows(audit))


@pytest.mark.parametrize(("first", "second"), [("start", "dismiss"), ("dismiss", "start")])
def test_the_other_decision_comes_too_late(store, first, second):
    """What was bought cannot be dismissed; who dismissed meant it."""
    hold = store.hold(1)
    made = _decide(store, first, hold.id)

    with pytest.raises(Conflict, match=f"{made.state} before, by Ann"):
        _decide(store, second, hold.id)
    assert made == store.holds.find(hold.id)


@pytest.mark.parametrize("decide", ["start", "dismiss"])
def test_a_hold_that_does_not_exist_is_not_found(store, decide):
    """A mistyped id."""
    with pytest.raises(NotFound, match="hold-none"):
        _decide(store, decide, "hold-none")


def test_after_a_decision_the_next_storm_is_a_new_one(store):
    """A yes to 3 products is no yes to the next 5,000."""
    first = store.hold(1)
    store.holds.start(first.id, by="Ann", reason="Started.", every=AT_ONCE)
    second = store.hold(2)

    assert first.id != second.id
    assert 1 == second.products


def test_a_decision_is_on_record(store):
    """It may be worth hundreds of dollars: who said so?"""
    hold = store.hold(1, 2)
    _decide(store, "start", hold.id)

    (entry,) = store.rows(audit)
    assert ("Ann", "hold_started", SHOP) == (entry.actor, entry.action, entry.shop)
    assert {"hold": hold.id, "products": 2} == entry.detail


def test_a_product_that_had_waited_for_its_photo_still_has(store):
    """The settings may want only those; the hold must not make the look forget it."""
    store.hear(1)
    store.watch.settle(SHOP, product(1), waiting=True, state="no_photos", reason="None yet.")
    store.keep(1)
    store.keep(1)
    _decide(store, "start", store.holds.open(SHOP).id)

    assert ("no_photos", "Started.") == store.state(1)


def test_a_deleted_product_leaves_its_hold(store):
    """The price of the question must not count what is gone."""
    hold = store.hold(1, 2)
    store.watch.forget(SHOP, product(1))

    assert 1 == store.holds.find(hold.id).products


def test_the_creation_is_heard_once(store, clock):
    """Repeated webhooks must not make an old product new."""
    store.hear(1, created=False)
    clock.go_on(minutes=1)
    store.hear(1)
    clock.go_on(minutes=1)
    store.watch.touch(SHOP, product(1), created=True, due_at=clock())

    assert NOW + timedelta(minutes=1) == store.holds.heard(SHOP, product(1), not_before=NOW)


def test_a_creation_that_only_the_look_noticed_is_heard_then(store, clock):
    """Its products/create never came, but its date says that it is new."""
    store.hear(1, created=False)
    clock.go_on(minutes=1)
    noticed = store.holds.heard(SHOP, product(1), not_before=NOW)
    clock.go_on(minutes=1)

    assert NOW + timedelta(minutes=1) == noticed == store.holds.heard(SHOP, product(1), not_before=NOW)


def test_a_product_heard_of_long_ago_is_heard_of_anew(store, clock):
    """Its first photo came days later: it is no longer part of the import that it came with."""
    store.hear(1)
    clock.go_on(days=3)

    assert clock() == store.holds.heard(SHOP, product(1), not_before=clock() - DAY)


def test_a_held_product_keeps_its_moment(store, clock):
    """A storm that is worked off days later must not look like a new one."""
    hold = store.hold(1)
    clock.go_on(days=3)
    _decide(store, "start", hold.id)

    assert NOW == store.holds.heard(SHOP, product(1), not_before=clock() - DAY)


def test_the_nearest_moments_are_told_in_order(store, clock):
    """A storm is recognised by them; five thousand are not read for each of five thousand products."""
    moments = []
    for number in range(7):
        store.hear(number)
        moments.append(clock())
        clock.go_on(minutes=1)
    store.hear(1, shop=OTHER_SHOP)

    near = store.holds.moments(SHOP, moments[3], within=timedelta(minutes=10), limit=2)
    assert [moments[2], moments[3], moments[4], moments[5]] == list(near)
    far = store.holds.moments(SHOP, moments[3], within=timedelta(minutes=2), limit=10)
    assert moments[2:5] == list(far)


def test_looks_at_once_open_one_hold(url, open_database, clock):
    """Eight looks of a shop run side by side, in several workers."""
    stores = [Store(open_database(url), clock) for _ in range(6)]
    stores[0].hear(*range(6))
    _together([lambda each=each, store=store: store.keep(each) for each, store in enumerate(stores)])

    assert 6 == stores[0].holds.open(SHOP).products
    assert 1 == len(stores[0].rows(holds))


def test_no_product_is_lost_between_joining_and_the_decision(url, open_database, clock):
    """A product that joins while the merchant clicks is either started with the others, or asked about anew."""
    ours, theirs = Store(open_database(url), clock), Store(open_database(url), clock)
    ours.hear(*range(20))
    hold_id = None
    for number in range(0, 20, 2):
        ours.keep(number)
        hold_id = ours.holds.open(SHOP).id
        _together([lambda n=number: ours.keep(n + 1), lambda h=hold_id: _decide(theirs, "start", h)])

    open_now = ours.holds.open(SHOP)
    waiting = open_now.products if open_now else 0
    assert 20 == len(ours.due()) + waiting


def _decide(store, decision, hold_id):
    if decision == "start":
        return store.holds.start(hold_id, by="Ann", reason="Started.", every=AT_ONCE)
    return store.holds.dismiss(hold_id, by="Ann", reason="Dismissed.")


def _together(acts):
    gate, wrong = threading.Barrier(len(acts)), []

    def run(act):
        gate.wait(10)
        try:
            act()
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [] == wrong
