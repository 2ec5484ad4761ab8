"""The sandbox answers every operation that the app sends."""

import pytest

from .client import jpeg, operations

NAMES = sorted(operations())
BULK_QUERY = "{ products { edges { node { id } } } }"


def variables(shop, name):
    """Something sensible for the variables of *name*."""
    product = shop.add_product(photos=["data:image/jpeg;base64,"])
    file = shop.ready_file()
    metafield = {"ownerId": product["gid"], "namespace": "$app", "key": "lamp"}
    known = {
        "StagedUploads": {"input": [{"filename": "a.jpg", "mimeType": "image/jpeg", "resource": "IMAGE"}]},
        "FileCreate": {"files": [{"originalSource": shop.upload(jpeg()), "contentType": "IMAGE"}]},
        "FileUpdate": {"files": [{"id": file, "alt": "A lamp", "referencesToAdd": [product["gid"]]}]},
        "FileDelete": {"ids": [file]},
        "FilesSearch": {"query": "filename:oak", "first": 10},
        "FilesById": {"ids": [file, product["gid"], "gid://shopify/MediaImage/1"]},
        "ProductAddMedia": {"product": {"id": product["gid"]}, "media": []},
        "ProductReorderMedia": {"id": product["gid"], "moves": []},
        "JobStatus": {"id": "gid://shopify/Job/none"},
        "ProductByHandle": {"handle": product["handle"]},
        "ProductCards": {"ids": [product["gid"]]},
        "ProductsPage": {"first": 5, "query": "status:active"},
        "WebhookCreate": {"topic": "PRODUCTS_UPDATE", "sub": {"uri": "http://127.0.0.1:9/webhooks"}},
        "WebhookList": {"first": 5},
        "CataloguePage": {"first": 5},
        "CatalogueExport": {"query": "status:active"},
        "ProductsCount": {"query": "status:active"},
        "BulkRun": {"query": BULK_QUERY},
        "BulkStatus": {"id": "gid://shopify/BulkOperation/1"},
        "BulkCancel": {"id": "gid://shopify/BulkOperation/1"},
        "Installation": {},
        "VariantAppendMedia": {"productId": product["gid"], "variantMedia": []},
        "VariantDetachMedia": {"productId": product["gid"], "variantMedia": []},
        "MetafieldsSet": {"metafields": [metafield | {"type": "json", "value": "{}"}]},
        "FlowTrigger": {"handle": "photos-published", "payload": {"product_id": product["id"]}},
        "MetafieldsDelete": {"metafields": [metafield]},
    }
    return known.get(name, {"id": product["gid"], "first": 20})


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_of_the_app_executes(shop, name):
    """A new operation without an answer here would leave a promise of the app untested."""
    answer = shop.ask(operations()[name], **variables(shop, name))

    assert "errors" not in answer
    assert answer["data"]


def test_each_operation_is_counted_by_name(sandbox, shop):
    """Tests of the whole product assert on these counts that nothing was done twice."""
    shop.ask("Installation")
    shop.ask("Installation")

    assert 2 == sandbox.store.shop(shop.shop).operations["Installation"]
