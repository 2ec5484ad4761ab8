"""Tokens: as stored, renewed in time and by one thread only, and every failure says what to check."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest

from shopify_imagegen.errors import BadCredentials, NoAnswer, ShopClosed, Unavailable
from tests.adapters.shopify.conftest import DELETED, SHOP, START

DAY_S = 86_399


def grant(token="shpat_new", **changed):
    return {"access_token": token, "scope": "write_products,write_files", "expires_in": DAY_S} | changed


def granted(shops, *, minutes_left=None):
    """Make the shop one whose token comes from client credentials."""
    shops.shop = shops.shop.model_copy(update={"grant": "client_credentials"})
    ends_at = START + timedelta(minutes=minutes_left) if minutes_left is not None else None
    shops.kept = ("shpat_old", ends_at) if minutes_left is not None else None


def test_a_static_token_is_handed_out_as_stored(neighbour, shopify):
    """Nothing is asked of Shopify for it."""
    assert "shpat_first" == neighbour.tokens(SHOP)
    assert [] == shopify.requests


def test_the_first_token_is_asked_for_and_stored(neighbour, shopify, shops):
    """Stored with its end and its scopes, so that other processes need not ask."""
    granted(shops)
    shopify.says("token", grant())

    assert "shpat_new" == neighbour.tokens(SHOP)
    ends_at = START + timedelta(seconds=DAY_S)
    assert [(SHOP, "shpat_new", ends_at, ["write_products", "write_files"])] == shops.saved
    (request,) = shopify.sent("token")
    assert "/admin/oauth/access_token" == request.url.path
    form = {"grant_type": ["client_credentials"], "client_id": ["the-id"], "client_secret": ["the-secret"]}
    assert form == parse_qs(request.content.decode())


def test_a_token_with_time_left_is_used(neighbour, shopify, shops):
    """A renewal per request would be a request per request."""
    granted(shops, minutes_left=6)

    assert "shpat_old" == neighbour.tokens(SHOP)
    assert [] == shopify.requests


def test_a_token_is_renewed_five_minutes_early(neighbour, shopify, shops):
    """A request must not lose its token while it is on its way."""
    granted(shops, minutes_left=4)
    shopify.says("token", grant())

    assert "shpat_new" == neighbour.tokens(SHOP)


def test_a_token_that_still_lives_bridges_a_failing_endpoint(neighbour, shopify, shops):
    """Renewing early is there to have time for this."""
    granted(shops, minutes_left=4)
    shopify.says("token", httpx.Response(503))

    assert "shpat_old" == neighbour.tokens(SHOP)
    assert 3 == len(shopify.requests)


@pytest.mark.parametrize(
    ("trouble", "ours"),
    [(httpx.Response(503), Unavailable), (httpx.ReadTimeout("silence"), NoAnswer)],
    ids=["503", "silence"],
)
def test_a_token_that_has_ended_does_not(trouble, ours, neighbour, shopify, shops):
    """Shopify would refuse it anyway; the caller waits instead."""
    granted(shops, minutes_left=-1)
    shopify.says("token", trouble)

    with pytest.raises(ours):
        neighbour.tokens(SHOP)


def test_a_refused_token_is_renewed_once_and_the_call_made_again(neighbour, shopify, shops):
    """A 401 comes before any work, so that even a write may follow."""
    granted(shops, minutes_left=600)
    shopify.says("FileDelete", httpx.Response(401), DELETED)
    shopify.says("token", grant())
    neighbour.media.delete_file(SHOP, "gid://shopify/MediaImage/9")

    assert ["FileDelete", "token", "FileDelete"] == shopify.kinds
    tokens = [request.headers.get("x-shopify-access-token") for _, request in shopify.requests]
    assert ["shpat_old", None, "shpat_new"] == tokens


def test_a_new_token_that_is_refused_too_ends_it(neighbour, shopify, shops):
    """Renewing for ever would hammer the token endpoint."""
    granted(shops, minutes_left=600)
    shopify.says("FileDelete", httpx.Response(401))
    shopify.says("token", grant())

    with pytest.raises(BadCredentials, match=SHOP):
        neighbour.media.delete_file(SHOP, "gid://shopify/MediaImage/9")
    assert ["FileDelete", "token", "FileDelete"] == shopify.kinds


def test_many_threads_ask_for_one_token(neighbour, shopify, shops):
    """All have seen that there is none; the others wait, then read what the first has stored."""
    granted(shops)
    a_second = threading.Event()

    def slowly():
        if len(shopify.requests) > 1:
            a_second.set()
        a_second.wait(timeout=0.2)  # time enough for a second request, if any thread made one
        return grant(f"shpat_{len(shopify.requests)}")

    shopify.says("token", slowly)
    all_looked, looked, read_store = threading.Barrier(8, timeout=10), threading.local(), shops.token

    def look(domain):
        kept = read_store(domain)
        if not getattr(looked, "once", False):
            looked.once = True
            all_looked.wait()
        return kept

    shops.token = look
    with ThreadPoolExecutor(8) as pool:
        tokens = [future.result(timeout=10) for future in [pool.submit(neighbour.tokens, SHOP) for _ in range(8)]]

    assert ["shpat_1"] * 8 == tokens
    assert ["token"] == shopify.kinds


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_wrong_client_is_named_by_its_settings(status, neighbour, shopify, shops):
    """The person who reads it can only change these two."""
    granted(shops)
    shopify.says("token", httpx.Response(status, json={"error": "invalid_client"}))

    with pytest.raises(BadCredentials) as caught:
        neighbour.tokens(SHOP)
    for word in ("shopify.client_id", "shopify.client_secret", "invalid_client", SHOP):
        assert word in str(caught.value)
    assert "the-secret" not in str(caught.value)
    assert 1 == len(shopify.requests)


def test_an_empty_client_is_named_without_asking(reach, shops, shopify):
    """The default settings are empty."""
    granted(shops)

    with pytest.raises(BadCredentials, match=r"shopify.client_id or shopify.client_secret is empty"):
        reach(client_id="").tokens(SHOP)
    assert [] == shopify.requests


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ({"access_token": "shpat_new", "scope": ""}, "expires_in"),
        (grant(expires_in=0), "expires_in"),
        (grant(expires_in=None), "expires_in"),
        (grant(token=""), "access_token"),
        (grant(token="shpat_\n"), "characters"),
    ],
    ids=["no end", "ended", "null", "empty", "line break"],
)
def test_a_token_that_cannot_be_used_is_refused(answer, word, neighbour, shopify, shops):
    """One without an end would be kept until it silently stops working."""
    granted(shops)
    shopify.says("token", answer)

    with pytest.raises(BadCredentials, match=word) as caught:
        neighbour.tokens(SHOP)
    assert [] == shops.saved
    assert "shpat_" not in str(caught.value)


def test_a_page_instead_of_a_token_may_pass(neighbour, shopify, shops):
    """Gateways show pages."""
    granted(shops)
    shopify.says("token", httpx.Response(200, text="<html>"), grant())

    assert "shpat_new" == neighbour.tokens(SHOP)


@pytest.mark.parametrize("status", [402, 404, 423])
def test_a_closed_shop_is_called_so(status, neighbour, shopify, shops):
    """No setting mends it."""
    granted(shops)
    shopify.says("token", httpx.Response(status))

    with pytest.raises(ShopClosed):
        neighbour.tokens(SHOP)


def test_a_shop_that_has_left_gets_nothing(neighbour, shops):
    """Its token is void, and its data is no longer ours to touch."""
    shops.shop = shops.shop.model_copy(update={"state": "uninstalled"})

    with pytest.raises(ShopClosed, match="uninstalled"):
        neighbour.tokens(SHOP)


def test_an_unknown_shop_and_a_missing_token_say_what_to_run(neighbour, shops):
    """Both are the first thing a new user meets."""
    shops.kept = None
    with pytest.raises(BadCredentials, match=rf"shops add {SHOP} --token"):
        neighbour.tokens(SHOP)
    shops.shop = None
    with pytest.raises(BadCredentials, match=f"shops add {SHOP}"):
        neighbour.tokens(SHOP)


@pytest.mark.parametrize("token", ["shpat_a\n", "shpat_a b", "shpat_é", "„shpat“"])
def test_a_badly_copied_token_is_found_before_it_leaves(token, neighbour, shops):
    """httpx would fail deep inside, and show the token."""
    shops.kept = (token, None)

    with pytest.raises(BadCredentials, match="copy it again") as caught:
        neighbour.tokens(SHOP)
    assert token not in str(caught.value)
