"""A store comes to us by opening the app or by its owner's consent, once, and with a clean start when it comes back."""

from datetime import timedelta

import pytest

from shopify_imagegen.adapters.database.erase import SqlErase
from shopify_imagegen.errors import NotSignedIn, ShopClosed
from shopify_imagegen.installing import Installing
from shopify_imagegen.models import Session, ShopToken
from tests.fakes import LAMP, SHOP, START, lamp

NEW = "new-lamps.myshopify.com"
CDN = "https://cdn.example/files"
TOKEN = ShopToken(access="shpat_new", refresh="shprt_new")


class FakeTokens:
    """Brings the same token each time, or raises."""

    def __init__(self, shops):
        self.shops = shops
        self.error = None
        self.asked = []

    def exchange(self, shop, session_token):
        self._bring(shop, session_token)

    def redeem(self, shop, code):
        self._bring(shop, code)

    def _bring(self, shop, given):
        if self.error:
            raise self.error
        self.asked.append((shop, given))
        self.shops.save_token(shop, TOKEN, ["write_products"])


@pytest.fixture
def world(world):
    world.tokens, world.permitted = FakeTokens(world.shops), []
    world.installing = Installing(
        shops=world.shops,
        tokens=world.tokens,
        permitted=lambda *said: world.permitted.append(said),
        clock=world.time.clock,
    )
    return world


def opens(world, shop):
    world.installing.admit(Session(shop=shop, issued_at=world.time.now, user_id="1"), "session-token")


def test_a_new_store_is_connected_when_its_people_open_the_app(world):
    """Nobody of ours has to do anything."""
    opens(world, NEW)

    assert [(NEW, "session-token")] == world.tokens.asked
    shop = world.shops.find(NEW)
    assert ("active", "offline", START) == (shop.state, shop.grant, shop.installed_at)
    assert TOKEN == world.shops.token(NEW)


def test_it_is_connected_once(world):
    """Every request passes here."""
    opens(world, NEW)
    opens(world, NEW)

    assert 1 == len(world.tokens.asked)


@pytest.mark.parametrize("grant", ["static", "client_credentials"])
def test_a_store_that_was_added_by_hand_stays_as_it_is(world, grant):
    """Its token was chosen by whoever added it."""
    world.shop(grant=grant)
    opens(world, SHOP)

    assert [] == world.tokens.asked
    assert grant == world.shops.find(SHOP).grant


def test_a_store_that_comes_back_starts_anew(world):
    """What it listed while it was away is not made up for, and its old token is void."""
    world.shop(state="uninstalled", reason="gone")
    world.time.now += timedelta(days=1)
    opens(world, SHOP)

    shop = world.shops.find(SHOP)
    assert ("active", "", START + timedelta(days=1)) == (shop.state, shop.reason, shop.installed_at)
    assert TOKEN == world.shops.token(SHOP)


def test_what_the_store_lets_us_do_is_noticed_when_it_comes(world):
    """With fewer permissions than we need, it is paused before anything is bought."""
    opens(world, NEW)

    assert [(NEW, ("write_products",))] == world.permitted


def test_a_store_without_a_token_is_not_installed(world):
    """A page that is still open after the store has left must not bring it back: its rows are to be erased."""
    world.shop(state="uninstalled", reason="gone")
    world.tokens.error = NotSignedIn("the app was uninstalled")

    with pytest.raises(NotSignedIn):
        opens(world, SHOP)
    assert ("uninstalled", "gone") == (world.shops.find(SHOP).state, world.shops.find(SHOP).reason)


def test_a_token_that_could_not_be_had_is_tried_for_again(world):
    """The endpoint was away when the app was opened first."""
    world.tokens.error = ShopClosed("402")
    with pytest.raises(ShopClosed):
        opens(world, NEW)
    world.tokens.error = None
    opens(world, NEW)

    assert TOKEN == world.shops.token(NEW)


def test_opening_the_app_mends_a_store_whose_permission_had_ended(world):
    """After 90 idle days there is no refresh token left; the message said: open the app."""
    opens(world, NEW)
    world.shops.drop_token(NEW)
    world.shops.save(world.shops.find(NEW).model_copy(update={"state": "paused", "reason": "401"}))
    opens(world, NEW)

    assert ("active", "") == (world.shops.find(NEW).state, world.shops.find(NEW).reason)


def test_a_missing_permission_is_not_mended_by_a_token(world):
    """It lacks it, too, until the owner agrees."""
    opens(world, NEW)
    world.shops.drop_token(NEW)
    reason = "A permission is missing: write_files"
    world.shops.save(world.shops.find(NEW).model_copy(update={"state": "paused", "reason": reason}))
    opens(world, NEW)

    assert ("paused", reason) == (world.shops.find(NEW).state, world.shops.find(NEW).reason)


def test_the_owners_consent_connects_a_store(world):
    """The way in for an app that is not embedded."""
    world.installing.consented(NEW, "code")

    assert [(NEW, "code")] == world.tokens.asked
    assert "offline" == world.shops.find(NEW).grant


def test_consent_replaces_a_token_that_was_added_by_hand(world):
    """It is newer, and renews itself."""
    world.installing.consented(SHOP, "code")

    assert "offline" == world.shops.find(SHOP).grant
    assert START - timedelta(days=1) == world.shops.find(SHOP).installed_at


def test_a_refused_code_is_told(world):
    """It is good for one time; the owner begins again."""
    world.tokens.error = NotSignedIn("invalid code")

    with pytest.raises(NotSignedIn):
        world.installing.consented(NEW, "code")


def test_a_store_that_comes_back_is_not_sold_again_what_it_has(world):
    """Its rows are erased; our pictures on the listing are known by their names."""
    theirs = lamp().media[0]
    made = theirs.model_copy(update={"id": "gid://shopify/MediaImage/9", "url": f"{CDN}/lamp-desk-lsp0123456789ab.jpg"})
    world.catalog.products[LAMP] = lamp(media=(theirs, made), media_count=2)
    SqlErase(world.database).shop(SHOP)
    opens(world, SHOP)

    world.watch.touch(SHOP, LAMP, created=True, due_at=world.time.now)

    assert world.look.after_a_change(SHOP, LAMP) is None
    assert "has_pictures" == world.watch.state(SHOP, LAMP)[0]


def test_every_session_proves_that_the_store_has_the_app(world):
    """Late news of an uninstall is known by it, also where no token was exchanged since."""
    opens(world, NEW)
    assert world.shops.find(NEW).confirmed_at == START
    world.time.now += timedelta(seconds=9)
    opens(world, NEW)
    assert world.shops.find(NEW).confirmed_at == START, "a row is not written with every click"
    world.time.now += timedelta(seconds=1)
    opens(world, NEW)

    assert world.shops.find(NEW).confirmed_at == START + timedelta(seconds=10)


def test_a_store_that_leaves_while_it_is_being_connected_is_not_installed(world):
    """Its token came, was voided and dropped; the request that brought it knows nothing of that."""
    save = world.shops.save_token

    def and_leaves(domain, *args, **options):
        save(domain, *args, **options)
        world.shops.leave(domain, "The app was uninstalled.", at=START, after=world.shops.token_number(domain))

    world.shops.save_token = and_leaves
    opens(world, NEW)

    assert ("uninstalled", None) == (world.shops.find(NEW).state, world.shops.token(NEW))
