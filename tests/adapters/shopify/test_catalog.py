"""Products as the rest of the house sees them."""

from datetime import UTC, datetime

import pytest

from shopify_imagegen.errors import NotFound
from shopify_imagegen.models import Option, Photo, Product
from tests.adapters.shopify.conftest import SHOP, data

ID = "gid://shopify/Product/1"
FACTS = {
    "id": ID,
    "handle": "oak-table",
    "title": "Oak table",
    "descriptionHtml": "<p>Oak.</p>",
    "productType": "Table",
    "vendor": "Nord",
    "tags": ["oak", "living-room"],
    "status": "ACTIVE",
    "isGiftCard": False,
    "hasOnlyDefaultVariant": False,
    "createdAt": "2026-11-22T10:00:00Z",
    "updatedAt": "2026-11-22T10:00:02Z",
    "category": {"fullName": "Furniture > Tables"},
    "options": [
        {
            "name": "Colour",
            "optionValues": [{"name": "Oak", "hasVariants": True}, {"name": "Ash", "hasVariants": False}],
        }
    ],
    "collections": {"nodes": [{"handle": "living", "title": "Living"}]},
    "mediaCount": {"count": 31},
    "media": {
        "nodes": [
            {
                "__typename": "MediaImage",
                "id": "gid://shopify/MediaImage/9",
                "alt": None,
                "mediaContentType": "IMAGE",
                "status": "READY",
                "image": {"url": "https://cdn/a.png", "width": 3000, "height": 2000, "reference": "https://cdn/a.jpg"},
            },
            {
                "__typename": "MediaImage",
                "id": "gid://shopify/MediaImage/10",
                "alt": "From the side",
                "mediaContentType": "IMAGE",
                "status": "PROCESSING",
                "image": None,
            },
            {
                "__typename": "Video",
                "id": "gid://shopify/Video/11",
                "alt": "",
                "mediaContentType": "VIDEO",
                "status": "READY",
            },
        ],
        "pageInfo": {"hasNextPage": True},
    },
}


@pytest.fixture
def product(neighbour, shopify):
    """Read a product whose facts are those above, but for what is changed."""

    def product(**changed):
        shopify.says("ProductForPlan", data(product=FACTS | changed))
        return neighbour.catalog.product(SHOP, ID)

    return product


def test_a_product_is_read_whole(product):
    """The plan sees nothing else of the store."""
    assert product() == Product(
        id=ID,
        handle="oak-table",
        title="Oak table",
        description_html="<p>Oak.</p>",
        product_type="Table",
        category="Furniture > Tables",
        vendor="Nord",
        tags=("oak", "living-room"),
        status="ACTIVE",
        is_gift_card=False,
        options=(Option(name="Colour", values=("Oak",)),),
        collections=("living",),
        media=(
            Photo(
                id="gid://shopify/MediaImage/9",
                kind="IMAGE",
                status="READY",
                url="https://cdn/a.png",
                reference_url="https://cdn/a.jpg",
                width_px=3000,
                height_px=2000,
            ),
            Photo(id="gid://shopify/MediaImage/10", kind="IMAGE", status="PROCESSING", alt="From the side"),
            Photo(id="gid://shopify/Video/11", kind="VIDEO", status="READY"),
        ),
        media_count=31,
        created_at=datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC),
        updated_at=datetime(2026, 11, 22, 10, 0, 2, tzinfo=UTC),
    )


def test_the_option_that_stands_for_none_is_left_out(product):
    """A prompt must not speak of a "Default Title"."""
    dummy = {"name": "Title", "optionValues": [{"name": "Default Title", "hasVariants": True}]}

    assert () == product(hasOnlyDefaultVariant=True, options=[dummy]).options


def test_a_product_without_a_category_has_an_empty_one(product):
    """Most products of most stores."""
    assert "" == product(category=None).category


def test_a_media_count_that_is_gone_is_counted(product):
    """A later API version drops the field."""
    assert 3 == product(mediaCount=None).media_count


def test_a_status_that_is_new_to_us_is_passed_on(product):
    """The rules decide about it, not the border."""
    assert "PAUSED" == product(status="PAUSED").status


def test_a_deleted_product_is_not_found(neighbour, shopify):
    """Shopify answers null."""
    shopify.says("ProductForPlan", data(product=None))

    with pytest.raises(NotFound, match=ID):
        neighbour.catalog.product(SHOP, ID)


def test_a_handle_leads_to_its_product(neighbour, shopify):
    """People know handles, from the address of the page."""
    shopify.says("ProductByHandle", data(productByIdentifier={"id": ID}), data(productByIdentifier=None))

    assert ID == neighbour.catalog.product_id(SHOP, "oak-table")
    with pytest.raises(NotFound, match="no-such"):
        neighbour.catalog.product_id(SHOP, "no-such")
