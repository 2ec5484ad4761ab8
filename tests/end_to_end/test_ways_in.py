"""Every way in and the way out, over HTTP at our door, against the sandbox's Shopify: no part of it is pretended."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from shopify_imagegen.errors import BadCredentials, ShopClosed
from shopify_imagegen.models import Shop, ShopToken
from shopify_imagegen.wiring import House, utc_now
from tests.end_to_end.door import SHOP, Door

HOUR = timedelta(hours=1)


# Opening the app


def test_opening_the_app_connects_the_store(door):
    """The usual way of an app from the App Store: nobody types a token."""
    answer = door.open()

    assert (200, {"shop": SHOP, "name": "Ways In"}) == (answer.status_code, answer.json)
    assert ("active", "offline") == (door.shop().state, door.shop().grant)
    assert door.token().refresh.startswith("shprt_")
    assert HOUR - timedelta(minutes=1) < door.token().ends_at - utc_now() < HOUR + timedelta(minutes=1)


def test_a_page_that_sends_many_requests_at_once_connects_it_once(door):
    """A second exchange would void the first's refresh token, and the store would be lost an hour later."""
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: door.open().status_code, range(6)))

    assert [200] * 6 == answers
    door.late(ends_at=utc_now())
    assert 200 == door.open().status_code


def test_a_token_is_refreshed_before_it_ends(door):
    """Background work goes on for months without anybody opening the app."""
    door.open()
    before = door.token()
    door.late(ends_at=utc_now() + timedelta(minutes=1))

    assert 200 == door.open().status_code
    assert before.access != door.token().access
    assert before.refresh != door.token().refresh


def test_a_refused_token_is_refreshed_once(door):
    """Shopify ended it early."""
    door.open()
    before = door.token()
    door.sandbox.tokens.expire(shop=SHOP)

    assert 200 == door.open().status_code
    assert before.access != door.token().access


def test_two_processes_refresh_once(door, tmp_path):
    """Each has its own house over the same database; the loser takes the winner's token."""
    door.open()
    door.late(ends_at=utc_now())
    other = House(door.house.settings, waits=0.01)
    both, start = [door.house, other], threading.Barrier(2)

    def ask(house):
        start.wait()
        return house.shopify.tokens(SHOP)

    with ThreadPoolExecutor(2) as pool:
        tokens = set(pool.map(ask, both))
    other.shopify.close()
    other.database.close()

    assert {door.token().access} == tokens
    door.late(ends_at=utc_now())
    assert 200 == door.open().status_code, "the refresh token that was kept is the one that is good"


@pytest.mark.parametrize(("fault", "params"), [("token.lost", {}), ("token.500", {"effect": True})])
def test_an_answer_that_got_lost_is_asked_for_again(door, fault, params):
    """The old refresh token stays good until the new one is used."""
    door.open()
    door.late(ends_at=utc_now())
    door.sandbox.faults.set(fault, times=1, **params)

    assert 200 == door.open().status_code
    door.late(ends_at=utc_now())
    assert 200 == door.open().status_code


def test_an_end_that_is_not_said_is_taken_to_be_an_hour(door):
    """And the token is refreshed then, like any other."""
    door.sandbox.faults.set("token.no_end", times=1)
    door.open()

    assert HOUR >= door.token().ends_at - utc_now()


def test_a_store_that_was_idle_for_too_long_is_connected_again_by_opening_the_app(door):
    """After 90 days its refresh token is void; the message says what to do, and doing it helps."""
    door.open()
    door.late(ends_at=utc_now() - HOUR, refresh="shprt_void")

    with pytest.raises(BadCredentials, match="open the app"):
        door.house.shopify.tokens(SHOP)
    assert 200 == door.open().status_code


def test_a_forged_session_brings_nothing_in(door):
    """Neither a store nor a token comes of it."""
    assert 401 == door.open(secret="forged").status_code
    assert door.shop() is None


def test_an_old_token_that_never_ends_is_migrated(door):
    """Public apps must have done it by 2027-01-01."""
    old = door.sandbox.tokens.mint(SHOP).value
    door.house.shops.save(Shop(domain=SHOP, grant="offline", installed_at=utc_now()))
    door.house.shops.save_token(SHOP, ShopToken(access=old), [])

    assert 200 == door.open().status_code
    assert door.token().refresh
    assert door.sandbox.tokens.find(old, SHOP) is None


# Consent


def follow(door, **changes):
    """The owner opens the link, consents on Shopify's page, and comes back; the last answer."""
    asked = door.client.get("/auth", query_string={"shop": SHOP})
    back = httpx.get(asked.headers["Location"], trust_env=False).headers["Location"]
    query = {key: value[0] for key, value in parse_qs(urlsplit(back).query).items()}
    return door.client.get("/auth/callback", query_string=query | changes), query


def test_an_owners_consent_connects_the_store(door):
    """For an app that is not embedded, or was not installed from the App Store."""
    answer, _ = follow(door)

    assert 302 == answer.status_code
    assert f"/shops/{SHOP}/admin/apps/sandbox-client-id" == urlsplit(answer.headers["Location"]).path
    assert ("active", "offline") == (door.shop().state, door.shop().grant)
    assert 200 == door.open().status_code


