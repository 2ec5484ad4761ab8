"""Many new products at once are asked about, not bought: from the look that notices to the pictures after a yes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.holds import SqlHolds
from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.adapters.database.watch import SqlWatch
from shopify_imagegen.look import Look
from shopify_imagegen.models import GenerateRequested, Hold, Shop, Trigger
from shopify_imagegen.storm import WINDOW, Storm, dollars, in_storm
from tests.prompts.examples import photo, product, studio

SHOP = "nice-lamps.myshopify.com"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
LISTED = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PRICE_OF_A_PRODUCT = 120_000


class FakeShops:
    def find(self, domain):
        return Shop(domain=domain, grant="static", installed_at=LISTED - timedelta(days=30))


class FakeCatalog:
    """Has every product; counts how often one is read."""

    def __init__(self):
        self.photos = {}
        self.reads = 0

    def product(self, shop, product_id):
        self.reads += 1
        photos = self.photos.get(product_id, (photo(9), photo(10)))
        return product(product_id.rpartition("/")[2], media=photos, created_at=LISTED, updated_at=LISTED)


class Store:
    """A store, its looks and its storms, over one database."""

    def __init__(self, url, threshold):
        self.now = NOW
        self.database = Database(url)
        self.catalog = FakeCatalog()
        self.watch = SqlWatch(self.database, self.clock)
        self.jobs = SqlJobs(self.database, self.clock)
        self.storm = Storm(
            holds=SqlHolds(self.database, self.clock),
            watch=self.watch,
            threshold=lambda shop: threshold,
            product_price_microusd=lambda shop: PRICE_OF_A_PRODUCT,
            product_takes_s=8,
            clock=self.clock,
        )
        self.look = Look(
            catalog=self.catalog,
            jobs=self.jobs,
            watch=self.watch,
            shops=FakeShops(),
            studio=lambda shop: studio(),
            clock=self.clock,
            storm=self.storm,
        )

    def clock(self):
        return self.now

    def wait(self, **delta):
        self.now += timedelta(**delta)

    def hear(self, *numbers):
        """Their products/create arrive."""
        for number in numbers:
            self.watch.touch(SHOP, gid(number), created=True, due_at=self.now)

    def look_at_what_is_due(self):
        """What dispatcher and worker do. Returns the ids of the jobs that came of it."""
        jobs = []
        for shop, product_id, revision in self.watch.due(self.now, 10_000):
            self.watch.started(shop, product_id, revision)
            jobs += filter(None, [self.look.after_a_change(shop, product_id)])
        return jobs

    def state(self, number):
        return self.watch.state(SHOP, gid(number))[0]


def gid(number):
    return f"gid://shopify/Product/{number}"


@pytest.fixture
def store(tmp_path):
    """Opens the store; again: the same one after a restart."""
    opened = []
    url = f"sqlite:///{tmp_path}/imagegen.db"

    def open_store(threshold=3):
        opened.append(Store(url, threshold))
        migrate(opened[-1].database)
        return opened[-1]

    yield open_store
    for each in opened:
        each.database.close()


def test_an_import_of_500_products_is_one_question_with_its_price(store):
    """Nobody clicked "spend $60"; so somebody is asked, once."""
    shop = store(threshold=100)
    shop.hear(*range(500))
    jobs = shop.look_at_what_is_due()

    hold = shop.storm.open(SHOP)
    assert [] == jobs
    assert (500, 500 * PRICE_OF_A_PRODUCT) == (hold.products, shop.storm.price_microusd(hold))
    assert "500 new products, about $60: start, or dismiss" == shop.storm.question(hold)
    assert {"held"} == {shop.state(number) for number in range(500)}


def test_a_yes_makes_each_products_pictures_once(store):
    """Also when the yes is given twice, and every look runs twice."""
    shop = store(threshold=5)
    shop.hear(*range(40))
    shop.look_at_what_is_due()
    hold = shop.storm.open(SHOP)
    shop.storm.start(hold.id, by="Ann")
    shop.storm.start(hold.id, by="Ann")
    shop.wait(seconds=8 * 40)
    jobs = shop.look_at_what_is_due()
    for number in range(40):
        shop.look.after_a_change(SHOP, gid(number))

    recorded = shop.jobs.recent(shop=SHOP, limit=1000)
    images = [image.id for job in recorded for image in shop.jobs.images(job.id)]
    assert sorted(jobs) == sorted(job.id for job in recorded)
    assert {gid(number) for number in range(40)} == {job.product_id for job in recorded}
    assert 80 == len(images) == len(set(images))
    assert shop.storm.open(SHOP) is None


def test_a_started_storm_leaves_room_for_a_new_listing(store):
    """It goes on at the provider's pace: what is listed meanwhile does not wait for 5,000 others."""
    shop = store()
    shop.hear(*range(10))
    shop.look_at_what_is_due()
    shop.wait(days=2)
    shop.storm.start(shop.storm.open(SHOP).id, by="Ann")
    shop.wait(seconds=20)
    begun = shop.look_at_what_is_due()
    shop.hear(77)

    assert 3 == len(begun)
    assert 1 == len(shop.look_at_what_is_due())
    assert "job" == shop.state(77)


