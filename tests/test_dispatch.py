"""Arrivals become looks and durable work; what cannot be acted on gets out of the way, by name."""

from datetime import timedelta

import pytest

from shopify_imagegen.adapters.database.erase import SqlErase
from shopify_imagegen.dispatch import GIVEN_UP, Dispatcher
from shopify_imagegen.errors import Unavailable
from shopify_imagegen.leaving import Leaving
from shopify_imagegen.models import (
    AppUninstalled,
    Arrival,
    BackfillRollbackRequested,
    CustomerPrivacy,
    GenerateRequested,
    ImageApproved,
    JobRetried,
    JobState,
    ProductChanged,
    ProductDeleted,
    RegenerateRequested,
    RollbackRequested,
    ScopesChanged,
    ShopRedact,
    ShopToken,
)
from tests.fakes import LAMP, SHOP, START, FakeWork, a_job, away


class FakeShopify:
    """Says whether our token opens a store; an error in place of the answer is raised."""

    def __init__(self):
        self.opens = True

    def __call__(self, shop):
        if isinstance(self.opens, Exception):
            raise self.opens
        return self.opens


class FakeStarter:
    """Remembers what was started; work in `broken` stops the program."""

    def __init__(self):
        self.started = []
        self.broken = {}

    def look(self, work_id, shop, product_id):
        self._start(work_id, product_id)

    def ask(self, arrival_id, shop, request):
        self._start(arrival_id, getattr(request, "product_id", None) or request.image_id)

    def approve(self, arrival_id, shop, wish):
        self._start(f"approve:{arrival_id}", wish.image_id)

    def roll_back(self, arrival_id, shop, wish):
        self._start(f"roll_back:{arrival_id}", wish.images)

    def roll_back_all(self, arrival_id, shop, wish):
        self._start(f"roll_back_all:{arrival_id}", wish.backfill_id)

    def again(self, work_id, job, *, refused):
        self._start(work_id, job.id)

    def _start(self, work_id, about):
        if about in self.broken:
            raise self.broken[about]
        self.started.append(work_id)


@pytest.fixture
def world(world):
    world.shopify = FakeShopify()
    return world


@pytest.fixture
def starter():
    return FakeStarter()


@pytest.fixture
def dispatcher(world, starter):
    return Dispatcher(
        inbox=world.inbox,
        watch=world.watch,
        shops=world.shops,
        jobs=world.jobs,
        starter=starter,
        leaving=Leaving(
            shops=world.shops,
            erase=SqlErase(world.database),
            work=FakeWork(),
            has_the_app=world.shopify,
            clock=world.time.clock,
        ),
        scopes=("write_products", "write_files"),
        quiet_s=lambda shop: 60,
        clock=world.time.clock,
    )


def arrive(world, intent, name="delivery-1", **fields):
    world.inbox.record(Arrival(id=name, source="webhook", topic="t", shop=SHOP, intent=intent, **fields))
    world.time.sleep(0.001)  # the order of arrival


def changed(product_id=LAMP, *, created=True):
    return ProductChanged(product_id=product_id, created=created)


def test_a_burst_of_changes_is_one_look_after_it_is_quiet(world, dispatcher, starter):
    """A merchant who edits for a minute causes one job."""
    for number in range(5):
        arrive(world, changed(created=number == 0), f"delivery-{number}")
        dispatcher.run_once()
        world.time.sleep(30)

    assert [] == starter.started
    world.time.sleep(60)
    dispatcher.run_once()
    dispatcher.run_once()
    assert ["look:nice-lamps.myshopify.com:1:5"] == starter.started


def test_an_update_before_its_create_is_the_same_look(world, dispatcher, starter):
    """Shopify gives no order: the create counts whenever it comes."""
    arrive(world, changed(created=False), "update")
    arrive(world, changed(created=True), "create")
    dispatcher.run_once()
    world.time.sleep(61)

    dispatcher.run_once()

    assert 1 == len(starter.started)
    assert world.watch.created_seen(SHOP, LAMP)


def test_a_deleted_product_is_not_looked_at(world, dispatcher, starter):
    """It waited for its quiet time and is gone."""
    arrive(world, changed(), "create")
    arrive(world, ProductDeleted(product_id=LAMP), "delete")
    dispatcher.run_once()
    world.time.sleep(61)

    dispatcher.run_once()

    assert [] == starter.started


