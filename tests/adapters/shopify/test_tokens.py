"""Tokens: as stored, renewed in time and by one thread only, and every failure says what to check."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest

from shopify_imagegen.errors import BadCredentials, NoAnswer, NotSignedIn, ShopClosed, Unavailable
from shopify_imagegen.models import ShopToken
from tests.adapters.shopify.conftest import DELETED, SHOP, START

DAY_S = 86_399


def grant(token="shpat_new", **changed):
    return {"access_token": token, "scope": "write_products,write_files", "expires_in": DAY_S} | changed


def granted(shops, *, minutes_left=None):
    """Make the shop one whose token comes from client credentials."""
    shops.shop = shops.shop.model_copy(update={"grant": "client_credentials"})
    ends_at = START + timedelta(minutes=minutes_left) if minutes_left is not None else None
    shops.kept = ShopToken(access="shpat_old", ends_at=ends_at) if minutes_left is not None else None


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
    assert [(SHOP, ShopToken(access="shpat_new", ends_at=ends_at), ["write_products", "write_files"])] == shops.saved
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
    all_looked, read_store = threading.Barrier(8, timeout=10), shops.with_token

    def look(domain):
        found = read_store(domain)
        all_looked.wait()
        return found

    shops.with_token = look
    with ThreadPoolExecutor(8) as pool:
        tokens = [future.result(timeout=10) for future in [pool.submit(neighbour.tokens, SHOP) for _ in range(8)]]

    assert ["shpat_1"] * 8 == tokens
    assert ["token"] == shopify.kinds


@pytest.mark.parametrize("code", ["invalid_client", "application_cannot_be_found", "unsupported_grant_type"])
def test_what_is_wrong_with_us_costs_no_store_its_token(code, neighbour, shopify, shops):
    """A typo in our id or secret: every store's token would be thrown away, each with its refresh token."""
    offline(shops, left=-LAPSING)
    shopify.says("token", httpx.Response(400, json={"error": code}))

    with pytest.raises(BadCredentials) as caught:
        neighbour.tokens(SHOP)
    assert BadCredentials is type(caught.value)
    assert "shprt_1" == shops.kept.refresh


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
        (grant(expires_in=0), "expires_in"),
        (grant(token=""), "access_token"),
        (grant(token="shpat_\n"), "characters"),
    ],
    ids=["ended", "empty", "line break"],
)
def test_a_token_that_cannot_be_used_is_refused(answer, word, neighbour, shopify, shops):
    """Kept, it would fail with each call, deep inside."""
    granted(shops)
    shopify.says("token", answer)

    with pytest.raises(BadCredentials, match=word) as caught:
        neighbour.tokens(SHOP)
    assert [] == shops.saved
    assert "shpat_" not in str(caught.value)


@pytest.mark.parametrize(
    "answer", [{"access_token": "shpat_new", "scope": ""}, grant(expires_in=None)], ids=["no", "null"]
)
def test_a_token_whose_end_is_not_said_is_kept_for_an_hour(answer, neighbour, shopify, shops):
    """Refused, it would pause the shop; kept for good, it would silently stop working."""
    granted(shops)
    shopify.says("token", answer)

    assert "shpat_new" == neighbour.tokens(SHOP)
    assert START + timedelta(hours=1) == shops.kept.ends_at


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
    shops.kept = ShopToken(access=token)

    with pytest.raises(BadCredentials, match="copy it again") as caught:
        neighbour.tokens(SHOP)
    assert token not in str(caught.value)


# Tokens with a refresh token


LAPSING = timedelta(minutes=4)


def offline(shops, *, left=LAPSING, refresh="shprt_1"):
    """Make the shop one whose token came by token exchange."""
    shops.shop = shops.shop.model_copy(update={"grant": "offline"})
    shops.kept = ShopToken(access="shpat_old", ends_at=START + left if left else None, refresh=refresh)


def pair(number=2, **changed):
    both = {"access_token": f"shpat_{number}", "refresh_token": f"shprt_{number}", "expires_in": 3600}
    return both | {"refresh_token_expires_in": 7_776_000, "scope": "write_products,write_files"} | changed


def form(request):
    return {key: value[0] for key, value in parse_qs(request.content.decode()).items()}


def test_a_refresh_brings_both_tokens_anew(neighbour, shopify, shops):
    """The old refresh token is void once the new one is used: both are kept in one commit."""
    offline(shops)
    shopify.says("token", pair())

    assert "shpat_2" == neighbour.tokens(SHOP)
    kept = ShopToken(
        access="shpat_2",
        ends_at=START + timedelta(hours=1),
        refresh="shprt_2",
        refresh_ends_at=START + timedelta(days=90),
    )
    assert [(SHOP, kept, ["write_products", "write_files"])] == shops.saved
    asked = form(shopify.sent("token")[0])
    assert ("refresh_token", "shprt_1") == (asked["grant_type"], asked["refresh_token"])


