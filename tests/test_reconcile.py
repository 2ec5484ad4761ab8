"""What no webhook told us is found all the same: cheaply, once, by any number of workers, whatever one shop does."""

import logging
import time
from datetime import UTC, datetime, timedelta

import pytest

from shopify_imagegen import reconcile
from shopify_imagegen.adapters.database.cursors import SqlCursors
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.adapters.database.watch import SqlWatch
from shopify_imagegen.adapters.shopify import connect
from shopify_imagegen.errors import BadCredentials, BadInput, NoAnswer
from shopify_imagegen.models import Listed, Page, Shop, ShopToken
from shopify_imagegen.reconcile import Sweep
from shopify_imagegen.sandbox import server
from shopify_imagegen.sandbox.shop.products import Draft, add_product
from shopify_imagegen.settings import ShopifySection, TriggerSection

SHOP, OTHER = "nice-lamps.myshopify.com", "nice-bags.myshopify.com"
INSTALLED = datetime(2026, 11, 22, 10, tzinfo=UTC)
EVERY_S = 300


class FakeShops:
    """The installed shops and one token for all."""

    def __init__(self, *domains, state="active"):
        self.shops = [Shop(domain=domain, state=state, grant="static", installed_at=INSTALLED) for domain in domains]
        self.value = "shpat_any"

    def all(self):
        return tuple(self.shops)

    def find(self, domain):
        return next((shop for shop in self.shops if shop.domain == domain), None)

    def with_token(self, domain):
        found = self.find(domain)
        return (found, ShopToken(access=self.value)) if found else None


class FakeCatalog:
    """Pages like Shopify does, and remembers what it was asked. `errors` go wrong in turn, by shop."""

    def __init__(self):
        self.products = {}
        self.asked = []
        self.errors = {}

    def has(self, number, *, at, shop=SHOP, created_at=None, **fields):
        usual = {"status": "ACTIVE", "has_media": True, "created_at": created_at or at, "updated_at": at}
        self.products[shop, number] = Listed(id=gid(number), **usual | fields)

    def changed(self, shop, since, *, after, limit):
        self.asked.append((shop, since, after))
        if self.errors.get(shop):
            raise self.errors[shop].pop(0)
        mine = [each for (where, _), each in self.products.items() if where == shop and each.updated_at >= since]
        ranked = sorted((each.updated_at.isoformat(), each.id, each) for each in mine)
        rest = [each for *rank, each in ranked if after is None or rank > after.split("|")]
        page = rest[:limit]
        more = f"{page[-1].updated_at.isoformat()}|{page[-1].id}" if len(rest) > limit else None
        return Page(products=tuple(page), after=more)


class Sweeping:
    """A worker's sweep, its clock, and what it found."""

    def __init__(self, database, shops, catalog):
        self.now = INSTALLED
        self.catalog, self.shops = catalog, shops
        self.watch = SqlWatch(database, self.clock)
        self.cursors = SqlCursors(database, self.clock)
        self.sweep = self.worker()

    def worker(self, **trigger):
        return Sweep(
            shops=self.shops,
            catalog=self.catalog,
            watch=self.watch,
            cursors=self.cursors,
            every_s=EVERY_S,
            trigger=lambda shop: TriggerSection(**trigger),
            clock=self.clock,
        )

    def clock(self):
        return self.now

    def wait(self, **delta):
        self.now += timedelta(**delta)
        return self.now

    def has(self, number, **fields):
        """A product is added, or changed, now."""
        self.catalog.has(number, **{"at": self.now} | fields)

    def whole(self, runs=200):
        """Run until nothing is left to read, as a worker does in time."""
        return sum(self._one() for _ in range(runs))

    def _one(self):
        found = self.sweep.run_once()
        self.wait(seconds=2)
        return found

    def due(self, shop=SHOP):
        later = self.now + timedelta(days=1)
        return {product_id for where, product_id, _ in self.watch.due(later, 10_000) if where == shop}

    def settled(self, number, state, *, waiting=False):
        """A look has ended so."""
        self.watch.touch(SHOP, gid(number), created=True, due_at=self.now)
        ((_, _, revision),) = [row for row in self.watch.due(self.now, 100) if row[1] == gid(number)]
        self.watch.started(SHOP, gid(number), revision)
        self.watch.settle(SHOP, gid(number), waiting=waiting, state=state, reason="Because.")


def gid(number):
    return f"gid://shopify/Product/{number}"


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/imagegen.db")
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def sweeping(database):
    return Sweeping(database, FakeShops(SHOP), FakeCatalog())


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(reconcile, "PAGE", 3)


