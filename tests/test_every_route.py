"""Every route of the real door, those to come too: strangers get nothing, and a store sees and changes its own only.

The routes are read from the door itself. Two stores are in the database; what belongs to the first is marked in every
text, and nothing of it may be seen or changed by anybody who is not of that store.
"""

import io
import itertools
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from shopify_imagegen.adapters.database.tables import metadata
from shopify_imagegen.buckets import Buckets
from shopify_imagegen.models import Shop, ShopToken
from shopify_imagegen.sandbox.server import running
from shopify_imagegen.sandbox.shop.session_tokens import session_token
from shopify_imagegen.settings import parse
from shopify_imagegen.wiring import House, utc_now
from tests.adapters.database.test_erase import OF_NO_SHOP, fills, value
from tests.end_to_end.house import QUICK, SETTINGS
from tests.fakes import brief, empty_tables
from webhooks.doorway import door

THEIRS, OURS = "their-lamps.myshopify.com", "our-bags.myshopify.com"
MARK = "unspeakable"  # in every text of the other store
NUMBER = 4711
CLIENT = {"client_id": "sandbox-client-id", "secret": "sandbox-client-secret"}

PUBLIC = {
    "webhooks.receive": "a webhook is signed with the app's secret; the topic's own tests forge it",
    "flow.generate": "so is a run of Shopify Flow",
    "vitals.healthz": "says that the process lives",
    "vitals.readyz": "says which part does not work",
    "vitals.metrics": "counts; names the domains, and only to the inside or to `app.metrics_token`",
    "install.begin": "leads to Shopify's own page",
    "install.finish": "what comes back is signed by Shopify",
    "gate.fresh": "the page on which App Bridge gets a token; it holds nothing",
    "admin.static": "style and script, the same for everybody",
}

IDS = {  # of the other store, in the words of any route that is asked for one
    "image": f"{MARK}-image",
    "job": f"{MARK}-job",
    "hold": f"{MARK}-hold",
    "backfill": f"{MARK}-backfill",
    "delivery": f"{MARK}-delivery",
    "file": "gid://shopify/MediaImage/4711",
    "gid": f"gid://shopify/Product/{NUMBER}",
    "number": str(NUMBER),
    "version": "1",
}
OWN_COLUMNS = {
    "images": {"id": IDS["image"], "job_id": IDS["job"], "state": "staged", "brief": None},
    "jobs": {"id": IDS["job"], "state": "awaiting_review", "trigger": "person"},
    "purchases": {"key": IDS["image"], "job_id": IDS["job"], "state": "unknown", "receipt": None, "decision": None},
    "holds": {"id": IDS["hold"], "state": "open"},
    "watched_products": {"hold_id": IDS["hold"]},
    "backfills": {"id": IDS["backfill"], "state": "planned", "on_change": "replan"},
    "backfill_items": {"backfill_id": IDS["backfill"]},
    "deliveries": {"id": IDS["delivery"], "intent": None},
    "our_media": {"media_id": IDS["file"], "image_id": IDS["image"]},
    "spool": {"key": IDS["image"]},
    "shop_settings": {"version": 1, "document": {"prompts": {"style": {"look": MARK}}}},
}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Ours, over a sandbox, with two stores in it."""
    folder = tmp_path_factory.mktemp("every-route")
    (folder / "imagegen.db").write_bytes(empty_tables())
    with running(QUICK) as sandbox:
        house = House(parse(SETTINGS.format(folder=folder, sandbox=sandbox.base_url), {}), waits=0.01)
        house.callers = house.visitors = Buckets(per_minute=10**6, at_once=10**6)  # the pace has tests of its own
        write_rows(house.database, THEIRS)
        house.shops.save(Shop(domain=OURS, grant="static", installed_at=utc_now()))
        house.shops.save_token(OURS, ShopToken(access=sandbox.tokens.mint(OURS).value), [])
        yield house
        house.shopify.close()
        house.database.close()


@pytest.fixture(scope="module")
def app(house):
    return door(house)


def write_rows(database, shop):
    """A row of every table that stores have."""
    plain = {
        "trigger": "person",
        "shop": shop,
        "domain": shop,
        "scope": f"shop:{shop}",
        "product_id": IDS["gid"],
        "grant": "static",
    }
    with database.write() as connection:
        for table in metadata.sorted_tables:
            if table.name in OF_NO_SHOP:
                continue
            own = OWN_COLUMNS.get(table.name, {})
            if table.name == "images":
                own = own | {"brief": brief(prompt=MARK, alt=MARK).model_dump(mode="json")}
            row = {column.name: value(column, MARK) for column in table.c if fills(column)}
            if table.name == "shops":
                own = {"state": "active", "token_sealed": None, "refresh_sealed": None, "scopes": []}
            known = {name: each for name, each in (plain | own).items() if name in table.c}
            connection.execute(sa.insert(table).values(row | known))


def their_rows(house):
    """All that the other store has, as it is now."""
    with house.database.read() as connection:
        rows = [
            (table.name, repr(row)) for table in metadata.sorted_tables for row in connection.execute(sa.select(table))
        ]
    return [row for row in rows if MARK in row[1] or THEIRS in row[1]]


def requests_to(rule):
    """Every way in which a route may be asked for what the other store has: (method, path)."""
    names = sorted(rule.arguments)
    converters = [rule._converters[name] for name in names]
    given = [_candidates(converter) for converter in converters]
    for values in itertools.product(*given):
        with_values = dict(zip(names, values, strict=True))
        built = rule.build(with_values, append_unknown=False)
        if built:
            yield from ((method, built[1]) for method in sorted(rule.methods - {"HEAD"}))


def _candidates(converter):
    """Ids of the other store, as far as the route takes them."""
    if hasattr(converter, "items"):
        return list(converter.items)
    if type(converter).__name__ == "IntegerConverter":
        return [NUMBER, 1]
    is_one_part = type(converter).__name__ == "UnicodeConverter"
    return [each for each in IDS.values() if not (is_one_part and "/" in each)]


def walk(app, *, public=False):
    for rule in app.url_map.iter_rules():
        if (rule.endpoint in PUBLIC) == public:
            yield from ((rule, method, path) for method, path in requests_to(rule))


def test_every_public_route_is_known_by_name(app):
    """A new one is behind the gate, unless it is written down here with its reason."""
    assert set() == set(PUBLIC) - {rule.endpoint for rule in app.url_map.iter_rules()}
    assert all(len(reason) > 10 for reason in PUBLIC.values())


NOBODY = {
    "no token": {},
    "garbage": {"Authorization": "Bearer a.b.c"},
    "over": {"Authorization": f"Bearer {session_token(THEIRS, **CLIENT, at=1_700_000_000)}"},
    "another app's": {"Authorization": f"Bearer {session_token(THEIRS, **CLIENT | {'client_id': 'other'})}"},
    "forged": {"Authorization": f"Bearer {session_token(THEIRS, **CLIENT | {'secret': 'forged'})}"},
}


@pytest.mark.parametrize("headers", NOBODY.values(), ids=NOBODY.keys())
def test_a_stranger_gets_nothing_from_any_route(app, house, headers):
    """Whatever is asked for, and however: 401, and not a word of the store."""
    client, before, asked = app.test_client(), their_rows(house), 0
    for rule, method, path in walk(app):
        if method == "OPTIONS":
            continue
        answer = client.open(path, method=method, headers=headers, json={} if method != "GET" else None)
        assert 401 == answer.status_code, f"{method} {path} ({rule.endpoint})"
        assert MARK not in answer.text
        asked += 1

    assert asked > 40
    assert before == their_rows(house)


def test_a_strangers_document_is_sent_to_get_a_token_and_no_further(app):
    """As Shopify's admin opens it: no token yet, or one that is over."""
    client = app.test_client()
    for rule, method, path in walk(app):
        if method == "GET" and not rule.endpoint.startswith("api."):
            answer = client.get(path, query_string={"embedded": "1", "shop": THEIRS}, headers={"Accept": "text/html"})
            assert (302, True) == (answer.status_code, answer.headers["Location"].startswith("/session-token?")), path
            assert MARK not in answer.text.replace(quote(path, safe=""), ""), "more than what was asked for"