def test_an_end_that_is_not_said_is_taken_to_be_an_hour(neighbour, shopify, shops):
    """It has happened; kept for good, the token would stop working without a word."""
    offline(shops)
    shopify.says("token", pair(expires_in=None))
    neighbour.tokens(SHOP)

    assert START + timedelta(hours=1) == shops.kept.ends_at


def test_a_session_token_is_exchanged_for_an_expiring_one(neighbour, shopify, shops):
    """How the first token of a store comes, when its people open the app."""
    offline(shops)
    shops.kept = None
    shopify.says("token", pair())
    neighbour.tokens.exchange(SHOP, "the.session.token")

    asked = form(shopify.sent("token")[0])
    assert ("1", "the.session.token") == (asked["expiring"], asked["subject_token"])
    assert "urn:ietf:params:oauth:grant-type:token-exchange" == asked["grant_type"]
    assert "urn:shopify:params:oauth:token-type:offline-access-token" == asked["requested_token_type"]
    assert "shprt_2" == shops.kept.refresh


def test_a_store_that_has_a_token_keeps_it(neighbour, shopify, shops):
    """Several requests come at once when a page is opened; a second exchange would void the first's refresh token."""
    offline(shops, left=timedelta(hours=1))
    neighbour.tokens.exchange(SHOP, "the.session.token")

    assert [] == shopify.requests


def uninstalled(shops):
    """A token came, and the installation did not: or the store has left since."""
    offline(shops, left=timedelta(hours=1))
    shops.shop = shops.shop.model_copy(update={"state": "uninstalled"})


def test_a_token_that_is_found_with_a_store_that_has_left_is_replaced(neighbour, shopify, shops):
    """It may be void; taken for the new installation's, it would be found out in the middle of a job."""
    uninstalled(shops)
    shopify.says("token", pair())
    neighbour.tokens.exchange(SHOP, "the.session.token")

    assert "shpat_2" == shops.kept.access


@pytest.mark.parametrize(
    ("trouble", "ours"),
    [(httpx.Response(503), Unavailable), (httpx.Response(400, json={"error": "invalid_subject_token"}), NotSignedIn)],
    ids=["away", "refused"],
)
@pytest.mark.parametrize("way", ["exchange", "redeem"])
def test_such_a_token_is_not_taken_for_a_new_one_when_none_comes(way, trouble, ours, neighbour, shopify, shops):
    """The store would count as installed, with nothing that opens it."""
    uninstalled(shops)
    shopify.says("token", trouble)

    with pytest.raises(ours):
        getattr(neighbour.tokens, way)(SHOP, "what-was-given")
    assert not shops.asking


def test_a_code_is_redeemed_even_if_there_is_a_token(neighbour, shopify, shops):
    """The owner has just consented, perhaps to more than before."""
    offline(shops, left=timedelta(hours=1))
    shopify.says("token", pair())
    neighbour.tokens.redeem(SHOP, "the-code")

    asked = form(shopify.sent("token")[0])
    assert ("the-code", "1") == (asked["code"], asked["expiring"])
    assert "shpat_2" == shops.kept.access


def test_whoever_loses_the_race_takes_the_winners_token(neighbour, shopify, shops):
    """Another process was faster; what we got is void by then."""
    offline(shops)
    winner = ShopToken(access="shpat_winner", refresh="shprt_winner", ends_at=START + timedelta(hours=1))

    def meanwhile():
        shops.change(winner)
        return pair()

    shopify.says("token", meanwhile)

    assert "shpat_winner" == neighbour.tokens(SHOP)
    assert winner == shops.kept


def test_while_another_process_asks_the_old_token_is_used(neighbour, shopify, shops):
    """It is good for some minutes still."""
    offline(shops)
    shops.asking = True

    assert "shpat_old" == neighbour.tokens(SHOP)
    assert [] == shopify.requests


def test_with_no_good_token_left_the_other_process_is_waited_for(neighbour, shopify, shops, time):
    """A second refresh token would be asked for with one that is void."""
    offline(shops, left=-LAPSING)
    shops.asking = True
    others = ShopToken(access="shpat_2", refresh="shprt_2", ends_at=START + timedelta(hours=1))
    slept, time.slept_s = time.slept_s, _Sleeps(lambda: shops.change(others))

    assert "shpat_2" == neighbour.tokens(SHOP)
    assert [] == shopify.requests + slept


class _Sleeps(list):
    """Something happens in the third sleep."""

    def __init__(self, happens):
        self.happens = happens

    def append(self, seconds):
        super().append(seconds)
        if len(self) == 3:
            self.happens()


