"""News of a store's leaving that comes late, twice, or never, over HTTP: what it says is held against what is so."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shopify_imagegen.adapters.database.tables import shops
from shopify_imagegen.wiring import utc_now
from tests.end_to_end.door import SHOP
from tests.end_to_end.house import wait_for

UNINSTALLED, REDACT = "app/uninstalled", "shop/redact"


def opens(door):
    """The app is opened; right after a return the first page may find the old token void, and the next one mends it."""
    wait_for(lambda: door.open().status_code == 200, 10, "the app opens")


def second_begins(door):
    """Session tokens count in whole seconds."""
    began = utc_now().replace(microsecond=0)
    wait_for(lambda: utc_now().replace(microsecond=0) > began, 5, "the next second")


def opened_yesterday(door):
    """So that only the token can tell. Confirming goes forward only."""
    with door.house.database.write() as connection:
        connection.execute(sa.update(shops).values(confirmed_at=utc_now() - timedelta(days=1)))


def a_minute_ago():
    """The header of news that was long on its way."""
    return {"X-Shopify-Triggered-At": (utc_now() - timedelta(minutes=1)).isoformat()}


def stays(door, token):
    """The store is one of ours, with the token that it has now, which works."""
    assert ("active", token) == (door.shop().state, door.token())
    assert 200 == door.open().status_code


def audited(door):
    return [deed.action for deed in door.house.overview.activity(SHOP, before=None, limit=10)]


# The uninstall's news


def test_a_store_that_is_back_before_the_news_keeps_its_new_token(door):
    """The worker was down for an hour, or Shopify repeated what it could not deliver."""
    door.open()
    door.leave()
    second_begins(door)
    door.take_again()
    opens(door)
    token = door.token()

    door.told(UNINSTALLED)

    assert "older than the present installation" == door.outcome(UNINSTALLED)
    assert ["uninstall_disregarded"] == audited(door)
    stays(door, token)


def test_a_store_that_is_back_and_not_opened_yet_has_left(door):
    """We cannot know of it: nothing of ours opens it. Whoever opens the app connects it."""
    door.open()
    door.leave()
    door.take_again()
    door.told(UNINSTALLED)
    assert ("uninstalled", None) == (door.shop().state, door.token())

    opens(door)
    stays(door, door.token())


def test_a_store_whose_app_was_only_looked_at_since_its_return_stays(door):
    """The pages that were shown asked Shopify nothing, so that the void token was not found out; the session tells."""
    door.open()
    opened_yesterday(door)
    door.leave()
    second_begins(door)
    door.take_again()
    door.open("/seen")

    door.told(UNINSTALLED)

    assert "active" == door.shop().state
    opens(door)


def test_a_token_that_comes_while_shopify_is_asked_is_kept(door, monkeypatch):
    """Somebody opens the app at that very moment."""
    door.open()
    opened_yesterday(door)
    door.leave()
    ask = door.house.doorbell.is_there

    def meanwhile(shop):
        there = ask(shop)
        door.take_again()
        opens(door)
        return there

    monkeypatch.setattr(door.leaving, "_has_the_app", meanwhile)
    door.told(UNINSTALLED, **a_minute_ago())

    stays(door, door.token())


def test_a_store_in_doubt_buys_nothing_and_is_judged_when_shopify_answers(door):
    """The money first: it may have left. Its news waits, is seen, and is not lost."""
    door.open()
    opened_yesterday(door)
    door.leave()
    door.late(ends_at=utc_now())
    door.sandbox.faults.set("token.500")
    door.knock(UNINSTALLED, **a_minute_ago())
    door.act()

    assert "paused" == door.shop().state
    (put_off,) = door.house.inbox.postponed()
    assert "Shopify could not be asked" in put_off.reason
    assert door.token()

    door.sandbox.faults.clear()
    door.until_judged()
    assert ("uninstalled", None) == (door.shop().state, door.token())


def test_a_store_in_doubt_that_has_the_app_goes_on(door):
    """It came back while Shopify's own servers were away."""
    door.open()
    door.leave()
    door.take_again()
    opens(door)
    opened_yesterday(door)
    door.sandbox.faults.set("shopify.503")
    door.knock(UNINSTALLED, **a_minute_ago())
    door.act()
    door.sandbox.faults.clear()
    door.until_judged()

    stays(door, door.token())


# The request to erase


def test_the_uninstalls_news_is_lost_and_the_store_is_erased_all_the_same(door):
    """Shopify gave up after four hours; two days later its other request comes."""
    door.open()
    door.leave()
    door.asked_to_forget()
    door.told(REDACT)

    assert door.shop() is None
    assert [] == audited(door)


def test_a_request_that_overtakes_the_uninstalls_news_erases_once(door):
    """Shopify promises no order; what comes behind finds nothing to do."""
    door.open()
    door.leave()
    door.asked_to_forget()
    door.told(REDACT)
    door.told(UNINSTALLED)

    assert "the shop is not installed" == door.outcome(UNINSTALLED)
    assert door.shop() is None


@pytest.mark.parametrize("heard", [True, False], ids=["in order", "the uninstall's news was lost"])
def test_a_store_that_came_back_is_not_erased_and_the_record_says_so(door, heard):
    """The request is for its earlier installation."""
    door.open()
    door.leave()
    if heard:
        door.told(UNINSTALLED)
    door.take_again()
    opens(door)
    door.asked_to_forget()
    door.told(REDACT)

    assert "erasure_disregarded" == audited(door)[0]
    assert "nothing is erased" in door.outcome(REDACT)
    stays(door, door.token())


@pytest.mark.parametrize("fault", ["shopify.503", "shopify.402", "token.500"])
def test_a_request_is_put_off_while_it_cannot_be_told_who_is_meant(door, fault):
    """A store that is only frozen, or a Shopify that is away, is no reason to erase, and none to forget the request."""
    door.open()
    door.leave()
    door.late(ends_at=utc_now()) if fault == "token.500" else door.take_again()
    door.sandbox.faults.set(fault)
    door.asked_to_forget()
    door.knock(REDACT)
    door.act()

    assert "active" == door.shop().state
    assert 1 == len(door.house.inbox.postponed())
    door.sandbox.faults.clear()
    door.until_judged()
    assert door.shop() is None


def test_a_wrong_secret_of_ours_erases_nobody(door, monkeypatch):
    """It refuses every token: to Shopify it is us who are strangers, not the stores who have left."""
    door.open()
    door.late(ends_at=utc_now())
    door.asked_to_forget()
    door.knock(REDACT)
    monkeypatch.setattr(door.sandbox.store.app, "client_secret", "another")
    door.act()

    assert ("active", 1) == (door.shop().state, len(door.house.inbox.postponed()))
    assert door.token()
