"""The Admin API's manners: tokens, scopes, invalid documents, cost and throttling."""

import pytest
from graphql import parse
from graphql.execution.values import get_variable_values

from shopify_imagegen.sandbox.shop.cost import Bucket, Meter
from shopify_imagegen.sandbox.shop.schema import schema

from .client import documents

SHOP_NAME = "{ shop { name } }"


@pytest.mark.parametrize("token", ["", "shpat_unknown"])
def test_an_unknown_token_is_401(shop, token):
    """The app tells a revoked token from a broken request by this answer alone."""
    response = shop.http.post(
        f"/shops/{shop.shop}/admin/api/2026-10/graphql.json",
        json={"query": SHOP_NAME},
        headers={"X-Shopify-Access-Token": token},
    )

    assert 401 == response.status_code
    assert response.json()["errors"].startswith("[API] Invalid API key or access token")


def test_a_token_opens_one_shop_only(sandbox, shop, connect):
    """Tenants must never mix: the sandbox refuses what Shopify refuses."""
    other = connect(sandbox, "other.myshopify.com")

    assert 401 == other.post(SHOP_NAME, token=shop.token).status_code


def test_the_version_that_answered_is_named(shop):
    """Shopify falls forward silently; the header is the only trace."""
    assert "2026-10" == shop.post(SHOP_NAME).headers["X-Shopify-API-Version"]


def test_a_name_that_is_no_shop_is_404(shop):
    """A domain that Shopify cannot have must not become a shop."""
    response = shop.http.post("/shops/evil.example.com/admin/api/2026-10/graphql.json", json={"query": SHOP_NAME})

    assert 404 == response.status_code


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ shop { nickname } }", {}),
        ("{ shop { name ", {}),
        ("query A($id: ID!) { product(id: $id) { id } }", {}),
        ('mutation { fileDelete(fileIds: ["x"], force: true) { deletedFileIds } }', {}),
        ("query A($id: Int!) { product(id: $id) { id } }", {"id": 1}),
    ],
    ids=["undefined field", "syntax", "missing variable", "undefined argument", "wrong variable type"],
)
def test_an_invalid_document_is_200_with_errors(shop, query, variables):
    """A document that Shopify refuses has to fail here too."""
    response = shop.post(query, variables)

    assert 200 == response.status_code
    assert response.json()["errors"][0]["message"]
    assert "data" not in response.json()


def test_a_number_is_no_unsigned_int64(shop):
    """`newPosition: 0` works in no real shop; it is a JSON string."""
    moves = [{"id": "gid://shopify/MediaImage/1", "newPosition": 0}]

    assert shop.ask("Reorder", id="gid://shopify/Product/1", moves=moves)["errors"]


@pytest.mark.parametrize(
    ("scopes", "document", "variables"),
    [
        (("write_files",), "UpdateProduct", {"product": {"id": "gid://shopify/Product/1"}}),
        (("write_products",), "CreateFiles", {"files": []}),
        (("read_files", "write_products"), "DeleteFiles", {"ids": []}),
        (("write_files",), "ByHandle", {"handle": "oak"}),
        (("write_products",), "Files", {}),
    ],
)
def test_a_missing_scope_is_access_denied(sandbox, connect, scopes, document, variables):
    """The app must name the scope that a merchant has to grant."""
    answer = connect(sandbox, scopes=scopes).ask(document, **variables)

    assert "ACCESS_DENIED" == answer["errors"][0]["extensions"]["code"]


def test_write_implies_read(sandbox, connect):
    """Shopify's `write_products` may read products."""
    assert connect(sandbox, scopes=("write_products",)).data("ByHandle", handle="oak") is None


def test_more_than_250_items_are_refused(shop):
    """Backfills would otherwise learn of the limit from a merchant."""
    answer = shop.ask("Nodes", ids=["gid://shopify/Product/1"] * 251)

    assert "MAX_INPUT_SIZE_EXCEEDED" == answer["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    ("query", "variables", "points"),
    [
        ("{ products(first: 50) { nodes { id mediaCount { count } } pageInfo { hasNextPage } } }", {}, 2 + 50 * 2),
        (documents()["Nodes"], {"ids": ["a"] * 10}, 30),
        (documents()["Stage"], {"input": []}, 13),
        (documents()["Reorder"], {"id": "a", "moves": []}, 12),
        ("query A($n: Int = 7) { files(first: $n) { nodes { id } } }", {}, 2 + 7),
        ("{ shop { name } }", {}, 1),
    ],
    ids=["connection", "dearest type of each id", "lists count once", "mutation", "default of a variable", "object"],
)
def test_the_historic_formula(query, variables, points):
    """These are the values of the researched table: the app's own estimate is checked against them."""
    document = parse(query)
    operation = document.definitions[0]
    coerced = get_variable_values(schema(), operation.variable_definitions, variables)

    assert points == Meter(schema(), document, operation, coerced).requested()


def test_what_was_not_used_is_refunded(shop):
    """An app that budgets by requested cost would crawl."""
    cost = shop.ask("Products", first=100)["extensions"]["cost"]

    assert 102 == cost["requestedQueryCost"]
    assert 2 == cost["actualQueryCost"]
    assert cost["throttleStatus"]["currentlyAvailable"] >= 1998


def test_an_empty_bucket_throttles_with_200_and_no_data(start, connect):
    """THROTTLED does not look like an error to HTTP; the client has to read it."""
    shop = connect(start(bucket_points=20.0, restore_points_per_s=0.0))
    answer = shop.ask("Products", first=50)

    assert "THROTTLED" == answer["errors"][0]["extensions"]["code"]
    assert "data" not in answer
    assert {"maximumAvailable": 20.0, "currentlyAvailable": 20, "restoreRate": 0.0} == (
        answer["extensions"]["cost"]["throttleStatus"]
    )


def test_a_bucket_fills_up_again():
    """2 points a second: after three seconds there are six, never more than its size."""
    now = [0.0]
    bucket = Bucket(10.0, 2.0, clock=lambda: now[0])

    assert bucket.take(10)
    assert not bucket.take(1)
    now[0] = 3.0
    assert 6 == bucket.status()["currentlyAvailable"]
    now[0] = 300.0
    assert 10 == bucket.status()["currentlyAvailable"]


def test_a_query_over_1000_points_never_runs(shop):
    """Whatever the plan, Shopify refuses it."""
    query = "{ products(first: 250) { nodes { media(first: 5) { nodes { id } } } } }"

    assert "MAX_COST_EXCEEDED" == shop.ask(query)["errors"][0]["extensions"]["code"]


def test_a_page_must_have_a_size(shop):
    """`first` or `last` is not optional, though the schema says so."""
    assert "first or last" in shop.ask("{ products { nodes { id } } }")["errors"][0]["message"]
