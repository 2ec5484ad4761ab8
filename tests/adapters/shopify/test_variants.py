"""Variants and metafields: what is sent, page by page and in batches, and what each refusal means to us."""

import json

import pytest

from shopify_imagegen.errors import BadInput, Conflict, NoAnswer, NotFound
from shopify_imagegen.models import Variant
from tests.adapters.shopify.conftest import SHOP, data

PRODUCT = "gid://shopify/Product/1"
RED = "gid://shopify/ProductVariant/1"
PICTURE = "gid://shopify/MediaImage/9"


def variant(variant_id=RED, *, media=(), **options):
    return {
        "id": variant_id,
        "title": " / ".join(options.values()),
        "selectedOptions": [{"name": name, "value": value} for name, value in options.items()],
        "media": {"nodes": [{"__typename": "MediaImage", "id": each} for each in media]},
    }


def page(*variants, more=False):
    info = {"hasNextPage": more, "endCursor": "cursor"}
    return data(product={"id": PRODUCT, "variants": {"nodes": list(variants), "pageInfo": info}})


def said(field, *codes):
    errors = [{"code": code, "field": None, "message": "Shopify's words."} for code in codes]
    return data(**{field: {"productVariants": [], "userErrors": errors}})


def sent(shopify, kind):
    return [json.loads(request.content)["variables"] for name, request in shopify.requests if name == kind]


def test_variants_are_read_page_by_page(neighbour, shopify):
    """A product may have 2,048."""
    second = variant("gid://shopify/ProductVariant/2", Color="Blue")
    shopify.says("ProductVariants", page(variant(Color="Red", media=[PICTURE]), more=True), page(second))

    red, blue = neighbour.variants.of(SHOP, PRODUCT)

    assert Variant(id=RED, title="Red", options=(("Color", "Red"),), media_id=PICTURE) == red
    assert None is blue.media_id
    assert [None, "cursor"] == [each.get("after") for each in sent(shopify, "ProductVariants")]


def test_a_product_that_is_gone(neighbour, shopify):
    """It was deleted meanwhile."""
    shopify.says("ProductVariants", data(product=None))

    with pytest.raises(NotFound):
        neighbour.variants.of(SHOP, PRODUCT)


def test_a_hundred_variants_at_once_and_no_more(neighbour, shopify):
    """Shopify's limit, each with one medium."""
    shopify.says("VariantAppendMedia", said("productVariantAppendMedia"))

    neighbour.variants.show(SHOP, PRODUCT, {f"gid://shopify/ProductVariant/{at}": PICTURE for at in range(150)})

    first, second = sent(shopify, "VariantAppendMedia")
    assert (100, 50) == (len(first["variantMedia"]), len(second["variantMedia"]))
    assert [PICTURE] == first["variantMedia"][0]["mediaIds"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("PRODUCT_VARIANT_ALREADY_HAS_MEDIA", Conflict),
        ("PRODUCT_VARIANT_DOES_NOT_EXIST_ON_PRODUCT", NotFound),
        ("MEDIA_DOES_NOT_EXIST_ON_PRODUCT", NotFound),
        ("INVALID", BadInput),
    ],
)
def test_what_a_refusal_means(neighbour, shopify, code, error):
    """What may be repeated, and what must not be overwritten."""
    shopify.says("VariantAppendMedia", said("productVariantAppendMedia", code))

    with pytest.raises(error):
        neighbour.variants.show(SHOP, PRODUCT, {RED: PICTURE})


def test_a_variant_that_shows_it_no_more_is_known(neighbour, shopify):
    """Somebody was quicker."""
    shopify.says("VariantDetachMedia", said("productVariantDetachMedia", "MEDIA_IS_NOT_ATTACHED_TO_VARIANT"))

    with pytest.raises(NotFound):
        neighbour.variants.show_no_more(SHOP, PRODUCT, {RED: PICTURE})


def test_a_metafield_is_json_in_our_own_namespace(neighbour, shopify):
    """No other app can write there, and the theme reads it as it is."""
    shopify.says("MetafieldsSet", data(metafieldsSet={"metafields": [], "userErrors": []}))

    neighbour.metafields.write(SHOP, PRODUCT, "ai_pictures", {"media": ["Lampe für Käthe"]})

    (metafield,) = sent(shopify, "MetafieldsSet")[0]["metafields"]
    assert {"ownerId": PRODUCT, "namespace": "$app", "key": "ai_pictures", "type": "json"} == {
        name: metafield[name] for name in ("ownerId", "namespace", "key", "type")
    }
    assert '{"media":["Lampe für Käthe"]}' == metafield["value"]


def test_erasing_what_is_not_there_is_no_trouble(neighbour, shopify):
    """The end is the same."""
    shopify.says("MetafieldsDelete", data(metafieldsDelete={"deletedMetafields": [None], "userErrors": []}))

    neighbour.metafields.erase(SHOP, PRODUCT, "ai_pictures")

    assert 1 == len(sent(shopify, "MetafieldsDelete"))


def test_an_answer_without_a_word_is_no_answer(neighbour, shopify):
    """Whether it took effect is not known."""
    shopify.says("MetafieldsSet", data(metafieldsSet=None))

    with pytest.raises(NoAnswer):
        neighbour.metafields.write(SHOP, PRODUCT, "ai_pictures", {})