def test_no_method_list_tells_anything(app):
    """Browsers ask for it without a token."""
    client = app.test_client()
    for rule, method, path in walk(app):
        if method == "OPTIONS":
            answer = client.options(path)
            assert answer.status_code < 500, f"{path} ({rule.endpoint})"
            assert MARK not in answer.text


BODIES = {
    "form": lambda: {"data": {**named(), "ids": IDS["gid"]}},
    "json": lambda: {"json": {**named(), "ids": [IDS["gid"]]}},
    "empty": lambda: {"json": {}},
    "upload": lambda: {"data": {**named(), "file": (io.BytesIO(b"x"), "x.jpg")}},
}


def named():
    """Their ids under every name that a form may have for them."""
    return {
        "image": IDS["image"],
        "job": IDS["job"],
        "product": IDS["gid"],
        "product_id": IDS["gid"],
        "key": IDS["image"],
    }


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_another_stores_token_opens_nothing(app, house, body):
    """With a good token of one store, the ids of the other are not found: never seen, never changed, never a crash."""
    client, before, asked = app.test_client(), their_rows(house), set()
    headers = {"Authorization": f"Bearer {session_token(OURS, **CLIENT)}"}
    for rule, method, path in walk(app):
        if method == "OPTIONS":
            continue
        answer = client.open(path, method=method, headers=headers, **({} if method == "GET" else body()))
        told = answer.text.replace(path, "")
        assert answer.status_code < 500, f"{method} {path} ({rule.endpoint}): {answer.text[:300]}"
        assert answer.status_code >= 300 or MARK not in told, f"{method} {path} ({rule.endpoint}): {told[:2000]}"
        asked.add(rule.endpoint)

    assert {rule.endpoint for rule, _, _ in walk(app)} == asked
    assert before == their_rows(house)


def test_public_routes_say_nothing_of_a_store(app, house):
    """Each is public for a reason; what a store has is none."""
    client, before = app.test_client(), their_rows(house)
    for rule, method, path in walk(app, public=True):
        answer = client.open(path, method=method, json={"shop": THEIRS} if method == "POST" else None)
        assert answer.status_code < 500 or rule.endpoint == "vitals.readyz", f"{method} {path}: {answer.status_code}"
        assert MARK not in answer.text.replace(path, ""), f"{method} {path}"

    assert before == their_rows(house)


def test_the_store_itself_sees_what_is_marked(app):
    """The walk would prove nothing if nobody could see it."""
    headers = {"Authorization": f"Bearer {session_token(THEIRS, **CLIENT)}"}
    client = app.test_client()
    answers = [client.get(path, headers=headers) for path in ("/review", "/attention", "/settings")]

    assert [200] * 3 == [answer.status_code for answer in answers]
    assert [True] * 2 == [MARK in answer.text for answer in answers[:2]]
