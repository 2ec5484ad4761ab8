"""Each topic: its module, its sample, its intent."""

import json

import pytest

from shopify_imagegen.models import (
    AppUninstalled,
    CustomerPrivacy,
    ProductChanged,
    ProductDeleted,
    ScopesChanged,
    ShopRedact,
)
from tests.webhooks.conftest import SAMPLES, classic_headers, events_headers, sample
from webhooks.delivery import read
from webhooks.errors import BadDelivery
from webhooks.topics import READERS, intent

GID = "gid://shopify/Product/788032119674292922"

INTENTS = {
    "products/create": ProductChanged(product_id=GID, created=True),
    "products/update": ProductChanged(product_id=GID, created=False),
    "products/delete": ProductDeleted(product_id=GID),
    "app/uninstalled": AppUninstalled(),
    "app/scopes_update": ScopesChanged(scopes=("write_products", "write_files")),
    "customers/data_request": CustomerPrivacy(request="data_request"),
    "customers/redact": CustomerPrivacy(request="redact"),
    "shop/redact": ShopRedact(),
}


def delivery(topic, body, headers=None):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = headers or classic_headers(topic)
    return read({name.lower(): value for name, value in given.items()}, content)


@pytest.mark.parametrize("topic", READERS)
def test_a_recorded_delivery_becomes_its_intent(topic):
    """A topic added without a sample and an expected intent fails here."""
    assert INTENTS[topic] == intent(delivery(topic, sample(topic)))


def test_every_sample_belongs_to_a_topic():
    """A sample that no test reads proves nothing."""
    names = {topic.replace("/", "_") for topic in READERS} | {"events_product_update"}

    assert names == {path.stem for path in SAMPLES.glob("*.json")}


def test_an_event_becomes_the_same_intent():
    """Events have the id elsewhere in the body."""
    body = (SAMPLES / "events_product_update.json").read_bytes()

    assert INTENTS["products/update"] == intent(delivery("", body, events_headers("Product", "update")))


def test_an_unknown_topic_has_no_intent():
    """Shopify may send what we never asked for; that is not an error."""
    assert intent(delivery("orders/create", {"id": 1})) is None


@pytest.mark.parametrize("topic", ["products/create", "products/update", "products/delete"])
def test_a_number_alone_is_enough_for_a_product(topic):
    """A subscription may include `id` only, and a deletion has nothing else."""
    assert "gid://shopify/Product/7" == intent(delivery(topic, {"id": 7})).product_id


@pytest.mark.parametrize("topic", ["products/create", "products/update", "products/delete"])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": None},
        {"id": "7"},
        {"id": True},
        {"id": 0},
        {"id": -7},
        {"id": 7.0},
        {"id": 10**30},
        {"id": [7]},
        {"admin_graphql_api_id": "gid://shopify/ProductVariant/7"},
        {"admin_graphql_api_id": "gid://shopify/Product/7\n"},
        {"admin_graphql_api_id": "gid://shopify/Product/٧"},
        {"admin_graphql_api_id": "\ud800"},
        {"query_variables": ["productId"]},
        {"query_variables": {"productId": 7}},
    ],
    ids=ascii,
)
def test_a_product_without_an_id_is_refused(topic, body):
    """What we cannot look up we must not record as work."""
    with pytest.raises(BadDelivery, match=f"^{topic} without a product id$"):
        intent(delivery(topic, body))


@pytest.mark.parametrize(
    "current",
    [None, "write_products", [1], ["write_products", None], ["write products"], ["\ud800"], {"write_products": True}],
    ids=ascii,
)
def test_scopes_are_a_list_of_words(current):
    """Read as "no scopes", a malformed list would stop a shop that is well."""
    with pytest.raises(BadDelivery, match="without a list of the current scopes"):
        intent(delivery("app/scopes_update", {"current": current}))


def test_all_scopes_may_be_gone():
    """An empty list is an answer."""
    assert ScopesChanged(scopes=()) == intent(delivery("app/scopes_update", {"current": []}))


@pytest.mark.parametrize("topic", ["customers/data_request", "customers/redact"])
def test_a_customer_s_data_stays_outside(topic):
    """What we do not keep we need not erase."""
    kept = intent(delivery(topic, sample(topic))).model_dump_json()

    assert "john@example.com" in sample(topic).decode()
    assert {"kind", "request"} == json.loads(kept).keys()
