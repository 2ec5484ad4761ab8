"""Products, their gallery and its order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from .client import data_url, eventually


class Clock:
    """A clock that moves on one minute whenever it is read."""

    def __init__(self):
        self.at = datetime(2026, 11, 22, 10, tzinfo=UTC)

    def __call__(self):
        self.at += timedelta(minutes=1)
        return self.at


def titles(shop, **variables):
    return [node["title"] for node in shop.data("Products", **{"first": 50} | variables)["nodes"]]


def test_attach_and_detach(shop):
    """Publishing and rollback: the file itself stays."""
    product, file = shop.add_product(), shop.ready_file()

    assert [] == shop.update(file, referencesToAdd=[product["gid"]])
    assert [file] == shop.media(product)
    assert [] == shop.update(file, referencesToRemove=[product["gid"]])
    assert [] == shop.media(product)
    assert "READY" == shop.file(file)["status"]


def test_attaching_twice_shows_it_once(shop):
    """A repeated step must not double a picture."""
    product, file = shop.add_product(), shop.ready_file()
    for _ in range(2):
        shop.update(file, referencesToAdd=[product["gid"]])

    assert [file] == shop.media(product)


def test_many_at_once_lose_nothing(shop):
    """Two workers write to one product; the shop is one."""
    product = shop.add_product()
    files = [shop.ready_file() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        errors = list(pool.map(lambda file: shop.update(file, referencesToAdd=[product["gid"]]), files))

    assert [[]] * 8 == errors
    assert sorted(files) == sorted(shop.media(product))


def test_a_full_gallery_refuses(start, connect):
    """250 media in a real shop, 1 in this one."""
    shop = connect(start(media_per_product=1))
    product = shop.add_product()
    shop.update(shop.ready_file(), referencesToAdd=[product["gid"]])
    errors = shop.update(shop.ready_file(), referencesToAdd=[product["gid"]])

    assert ["PRODUCT_MEDIA_LIMIT_EXCEEDED"] == [error["code"] for error in errors]


def test_refused_references_leave_product_update(sandbox, shop):
    """If Shopify does not take images in referencesToAdd, the app has to fall back to productUpdate(media:)."""
    product, file = shop.add_product(), shop.ready_file()
    sandbox.faults.set("files.refuse_reference")

    errors = shop.update(file, referencesToAdd=[product["gid"]])
    assert ["UNSUPPORTED_FILE_REFERENCE"] == [error["code"] for error in errors]
    media = [{"originalSource": shop.file(file)["image"]["url"], "mediaContentType": "IMAGE", "alt": "A lamp"}]
    assert [] == shop.data("UpdateProduct", product={"id": product["gid"]}, media=media)["userErrors"]
    (added,) = shop.settled_media(product)
    assert added != file
    assert "A lamp" == shop.file(added)["alt"]


def test_product_update_appends_behind_what_is_there(shop):
    """The merchant's pictures keep their places."""
    product = shop.add_product(photos=[data_url()])
    before = shop.settled_media(product)
    media = [{"originalSource": shop.upload(), "mediaContentType": "IMAGE"}]
    shop.data("UpdateProduct", product={"id": product["gid"]}, media=media)

    assert before == shop.media(product)[:1]
    assert 2 == len(shop.media(product))


def test_product_update_edits(shop):
    """A merchant's edit, seen through the API."""
    product = shop.add_product(tags=["old"])
    shop.data(
        "UpdateProduct", product={"id": product["gid"], "title": "Elm lamp", "tags": ["a", "b"], "status": "DRAFT"}
    )
    facts = shop.data("Facts", id=product["gid"])

    assert ("Elm lamp", ["a", "b"], "DRAFT") == (facts["title"], facts["tags"], facts["status"])


def test_product_update_errors_have_no_code(shop):
    """`UserError` has none; a client that reads `code` would fail on the real schema."""
    gone = shop.data("UpdateProduct", product={"id": "gid://shopify/Product/1"}, media=[])

    assert gone["product"] is None
    assert "code" not in gone["userErrors"][0]
    assert shop.ask("mutation { productUpdate(product: {}) { userErrors { code } } }")["errors"]


