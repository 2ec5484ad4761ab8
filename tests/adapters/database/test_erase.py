"""A store that has left leaves no trace but what it cost; and of anybody's customers there never was one."""

import json

import pytest
import sqlalchemy as sa

from shopify_imagegen.adapters.database.erase import SqlErase
from shopify_imagegen.adapters.database.inbox import SqlInbox
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.tables import Utc, metadata, purchases
from shopify_imagegen.models import PurchaseState
from tests.webhooks.conftest import classic_headers, door, sample
from webhooks.signature import sign
from webhooks.topics import READERS

from .story import NOW, OTHER_SHOP, SHOP, purchase

OF_NO_SHOP = {
    "workers": "ids of our processes",
    "meters": "counts and durations of all stores together",
}
PLAIN = {"day": "2026-11-22", "request_id": "req-1", "state": "paid", "trigger": "person", "decision": None}
SECRET = "shpss_erase"


def rows_about(shop):
    """A row of every table, with the shop's domain wherever one may be."""
    counted = [["all", "2026-11"], [f"shop:{shop}", "2026-11"]]
    own = {"shop": shop, "domain": shop, "scope": f"shop:{shop}", "counted": counted} | PLAIN
    for table in metadata.sorted_tables:
        if table.name not in OF_NO_SHOP:
            row = {column.name: own.get(column.name, value(column, shop)) for column in table.c if fills(column)}
            yield table, row | ({"state": "uninstalled"} if table.name == "shops" else {})


def fills(column):
    return not (column.name == "id" and isinstance(column.type, sa.Integer))


def value(column, shop):
    kinds = {
        Utc: NOW,
        sa.JSON: {"about": shop},
        sa.Boolean: True,
        sa.Integer: 1,
        sa.Float: 1.0,
        sa.LargeBinary: shop.encode(),
    }
    found = next((made for kind, made in kinds.items() if isinstance(column.type, kind)), None)
    return f"{shop}/row" if found is None else found


def everything(database):
    """Every value of every row, as text, by table."""
    with database.read() as connection:
        return {
            table.name: [repr(tuple(row)) for row in connection.execute(sa.select(table)).all()]
            for table in metadata.sorted_tables
        }


@pytest.fixture
def two_shops(database):
    with database.write() as connection:
        for shop in (SHOP, OTHER_SHOP):
            for table, row in rows_about(shop):
                connection.execute(sa.insert(table).values(row))
    return database


def test_every_row_of_the_shop_goes_from_every_table(two_shops):
    """A table that is added later is in this test by itself."""
    erased = SqlErase(two_shops).shop(SHOP)

    left = {table: [row for row in rows if SHOP in row] for table, rows in everything(two_shops).items()}
    assert {} == {table: rows for table, rows in left.items() if rows}
    assert set(metadata.tables) - set(OF_NO_SHOP) == set(erased) | {"spool"}


def test_the_rows_of_others_stay(two_shops):
    """A thousand stores share these tables."""
    before = {table: [row for row in rows if OTHER_SHOP in row] for table, rows in everything(two_shops).items()}
    SqlErase(two_shops).shop(SHOP)

    after = {table: [row for row in rows if OTHER_SHOP in row] for table, rows in everything(two_shops).items()}
    assert before == after


def test_what_was_paid_stays_in_the_books(two_shops):
    """The provider's invoice must still add up: amount, day, outcome and the provider's own number."""
    with two_shops.read() as connection:
        total = connection.scalar(sa.select(sa.func.sum(purchases.c.cost_microusd)))
    SqlErase(two_shops).shop(SHOP)

    with two_shops.read() as connection:
        (row,) = connection.execute(sa.select(purchases).where(purchases.c.shop != OTHER_SHOP)).mappings()
        assert total == connection.scalar(sa.select(sa.func.sum(purchases.c.cost_microusd)))
    assert ("2026-11-22", "req-1", [["all", "2026-11"]]) == (row["day"], row["request_id"], row["counted"])
    assert ("", "", None, None) == (row["product_id"], row["job_id"], row["receipt"], row["reason"])
    assert row["shop"].startswith("erased:")


def test_erasing_again_finds_nothing(two_shops):
    """Shopify repeats what it was not sure of."""
    SqlErase(two_shops).shop(SHOP)

    assert {} == SqlErase(two_shops).shop(SHOP)


def test_many_rows_go_in_small_steps(database, monkeypatch):
    """A store of years must not lock the others out."""
    monkeypatch.setattr("shopify_imagegen.adapters.database.erase.BATCH", 3)
    with database.write() as connection:
        for number in range(8):
            row = purchase(number, state=PurchaseState.PAID).model_dump()
            connection.execute(
                sa.insert(purchases).values(row | {"counted": [["all", "2026-11"]], "day": "2026-11-22"})
            )

    assert {"purchases": 8} == SqlErase(database).shop(purchase(1).shop)
    with database.read() as connection:
        assert 1 == connection.scalar(sa.select(sa.func.count(purchases.c.shop.distinct())))


def test_a_store_that_comes_back_may_buy_with_its_old_keys(database, clock):
    """Its rows are gone: a key that was still taken would be a picture that never comes."""
    ledger, first = SqlLedger(database, clock), purchase(1)
    ledger.reserve(first, [])
    SqlErase(database).shop(first.shop)

    assert ledger.find(first.key) is None
    assert ledger.reserve(first, []) is None


# Customers


CUSTOMER = ("customer", "email", "phone", "address", "first_name", "last_name", "order", "birth", "ip_")


def test_no_column_is_about_customers():
    """We hold nothing about them, so there is nothing to hand out and nothing to erase."""
    columns = [f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.c]

    assert [] == [name for name in columns if any(word in name for word in CUSTOMER)]


def test_nothing_that_shopify_tells_of_customers_is_kept(database, clock):
    """Every topic's recorded delivery comes in; its people are in none of our tables."""
    client = door(SqlInbox(database, clock), secrets=(SECRET,))
    told = set()
    for number, topic in enumerate(READERS):
        body = sample(topic)
        told |= personal(json.loads(body))
        fresh = {"X-Shopify-Webhook-Id": f"delivery-{number}", "X-Shopify-Hmac-Sha256": sign(body, SECRET).decode()}
        assert 200 == client.post("/webhooks", data=body, headers=classic_headers(topic) | fresh).status_code

    kept = " ".join(row for rows in everything(database).values() for row in rows)
    assert len(told) > 3, "the samples tell of people"
    assert set() == {each for each in told if each in kept}


def personal(body):
    """Who a body tells of: the values under `customer`, and orders."""
    people = body.get("customer") or {}
    orders = [*body.get("orders_requested", ()), *body.get("orders_to_redact", ())]
    return {str(each) for each in [*people.values(), *orders]}
