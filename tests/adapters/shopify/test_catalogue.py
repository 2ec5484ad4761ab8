"""The whole catalogue, in pages and by bulk operation, over the wire of the sandbox: both find the same."""

import pytest

from shopify_imagegen.adapters.shopify import connect
from shopify_imagegen.adapters.shopify.bulk import Watchdog
from shopify_imagegen.adapters.shopify.loose_lines import together
from shopify_imagegen.errors import BadInput, Unavailable
from shopify_imagegen.sandbox.server import running
from shopify_imagegen.sandbox.shop.products import Draft, Photo, add_product
from shopify_imagegen.sandbox.shop.state import Rules
from shopify_imagegen.settings import ShopifySection
from tests.end_to_end.house import photo

from .conftest import SHOP, FakeShops, Time

QUICK = Rules(media_delay_s=0.01, bulk_delay_s=0.01, restore_points_per_s=2000.0, bucket_points=40_000.0)
PRODUCTS = 30


@pytest.fixture(scope="module")
def sandbox():
    """A shop with products of every shape: without photos, with many, with options and collections."""
    with running(QUICK) as sandbox:
        picture = photo()
        store = sandbox.store
        for number in range(PRODUCTS):
            draft = Draft(
                title=f'Lamp "{number}"',
                status="DRAFT" if number % 3 == 0 else "ACTIVE",
                product_type="Table lamps",
                tags=("summer", f"n{number}"),
                collections=("Home", "New"),
                options=[("Colour", ["Oak", "Walnut"])] if number % 2 else [],
                photos=[Photo(f"lamp-{number}-{at}.jpg", picture) for at in range(12 if number == 7 else number % 3)],
            )
            add_product(store, store.shop(SHOP), draft, quietly=True)
        yield sandbox


@pytest.fixture
def neighbour(sandbox):
    """Our side of the wire. Time passes by sleeping only, so the waits for a bulk operation are short and real."""
    token = sandbox.tokens.mint(SHOP).value
    section = ShopifySection(base_url=f"{sandbox.base_url}/shops/{{shop}}")
    made = connect(section, FakeShops(token=token), clock=Time().clock, sleep=_a_little)
    yield made
    made.close()
    sandbox.faults.clear()
    sandbox.store.shop(SHOP).bulk.clear()


@pytest.fixture
def catalogue(neighbour):
    return neighbour.catalogue


def _a_little(_seconds):
    import time

    time.sleep(0.02)


def by_id(products):
    return sorted(products, key=lambda product: product.id)


def operations(sandbox):
    return sandbox.store.shop(SHOP).operations


def test_pages_and_bulk_find_the_same(sandbox, neighbour):
    """A plan must not depend on how the catalogue was read, nor differ from what a worker reads later."""
    pages = by_id(neighbour.catalogue.each(SHOP, "", many=False))
    bulk = by_id(neighbour.catalogue.each(SHOP, "", many=True))
    alone = [neighbour.catalog.product(SHOP, each.id) for each in pages]

    assert PRODUCTS == len(pages)
    assert alone == pages
    assert alone == bulk


def test_the_search_is_shopify_s(catalogue):
    """A query about twelve products must not read a hundred thousand."""
    assert 20 == catalogue.count(SHOP, "status:active")
    for many in (False, True):
        found = list(catalogue.each(SHOP, 'status:draft tag:"n3"', many=many))
        assert ['Lamp "3"'] == [product.title for product in found]


@pytest.mark.parametrize("fault", ["bulk.refused", "bulk.failed", "bulk.canceled", "bulk.cut"])
def test_a_bulk_operation_that_does_not_work_becomes_pages(sandbox, catalogue, fault):
    """They fail, and are refused, at Shopify's pleasure; what half of one has written is never used."""
    sandbox.faults.set(fault, times=1)
    before = operations(sandbox)["CataloguePage"]

    assert PRODUCTS == len({product.id for product in catalogue.each(SHOP, "", many=True)})
    assert operations(sandbox)["CataloguePage"] > before
    assert [] == sandbox.faults.active()


def test_a_bulk_operation_that_stalls_is_cancelled(sandbox, monkeypatch):
    """Some run for ever; the next one could not begin."""
    sandbox.faults.set("bulk.stuck", times=1)
    time, token = Time(), sandbox.tokens.mint(SHOP).value
    section = ShopifySection(base_url=f"{sandbox.base_url}/shops/{{shop}}")
    neighbour = connect(section, FakeShops(token=token), clock=time.clock, sleep=time.sleep, monotonic=time.monotonic)
    found = list(neighbour.catalogue.each(SHOP, "", many=True))
    neighbour.close()

    assert PRODUCTS == len(found)
    assert ["CANCELED"] == [each.status for each in sandbox.store.shop(SHOP).bulk.values()][-1:]
    assert time.now_s > 180
    sandbox.faults.clear()


def test_one_bulk_operation_at_a_time(sandbox, neighbour):
    """Another app of the house, or a second plan, is under way: the plan goes on in pages."""
    sandbox.faults.set("bulk.stuck", times=1)
    neighbour.catalogue._admin.to(SHOP).bulk_run("{ products { edges { node { id } } } }")

    assert PRODUCTS == len(list(neighbour.catalogue.each(SHOP, "", many=True)))


def test_nothing_found_is_nothing(catalogue):
    """Shopify gives no file then."""
    assert [] == list(catalogue.each(SHOP, "tag:nobody", many=True))


def test_a_bad_search_is_refused(catalogue):
    """What Shopify cannot read must not pass for an empty catalogue."""
    with pytest.raises(BadInput):
        list(catalogue.each(SHOP, "created_at:>'no day'", many=False))


def test_children_are_put_to_their_parents():
    """They lie anywhere in the file, in their own order."""
    lines = [
        '{"id": "a"}',
        '{"id": "3", "__parentId": "b"}',
        '{"id": "b"}',
        '{"id": "1", "__parentId": "a"}',
        '{"id": "2", "__parentId": "b"}',
    ]
    with together(lines) as found:
        ids = [(root["id"], [child["id"] for child in children]) for root, children in found]

    assert [("a", ["1"]), ("b", ["3", "2"])] == ids


@pytest.mark.parametrize("line", ['{"id": "a"', "[]", "<html>"])
def test_a_line_that_is_no_object(line):
    """A file that breaks off, or another one in its place, is not a catalogue."""
    with pytest.raises(Unavailable), together([line]):
        pass


def test_a_watchdog_barks_once_nothing_moves():
    """As long as something is found, it may take hours."""
    time = Time()
    dog = Watchdog(60, time.monotonic)
    for count in "123":
        time.sleep(50)
        assert not dog.has_stalled(count)
    time.sleep(61)

    assert dog.has_stalled("3")