def test_a_product_whose_webhook_never_came_is_found(sweeping):
    """Shopify does not promise to deliver."""
    sweeping.wait(hours=1)
    sweeping.has(1)
    sweeping.wait(minutes=3)

    assert 1 == sweeping.sweep.run_once()
    assert {gid(1)} == sweeping.due()
    assert sweeping.watch.created_seen(SHOP, gid(1))


def test_the_first_sweep_begins_at_the_installation(sweeping):
    """What was listed before is for the backfill; what came since is ours."""
    sweeping.has(1, created_at=INSTALLED - timedelta(days=3), at=INSTALLED + timedelta(seconds=1))
    sweeping.has(2, at=INSTALLED + timedelta(seconds=1))
    sweeping.wait(minutes=30)
    sweeping.sweep.run_once()

    ((_, since, _),) = sweeping.catalog.asked
    assert INSTALLED - reconcile.OVERLAP == since
    assert {gid(2)} == sweeping.due()


def test_a_fresh_change_is_left_to_its_webhook(sweeping):
    """The webhook is on its way; but if it never comes, the next sweep finds the product."""
    sweeping.wait(hours=1)
    sweeping.has(1)
    sweeping.wait(seconds=30)
    first = sweeping.sweep.run_once()
    sweeping.wait(seconds=EVERY_S + 1)

    assert (0, 1) == (first, sweeping.sweep.run_once())


def test_a_merchant_who_still_types_is_waited_for(sweeping):
    """A sweep must not look into the middle of an edit more than a webhook does."""
    slow = sweeping.worker(quiet_s=600)
    edited_at = sweeping.wait(hours=1)
    sweeping.has(1)
    sweeping.wait(minutes=3)
    slow.run_once()

    assert () == sweeping.watch.due(edited_at + timedelta(seconds=599), 10)
    assert 1 == len(sweeping.watch.due(edited_at + timedelta(seconds=600), 10))


@pytest.mark.parametrize("state", ["job", "rules", "held", "dismissed", "has_pictures"])
def test_a_settled_product_costs_nothing(sweeping, state):
    """A price list that is imported each night changes every product of the store."""
    sweeping.settled(1, state)
    sweeping.wait(hours=1)
    sweeping.has(1)
    sweeping.wait(minutes=3)

    assert 0 == sweeping.sweep.run_once()
    assert set() == sweeping.due()


WORTH_A_LOOK = {
    "its first photo came": ("no_photos", {"has_media": True}, 1),
    "there is still no photo": ("no_photos", {"has_media": False}, 0),
    "it was published": ("status", {"status": "ACTIVE"}, 1),
    "it is still a draft": ("status", {"status": "DRAFT"}, 0),
    "its photos took long": ("photos_not_ready", {}, 1),
    "the last look failed": ("failed", {}, 1),
}


@pytest.mark.parametrize(("state", "fields", "looks"), WORTH_A_LOOK.values(), ids=WORTH_A_LOOK)
def test_a_waiting_product_is_looked_at_when_it_has_what_it_waits_for(sweeping, state, fields, looks):
    """The page says enough to tell; a read of each product would cost more than the whole page."""
    sweeping.settled(1, state, waiting=True)
    sweeping.wait(hours=1)
    sweeping.has(1, created_at=INSTALLED, **fields)
    sweeping.wait(minutes=3)

    assert looks == sweeping.sweep.run_once()


def test_a_product_that_will_be_looked_at_anyway_keeps_its_time(sweeping):
    """Its webhook came; the sweep has nothing to add."""
    sweeping.wait(hours=1)
    sweeping.has(1)
    due_at = sweeping.now + timedelta(hours=2)
    sweeping.watch.touch(SHOP, gid(1), created=True, due_at=due_at)
    sweeping.wait(minutes=3)

    assert 0 == sweeping.sweep.run_once()
    assert () == sweeping.watch.due(due_at - timedelta(seconds=1), 10)


def test_a_new_product_of_which_only_the_update_was_heard_is_found_as_new(sweeping):
    """Its products/create got lost, and so did the look at it."""
    sweeping.wait(hours=1)
    sweeping.has(1)
    sweeping.watch.touch(SHOP, gid(1), created=False, due_at=sweeping.now)
    sweeping.watch.started(SHOP, gid(1), 1)
    sweeping.wait(minutes=3)

    assert 1 == sweeping.sweep.run_once()
    assert sweeping.watch.created_seen(SHOP, gid(1))


@pytest.mark.usefixtures("small_pages")
def test_a_sweep_reads_page_by_page_and_then_rests(sweeping):
    """Live work wants to speak to Shopify too, and a stop must not wait for a whole catalogue."""
    sweeping.wait(hours=1)
    for number in range(10):
        sweeping.has(number, at=sweeping.now - timedelta(seconds=600 - number))
    first = sweeping.sweep.run_once()
    at_once = sweeping.sweep.run_once()

    assert (3, 0, 1) == (first, at_once, len(sweeping.catalog.asked))
    assert 7 == sweeping.whole(runs=20)
    assert 4 == len(sweeping.catalog.asked)
    assert {gid(number) for number in range(10)} == sweeping.due()


