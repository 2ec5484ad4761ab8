"""The control API: what a merchant does, and what tests and the demo look at."""

import pytest

from shopify_imagegen.sandbox.server import running
from shopify_imagegen.sandbox.stock.catalogue import LISTINGS

from .client import data_url, eventually, jpeg

STOCK = LISTINGS[0].handle


def state(shop):
    return shop.control("GET", "state").json()["shops"][shop.shop]


def path(shop, product, rest=""):
    return f"shops/{shop.shop}/products/{product['id']}{rest}"


def test_the_state_shows_products_with_their_media_in_order(shop):
    """What every test of the whole product asserts on in the end."""
    product = shop.add_product("Oak lamp", photos=[data_url(), data_url()])
    shop.settled_media(product)
    (shown,) = state(shop)["products"]

    assert ("Oak lamp", "oak-lamp", "ACTIVE") == (shown["title"], shown["handle"], shown["status"])
    assert ["oak-lamp-1.jpg", "oak-lamp-2.jpg"] == [media["filename"] for media in shown["media"]]
    assert {("READY", "merchant")} == {(media["status"], media["made_by"]) for media in shown["media"]}


def test_the_state_counts_what_was_done(shop):
    """ "Nothing happened twice" is a number here."""
    product, file = shop.add_product(), shop.ready_file()
    shop.update(file, referencesToAdd=[product["gid"]])
    counts = state(shop)["counts"]

    assert (1, 1) == (counts["operations"]["CreateFiles"], counts["operations"]["UpdateFiles"])
    assert (1, 1) == (counts["effects"]["file created"], counts["effects"]["media attached"])


def test_photos_can_be_uploaded_as_a_form(shop):
    """The browser page does."""
    fields = {"title": "Oak lamp", "tags": "a, b"}
    files = [("photos", ("front.jpg", jpeg())), ("photos", ("back.jpg", jpeg()))]
    product = shop.control("POST", f"shops/{shop.shop}/products", data=fields, files=files).json()

    assert ["front.jpg", "back.jpg"] == [media["filename"] for media in product["media"]]
    assert ["a", "b"] == product["tags"]


def test_a_stock_product_can_be_added_in_a_word(shop):
    """The demo's first act; every other field overrides the stock's."""
    product = shop.add_product("A table of our own", stock=STOCK, photos=[f"{STOCK}#2"])

    assert ("A table of our own", STOCK) == (product["title"], product["handle"])
    assert [f"{STOCK}-2.jpg"] == [media["filename"] for media in product["media"]]


def test_seeds_were_there_before_the_app(shop):
    """No webhook, no waiting: a shop with a past, for backfills."""
    answer = shop.control("POST", "seed", json={"shop": shop.shop, "handles": [STOCK]})
    (product,) = state(shop)["products"]

    assert [product["id"]] == answer.json()["products"]
    assert {"READY"} == {media["status"] for media in product["media"]}
    assert shop.shop not in [delivery["shop"] for delivery in shop.control("GET", "deliveries").json()]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": " "},
        {"title": "A", "colour": "red"},
        {"title": "A", "status": "GONE"},
        {"title": "A", "photos": ["no-such-stock"]},
        {"title": "A", "photos": ["data:image/png;base64,%%%"]},
        {"title": "A", "photos": [f"{STOCK}#99"]},
    ],
)
def test_a_product_that_cannot_be_is_refused_in_words(shop, body):
    """Nothing is added, and the caller knows why."""
    response = shop.control("POST", f"shops/{shop.shop}/products", json=body)

    assert 400 == response.status_code
    assert response.json()["error"]
    assert [] == shop.data("Products", first=1)["nodes"]


def test_tags_may_be_one_text_and_status_in_any_case(shop):
    """As people and Shopify's own CSV write them."""
    product = shop.add_product(tags="a, b", status="draft")

    assert (["a", "b"], "DRAFT") == (product["tags"], product["status"])


