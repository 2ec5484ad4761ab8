"""Whatever is sent, the door answers in its own words: never a 500."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.webhooks.conftest import SECRET, SHOP, FakeInbox, door
from webhooks.signature import sign
from webhooks.topics import READERS

CLIENT = door(FakeInbox())  # its inbox fills up; nothing here depends on what was there before

ANY_HEADER = st.text(st.characters(max_codepoint=0xFF), max_size=60) | st.text(max_size=20)
HEADERS = {
    "HTTP_X_SHOPIFY_TOPIC": st.sampled_from([*READERS, "orders/create", "Product"]),
    "HTTP_X_SHOPIFY_SHOP_DOMAIN": st.just(SHOP),
    "HTTP_X_SHOPIFY_WEBHOOK_ID": st.uuids().map(str),
    "HTTP_X_SHOPIFY_EVENT_ID": st.uuids().map(str),
    "HTTP_X_SHOPIFY_API_VERSION": st.just("2026-10"),
    "HTTP_X_SHOPIFY_TRIGGERED_AT": st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    "HTTP_SHOPIFY_TOPIC": st.sampled_from(["Product", "Customer", "products/update"]),
    "HTTP_SHOPIFY_ACTION": st.sampled_from(["create", "update", "delete", "redact"]),
    "CONTENT_TYPE": st.sampled_from(["application/json", "multipart/form-data; boundary=x", "text/xml"]),
    "HTTP_CONTENT_ENCODING": st.sampled_from(["gzip", "identity"]),
}
ENVIRONS = st.fixed_dictionaries({}, optional={name: usual | ANY_HEADER for name, usual in HEADERS.items()})

SURROGATES = st.text(st.characters(categories=["Cs", "Ll", "Cc"]), max_size=10)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | SURROGATES
KEYS = st.sampled_from(["id", "admin_graphql_api_id", "query_variables", "productId", "current"]) | SURROGATES
VALUES = st.recursive(LEAVES, lambda each: st.lists(each, max_size=4) | st.dictionaries(KEYS, each, max_size=4))
BODIES = VALUES.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=200)


def knock(body, environ):
    return CLIENT.post("/webhooks", data=body, environ_overrides=environ).status_code


@settings(max_examples=150, deadline=None, database=None)
@given(body=BODIES, environ=ENVIRONS)
@example(body=rb'{"\ud800": 1}', environ={})
@example(body=b"{}", environ={"HTTP_X_SHOPIFY_API_VERSION": "\udcff"})
def test_a_signed_request_is_taken_or_refused_in_words(body, environ):
    """Behind the signature stands a parser, and a secret can leak."""
    signed = {"HTTP_X_SHOPIFY_HMAC_SHA256": sign(body, SECRET).decode()}
    usual = {"HTTP_X_SHOPIFY_TOPIC": "products/update", "HTTP_X_SHOPIFY_SHOP_DOMAIN": SHOP}

    assert knock(body, usual | {"HTTP_X_SHOPIFY_WEBHOOK_ID": "1"} | environ | signed) in {200, 400}


@settings(max_examples=100, deadline=None, database=None)
@given(body=BODIES, environ=ENVIRONS, signature=st.none() | ANY_HEADER)
def test_an_unsigned_request_is_never_let_in(body, environ, signature):
    """The whole internet can send these."""
    given_signature = {} if signature is None else {"HTTP_X_SHOPIFY_HMAC_SHA256": signature}

    assert 401 == knock(body, environ | given_signature)


@settings(max_examples=100, deadline=None, database=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "OPTIONS"]),
    environ=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("HTTP_HOST", "CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_COOKIE"), ANY_HEADER)
    ),
)
def test_the_plumbing_of_http_may_be_broken(method, environ):
    """A length that is no number, a host that is no name: scanners send them all day."""
    status = CLIENT.open("/webhooks", method=method, data=b"{}", environ_overrides=environ).status_code

    assert status in {400, 401, 405, 413}