def test_reordering_takes_a_job(start, connect):
    """The order is not what was asked for until the job is done."""
    shop = connect(start(job_delay_s=1.0))
    product = shop.add_product(photos=[data_url(), data_url(), data_url()])
    first, second, third = shop.settled_media(product)
    payload = shop.data("Reorder", id=product["gid"], moves=[{"id": third, "newPosition": "1"}])

    assert [first, second, third] == shop.media(product)
    eventually(lambda: shop.data("Job", id=payload["job"]["id"])["done"])
    assert [first, third, second] == shop.media(product)


def test_a_stranger_cannot_be_moved(shop):
    """Only media of the product have a position."""
    product, file = shop.add_product(), shop.ready_file()
    payload = shop.data("Reorder", id=product["gid"], moves=[{"id": file, "newPosition": "0"}])

    assert "MEDIA_DOES_NOT_EXIST_ON_PRODUCT" == payload["mediaUserErrors"][0]["code"]
    assert payload["job"] is None


def test_media_changes_move_updated_at(start, connect):
    """Reconciliation asks for products by `updated_at`; a media change it cannot see would be lost."""
    shop = connect(start({"now": Clock()}))
    product, file = shop.add_product(), shop.ready_file()
    stamps = [shop.data("Facts", id=product["gid"])["updatedAt"]]
    for change in ({"referencesToAdd": [product["gid"]]}, {"alt": "A"}, {"referencesToRemove": [product["gid"]]}):
        shop.update(file, **change)
        stamps.append(shop.data("Facts", id=product["gid"])["updatedAt"])

    assert sorted(set(stamps)) == stamps


def test_pages_hold_every_product_once(shop):
    """A backfill walks the shop by cursor."""
    for n in range(5):
        shop.add_product(f"Lamp {n}")
    pages, after = [], None
    for _ in range(3):
        page = shop.data("Products", first=2, after=after)
        pages.append(([node["title"][-1] for node in page["nodes"]], page["pageInfo"]["hasNextPage"]))
        after = page["pageInfo"]["endCursor"]

    assert [(["0", "1"], True), (["2", "3"], True), (["4"], False)] == pages


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status:active", ["Oak lamp"]),
        ("status:draft,archived", ["Elm table"]),
        ("tag:'living room'", ["Oak lamp"]),
        ("product_type:Table", ["Elm table"]),
        ("vendor:nord", ["Oak lamp", "Elm table"]),
        ("oak", ["Oak lamp"]),
        ("title:elm*", ["Elm table"]),
        ("created_at:>'2026-11-22T11:00:00Z'", []),
        ("updated_at:>2026-11-22", ["Oak lamp", "Elm table"]),
        ("status:active OR (product_type:table AND vendor:nord)", ["Oak lamp", "Elm table"]),
        ("NOT vendor:nord", []),
    ],
)
def test_products_are_filtered(start, connect, query, found):
    """The backfill's and the reconciliation's questions."""
    shop = connect(start({"now": Clock()}))
    shop.add_product("Oak lamp", vendor="Nord", tags=["living room"])
    shop.add_product("Elm table", vendor="Nord", status="DRAFT", product_type="Table")

    assert found == titles(shop, query=query)


def test_products_are_sorted(shop):
    """By title as by id."""
    for title in ("b", "a"):
        shop.add_product(title)

    assert [["b", "a"], ["a", "b"]] == [titles(shop), titles(shop, sortKey="TITLE")]


def test_a_search_that_cannot_be_read_is_an_error(shop):
    """Rather than the whole shop."""
    shop.add_product()
    for query in ("created_at:>yesterday", "(status:active", "title:'oak"):
        answer = shop.ask("Products", first=1, query=query)

        assert "Invalid search" in answer["errors"][0]["message"]


def test_a_product_is_found_by_its_handle(shop):
    """What `generate PRODUCT` on the command line asks."""
    shop.add_product("Oak lamp, 45 cm")

    assert {"title": "Oak lamp, 45 cm"} == shop.data("ByHandle", handle="oak-lamp-45-cm")
    assert shop.data("ByHandle", handle="none") is None


def test_options_and_collections_are_told(shop):
    """The plan reads colours and rooms from them."""
    product = shop.add_product(options=[["Colour", ["Oak", "Black"]]], collections=["Living room"])
    facts = shop.data("Facts", id=product["gid"])

    assert [{"name": "Colour", "optionValues": [{"name": "Oak"}, {"name": "Black"}]}] == facts["options"]
    assert [{"title": "Living room"}] == facts["collections"]["nodes"]