def test_a_handle_is_given_once(shop):
    """Two products of one title are two addresses."""
    first, second = shop.add_product("Oak lamp"), shop.add_product("Oak lamp")
    taken = shop.control("PATCH", path(shop, second), json={"handle": first["handle"]})

    assert ("oak-lamp", "oak-lamp-1") == (first["handle"], second["handle"])
    assert 400 == taken.status_code


def test_a_merchant_edits_and_deletes(shop):
    """While the app is at work on the same product."""
    product = shop.add_product()
    edited = shop.control("PATCH", path(shop, product), json={"title": "Elm lamp", "status": "DRAFT"}).json()

    assert ("Elm lamp", "DRAFT") == (edited["title"], edited["status"])
    assert 204 == shop.control("DELETE", path(shop, product)).status_code
    assert 404 == shop.control("DELETE", path(shop, product)).status_code


def test_a_merchant_adds_removes_and_reorders_photos(shop):
    """What the app must respect when it rolls back."""
    product = shop.add_product(photos=[data_url()])
    photos = [data_url(), data_url()]
    media = shop.control("POST", path(shop, product, "/photos"), json={"photos": photos}).json()["media"]
    first, second, third = (each["id"] for each in media)
    body = {"product_id": product["id"], "media_ids": [third, first]}
    shop.control("POST", f"shops/{shop.shop}/media/reorder", json=body)

    def order():
        return [each["id"] for each in state(shop)["products"][0]["media"]]

    eventually(lambda: [third, first, second] == order())
    shop.control("DELETE", path(shop, product, f"/photos/{first}"))
    assert [third, second] == order()


def test_faults_are_switched_over_http(shop):
    """The panel in the browser."""
    assert 201 == shop.control("POST", "faults", json={"name": "shopify.500", "times": 1}).status_code
    listed = shop.control("GET", "faults").json()
    assert [("shopify.500", 1)] == [(fault["name"], fault["times"]) for fault in listed["active"]]
    assert "shopify.429" in listed["known"]

    assert [] == shop.control("DELETE", "faults").json()["active"]
    assert 400 == shop.control("POST", "faults", json={"name": "no.such"}).status_code
    assert 400 == shop.control("POST", "faults", json={"name": "shopify.500", "times": 0}).status_code


def test_a_catalogue_is_imported(shop, tmp_path):
    """A merchant's own export, to try a backfill on."""
    (tmp_path / "a.csv").write_text("Handle,Title,Image Src\noak,Oak lamp,http://x/oak.jpg\nelm,Elm,http://x/no.jpg\n")
    (tmp_path / "oak.jpg").write_bytes(jpeg())
    body = {"csv": str(tmp_path / "a.csv"), "images": str(tmp_path), "shop": shop.shop}
    answer = shop.control("POST", "catalogue", json=body).json()

    assert (2, ["line 3: no file for http://x/no.jpg"]) == (answer["products"], answer["problems"])
    assert ["READY"] == [media["status"] for media in state(shop)["products"][0]["media"]]
    assert 400 == shop.control("POST", "catalogue", json={"csv": "/no/such/file"}).status_code


def test_the_bill_is_the_image_banks(shop):
    """What a run would have cost."""
    assert 200 == shop.control("GET", "bill").status_code


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}], ids=["foreign page", "rebound name"]
)
def test_a_foreign_page_cannot_reach_the_controls(shop, headers):
    """The visitor's browser can reach this port; what it loads elsewhere must not."""
    assert 403 == shop.control("GET", "state", headers=headers).status_code


def test_the_browser_page_is_at_the_root(shop):
    """What a visitor opens first."""
    page = shop.http.get("/", follow_redirects=True)

    assert (200, "text/html") == (page.status_code, page.headers["Content-Type"].partition(";")[0])


def test_the_sandbox_serves_this_machine_only():
    """Its doors have no locks."""
    with pytest.raises(ValueError, match="this machine only"), running(host="0.0.0.0"):
        pass


def test_one_shop_can_be_asked_for(sandbox, shop, connect):
    """The state of a big sandbox is long."""
    shop.add_product()
    connect(sandbox, "other.myshopify.com").add_product()

    assert {shop.shop} == set(shop.control("GET", "state", params={"shop": shop.shop}).json()["shops"])