@pytest.mark.usefixtures("small_pages")
def test_many_changes_of_one_second_do_not_stop_a_sweep(sweeping):
    """A bulk edit gives a thousand products the same time; a place known by time alone would never pass them."""
    sweeping.wait(hours=1)
    for number in range(30):
        sweeping.has(number)
    sweeping.wait(minutes=3)

    assert 30 == sweeping.whole(runs=20)


@pytest.mark.usefixtures("small_pages")
def test_a_chain_of_pages_is_begun_anew_before_shopify_cuts_it(sweeping, monkeypatch):
    """Behind 25,000 products Shopify shows no further page, without a word."""
    monkeypatch.setattr(reconcile, "PAGES_IN_A_CHAIN", 2)
    sweeping.wait(hours=1)
    for number in range(20):
        sweeping.has(number, at=sweeping.now - timedelta(seconds=600 - number))

    assert 20 == sweeping.whole(runs=40)
    assert 3 <= sum(after is None for _, _, after in sweeping.catalog.asked)


@pytest.mark.usefixtures("small_pages")
def test_a_busy_shop_does_not_keep_a_sweep_for_ever(sweeping):
    """Where products change faster than pages are read there is always another page."""
    sweeping.wait(hours=1)
    for number in range(6):
        sweeping.has(number)
    sweeping.wait(seconds=10)
    sweeping.whole(runs=10)

    assert 1 == len(sweeping.catalog.asked)


@pytest.mark.usefixtures("small_pages")
def test_a_crash_in_the_middle_repeats_a_page_and_loses_none(sweeping, monkeypatch):
    """The place moves only when a page has been handled."""
    sweeping.wait(hours=1)
    for number in range(6):
        sweeping.has(number, at=sweeping.now - timedelta(seconds=600 - number))
    touch = sweeping.watch.touch

    def dies(*args, **fields):
        touch(*args, **fields)
        raise SystemExit("kill -9")

    monkeypatch.setattr(sweeping.watch, "touch", dies)
    with pytest.raises(SystemExit):
        sweeping.sweep.run_once()
    monkeypatch.setattr(sweeping.watch, "touch", touch)
    sweeping.sweep = sweeping.worker()
    too_early = sweeping.sweep.run_once()
    sweeping.wait(seconds=reconcile.LEASE_S + 1)

    assert 0 == too_early
    assert 5 == sweeping.whole(runs=20)
    assert {gid(number) for number in range(6)} == sweeping.due()


@pytest.mark.usefixtures("small_pages")
def test_two_workers_read_each_page_once(sweeping):
    """However many there are, a store's points are spent once."""
    sweeping.wait(hours=1)
    for number in range(9):
        sweeping.has(number, at=sweeping.now - timedelta(seconds=600 - number))
    workers = [sweeping.worker(), sweeping.worker()]
    for _ in range(10):
        for worker in workers:
            worker.run_once()
        sweeping.wait(seconds=2)

    assert 3 == len(sweeping.catalog.asked)
    assert 9 == len(sweeping.due())


def test_a_worker_that_reads_the_same_page_as_another_does_no_harm(sweeping):
    """It took longer than its lease; the place stays where the faster one put it."""
    sweeping.wait(hours=1)
    sweeping.has(1)
    sweeping.wait(minutes=3)
    slow, fast = sweeping.worker(), sweeping.worker()
    changed = sweeping.catalog.changed

    def takes_long(*args, **fields):
        sweeping.catalog.changed = changed
        sweeping.wait(seconds=reconcile.LEASE_S + 1)
        fast.run_once()
        return changed(*args, **fields)

    sweeping.catalog.changed = takes_long
    slow.run_once()
    place = sweeping.cursors.all(reconcile.NAME)[SHOP]
    sweeping.whole(runs=3)

    assert place == sweeping.cursors.all(reconcile.NAME)[SHOP]
    assert ((SHOP, gid(1), 1),) == sweeping.watch.due(sweeping.now, 10)


@pytest.mark.parametrize("error", [BadCredentials("token revoked"), NoAnswer("silence")], ids=["401", "silence"])
def test_a_shop_that_cannot_be_read_stops_no_other(database, error, caplog):
    """One merchant's revoked token is not another's missing photos; and it is told, not swallowed."""
    sweeping = Sweeping(database, FakeShops(SHOP, OTHER), FakeCatalog())
    sweeping.wait(hours=1)
    sweeping.has(1)
    sweeping.has(2, shop=OTHER)
    sweeping.wait(minutes=3)
    sweeping.catalog.errors[SHOP] = [error]
    with caplog.at_level(logging.WARNING):
        found = sweeping.sweep.run_once()
    sweeping.wait(seconds=reconcile.LEASE_S + 1)

    assert 1 == found
    assert {gid(2)} == sweeping.due(OTHER)
    assert str(error) in caplog.text
    assert 1 == sweeping.sweep.run_once()
    assert {gid(1)} == sweeping.due(SHOP)


