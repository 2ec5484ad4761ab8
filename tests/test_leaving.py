"""A store leaves when it has left: what is told of it is judged, in time, whatever the neighbours do."""

from datetime import timedelta

import pytest

from shopify_imagegen.adapters.database.erase import SqlErase
from shopify_imagegen.errors import BadCredentials, NoAnswer, ShopClosed, Unavailable
from shopify_imagegen.leaving import AT_ONCE, IN_DOUBT, INSTALLED, LEFT, OLDER, Later, Leaving
from shopify_imagegen.models import AppUninstalled, Arrival, ShopRedact, ShopToken
from tests.fakes import SHOP, START, FakeWork

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
TOKEN = ShopToken(access="shpat_a", refresh="shprt_a")
AWAY = [Unavailable("503"), NoAnswer("silence"), ShopClosed("402"), BadCredentials("our secret is wrong")]


class Doorbell:
    """Whether the token opens the store; asked, it may also raise or do something."""

    def __init__(self):
        self.opens = False
        self.asked = 0

    def __call__(self, shop):
        self.asked += 1
        if isinstance(self.opens, Exception):
            raise self.opens
        return self.opens() if callable(self.opens) else self.opens


@pytest.fixture
def world(world):
    world.shop(grant="offline")
    world.shops.save_token(SHOP, TOKEN, ["write_products"])
    world.bell, world.work = Doorbell(), FakeWork()
    world.leaving = Leaving(
        shops=world.shops,
        erase=SqlErase(world.database),
        work=world.work,
        has_the_app=world.bell,
        clock=world.time.clock,
    )
    return world


def news(intent, *, triggered_at=START):
    return Arrival(
        id="d", source="webhook", topic="t", shop=SHOP, intent=intent, triggered_at=triggered_at, received_at=START
    )


def uninstalled(world, **about):
    return world.leaving.uninstalled(world.shops.find(SHOP), news(AppUninstalled(), **about))


def redacted(world):
    return world.leaving.redacted(news(ShopRedact()))


def state(world):
    shop = world.shops.find(SHOP)
    return shop and (shop.state, shop.reason)


def test_a_store_that_has_left_has_no_token_and_no_work(world):
    """At once: whatever is bought for it now is lost."""
    assert LEFT == uninstalled(world)
    assert ("uninstalled", LEFT) == state(world)
    assert world.shops.token(SHOP) is None


def test_news_from_before_what_shopify_has_proven_since_is_old(world):
    """By Shopify's own clock on both sides, whatever ours says; nobody has to be asked."""
    world.shops.confirm(SHOP, START + SECOND)

    assert OLDER == uninstalled(world)
    assert ("active", TOKEN, 0) == (state(world)[0], world.shops.token(SHOP), world.bell.asked)


@pytest.mark.parametrize("confirmed", [None, START - SECOND, START], ids=["never", "before", "in the same second"])
@pytest.mark.parametrize("triggered", [START, None], ids=["told when", "not told when"])
def test_where_the_clocks_do_not_tell_the_token_does(world, confirmed, triggered):
    """It opens the store: so the app is installed, again or still."""
    if confirmed:
        world.shops.confirm(SHOP, confirmed)
    world.bell.opens = True
    world.time.now += AT_ONCE

    assert INSTALLED == uninstalled(world, triggered_at=triggered)
    assert ("active", TOKEN) == (state(world)[0], world.shops.token(SHOP))


@pytest.mark.parametrize("opens", [True, *AWAY], ids=lambda opens: type(opens).__name__)
def test_news_that_comes_at_once_is_believed(world, opens):
    """Work stops and the token goes now, even if Shopify is slower to void it than to tell, or cannot be asked."""
    world.bell.opens = opens

    assert LEFT == uninstalled(world)
    assert ("uninstalled", None, 0) == (state(world)[0], world.shops.token(SHOP), world.bell.asked)