def test_a_code_is_good_once(door):
    """Whoever finds the address in a log gets nothing by it."""
    _, query = follow(door)

    assert 401 == door.client.get("/auth/callback", query_string=query).status_code
    assert 200 == door.open().status_code, "the token that we have stays"


TAMPERED = {
    "another store": {"shop": "other.myshopify.com"},
    "another code": {"code": "mine"},
    "another state": {"state": "1.2.3"},
    "no signature": {"hmac": ""},
    "a strange signature": {"hmac": "é"},
    "an old answer": {"timestamp": "1700000000"},
    "no time": {"timestamp": "²"},
    "one more field": {"more": "1"},
}


@pytest.mark.parametrize("changes", TAMPERED.values(), ids=TAMPERED.keys())
def test_an_answer_that_was_tampered_with_connects_nothing(door, changes):
    """Everything in it is signed by Shopify."""
    answer, _ = follow(door, **changes)

    assert 401 == answer.status_code
    assert door.shop() is None


@pytest.mark.parametrize("path", ["/auth", "/auth/callback"])
@pytest.mark.parametrize("shop", ["", "nice-lamps", "evil.example", f"{SHOP}.evil.example", f"{SHOP}\n", f"x@{SHOP}"])
def test_only_a_store_is_asked(door, path, shop):
    """Anything else would make our door a way to any address."""
    assert 400 == door.client.get(path, query_string={"shop": shop}).status_code


# Leaving


def test_a_store_that_uninstalls_is_left_alone(door):
    """Its tokens are void at Shopify, and forgotten here."""
    door.open()
    door.leave()
    door.told("app/uninstalled")

    assert "uninstalled" == door.shop().state
    assert door.token() is None
    with pytest.raises(ShopClosed):
        door.house.shopify.catalog.product(SHOP, "gid://shopify/Product/1")


def test_a_page_that_is_still_open_does_not_bring_it_back(door):
    """Its session token is good for a minute after the store has left; Shopify grants nothing for it."""
    door.open()
    door.leave()
    door.told("app/uninstalled")

    assert 401 == door.open().status_code
    assert ("uninstalled", None) == (door.shop().state, door.token())


def test_a_store_that_comes_back_starts_anew(door):
    """A new date of installation: what it listed while it was away is not made up for."""
    door.open()
    first = door.shop().installed_at
    door.leave()
    door.told("app/uninstalled")

    assert 200 == door.come_back().status_code
    assert first < door.shop().installed_at


def test_late_news_of_an_earlier_installation_do_not_end_the_present_one(door):
    """Shopify repeats a delivery for hours, and promises no order."""
    door.open()
    door.leave()
    door.told("app/uninstalled")
    door.come_back()
    door.told("app/uninstalled", **{"X-Shopify-Webhook-Id": "another-copy"})

    assert "active" == door.shop().state
    assert 200 == door.open().status_code


def test_all_that_is_known_of_a_store_is_erased_when_shopify_asks(door):
    """48 hours after it has left."""
    door.open()
    door.leave()
    door.told("app/uninstalled")
    door.asked_to_forget()
    door.told("shop/redact")

    assert door.shop() is None
    assert () == door.house.jobs.recent(shop=SHOP, limit=10)


# Scopes


def test_a_permission_that_is_taken_back_pauses_the_store_and_giving_it_again_resumes_it(door):
    """With the name of what lacks, so that somebody can mend it."""
    door.open()
    door.regrant("write_products")
    door.told("app/scopes_update")
    assert "paused" == door.shop().state
    assert "write_files" in door.shop().reason

    door.regrant("write_products", "write_files")
    door.told("app/scopes_update")
    assert ("active", "") == (door.shop().state, door.shop().reason)


def test_a_new_token_tells_of_a_lost_permission_too(door):
    """The webhook may be lost."""
    door.open()
    door.regrant("write_products")
    door.late(ends_at=utc_now())
    door.house.shopify.tokens(SHOP)

    assert "paused" == door.shop().state
    assert "write_files" in door.shop().reason


# Secrets that rotate


def test_nothing_is_lost_while_the_secret_rotates(shed, tmp_path):
    """For an hour Shopify signs with either: webhooks, session tokens and answers of its consent page."""
    secret = shed.store.app.client_secret
    rotated = {"IMAGEGEN__SHOPIFY__CLIENT_SECRET": "the-new-secret", "IMAGEGEN__SHOPIFY__OLD_CLIENT_SECRET": secret}
    shed.store.shop(SHOP).installed = True
    door = Door(shed, tmp_path, **rotated)
    door.house.shops.save(Shop(domain=SHOP, grant="static", installed_at=utc_now()))
    token = shed.tokens.mint(SHOP).value
    door.house.shops.save_token(SHOP, ShopToken(access=token), [])
    shed.store.announce_body(shed.store.shop(SHOP), ["app/scopes_update"], {"current": ["write_products"]})

    door.told("app/scopes_update")
    assert [200, 200] == [door.open(secret=each).status_code for each in (secret, "the-new-secret")]
    assert 401 == door.open(secret="another").status_code
    door.close()
