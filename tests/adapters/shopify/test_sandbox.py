"""The whole way over real HTTP, against the stand-in Shopify: a second opinion on every fake in this folder."""

import base64
import io
import time
from datetime import UTC, datetime

import httpx
import pytest
from PIL import Image

from shopify_imagegen.adapters.downloads import Downloads
from shopify_imagegen.adapters.shopify import connect
from shopify_imagegen.errors import (
    BadCredentials,
    Conflict,
    MissingScope,
    NoAnswer,
    NotFound,
    ShopClosed,
    Temporary,
)
from shopify_imagegen.sandbox import server
from shopify_imagegen.sandbox.shop.state import Rules
from shopify_imagegen.settings import ShopifySection
from tests.adapters.shopify.conftest import SHOP, FakeShops

NAME = "oak-table-kitchen-lsp0123456789ab.jpg"
LIMIT_S = 20


def jpeg(colour="peru", size=(640, 800)):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def soon(look):
    """Ask again until *look* finds something."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{look} found nothing within {LIMIT_S} s")


@pytest.fixture(scope="module")
def sandbox():
    with server.running(Rules(media_delay_s=0.05, job_delay_s=0.1)) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def no_faults(sandbox):
    yield
    sandbox.faults.clear()


@pytest.fixture
def joined(sandbox):
    """Connect to the sandbox, with the real clock."""
    open_ones = []

    def joined(shops, **section):
        settings = ShopifySection(
            base_url=f"{sandbox.base_url}/shops/{{shop}}",
            **{"client_id": "sandbox-client-id", "client_secret": "sandbox-client-secret"} | section,
        )
        open_ones.append(connect(settings, shops, clock=lambda: datetime.now(UTC), sleep=nap))
        return open_ones[-1]

    yield joined
    for neighbour in open_ones:
        neighbour.close()


@pytest.fixture
def shopify(joined, sandbox):
    """The app, installed with a static token."""
    return joined(FakeShops(token=sandbox.tokens.mint(SHOP).value))


@pytest.fixture
def product_id(sandbox, shopify):
    """A product with one photo, processed."""
    photo = "data:image/jpeg;base64," + base64.b64encode(jpeg("white")).decode()
    url = f"{sandbox.base_url}/sandbox/api/shops/{SHOP}/products"
    made = httpx.post(url, json={"title": "Oak table", "product_type": "Table", "photos": [photo]}).raise_for_status()
    found = f"gid://shopify/Product/{made.json()['id']}" if str(made.json()["id"]).isdigit() else made.json()["id"]
    soon(lambda: all(photo.status == "READY" for photo in shopify.media.gallery(SHOP, found)))
    return found


def stored(media, name, image=None):
    """Upload a picture and make it a READY file."""
    resource = media.upload(SHOP, image or jpeg(), file_name=name, mime="image/jpeg")
    file = media.create_file(SHOP, resource, file_name=name, alt="Oak table in a kitchen")
    return soon(lambda: ready(media.file(SHOP, file.id)))


def nap(seconds):
    """The waits are known from other tests; here they are only to be taken."""
    time.sleep(min(seconds, 0.05))


def ready(file):
    return file if file.status == "READY" else None


def test_a_picture_goes_all_the_way_and_back(shopify, product_id):
    """Upload, file, attach, order, detach, delete: the whole life of a picture in the store."""
    media = shopify.media
    (original,) = media.gallery(SHOP, product_id)
    file = stored(media, NAME)
    media.attach(SHOP, product_id, file.id)
    assert [original.id, file.id] == [photo.id for photo in media.gallery(SHOP, product_id)]

    media.move(SHOP, product_id, {file.id: 0})
    assert [file.id, original.id] == [photo.id for photo in media.gallery(SHOP, product_id)]

    media.detach(SHOP, product_id, file.id)
    assert [original.id] == [photo.id for photo in media.gallery(SHOP, product_id)]
    assert file.id == media.find_file(SHOP, NAME).id

    media.delete_file(SHOP, file.id)
    media.delete_file(SHOP, file.id)
    assert media.find_file(SHOP, NAME) is None
    with pytest.raises(NotFound):
        media.file(SHOP, file.id)


def test_the_bytes_that_we_stored_come_back_unchanged(shopify):
    """The AI mark lives in them."""
    image = jpeg("teal")
    file = stored(shopify.media, "teal-lsp000000000001.jpg", image)

    with httpx.Client() as client:
        assert image == Downloads(client).get(file.url, max_bytes=1_000_000)


def test_a_second_file_of_the_same_name_is_a_conflict(shopify):
    """This is what makes a repeated publishing step harmless."""
    name = "twice-lsp000000000002.jpg"
    file = stored(shopify.media, name)

    with pytest.raises(Conflict, match=name):
        stored(shopify.media, name)
    assert file.id == shopify.media.find_file(SHOP, name).id


def test_a_file_that_is_still_processed_is_found_by_its_name(shopify, sandbox):
    """It has no address yet to check the name by."""
    name = "slow-lsp000000000008.jpg"
    sandbox.faults.set("media.stuck", times=1)
    resource = shopify.media.upload(SHOP, jpeg(), file_name=name, mime="image/jpeg")
    file = shopify.media.create_file(SHOP, resource, file_name=name, alt="")
    found = shopify.media.find_file(SHOP, name)

    assert (file.id, None) == (found.id, found.url)


def test_a_failed_file_brings_shopifys_words(shopify, sandbox):
    """Whoever looks at it must know why the picture is not in the shop."""
    sandbox.faults.set("media.failed", times=1)
    name = "broken-lsp000000000009.jpg"
    resource = shopify.media.upload(SHOP, jpeg(), file_name=name, mime="image/jpeg")
    file = shopify.media.create_file(SHOP, resource, file_name=name, alt="")

    assert soon(lambda: shopify.media.file(SHOP, file.id).errors)
    assert "FAILED" == shopify.media.file(SHOP, file.id).status


def test_a_file_whose_creation_was_never_answered_is_found(shopify, sandbox):
    """The connection broke after Shopify had done it: read back, do not repeat."""
    name = "lost-lsp000000000003.jpg"
    resource = shopify.media.upload(SHOP, jpeg(), file_name=name, mime="image/jpeg")
    sandbox.faults.set("shopify.reset_after", times=1, operation="FileCreate")

    with pytest.raises(NoAnswer):
        shopify.media.create_file(SHOP, resource, file_name=name, alt="")
    assert soon(lambda: shopify.media.find_file(SHOP, name))


def test_a_store_that_refuses_references_takes_the_other_way(shopify, product_id, sandbox):
    """The schema does not promise referencesToAdd for images."""
    file = stored(shopify.media, "other-way-lsp000000000004.jpg")
    sandbox.faults.set("files.refuse_reference")

    with pytest.raises(Conflict):
        shopify.media.attach(SHOP, product_id, file.id)
    shopify.media.add_to_gallery(SHOP, product_id, source_url=file.url, alt="Oak table")
    assert 2 == len(shopify.media.gallery(SHOP, product_id))


def test_a_refused_upload_target_is_replaced(shopify, sandbox):
    """A target may be over before it is used."""
    sandbox.faults.set("staged.403", times=1)

    assert stored(shopify.media, "new-target-lsp000000000005.jpg")


@pytest.mark.parametrize("fault", ["shopify.502", "shopify.html", "shopify.truncated", "shopify.reset_after"])
def test_reads_survive_a_bad_moment(fault, shopify, product_id, sandbox):
    """Each of these happens in a normal week."""
    sandbox.faults.set(fault, times=1, operation="ProductForPlan")

    assert "Oak table" == shopify.catalog.product(SHOP, product_id).title


@pytest.mark.parametrize("fault", ["shopify.throttled", "shopify.reset_before"])
def test_a_write_that_was_never_answered_is_either_repeated_or_told(fault, shopify, sandbox):
    """Throttled is certain to be without effect; a closed connection is not, whatever it was."""
    name = f"{fault.replace('.', '-').replace('_', '-')}-lsp000000000006.jpg"
    resource = shopify.media.upload(SHOP, jpeg(), file_name=name, mime="image/jpeg")
    sandbox.faults.set(fault, times=1, operation="FileCreate")

    if fault == "shopify.reset_before":
        with pytest.raises(NoAnswer):
            shopify.media.create_file(SHOP, resource, file_name=name, alt="")
    assert shopify.media.create_file(SHOP, resource, file_name=name, alt="").id


def test_a_product_is_read_with_its_photo(shopify, product_id):
    """The reference address leads to a picture that is no larger than asked for."""
    product = shopify.catalog.product(SHOP, product_id)

    (photo,) = product.media
    assert ("Oak table", "Table", ()) == (product.title, product.product_type, product.options)
    assert ("IMAGE", 640, 800) == (photo.kind, photo.width_px, photo.height_px)
    with httpx.Client() as client:
        assert Downloads(client).get(photo.reference_url, max_bytes=1_000_000)
    assert product_id == shopify.catalog.product_id(SHOP, product.handle)


def test_client_credentials_open_the_store(joined, sandbox):
    """The sandbox's own app; the token is stored with its end."""
    shops = FakeShops(grant="client_credentials", token=None)
    shopify = joined(shops)

    assert ("write_files", "write_products") == shopify.installation.installed(SHOP).scopes
    sandbox.tokens.expire(shop=SHOP)
    assert SHOP == shopify.installation.installed(SHOP).domain
    assert 2 == len(shops.saved)