@pytest.mark.parametrize(
    ("intent", "work_id"),
    [
        (GenerateRequested(product_id=LAMP), "delivery-1"),
        (RegenerateRequested(image_id="i"), "delivery-1"),
        (ImageApproved(image_id="i"), "approve:delivery-1"),
        (RollbackRequested(images=("i",)), "roll_back:delivery-1"),
        (BackfillRollbackRequested(backfill_id="bf-1"), "roll_back_all:delivery-1"),
    ],
    ids=["wish", "another picture", "approval", "rollback", "rollback of a backfill"],
)
def test_what_a_person_wants_starts_at_once(world, dispatcher, starter, intent, work_id):
    """No quiet time: somebody is waiting."""
    arrive(world, intent)

    assert 1 == dispatcher.run_once()
    assert [work_id] == starter.started


@pytest.mark.parametrize(
    ("state", "times"), [(JobState.PARTLY_PUBLISHED, 1), (JobState.PAUSED, 1), (JobState.GENERATING, 0)]
)
def test_a_job_that_rests_is_taken_up_again_once(world, dispatcher, starter, state, times):
    """Two clicks are one wish, and a job that runs needs none."""
    world.begin()
    job = world.jobs.move(a_job(START).id, state)
    for number in range(2):
        arrive(world, JobRetried(job_id=job.id), f"click-{number}")

    dispatcher.run_once()

    assert times == len(set(starter.started))


def test_a_job_that_nobody_knows_is_answered(world, dispatcher, starter):
    """It was pruned, or the id was mistyped."""
    arrive(world, JobRetried(job_id="no-such-job"))

    assert [1, 0] == [dispatcher.run_once(), dispatcher.run_once()]
    assert [] == starter.started


def test_an_uninstall_ends_everything_for_the_shop(world, dispatcher, starter):
    """What arrives behind it is not acted on, and its token is forgotten."""
    world.shops.save_token(SHOP, ShopToken(access="shpat_a", refresh="shprt_a"), [])
    world.shopify.opens = False
    arrive(world, AppUninstalled(), triggered_at=START)
    arrive(world, GenerateRequested(product_id=LAMP), "delivery-2")

    dispatcher.run_once()

    assert "uninstalled" == world.shops.find(SHOP).state
    assert world.shops.token(SHOP) is None
    assert [] == starter.started


def test_what_cannot_be_judged_yet_is_put_off_and_holds_nothing_up(world, dispatcher, starter):
    """Shopify is away while a store leaves: its news is not lost, and what is behind it is acted on."""
    world.shopify.opens = Unavailable("Shopify answered 503")
    arrive(world, ShopRedact())
    arrive(world, GenerateRequested(product_id=LAMP), "delivery-2")

    dispatcher.run_once()

    assert ["delivery-2"] == starter.started
    (put_off,) = world.inbox.postponed()
    assert ("delivery-1", "") == (put_off.arrival.id, put_off.outcome)
    assert "Shopify answered 503" in put_off.reason
    world.shopify.opens = False
    assert 0 == dispatcher.run_once()
    world.time.sleep(3)
    assert 1 == dispatcher.run_once()
    assert () == world.inbox.postponed()
    assert world.shops.find(SHOP) is None


@pytest.mark.parametrize("state", ["uninstalled", None], ids=["left", "erased before"])
def test_a_store_that_has_left_is_erased_when_shopify_asks(world, dispatcher, state):
    """Also when it asks twice."""
    world.shops.remove(SHOP) if state is None else world.shop(state=state)
    arrive(world, ShopRedact())

    assert [1, 0] == [dispatcher.run_once(), dispatcher.run_once()]
    assert world.shops.find(SHOP) is None


def test_a_store_that_came_back_is_not_erased(world, dispatcher):
    """Shopify asks two days after the store left; it may have installed us again by then."""
    arrive(world, ShopRedact())

    dispatcher.run_once()

    assert "active" == world.shops.find(SHOP).state


def test_new_scopes_end_a_pause(world, dispatcher):
    """A shop that was paused for a missing permission may have it now."""
    world.shop(state="paused", reason="A permission is missing: write_files")
    arrive(world, ScopesChanged(scopes=("write_files", "write_products")))

    dispatcher.run_once()

    assert ("active", ("write_files", "write_products")) == (
        world.shops.find(SHOP).state,
        world.shops.find(SHOP).scopes,
    )


def test_a_lost_scope_pauses_the_shop_and_is_named(world, dispatcher):
    """Found out later, the picture would be bought and could not be published."""
    arrive(world, ScopesChanged(scopes=("write_products",)))

    dispatcher.run_once()

    shop = world.shops.find(SHOP)
    assert "paused" == shop.state
    assert "write_files" in shop.reason
    assert "write_products" not in shop.reason