def test_the_other_process_is_not_waited_for_without_end(neighbour, shops):
    """It may have been killed; what asked is tried again later."""
    offline(shops, left=-LAPSING)
    shops.asking = True

    with pytest.raises(Unavailable, match=SHOP):
        neighbour.tokens(SHOP)


def test_a_refused_refresh_token_is_forgotten_and_says_what_to_do(neighbour, shopify, shops):
    """The store was idle for 90 days: whoever opens the app brings a new one."""
    offline(shops, left=-LAPSING)
    shopify.says("token", httpx.Response(400, json={"error": "invalid_request"}))

    with pytest.raises(BadCredentials, match="open the app"):
        neighbour.tokens(SHOP)
    assert shops.kept is None
    with pytest.raises(BadCredentials, match="open the app"):
        neighbour.tokens(SHOP)
    assert 1 == len(shopify.requests)


def test_a_refused_refresh_does_not_end_a_token_that_lives(neighbour, shopify, shops):
    """Its last minutes are used."""
    offline(shops)
    shopify.says("token", httpx.Response(400, json={"error": "invalid_request"}))

    assert "shpat_old" == neighbour.tokens(SHOP)
    assert "shpat_old" == shops.kept.access


def test_a_slow_refusal_does_not_drop_what_another_process_was_given_meanwhile(neighbour, shopify, shops):
    """Our hold on the token ran out while we asked; the refresh token was used up by the one who came after."""
    offline(shops, left=-LAPSING)
    newer = ShopToken(access="shpat_newer", ends_at=START + LAPSING, refresh="shprt_newer")

    def meanwhile():
        shops.change(newer)
        return httpx.Response(400, json={"error": "invalid_request"})

    shopify.says("token", meanwhile)

    assert "shpat_newer" == neighbour.tokens(SHOP)
    assert newer == shops.kept


def test_a_token_that_comes_after_the_store_has_left_is_not_kept(neighbour, shopify, shops):
    """The news of the uninstall came while we asked."""
    offline(shops, left=-LAPSING)

    def meanwhile():
        shops.drop_token(SHOP)
        return pair()

    shopify.says("token", meanwhile)

    with pytest.raises(ShopClosed):
        neighbour.tokens(SHOP)
    assert shops.kept is None


def test_a_failed_renewal_lets_others_try(neighbour, shopify, shops):
    """Else everyone would wait for the end of the lease."""
    offline(shops, left=-LAPSING)
    for trouble in (httpx.Response(503), httpx.Response(402)):
        shopify.says("token", trouble)
        with pytest.raises((Unavailable, ShopClosed)):
            neighbour.tokens(SHOP)

    assert not shops.asking


def test_a_token_that_never_ends_is_exchanged_for_one_that_does(neighbour, shopify, shops):
    """Public apps must not use the old kind from 2027-01-01."""
    offline(shops, left=None, refresh=None)
    shopify.says("token", pair())

    assert "shpat_2" == neighbour.tokens(SHOP)
    asked = form(shopify.sent("token")[0])
    assert ("shpat_old", "1") == (asked["subject_token"], asked["expiring"])
    assert "urn:shopify:params:oauth:token-type:offline-access-token" == asked["subject_token_type"]


def test_one_that_cannot_be_exchanged_is_used_on_and_not_asked_for_with_each_call(neighbour, shopify, shops):
    """It works today."""
    offline(shops, left=None, refresh=None)
    shopify.says("token", httpx.Response(400, json={"error": "invalid_subject_token"}))

    assert ["shpat_old"] * 2 == [neighbour.tokens(SHOP), neighbour.tokens(SHOP)]
    assert 1 == len(shopify.requests)


def test_the_scopes_of_each_new_token_are_told(reach, shopify, shops):
    """A permission that the owner took back shows here first."""
    told = []
    offline(shops)
    shopify.says("token", pair(scope="write_products"))
    reach(noticed=lambda *said: told.append(said)).tokens(SHOP)

    assert [(SHOP, ["write_products"])] == told


def test_a_token_without_scopes_leaves_them_as_they_were(reach, shopify, shops):
    """An answer that does not say it takes nothing away."""
    told = []
    offline(shops)
    shops.shop = shops.shop.model_copy(update={"scopes": ("write_products",)})
    shopify.says("token", pair(scope=""))
    reach(noticed=lambda *said: told.append(said)).tokens(SHOP)

    assert [] == told
    assert ["write_products"] == shops.saved[0][2]


def test_a_token_that_somebody_has_renewed_already_is_not_renewed_again(neighbour, shopify, shops):
    """Two calls were refused with the old one; the second finds the first's new one."""
    offline(shops, left=timedelta(hours=1))

    assert "shpat_old" == neighbour.tokens(SHOP, refused="shpat_older")
    assert [] == shopify.requests
