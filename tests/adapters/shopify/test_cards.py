"""Lists of products and pictures, as the pages show them."""

import pytest

from shopify_imagegen.adapters.shopify.cards import query_of
from tests.adapters.shopify.conftest import SHOP, data

ID, FILE = "gid://shopify/Product/1", "gid://shopify/MediaImage/9"
CARD = {
    "__typename": "Product",
    "id": ID,
    "title": "Oak table",
    "status": "DRAFT",
    "productType": "Table",
    "mediaCount": {"count": 3},
    "featuredMedia": {"__typename": "MediaImage", "id": FILE, "image": {"url": "https://cdn.example/9.jpg"}},
}


def found(*nodes, cursor=None):
    return data(products={"nodes": list(nodes), "pageInfo": {"hasNextPage": bool(cursor), "endCursor": cursor}})


def test_a_search_gives_cards_and_the_way_on(reach, shopify):
    """The list shows twenty-five products and asks for more by the cursor."""
    shopify.says("ProductsBrowse", found(CARD, CARD | {"featuredMedia": None}, cursor="c1"))

    page = reach().cards.search(SHOP, "oak", after=None, limit=25)

    assert "c1" == page.after
    assert ["https://cdn.example/9.jpg", None] == [card.image_url for card in page.cards]
    assert ("Oak table", "DRAFT", 3) == (page.cards[0].title, page.cards[0].status, page.cards[0].media_count)
    assert {"first": 25, "after": None, "query": "oak*"} == shopify.sent("ProductsBrowse")[0]


def test_the_last_page_has_no_way_on(reach, shopify):
    """A cursor that leads nowhere would be a dead button."""
    shopify.says("ProductsBrowse", found(CARD))

    assert reach().cards.search(SHOP, "", after=None, limit=25).after is None


def test_ids_alone_are_read_where_they_are_enough(reach, shopify):
    """Shopify counts what is asked for: pictures and titles of the whole catalogue would drain a store's points."""
    shopify.says("ProductNumbers", found({"id": ID}, cursor="c1"))

    page = reach().cards.ids(SHOP, "oak", after="c0", limit=250)

    assert ((ID,), "c1") == (page.ids, page.after)
    assert {"first": 250, "after": "c0", "query": "oak*"} == shopify.sent("ProductNumbers")[0]


def test_some_cards_are_found_by_id_and_those_gone_are_left_out(reach, shopify):
    """A product that was deleted meanwhile must not take the list with it."""
    shopify.says("ProductCards", data(nodes=[CARD, None]))

    assert [ID] == list(reach().cards.some(SHOP, [ID, "gid://shopify/Product/2"]))


def test_pictures_that_are_not_ready_have_no_address(reach, shopify):
    """A broken picture looks like a fault of ours."""
    ready = {
        "__typename": "MediaImage",
        "id": FILE,
        "alt": "",
        "status": "READY",
        "fileStatus": "READY",
        "mediaErrors": [],
        "image": {"url": "https://cdn.example/9.jpg", "width": 1, "height": 1},
    }
    shopify.says("FilesById", data(nodes=[ready, ready | {"id": "gid://shopify/MediaImage/8", "image": None}, None]))

    assert {FILE: "https://cdn.example/9.jpg"} == reach().cards.pictures(SHOP, [FILE])


def test_nothing_is_asked_for_no_ids(reach):
    """An empty page costs no call."""
    cards = reach().cards

    assert {} == cards.some(SHOP, []) == cards.pictures(SHOP, [])


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("oak tab", "oak tab*"),
        ('title:"x" OR (y)', "title x y*"),
        ("-lamp", "lamp*"),
        ("Zürich 2.5", "Zürich 2.5*"),
        (" ' ", ""),
        ("NOT", ""),
    ],
)
def test_what_is_typed_is_no_query_language(typed, query):
    """A quote that is not closed is an error at Shopify, and a minus finds the opposite."""
    assert query == query_of(typed)
