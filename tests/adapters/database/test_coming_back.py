"""A store leaves and comes back, the news in any order: it has the app, a clean start, and no picture bought twice."""

from datetime import timedelta
from itertools import count

import pytest

from shopify_imagegen.adapters.database.erase import SqlErase
from shopify_imagegen.dispatch import Dispatcher
from shopify_imagegen.errors import Unavailable
from shopify_imagegen.installing import Installing
from shopify_imagegen.leaving import Leaving
from shopify_imagegen.models import AppUninstalled, Arrival, Session, ShopRedact, ShopToken
from shopify_imagegen.settings import parse
from tests.fakes import LAMP, SHOP, FakeWork, World, lamp

numbers = count(1)
HOUR = timedelta(hours=1)
ONE = parse("[images]\nper_product = 1", {})


class Shopify:
    """Gives tokens to who has the app, voids them when it goes, and can be away."""

    def __init__(self, world):
        self.world = world
        self.good = set()
        self.away = False

    def exchange(self, shop, session_token):
        token = ShopToken(access=f"shpat_{next(numbers)}", refresh="shprt_1")
        self.good.add(token.access)
        self.world.shops.save_token(shop, token, ["write_products"])

    def has_the_app(self, shop):
        if self.away:
            raise Unavailable("Shopify answered 503")
        token = self.world.shops.token(shop)
        return token is not None and token.access in self.good


class Town:
    """A store with our pictures on its lamp; the time passes by itself, an hour with each thing that happens."""

    def __init__(self, folder, url):
        self.world = world = World(folder, url=url, settings=ONE)
        self.shopify = Shopify(world)
        self.left_at = None
        self.installing = Installing(
            shops=world.shops, tokens=self.shopify, permitted=lambda *said: None, clock=world.time.clock
        )
        leaving = Leaving(
            shops=world.shops,
            erase=SqlErase(world.database),
            work=FakeWork(),
            has_the_app=self.shopify.has_the_app,
            clock=world.time.clock,
        )
        self.dispatcher = Dispatcher(
            inbox=world.inbox,
            watch=world.watch,
            shops=world.shops,
            jobs=world.jobs,
            starter=None,
            leaving=leaving,
            quiet_s=lambda shop: 0,
            clock=world.time.clock,
        )

    def happens(self, what):
        getattr(self, what)()
        self.world.time.now += HOUR

    def leaves(self):
        self.shopify.good.clear()
        self.left_at = self.world.time.now

    def returns(self):
        """Somebody opens the app until it works: a void token is found out, and forgotten, by the first page."""
        if not self.shopify.has_the_app(SHOP) and self.world.shops.find(SHOP):
            self.world.shops.drop_token(SHOP)
        self.installing.admit(Session(shop=SHOP, issued_at=self.world.time.now, user_id="1"), "session-token")

    def hears(self):
        self._told(AppUninstalled())

    def is_asked_to_erase(self):
        self._told(ShopRedact())

    def loses_shopify(self):
        self.shopify.away = True

    def finds_shopify(self):
        self.shopify.away = False

    def _told(self, intent):
        news = Arrival(
            id=f"d{next(numbers)}", source="webhook", topic="t", shop=SHOP, intent=intent, triggered_at=self.left_at
        )
        self.world.inbox.record(news)
        self.dispatcher.run_once()

    def judges_all(self):
        for _ in range(48):
            self.world.time.now += HOUR
            self.dispatcher.run_once()
        assert () == self.world.inbox.postponed()


@pytest.fixture
def town(tmp_path, url):
    town = Town(tmp_path, url)
    town.world.shops.remove(SHOP)
    town.happens("returns")
    yield town
    town.world.close()


def listed(world):
    """What a look at the lamp, as a new listing, leads to: how many pictures were bought of it."""
    world.watch.touch(SHOP, LAMP, created=True, due_at=world.time.now)
    before, job_id = len(world.provider.sold), world.look.after_a_change(SHOP, LAMP)
    ids = [image.id for image in world.jobs.images(job_id)] if job_id else []
    for stage in ("buy", "prepare"):
        ids = [image_id for image_id in ids if getattr(world.line, stage)(image_id).next == "go_on"]
    if ids:
        world.line.attach(ids)
        world.line.finish(job_id)
        shown = tuple(world.media.gallery(SHOP, LAMP))
        world.catalog.products[LAMP] = lamp(media=shown, media_count=len(shown))
    return len(world.provider.sold) - before


ORDERS = {
    "in order": "leaves hears returns",
    "back before the news": "leaves returns hears",
    "erased while it was away": "leaves hears is_asked_to_erase returns",
    "asked to erase after its return": "leaves hears returns is_asked_to_erase",
    "the uninstall was never heard of": "leaves is_asked_to_erase returns",
    "all of it after its return": "leaves returns is_asked_to_erase hears",
    "Shopify is away at the news": "leaves loses_shopify hears finds_shopify returns",
    "Shopify is away when asked to erase": "leaves loses_shopify is_asked_to_erase finds_shopify returns",
    "twice": "leaves hears returns leaves returns hears",
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
def test_a_store_that_comes_back_is_served_and_not_sold_again_what_it_has(town, order):
    """Whatever comes late, twice or never: it has the app, with a token that works, and its lamp its picture."""
    assert 1 == listed(town.world)
    for what in order.split():
        town.happens(what)
    town.judges_all()

    assert "active" == town.world.shops.find(SHOP).state
    assert town.shopify.has_the_app(SHOP)
    assert 0 == listed(town.world)


GONE = [
    "leaves hears",
    "leaves is_asked_to_erase hears",
    "leaves loses_shopify hears is_asked_to_erase finds_shopify",
    "leaves returns leaves is_asked_to_erase",
]


@pytest.mark.parametrize("order", GONE)
def test_a_store_that_does_not_come_back_leaves_no_token(town, order):
    """And no row, once Shopify has asked."""
    for what in order.split():
        town.happens(what)
    town.judges_all()

    assert town.world.shops.token(SHOP) is None
    assert (town.world.shops.find(SHOP) is None) == ("is_asked_to_erase" in order)
