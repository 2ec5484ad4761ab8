"""Variants and metafields of the stand-in store: what Shopify refuses is refused here too."""

import json

from .client import operations


def pairs(variants, file):
    return [{"variantId": each["id"], "mediaIds": [file]} for each in variants]


def ask(shop, name, **variables):
    answer = shop.ask(operations()[name], **variables)
    assert "errors" not in answer, answer
    (value,) = answer["data"].values()
    return value


def variants(shop, product):
    return ask(shop, "ProductVariants", id=product["gid"], first=50)["variants"]["nodes"]


def lamp(shop):
    """A product in two colours, with one medium."""
    product, file = shop.add_product(options=[["Color", ["Red", "Blue"]]]), shop.ready_file()
    shop.update(file, referencesToAdd=[product["gid"]])
    return product, file


def shown(shop, product):
    return {each["title"]: [medium["id"] for medium in each["media"]["nodes"]] for each in variants(shop, product)}


def test_a_variant_shows_a_medium_of_its_product(shop):
    """And shows it no more when the medium leaves the product."""
    product, file = lamp(shop)
    red = [each for each in variants(shop, product) if each["selectedOptions"] == [{"name": "Color", "value": "Red"}]]

    said = ask(shop, "VariantAppendMedia", productId=product["gid"], variantMedia=pairs(red, file))
    assert [] == said["userErrors"]
    assert {"Red": [file], "Blue": []} == shown(shop, product)
    shop.update(file, referencesToRemove=[product["gid"]])

    assert {"Red": [], "Blue": []} == shown(shop, product)


def test_a_variant_has_one_medium(shop):
    """A second is refused until the first is taken off."""
    product, file = lamp(shop)
    other = shop.ready_file(filename="other.jpg")
    shop.update(other, referencesToAdd=[product["gid"]])
    both = variants(shop, product)
    ask(shop, "VariantAppendMedia", productId=product["gid"], variantMedia=pairs(both, file))

    refused = ask(shop, "VariantAppendMedia", productId=product["gid"], variantMedia=pairs(both, other))
    assert {"PRODUCT_VARIANT_ALREADY_HAS_MEDIA"} == {error["code"] for error in refused["userErrors"]}
    ask(shop, "VariantDetachMedia", productId=product["gid"], variantMedia=pairs(both, file))
    ask(shop, "VariantAppendMedia", productId=product["gid"], variantMedia=pairs(both, other))

    assert {"Red": [other], "Blue": [other]} == shown(shop, product)


def test_a_medium_of_another_product_is_refused(shop):
    """It must be on the product first."""
    product, _ = lamp(shop)
    stranger = shop.ready_file(filename="stranger.jpg")

    refused = ask(
        shop, "VariantAppendMedia", productId=product["gid"], variantMedia=pairs(variants(shop, product), stranger)
    )

    assert {"MEDIA_DOES_NOT_EXIST_ON_PRODUCT"} == {error["code"] for error in refused["userErrors"]}


def test_a_metafield_is_kept_and_erased(sandbox, shop):
    """What a theme would read."""
    product = shop.add_product()
    metafield = {"ownerId": product["gid"], "namespace": "$app", "key": "ai_pictures"}

    said = ask(shop, "MetafieldsSet", metafields=[metafield | {"type": "json", "value": json.dumps([1])}])
    assert ["[1]"] == [each["value"] for each in said["metafields"]]
    assert [metafield] == ask(shop, "MetafieldsDelete", metafields=[metafield])["deletedMetafields"]

    assert [None] == ask(shop, "MetafieldsDelete", metafields=[metafield])["deletedMetafields"]


def test_a_metafield_that_is_not_json_is_refused(shop):
    """Shopify checks the value against its type."""
    metafield = {"ownerId": shop.add_product()["gid"], "namespace": "$app", "key": "k", "type": "json", "value": "{"}

    refused = ask(shop, "MetafieldsSet", metafields=[metafield])

    assert ["INVALID_VALUE"] == [error["code"] for error in refused["userErrors"]]