def test_a_no_is_for_good(store):
    """Not even a webhook that comes a day late buys for a dismissed product."""
    shop = store()
    shop.hear(*range(5))
    shop.look_at_what_is_due()
    shop.storm.dismiss(shop.storm.open(SHOP).id, by="Ann")
    shop.wait(days=1)
    shop.hear(*range(5))
    shop.look.after_a_change(SHOP, gid(1))

    assert [] == shop.look_at_what_is_due()
    assert {"dismissed"} == {shop.state(number) for number in range(5)}
    assert () == shop.jobs.recent(shop=SHOP, limit=10)


@pytest.mark.parametrize("decision", ["none yet", "dismissed"])
def test_who_asks_for_one_product_gets_it(store, decision):
    """A person's own wish is a decision already."""
    shop = store()
    shop.hear(*range(5))
    shop.look_at_what_is_due()
    if decision == "dismissed":
        shop.storm.dismiss(shop.storm.open(SHOP).id, by="Ann")
    job_id, reason = shop.look.on_request(SHOP, GenerateRequested(product_id=gid(2), trigger=Trigger.PERSON))

    assert (Trigger.PERSON, "") == (shop.jobs.job(job_id).trigger, reason)


def test_the_question_survives_a_restart(store):
    """The merchant may answer tomorrow."""
    before = store()
    before.hear(*range(5))
    before.look_at_what_is_due()
    asked = before.storm.open(SHOP)
    after = store()
    after.hear(6)
    after.look_at_what_is_due()

    assert asked.id == after.storm.open(SHOP).id
    assert 6 == after.storm.open(SHOP).products


def test_as_many_as_the_threshold_are_no_storm(store):
    """More than so many, says the setting."""
    shop = store(threshold=3)
    shop.hear(1, 2, 3)

    assert 3 == len(shop.look_at_what_is_due())
    assert shop.storm.open(SHOP) is None


def test_products_that_come_slowly_are_no_storm(store):
    """A busy merchant lists all day."""
    shop = store(threshold=3)
    jobs = []
    for number in range(12):
        shop.hear(number)
        jobs += shop.look_at_what_is_due()
        shop.wait(minutes=4)

    assert 12 == len(jobs)


def test_a_storm_is_one_also_when_it_is_looked_at_late(store):
    """Shopify lets us read some products a second: the last looks come long after the storm."""
    shop = store(threshold=3)
    shop.hear(*range(5))
    shop.wait(hours=3)

    assert [] == shop.look_at_what_is_due()


def test_a_photo_that_comes_days_later_is_no_storm_by_itself(store):
    """500 products were imported without photos; now the merchant adds a photo here and there."""
    shop = store(threshold=3)
    shop.catalog.photos = {gid(number): () for number in range(5)}
    shop.hear(*range(5))
    shop.look_at_what_is_due()
    shop.wait(days=4)
    del shop.catalog.photos[gid(2)]
    shop.watch.touch(SHOP, gid(2), created=False, due_at=shop.now)

    assert 1 == len(shop.look_at_what_is_due())


def test_all_photos_days_later_are_a_storm_of_their_own(store):
    """They would cost as much as if they had come at once."""
    shop = store(threshold=3)
    shop.catalog.photos = {gid(number): () for number in range(9)}
    shop.hear(*range(9))
    shop.look_at_what_is_due()
    shop.wait(days=4)
    shop.catalog.photos.clear()
    for number in range(9):
        shop.watch.touch(SHOP, gid(number), created=False, due_at=shop.now)
    jobs = shop.look_at_what_is_due()

    assert 3 == len(jobs)
    assert 6 == shop.storm.open(SHOP).products


def test_what_only_lacked_money_goes_on_when_there_is_some(store):
    """All that waited for the next day's budget is looked at in one minute; it was let through before."""
    shop = store(threshold=3)
    for number in range(5):
        shop.hear(number)
        shop.look_at_what_is_due()
        shop.watch.settle(SHOP, gid(number), waiting=True, state="over_budget", reason="The daily budget is used up.")
        shop.wait(minutes=6)
    shop.wait(days=1)

    assert [False] * 5 == [shop.storm.keeps(SHOP, gid(number)) for number in range(5)]


def test_a_held_product_costs_no_more_reads(store):
    """5,000 held products, each with a price change an hour."""
    shop = store()
    shop.hear(*range(5))
    shop.look_at_what_is_due()
    for number in range(5):
        shop.watch.touch(SHOP, gid(number), created=False, due_at=shop.now)
    shop.look_at_what_is_due()

    assert 5 == shop.catalog.reads


def test_a_question_about_one_product_is_worded_for_one(store):
    """It happens at the end of a storm."""
    hold = Hold(id="hold-1", shop=SHOP, state="open", products=1, created_at=NOW)

    assert "1 new product, about $0.12: start, or dismiss" == store().storm.question(hold)


def test_thousands_are_readable():
    """5,000, not 5000."""
    assert "$1,200" == dollars(1_200_000_000)


@given(
    minutes=st.lists(st.integers(0, 40), min_size=1, max_size=25),
    threshold=st.integers(1, 6),
    which=st.integers(0, 24),
)
def test_a_storm_is_any_ten_minutes_with_more_than_the_threshold(minutes, threshold, which):
    """The same as counting in every window of ten minutes that holds the moment."""
    moments = sorted(NOW + timedelta(minutes=each) for each in minutes)
    heard_at = moments[which % len(moments)]
    windows = [[each for each in moments if start <= each < start + WINDOW] for start in moments]
    expected = any(heard_at in window and len(window) > threshold for window in windows)

    assert expected == in_storm(heard_at, moments, threshold=threshold)