def test_new_scopes_do_not_end_another_pause(world, dispatcher):
    """A frozen shop stays frozen; whether it works again is asked for every minute."""
    world.shop(state="paused", reason="402")
    arrive(world, ScopesChanged(scopes=("write_files", "write_products")))

    dispatcher.run_once()

    assert ("paused", "402") == (world.shops.find(SHOP).state, world.shops.find(SHOP).reason)


@pytest.mark.parametrize("intent", [CustomerPrivacy(request="redact")], ids=["privacy"])
def test_what_asks_for_nothing_is_done(world, dispatcher, intent):
    """It must not be looked at for ever."""
    arrive(world, intent)

    assert [1, 0] == [dispatcher.run_once(), dispatcher.run_once()]


def test_an_arrival_of_a_stranger_is_done(world, dispatcher, starter):
    """A shop that never installed us."""
    stranger = Arrival(id="x", source="webhook", topic="t", shop="no.myshopify.com", intent=changed())
    world.inbox.record(stranger)

    assert [1, 0] == [dispatcher.run_once(), dispatcher.run_once()]
    assert [] == starter.started


def test_a_poisonous_arrival_does_not_block_those_behind_it(world, dispatcher, starter):
    """A bug with one of them must not be the end of all."""
    starter.broken["poison"] = ZeroDivisionError("a bug")
    arrive(world, GenerateRequested(product_id="poison"), "first")
    arrive(world, GenerateRequested(product_id=LAMP), "second")

    assert 1 == dispatcher.run_once()
    assert ["second"] == starter.started


def test_a_poisonous_arrival_is_tried_later_and_later_and_then_named(world, dispatcher, starter, caplog):
    """Ten tries over about eight minutes: longer than a restart of anything it may need."""
    starter.broken["poison"] = ZeroDivisionError("a bug")
    arrive(world, GenerateRequested(product_id="poison"))
    began = world.time.now

    while world.inbox.waiting(1):
        dispatcher.run_once()
        world.time.sleep(1)

    assert timedelta(minutes=8) < world.time.now - began < timedelta(minutes=12)
    assert 10 == caplog.text.count("could not be acted on")


def test_an_arrival_that_works_again_is_done(world, dispatcher, starter):
    """What stood in the way was mended."""
    starter.broken[LAMP] = ZeroDivisionError("a bug")
    arrive(world, GenerateRequested(product_id=LAMP))
    dispatcher.run_once()
    starter.broken.clear()
    world.time.sleep(1)

    dispatcher.run_once()

    assert ["delivery-1"] == starter.started
    assert () == world.inbox.waiting(1)


def test_a_poisonous_look_does_not_block_those_behind_it(world, dispatcher, starter):
    """The same for products; and the product ends in a named state."""
    other = "gid://shopify/Product/2"
    starter.broken[LAMP] = ZeroDivisionError("a bug")
    arrive(world, changed(), "first")
    arrive(world, changed(other), "second")
    dispatcher.run_once()
    world.time.sleep(61)

    dispatcher.run_once()
    assert ["look:nice-lamps.myshopify.com:2:1"] == starter.started
    while world.watch.due(world.time.now, 1):
        dispatcher.run_once()
        world.time.sleep(1)
    assert ("failed", GIVEN_UP) == world.watch.state(SHOP, LAMP)


@pytest.mark.parametrize(("port", "method"), [("inbox", "waiting"), ("watch", "touch"), ("inbox", "done")])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_our_database_away_loses_nothing(world, dispatcher, starter, port, method, moment):
    """It is no one's poison: the worker waits, and the arrival is still there."""
    arrive(world, changed())
    getattr(getattr(world, port), moment)[method] = [away()]
    with pytest.raises(Unavailable):
        dispatcher.run_once()

    dispatcher.run_once()
    world.time.sleep(61)
    dispatcher.run_once()

    assert 1 == len(starter.started)


def test_a_crash_between_a_look_and_its_note_starts_the_same_work(world, dispatcher, starter):
    """The same id twice is the same work."""
    arrive(world, changed())
    dispatcher.run_once()
    world.time.sleep(61)
    world.watch.before["started"] = [away()]
    with pytest.raises(Unavailable):
        dispatcher.run_once()

    dispatcher.run_once()

    assert 1 == len(set(starter.started))
