"""What every answer carries, and how much a stranger may ask."""

import pytest
from flask import Blueprint, request

from shopify_imagegen.buckets import Buckets
from tests.webhooks.conftest import SHOP, FakeInbox, door
from webhooks.shield import MAX_BODY_BYTES, Shield

STRANGER = {"REMOTE_ADDR": "8.8.8.8"}


def client(**parts):
    pages = Blueprint("pages", __name__)
    pages.get("/page", endpoint="page")(lambda: "<p>page</p>")
    pages.post("/form", endpoint="form")(lambda: request.get_data())
    return door(FakeInbox(), blueprints=[pages], shield=Shield(**parts))


def policy(**parts):
    header = client(**parts).get("/page").headers["Content-Security-Policy"]
    return dict(rule.split(" ", 1) for rule in header.split("; "))


def test_only_the_asking_shop_s_admin_may_show_a_page_in_a_frame():
    """Anyone else would lay a page of theirs over our buttons."""
    assert f"https://{SHOP} https://admin.shopify.com" == policy(asking_shop=lambda: SHOP)["frame-ancestors"]
    assert "'none'" == policy()["frame-ancestors"]


def test_no_script_runs_but_our_own_file_and_app_bridge():
    """Text of a merchant or a provider that slips through is shown, not run."""
    rules = policy()

    assert "'self' https://cdn.shopify.com/shopifycloud/" == rules["script-src"]
    assert "'none'" == rules["default-src"] == rules["base-uri"]
    assert not [name for name, value in rules.items() if "unsafe" in value]


def test_beside_the_sandbox_its_admin_is_let_in_and_nothing_changes_elsewhere():
    """The demo's admin lives at another port of this machine."""
    near = policy(admin_url="http://127.0.0.1:8081/shops/{shop}", asking_shop=lambda: SHOP)

    assert "http://127.0.0.1:8081" == near["frame-ancestors"]
    assert "'self' data: blob: https: http://127.0.0.1:* http://localhost:*" == near["img-src"]
    assert not [value for value in policy(asking_shop=lambda: SHOP).values() if "127.0.0.1" in value]


@pytest.mark.parametrize("path", ["/page", "/healthz", "/metrics", "/webhooks", "/nowhere"])
def test_every_answer_carries_the_headers(path):
    """Errors too: they are pages like any other."""
    headers = client(https=True).get(path).headers

    assert "nosniff" == headers["X-Content-Type-Options"]
    assert "same-origin" == headers["Referrer-Policy"]
    assert "no-store" == headers["Cache-Control"]
    assert "max-age=31536000" == headers["Strict-Transport-Security"]
    assert "Set-Cookie" not in headers


def test_https_is_not_demanded_where_there_is_none():
    """A browser would refuse this machine's address for a year."""
    assert "Strict-Transport-Security" not in client().get("/page").headers


def test_a_long_body_is_refused_unread():
    """Memory is for pictures."""
    assert 413 == client().post("/form", data=b"x" * (MAX_BODY_BYTES + 1)).status_code


def test_a_stranger_has_a_pace():
    """Guessing, scraping, or a loop in somebody's script."""
    web = client(pace=Buckets(per_minute=1, at_once=2, monotonic=lambda: 0.0).wait_s)

    answers = [web.get("/page", environ_overrides=STRANGER) for _ in range(3)]

    assert [200, 200, 429] == [each.status_code for each in answers]
    assert "60" == answers[2].headers["Retry-After"]


@pytest.mark.parametrize("path", ["/webhooks", "/flow/generate"])
def test_what_shopify_sends_has_none(path):
    """A merchant's import of a thousand products is a thousand deliveries, and perhaps as many runs of a workflow."""
    web = client(pace=lambda address: 60.0)

    assert 429 != web.post(path, data=b"{}", environ_overrides=STRANGER).status_code


def test_a_proxy_does_not_use_up_everybody_s_pace():
    """Behind one, all requests come from its own private address."""
    web = client(pace=lambda address: 60.0)

    assert 200 == web.get("/page", environ_overrides={"REMOTE_ADDR": "10.0.0.7"}).status_code


def test_the_address_behind_a_trusted_proxy_is_counted_and_a_claimed_one_is_not():
    """Anyone can write X-Forwarded-For; only a proxy of ours is believed."""
    seen = []
    forwarded = {"X-Forwarded-For": "9.9.9.9, 1.1.1.1"}
    for proxies in (0, 1):
        web = client(pace=lambda address: seen.append(address) or 0.0, proxies=proxies)
        web.get("/page", headers=forwarded, environ_overrides=STRANGER)

    assert ["8.8.8.8", "1.1.1.1"] == seen


@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        pytest.param({}, "127.0.0.1", 200, id="this machine"),
        pytest.param({}, "10.0.0.7", 200, id="a machine of ours"),
        pytest.param({}, "8.8.8.8", 404, id="a stranger"),
        pytest.param({"X-Forwarded-For": "8.8.8.8"}, "10.0.0.7", 404, id="a stranger through a proxy"),
        pytest.param({"Authorization": "Bearer let-me-in"}, "8.8.8.8", 200, id="with the token"),
        pytest.param({"Authorization": "Bearer let-me"}, "8.8.8.8", 404, id="with another"),
    ],
)
def test_metrics_are_for_the_inside_or_for_the_token(headers, address, status):
    """They name every store that has installed the app."""
    web = client(metrics_token="let-me-in")

    assert status == web.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": address}).status_code


def test_without_a_token_no_token_is_good():
    """An empty one matches nothing."""
    answer = client().get("/metrics", headers={"Authorization": "Bearer "}, environ_overrides=STRANGER)

    assert 404 == answer.status_code