def test_news_that_has_been_long_on_its_way_is_not(world):
    """A token has been void for hours by then, if it is; whoever came back keeps the new one."""
    world.bell.opens = True

    assert INSTALLED == uninstalled(world, triggered_at=START - AT_ONCE)


def test_a_store_that_was_in_doubt_goes_on(world):
    """The doubt was ours alone."""
    world.time.now += AT_ONCE
    world.bell.opens = Unavailable("503")
    uninstalled(world)
    assert ("paused", IN_DOUBT) == state(world)
    world.bell.opens = True

    assert INSTALLED == uninstalled(world)
    assert ("active", "") == state(world)


def test_a_store_that_is_paused_for_something_else_stays_so(world):
    """That it has the app mends nothing of it."""
    world.shop(state="paused", reason="402")
    world.time.now += AT_ONCE
    world.bell.opens = Unavailable("503")
    uninstalled(world)
    world.bell.opens = True
    uninstalled(world)

    assert ("paused", "402") == state(world)


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_who_cannot_be_asked_is_asked_less_and_less_and_then_believed(world, error):
    """A frozen store, a Shopify that is away, a wrong secret of ours: none of them says that the store has left."""
    world.time.now += AT_ONCE
    world.bell.opens, waits = error, []
    while isinstance(verdict := uninstalled(world), Later):
        waits.append(verdict.until - world.time.now)
        world.time.now = verdict.until

    assert LEFT == verdict
    assert START + DAY <= world.time.now < START + DAY + timedelta(hours=1)
    assert waits == sorted(waits)
    assert (AT_ONCE, timedelta(hours=1)) == (waits[0], waits[-1])


def test_a_token_that_comes_while_shopify_is_asked_is_not_forgotten(world):
    """Somebody opens the app at that very moment; what was found void was the one before."""
    world.time.now += AT_ONCE
    newer = ShopToken(access="shpat_newer", refresh="shprt_newer")
    world.bell.opens = lambda: world.shops.save_token(SHOP, newer, []) and False

    assert isinstance(uninstalled(world), Later)
    assert newer == world.shops.token(SHOP)
    world.bell.opens = True
    assert INSTALLED == uninstalled(world)


def test_a_token_without_an_installation_goes_too(world):
    """The process died between the two; found later, it would be taken for the next installation's."""
    world.shop(state="uninstalled")
    uninstalled(world)

    assert world.shops.token(SHOP) is None
    assert 0 == world.bell.asked
    assert "known already" == uninstalled(world)


def test_a_lost_uninstall_is_made_up_for_when_shopify_asks_us_to_forget(world):
    """Its news never came; its token opens nothing."""
    assert "erased" == redacted(world)
    assert state(world) is None


def test_a_store_that_has_the_app_is_not_erased(world):
    """It was asked for an earlier installation. The books say why it was not done."""
    world.bell.opens = True

    assert "nothing is erased" in redacted(world)
    assert ("active", TOKEN) == (state(world)[0], world.shops.token(SHOP))


def test_a_request_to_forget_is_done_in_time_even_if_nobody_can_be_asked(world):
    """Shopify gives us 30 days; until then it is tried, and the store is served as before."""
    world.bell.opens = ShopClosed("402")
    while isinstance(verdict := redacted(world), Later):
        assert "active" == state(world)[0]
        world.time.now = verdict.until

    assert ("erased", None) == (verdict, state(world))
    assert timedelta(days=20) <= world.time.now - START < timedelta(days=21)


def test_nothing_is_erased_while_its_last_work_runs(world):
    """Its row in the ledger is where the price of a running call is written down."""
    world.work.runs = True
    put_off = redacted(world)

    assert isinstance(put_off, Later)
    assert ("uninstalled", LEFT) == state(world)
    world.work.runs = False
    assert "erased" == redacted(world)


def test_a_store_that_nobody_knows_any_more_is_erased_again(world):
    """Shopify repeats what it was not sure of."""
    world.shops.remove(SHOP)

    assert "erased" == redacted(world)
    assert 0 == world.bell.asked
