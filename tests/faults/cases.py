"""Each fault that the sandbox can play, and what a merchant may do meanwhile: where it strikes, and for how long."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shopify_imagegen.sandbox.faults import KNOWN
from shopify_imagegen.sandbox.shop.files import add_ready_file, delete_file
from shopify_imagegen.sandbox.shop.products import delete_product
from tests.end_to_end.house import OURS, photo

NOT_OF_A_JOB = (
    "token.",
    "bulk.",
)  # tests/end_to_end/test_ways_in.py and tests/adapters/shopify/test_catalogue.py play those
STRIKING = [name for name in KNOWN if not name.startswith(NOT_OF_A_JOB)]
ONCE, FOR_GOOD = "once", "for good"
BOTH = (ONCE, FOR_GOOD)
WHILE_BOUGHT = ("images.slow", {"seconds": 1.5})
BEFORE_ATTACHED = ("shopify.hang", {"operation": "ProductMedia", "seconds": 1.5})
GALLERY_LIMIT = 250


@dataclass(frozen=True)
class Case:
    """A row of the table.

    Args:
        name: for people.
        fault: of `sandbox.faults.KNOWN`; or nothing, where a merchant *act*s.
        params: of the fault: where it strikes, and how.
        moment: a fault that is slow, and gives the time to switch *fault* on, or to *act*, in the middle of a job.
        photos: of the merchant's.
    """

    name: str
    fault: str = ""
    params: dict = field(default_factory=dict)
    strikes: tuple = BOTH
    moment: tuple | None = None
    act: Callable | None = None
    photos: int = 1


# What a merchant does


def deletes_the_product(store, shop, product):
    delete_product(store, shop, product)


def deletes_our_file(store, shop, product):
    for file in [file for file in shop.files.values() if OURS in file.filename]:
        delete_file(store, shop, file)


def deletes_own_photos(store, shop, product):
    for file in list(product.gallery):
        delete_file(store, shop, file)


def deletes_a_photo(store, shop, product):
    delete_file(store, shop, product.gallery[0])


def reorders(store, shop, product):
    product.gallery.reverse()
    store.touch(shop, product, effect="media reordered")


def fills_the_gallery(store, shop, product):
    first = add_ready_file(store, shop, "many.jpg", photo(seed=1), alt="", made_by="merchant")
    copies = [add_ready_file(store, shop, f"many-{at}.jpg", b"", alt="", made_by="merchant") for at in range(300)]
    for copy in copies:
        copy.status, copy.content, copy.width_px, copy.height_px = "READY", first.content, 320, 320
    product.gallery += copies[: GALLERY_LIMIT - len(product.gallery)]
    store.touch(shop, product, effect="media attached")


GRAPHQL = {
    "429 with Retry-After": ("shopify.429", {"retry_after_s": 1}),
    "430": ("shopify.430", {}),
    "500": ("shopify.500", {}),
    "500 after the effect": ("shopify.500", {"effect": True}),
    "502": ("shopify.502", {}),
    "502 after the effect": ("shopify.502", {"effect": True}),
    "503": ("shopify.503", {}),
    "503 after the effect": ("shopify.503", {"effect": True}),
    "HTML instead of JSON": ("shopify.html", {}),
    "HTML instead of JSON after the effect": ("shopify.html", {"effect": True}),
    "truncated JSON": ("shopify.truncated", {}),
    "connection reset before the effect": ("shopify.reset_before", {}),
    "connection reset after the effect": ("shopify.reset_after", {}),
    "THROTTLED": ("shopify.throttled", {}),
}
OF_ATTACHING = ("500", "500 after the effect", "truncated JSON", "connection reset after the effect", "THROTTLED")

SHOPIFY = [
    *(
        Case(f"Shopify, making the file: {name}", fault, {"operation": "FileCreate"} | params)
        for name, (fault, params) in GRAPHQL.items()
    ),
    *(
        Case(f"Shopify, attaching the file: {name}", fault, {"operation": "FileUpdate"} | params)
        for name, (fault, params) in ((name, GRAPHQL[name]) for name in OF_ATTACHING)
    ),
    Case(
        "Shopify, making the file: no answer in time",
        "shopify.hang",
        {"operation": "FileCreate", "seconds": 7},
        (ONCE,),
    ),
    Case("Shopify, reading the product: 500", "shopify.500", {"operation": "ProductForPlan"}),
    Case("Shopify, asking for an upload: 502", "shopify.502", {"operation": "StagedUploads"}),
    Case("Shopify, reading back: truncated JSON", "shopify.truncated", {"operation": "ProductMedia"}),
    Case("Shopify: token revoked (401)", "shopify.401", moment=WHILE_BOUGHT),
    Case("Shopify: shop frozen (402)", "shopify.402", moment=WHILE_BOUGHT),
    Case("Shopify: shop locked (423)", "shopify.423", moment=WHILE_BOUGHT),
    Case("Shopify: token revoked (401) before anything was bought", "shopify.401"),
    Case("Upload refused (403)", "staged.403"),
    Case("File ends FAILED", "media.failed"),
    Case("File stuck in PROCESSING", "media.stuck"),
    Case("Attached, but not visible on read-back", "media.invisible"),
    Case("File refused as a reference", "files.refuse_reference"),
]
WEBHOOKS = [
    Case("Webhook delivered twice", "webhook.duplicate", {"topic": "products/create"}),
    Case("Event under two delivery ids", "webhook.twin", {"topic": "products/create"}),
    Case("Webhook late", "webhook.late", {"topic": "products/create", "seconds": 0.5}),
    Case("Stale webhook behind a newer one", "webhook.stale", {"topic": "products/update", "seconds": 0.2}),
]
IMAGES = [
    Case("Image API: 429 with Retry-After", "images.429"),
    Case("Image API: 500 in its own words", "images.500_own"),
    Case("Image API: connection reset, not billed", "images.reset_before"),
    Case("Image API: request invalid (400)", "images.400"),
    Case("Image API: prompt refused by moderation", "images.moderation"),
    Case("Image API: slow", "images.slow", {"seconds": 2}),
    Case("Image API: no answer in time, billed", "images.hang", {"seconds": 17}, (ONCE,)),
    Case("Image API: 502 of a gateway, billed", "images.502_gateway"),
    Case("Image API: connection reset, billed", "images.reset_after_billing"),
    Case("Image API: truncated JSON, billed", "images.bad_json"),
    Case("Image API: HTML instead of JSON, billed", "images.html"),
    Case("Picture is not an image", "images.not_an_image"),
    Case("Picture is truncated", "images.truncated"),
    Case("Picture has the wrong size", "images.wrong_size"),
    Case("Picture is blank", "images.blank"),
    Case("Picture is the merchant's own photo", "images.copy"),
    Case("Picture is a decompression bomb", "images.bomb"),
    Case("Download refused (403)", "images.download_403"),
    Case("Download address over before the download", "images.expired"),
]
MERCHANT = [
    Case("Product deleted while its picture is bought", strikes=(ONCE,), moment=WHILE_BOUGHT, act=deletes_the_product),
    Case(
        "Product deleted before its picture is attached",
        strikes=(ONCE,),
        moment=BEFORE_ATTACHED,
        act=deletes_the_product,
    ),
    Case("Our file deleted before it is attached", strikes=(ONCE,), moment=BEFORE_ATTACHED, act=deletes_our_file),
    Case("All photos deleted meanwhile", strikes=(ONCE,), moment=WHILE_BOUGHT, act=deletes_own_photos),
    Case("One of two photos deleted meanwhile", strikes=(ONCE,), moment=BEFORE_ATTACHED, act=deletes_a_photo, photos=2),
    Case("Photos reordered meanwhile", strikes=(ONCE,), moment=BEFORE_ATTACHED, act=reorders, photos=3),
    Case("Product at its media limit", strikes=(ONCE,), act=fills_the_gallery),
    Case("Product reaches its media limit meanwhile", strikes=(ONCE,), moment=BEFORE_ATTACHED, act=fills_the_gallery),
]
SIDE_BY_SIDE = [*SHOPIFY, *WEBHOOKS, *IMAGES, *MERCHANT]
ONE_BY_ONE = [  # they concern every shop
    Case("Webhook never sent", "webhook.dropped"),
    Case("Image API: key refused (401)", "images.401"),
    Case("Image API: balance used up (402)", "images.402"),
]
CASES = [*SIDE_BY_SIDE, *ONE_BY_ONE]
