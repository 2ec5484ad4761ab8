"""Every route of the real app, under anything that a client can send: never a 500, never a cookie, headers always.

The house is real, its neighbours are away. `make fuzz` tries many more.
"""

import json
import os
import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.models import Shop
from shopify_imagegen.sandbox.shop.session_tokens import session_token
from shopify_imagegen.settings import parse
from shopify_imagegen.wiring import House, utc_now
from webhooks.doorway import door
from webhooks.signature import sign

SHOP, SECRET, CLIENT_ID = "nice-lamps.myshopify.com", "shpss_secret", "the-client-id"
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "4"))  # of each route, method and caller
NOBODY = "http://127.0.0.1:1"
ENVIRONMENT = {
    "SHOPIFY__CLIENT_ID": CLIENT_ID,
    "SHOPIFY__CLIENT_SECRET": SECRET,
    "SHOPIFY__BASE_URL": NOBODY,
    "SHOPIFY__TIMEOUT_S": "1",
    "PROVIDER__GETIMG__BASE_URL": NOBODY,
}

WORDS = ["ids", "note", "scene", "count", "reason", "product_id", "page", "query"]
PASSES = ["shop", "hmac", "state", "code", "host", "id_token", "embedded", "shopify-reload"]
KINDS = ["application/json", "text/html", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
USUAL = ["Accept", "Origin", "Host", "Cookie", "Range", "Idempotency-Key", "X-Forwarded-For", "Sec-Fetch-Dest"]
THEIRS = ["X-Shopify-Shop-Domain", "X-Shopify-Topic", "Accept-Language", "If-Modified-Since", "Content-Encoding"]
IDS = ["..", "%2e%2e", "gid:%2F%2Fshopify%2FProduct%2F1", "gid://shopify/Product/1", "a" * 300, "1"]

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40)
NAMES = st.sampled_from([*WORDS, *PASSES]) | st.text(max_size=8)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(IDS)
VALUES = st.recursive(LEAVES, lambda each: st.lists(each, max_size=4) | st.dictionaries(NAMES, each, max_size=4))
BODIES = VALUES.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=300)
PARTS = st.integers(0, 10**20).map(str) | st.sampled_from(IDS) | TEXT
HEADERS = st.dictionaries(st.sampled_from(["Content-Type", *USUAL, *THEIRS]), TEXT | st.sampled_from(KINDS), max_size=4)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    places = {"APP__DATA_DIR": str(folder), "DATABASE__URL": f"sqlite:///{folder}/imagegen.db"}
    house = House(parse("", {f"IMAGEGEN__{key}": value for key, value in (ENVIRONMENT | places).items()}))
    migrate(house.database)
    scopes = ("write_products", "write_files")
    house.shops.save(Shop(domain=SHOP, grant="static", installed_at=utc_now(), scopes=scopes))
    yield door(house)
    house.database.close()


@pytest.mark.parametrize("caller", ["stranger", "forged", "signed in"])
def test_no_route_breaks(app, caller):
    """Scanners, old clients, and people who try things."""
    client, tried = app.test_client(), []
    rules = list(app.url_map.iter_rules())
    for rule in rules:
        for method in sorted(rule.methods - {"HEAD"}):
            bombard(client, rule, method, caller, tried)

    print(f"{caller}: {len(tried)} requests to {len(rules)} routes")
    assert len(tried) >= len(rules) * EXAMPLES


def bombard(client, rule, method, caller, tried):
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize="FUZZ_EXAMPLES" not in os.environ,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        path=st.fixed_dictionaries(dict.fromkeys(rule.arguments, PARTS)),
        query=st.dictionaries(NAMES, TEXT, max_size=4),
        headers=HEADERS,
        body=BODIES,
    )
    def one(path, query, headers, body):
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: in_path(path[found[1]]), rule.rule)
        environ = as_environ(headers | passes(caller, body))
        answer = client.open(address, method=method, query_string=query, data=body, environ_overrides=environ)
        judge(f"{method} {address}", answer)
        tried.append(address)

    one()


def in_path(text):
    """What would end the path is written so that it does not."""
    return text.replace("?", "%3F").replace("#", "%23")


def as_environ(headers):
    """Straight into WSGI: a client library would refuse to send some of it."""
    named = {name.upper().replace("-", "_"): value for name, value in headers.items()}
    return {name if name == "CONTENT_TYPE" else f"HTTP_{name}": value for name, value in named.items()}


def passes(caller, body):
    """What each kind of caller has in hand."""
    if caller == "stranger":
        return {}
    secret = SECRET if caller == "signed in" else "guessed"
    token = session_token(SHOP, client_id=CLIENT_ID, secret=secret)
    return {"Authorization": f"Bearer {token}", "X-Shopify-Hmac-Sha256": sign(body, secret).decode()}


def judge(request, answer):
    """A 503 is honest here: the neighbours are away."""
    assert answer.status_code < 500 or answer.status_code == 503, (request, answer.status_code, answer.text[:500])
    assert "Set-Cookie" not in answer.headers, request
    assert "nosniff" == answer.headers.get("X-Content-Type-Options"), request
    assert "Traceback" not in answer.text, request
    answer.close()


def test_every_answer_of_every_route_carries_the_headers(app):
    """Those of pages that somebody adds tomorrow too."""
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<(?:\w+:)?(\w+)>", "1", rule.rule)
        headers = client.get(address).headers

        assert "default-src 'none'" in headers["Content-Security-Policy"], address
        assert {"nosniff", "same-origin"} <= {headers["X-Content-Type-Options"], headers["Referrer-Policy"]}, address
