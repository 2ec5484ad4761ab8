"""The gate: a good token gets in as its shop, every other request is shown the way that suits it, and no data."""

from urllib.parse import parse_qs, urlsplit

import pytest

from shopify_imagegen.buckets import Buckets
from shopify_imagegen.errors import BadCredentials, NoAnswer, ShopClosed, Unavailable

from .conftest import SCRIPT, SHOP, bearer, good

DOCUMENT = {"Accept": "text/html"}
EMBEDDED = {"shop": SHOP, "host": "YWRtaW4", "embedded": "1"}


def test_a_fetch_with_a_good_token_is_its_shops(client, admit):
    """App Bridge sends it with every fetch."""
    token = good(user_id=42)
    answer = client.get("/who", headers=bearer(token))

    assert (200, {"shop": SHOP, "user": "42"}) == (answer.status_code, answer.json)
    assert [(SHOP, token)] == admit.admitted


def test_a_document_with_a_good_token_is_its_shops(client):
    """Shopify loads the page with the token in its address."""
    answer = client.get("/who", query_string=EMBEDDED | {"id_token": good()}, headers=DOCUMENT)

    assert SHOP == answer.json["shop"]
    assert SHOP == answer.headers["X-Shop"]


def test_the_shop_is_the_tokens_whatever_the_address_says(client):
    """The address is anyone's to write."""
    answer = client.get("/who", query_string={"shop": "other.myshopify.com"}, headers=bearer(good()))

    assert SHOP == answer.json["shop"]
    assert SHOP == answer.headers["X-Shop"]


BAD = {
    "none": {},
    "rubbish": bearer("rubbish"),
    "over": bearer(good(at=1_700_000_000)),
    "another app's": bearer(good(client_id="other")),
    "another way": {"Authorization": "Basic eDp5"},
}


@pytest.mark.parametrize("headers", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_fetch_without_one_is_asked_to_try_again(client, method, headers):
    """With this header App Bridge gets a fresh token and repeats the fetch, once."""
    answer = client.open("/who" if method == "GET" else "/do", method=method, headers=headers)

    assert 401 == answer.status_code
    assert "1" == answer.headers["X-Shopify-Retry-Invalid-Session-Request"]
    assert ["error"] == list(answer.json)


@pytest.mark.parametrize("query", [{}, {"id_token": good(at=1_700_000_000)}], ids=["none", "over"])
def test_a_document_without_one_goes_by_the_page_that_gets_one(client, query):
    """A page that is opened again after a minute has an old token in its address."""
    answer = client.get("/who", query_string=EMBEDDED | query | {"page": "2"}, headers=DOCUMENT)
    target = urlsplit(answer.headers["Location"])
    asked = {key: value[0] for key, value in parse_qs(target.query).items()}
    back = urlsplit(asked.pop("shopify-reload"))

    assert (302, "/session-token", EMBEDDED) == (answer.status_code, target.path, asked)
    assert ("https", "photos.example.com", "/who") == (back.scheme, back.netloc, back.path)
    assert {key: [value] for key, value in (EMBEDDED | {"page": "2", "bounced": "1"}).items()} == parse_qs(back.query)


def test_a_link_within_the_frame_goes_there_too(client):
    """Its address says nothing of the admin around it; the browser does."""
    assert 302 == client.get("/who", headers=DOCUMENT | {"Sec-Fetch-Dest": "iframe"}).status_code


def test_that_page_holds_app_bridge_first_and_nothing_else(client):
    """App Bridge does the rest: it goes to the address in `shopify-reload` with a fresh token."""
    page = client.get("/session-token", query_string={"shopify-reload": "https://photos.example.com/who?page=2"})

    assert 200 == page.status_code
    assert f'<script src="{SCRIPT}" data-api-key="the-id"></script>' in page.text


@pytest.mark.parametrize(
    "target", ["", "https://evil.example/", "https://photos.example.com.evil.example/", "//evil.example", "/who"]
)
def test_that_page_carries_a_token_to_nobody_else(client, target):
    """App Bridge would put the token into any address that it is told."""
    page = client.get("/session-token", query_string={"shopify-reload": target})

    assert 400 == page.status_code
    assert SCRIPT not in page.text


def test_a_document_goes_there_once_only(client):
    """With a wrong secret in the settings, the page would load for ever."""
    answer = client.get("/who", query_string=EMBEDDED | {"bounced": "1", "id_token": "rubbish"}, headers=DOCUMENT)

    assert 401 == answer.status_code
    assert "Open this app in Shopify" in answer.text


def test_a_document_outside_the_admin_is_told_where_to_go(client):
    """There is no App Bridge outside of it."""
    answer = client.get("/who", headers=DOCUMENT | {"Sec-Fetch-Dest": "document"})

    assert 401 == answer.status_code
    assert "Open this app in Shopify" in answer.text


def test_without_a_public_address_the_requests_own_is_used(knock):
    """On this machine, and in the demo."""
    answer = knock(public_url="").get("/who", query_string=EMBEDDED, headers=DOCUMENT)

    assert parse_qs(urlsplit(answer.headers["Location"]).query)["shopify-reload"][0].startswith("http://localhost/who?")


REFUSALS = {
    "closed": (ShopClosed("the store has uninstalled the app"), 403),
    "no token": (BadCredentials("no token can be had"), 403),
    "away": (Unavailable("the database is busy"), 503),
    "silent": (NoAnswer("Shopify did not answer"), 503),
}


@pytest.mark.parametrize(("error", "status"), REFUSALS.values(), ids=REFUSALS.keys())
@pytest.mark.parametrize("headers", [{}, DOCUMENT], ids=["fetch", "document"])
def test_a_shop_that_cannot_be_served_is_told_why(client, admit, error, status, headers):
    """The token is good; a fresh one would not help."""
    admit.wrong = error
    answer = client.get("/who", query_string={"id_token": good()}, headers=headers)

    assert status == answer.status_code
    assert str(error) in answer.text
    assert "X-Shopify-Retry-Invalid-Session-Request" not in answer.headers


def test_static_files_and_questions_about_methods_need_no_token(client):
    """A <script src> carries none, and a browser's preflight does not either."""
    with client.get("/files/conftest.py") as file:
        assert 200 == file.status_code
    assert 200 == client.options("/do").status_code


@pytest.mark.parametrize("claimed", [SHOP, "evil.example", f"{SHOP}.evil.example", ""])
def test_a_refusal_names_only_real_shop_domains(client, claimed):
    """The name goes into a header."""
    answer = client.get("/who", query_string={"shop": claimed})

    assert (SHOP if claimed == SHOP else "") == answer.headers["X-Shop"]


def test_no_cookie_is_ever_set(client):
    """Browsers refuse third-party cookies inside Shopify's admin."""
    for headers in ({}, bearer(good()), DOCUMENT):
        assert "Set-Cookie" not in client.get("/who", query_string=EMBEDDED, headers=headers).headers


def test_a_shop_s_doings_have_a_pace_and_its_looks_have_none(knock):
    """A script that asks a thousand times a minute costs money; a page that shows progress asks often."""
    client = knock(pace=Buckets(per_minute=60, at_once=1, monotonic=lambda: 0.0).wait_s)
    mine, others = bearer(good()), bearer(good("other.myshopify.com"))

    assert [200, 429] == [client.post("/do", headers=mine).status_code for _ in range(2)]
    assert "1" == client.post("/do", headers=mine).headers["Retry-After"]
    assert 200 == client.get("/who", headers=mine).status_code
    assert 200 == client.post("/do", headers=others).status_code