@pytest.mark.usefixtures("small_pages")
def test_a_page_that_shopify_no_longer_knows_begins_the_sweep_anew(sweeping):
    """The worker was down for a month; the saved page is of no use."""
    sweeping.wait(hours=1)
    for number in range(6):
        sweeping.has(number, at=sweeping.now - timedelta(seconds=600 - number))
    sweeping.sweep.run_once()
    sweeping.catalog.errors[SHOP] = [BadInput("Invalid cursor")]
    sweeping.wait(days=30)
    sweeping.whole(runs=2)
    sweeping.wait(seconds=EVERY_S + 1)

    assert 3 == sweeping.whole(runs=10)
    assert 6 == len(sweeping.due())


@pytest.mark.parametrize("state", ["paused", "uninstalled"])
def test_a_shop_that_is_not_active_is_not_read(database, state):
    """Nobody may be asked there."""
    sweeping = Sweeping(database, FakeShops(SHOP, state=state), FakeCatalog())
    sweeping.wait(hours=1)

    assert 0 == sweeping.whole(runs=3)
    assert [] == sweeping.catalog.asked
    assert {} == sweeping.sweep.lags()


def test_every_shop_gets_its_turn(database, monkeypatch):
    """However many shops there are, those that waited longest come first."""
    monkeypatch.setattr(reconcile, "SHOPS_A_RUN", 2)
    domains = [f"shop-{number}.myshopify.com" for number in range(7)]
    sweeping = Sweeping(database, FakeShops(*domains), FakeCatalog())
    sweeping.wait(hours=1)
    sweeping.whole(runs=4)

    assert sorted(domains) == sorted(shop for shop, _, _ in sweeping.catalog.asked)


def test_a_place_that_cannot_be_read_is_begun_anew(sweeping):
    """Written by a version that knew more, or by hand: the shop must not be left unswept."""
    sweeping.cursors.move(SHOP, reconcile.NAME, before=None, value="{not ours}")
    sweeping.wait(hours=1)
    sweeping.has(1)
    sweeping.wait(minutes=3)

    assert 1 == sweeping.sweep.run_once()


def test_the_lag_grows_until_the_shop_was_read(sweeping):
    """The one number that says whether we are up to date."""
    sweeping.wait(hours=1)
    before = sweeping.sweep.lags()
    sweeping.sweep.run_once()
    just_read = sweeping.sweep.lags()
    sweeping.wait(minutes=4)

    assert [{SHOP: 3600}, {SHOP: 0}, {SHOP: 240}] == [before, just_read, sweeping.sweep.lags()]


@pytest.mark.usefixtures("small_pages")
def test_the_lag_shrinks_while_a_long_sweep_goes_on(sweeping):
    """After an outage somebody wants to see that it catches up."""
    sweeping.wait(hours=10)
    for number in range(9):
        sweeping.has(number, at=INSTALLED + timedelta(hours=number))
    sweeping.sweep.run_once()

    assert {SHOP: 8 * 3600} == sweeping.sweep.lags()


def test_a_dropped_webhook_of_a_real_store_is_made_good(database):
    """Over real HTTP, against the stand-in Shopify: its search, its pages, its order."""
    with server.running() as sandbox:
        sandbox.faults.set("webhook.dropped")
        shops = FakeShops(SHOP)
        shops.shops = [shops.shops[0].model_copy(update={"installed_at": datetime.now(UTC) - timedelta(minutes=1)})]
        shops.value = sandbox.tokens.mint(SHOP).value
        sweeping = Sweeping(database, shops, None)
        sweeping.now = datetime.now(UTC) + timedelta(minutes=5)
        made = [_add(sandbox, f"Lamp {number}") for number in range(60)]
        shopify = connect(_section(sandbox), shops, clock=sweeping.clock, sleep=_nap)
        sweeping.catalog = shopify.catalog
        sweeping.sweep = sweeping.worker()
        found = sweeping.whole(runs=4)
        shopify.close()

    assert 60 == found
    assert set(made) == sweeping.due()


def _add(sandbox, title):
    with sandbox.store.lock:
        return add_product(sandbox.store, sandbox.store.shop(SHOP), Draft(title)).gid


def _section(sandbox):
    return ShopifySection(base_url=f"{sandbox.base_url}/shops/{{shop}}")


def _nap(seconds):
    time.sleep(min(seconds, 0.02))
