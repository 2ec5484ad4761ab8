"""A delivery is read whole or refused with everything that is wrong."""

from datetime import UTC, datetime

import pytest

from tests.webhooks.conftest import SHOP, classic_headers, events_headers
from webhooks.delivery import read
from webhooks.errors import BadDelivery


def lower(headers):
    return {name.lower(): value for name, value in headers.items()}


def change(**changes):
    given = {f"x-shopify-{name.replace('_', '-')}": value for name, value in changes.items()}
    return lower(classic_headers("products/update")) | given


def test_all_of_a_webhook_is_read():
    """Both ids are kept: one for repeats, one to see what belongs together."""
    delivery = read(lower(classic_headers("products/update")), b'{"id": 7}')

    assert "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043" == delivery.id
    assert "98880550-7158-44d4-b7cd-2c97c8a091b5" == delivery.event
    assert ("products/update", SHOP, "2026-10") == (delivery.topic, delivery.shop, delivery.api_version)
    assert datetime(2026, 11, 22, 15, 0, 2, 123456, UTC) == delivery.triggered_at
    assert {"id": 7} == delivery.body


@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_an_event_of_a_product_has_the_webhook_s_topic(action):
    """One set of topic modules serves both families."""
    assert f"products/{action}" == read(lower(events_headers("Product", action)), b"{}").topic


def test_the_newer_headers_may_carry_a_webhook_s_topic():
    """The families differ in their prefix; nobody promised that topics will keep to one."""
    headers = lower(events_headers("app/uninstalled", None))

    assert "app/uninstalled" == read(headers, b"{}").topic


@pytest.mark.parametrize(("entity", "action"), [("Shop", "redact"), ("App", "uninstalled"), ("Product", "publish")])
def test_an_event_cannot_spell_another_webhook_s_topic(entity, action):
    """`Shop` and `redact` must not erase a shop."""
    with pytest.raises(BadDelivery, match="topic is not"):
        read(lower(events_headers(entity, action)), b"{}")


def test_all_missing_headers_are_named_at_once():
    """Whoever debugs a proxy wants one answer, not three."""
    expected = "webhook without x-shopify-topic, x-shopify-shop-domain, x-shopify-webhook-id"
    with pytest.raises(BadDelivery, match=f"^{expected}$"):
        read({}, b"{}")


def test_an_event_without_its_action_names_the_newer_header():
    """The name must be the one that the sender would have used."""
    with pytest.raises(BadDelivery, match=r"^webhook without shopify-action$"):
        read(lower(events_headers("Product", "")), b"{}")


def test_all_malformed_headers_are_named_at_once():
    """As with the missing ones."""
    with pytest.raises(BadDelivery) as refusal:
        read(
            change(topic="products", shop_domain="example.com", webhook_id="a b", event_id="é", api_version="\udcff"),
            b"{}",
        )

    assert ["topic", "shop-domain", "webhook-id", "event-id", "api-version"] == [
        part.split()[0] for part in str(refusal.value).split("; ")
    ]


@pytest.mark.parametrize(
    "domain",
    [
        "example.com",
        "nice-lamps.myshopify.com.example.com",
        "nice-lamps.myshopify.com\n",
        "nice-lamps.myshopify.com/admin",
        "nice-lamps.myshopify.com:8443",
        "user@nice-lamps.myshopify.com",
        "Nice-Lamps.myshopify.com",
        "-lamps.myshopify.com",
        "a.b.myshopify.com",
        "niсe.myshopify.com",
        ".myshopify.com",
        "nicemyshopify.com",
        "x" * 300 + ".myshopify.com",
    ],
    ids=ascii,
)
def test_a_shop_is_a_bare_myshopify_domain(domain):
    """A token is looked up, and sent, by this name."""
    with pytest.raises(BadDelivery, match="shop-domain"):
        read(change(shop_domain=domain), b"{}")


@pytest.mark.parametrize("topic", ["products", "products/", "Products/Create", "a/b/c", "products/create\n", "../x"])
def test_a_topic_is_two_lower_case_words(topic):
    """It is a key and a label of ours; whatever else comes is not Shopify's."""
    with pytest.raises(BadDelivery, match="topic"):
        read(change(topic=topic), b"{}")


@pytest.mark.parametrize("stamp", ["", "yesterday", "0001-01-01T00:00:00+23:59", "2026-13-01", "١"], ids=ascii)
def test_an_unreadable_time_is_left_out(stamp):
    """Nothing depends on it alone; a delivery must not be lost for it."""
    assert read(change(triggered_at=stamp), b"{}").triggered_at is None


@pytest.mark.parametrize(
    ("stamp", "hour"),
    [("2026-11-22T10:00:00-05:00", 15), ("2026-11-22T15:00:00Z", 15), ("2026-11-22T15:00:00", 15)],
)
def test_the_time_is_utc(stamp, hour):
    """Two clocks in one table cannot be compared."""
    assert datetime(2026, 11, 22, hour, tzinfo=UTC) == read(change(triggered_at=stamp), b"{}").triggered_at


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[1, 2]",
        b'"text"',
        b"null",
        b"{} {}",
        b'{"id": NaN}',
        b'{"id": -Infinity}',
        b'{"title": "\xff\xfe"}',
        '{"id": 1}'.encode("utf-16"),
        b'\xef\xbb\xbf{"id": 1}',
        b'{"a":' * 100_000,
        b"[" * 1_000_000,
        b'{"id": ' + b"9" * 10_000 + b"}",
        b'{"title": "\x00"}',
    ],
    ids=[
        "empty",
        "words",
        "list",
        "string",
        "null",
        "two objects",
        "NaN",
        "infinity",
        "not UTF-8",
        "UTF-16",
        "byte order mark",
        "deep objects",
        "deep lists",
        "10,000 digits",
        "null byte",
    ],
)
def test_a_body_is_one_json_object(body):
    """Whatever else comes is refused in words; none of it is a bug of ours."""
    with pytest.raises(BadDelivery, match=r"^the body is not (JSON|a JSON object)$"):
        read(change(), body)


@pytest.mark.parametrize(
    "body",
    [rb'{"title": "half an emoji \ud83d"}', rb'{"\ud800": 1}', rb'{"title": "\u0000"}', b'{"id": 1, "id": 2}'],
    ids=["lone surrogate", "lone surrogate in a key", "escaped null", "the same key twice"],
)
def test_odd_but_lawful_json_is_read(body):
    """Merchants paste anything into a title; the delivery still counts."""
    assert isinstance(read(change(), body).body, dict)