def test_a_wrong_client_secret_is_named(joined):
    """Over the wire, as Shopify words it."""
    shopify = joined(FakeShops(grant="client_credentials", token=None), client_secret="wrong")

    with pytest.raises(BadCredentials, match=r"shopify\.client_secret"):
        shopify.installation.installed(SHOP)


def test_a_token_without_a_scope_says_which(joined, sandbox):
    """The merchant has to grant it."""
    shopify = joined(FakeShops(token=sandbox.tokens.mint(SHOP, scopes=("read_products",)).value))

    with pytest.raises(MissingScope, match="write_files"):
        shopify.media.delete_file(SHOP, "gid://shopify/MediaImage/1")


def test_a_frozen_shop_is_called_closed(shopify, sandbox):
    """Nothing will work until its owner pays."""
    sandbox.faults.set("shopify.402", times=1)

    with pytest.raises(ShopClosed):
        shopify.installation.installed(SHOP)


def test_webhooks_are_subscribed_and_listed(shopify):
    """`webhooks subscribe` asks for what it does not find in the list."""
    made = shopify.installation.subscribe(
        SHOP, "products/update", "https://app.example/webhooks", include_fields=["id"]
    )

    assert made.id in [each.id for each in shopify.installation.subscriptions(SHOP)]


def test_an_unready_file_is_refused_for_now(shopify, product_id, sandbox):
    """Attaching too early must be told from attaching in vain."""
    sandbox.faults.set("media.stuck", times=1)
    name = "early-lsp000000000007.jpg"
    resource = shopify.media.upload(SHOP, jpeg(), file_name=name, mime="image/jpeg")
    file = shopify.media.create_file(SHOP, resource, file_name=name, alt="")

    with pytest.raises(Temporary, match="not finished processing"):
        shopify.media.attach(SHOP, product_id, file.id)
