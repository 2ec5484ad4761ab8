"""Promise 5 over real processes: taken back is taken back, made anew replaces, and kill -9 changes no total."""

import json
import uuid

import pytest

from shopify_imagegen.models import Arrival, RollbackRequested
from shopify_imagegen.settings import load
from shopify_imagegen.wiring import House as OurHouse
from tests.end_to_end.house import in_use, opened, wait_for

HANG_S = 3  # an answer that comes late enough to kill the worker before it does


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """An installation whose web role runs all the time; one picture a product."""
    env = {"IMAGEGEN__IMAGES__PER_PRODUCT": "1", "IMAGEGEN__IMAGES__PER_VARIANT_OPTION": "color"}
    env |= {"IMAGEGEN__DISCLOSURE__METAFIELD": "true"}
    with opened(tmp_path_factory.mktemp("undo"), **env) as house:
        house.shop = house.add_shop()
        house.start("web")
        yield house


@pytest.fixture
def house(workshop):
    with in_use(workshop, "worker"):
        yield workshop


@pytest.fixture
def product(house):
    """A product whose lifestyle photo is published; `media` as it was before."""
    made = house.add_product(house.shop, photos=2)
    house.done_job(made)
    house.until_idle()
    assert 1 == len(house.ours(made))
    return made


def image_of(house, product):
    """The picture that is on the product."""
    query = "select id from images where product_id = ? and state = 'published'"
    (row,) = house.rows(query, product.gid)
    return row["id"]


def states(house, product):
    query = "select state from images where product_id = ? order by created_at"
    return [row["state"] for row in house.rows(query, product.gid)]


def names(house, product):
    with house.sandbox.store.lock:
        return [file.filename for file in product.media]


def test_promise_a_product_is_as_it_was(house, product):
    """One command; the file stays in the store, and no webhook buys again what was taken back."""
    originals = house.originals(product)
    would = house.json("rollback", product.handle, "--dry-run")
    assert 1 == len(house.ours(product))

    done = house.json("rollback", product.handle)

    assert would["products"] == done["products"]
    assert [] == house.ours(product)
    assert originals == house.originals(product)
    assert 1 == len(house.files_of_ours(house.shop, product))
    house.edit(house.shop, product, title="Another title")
    house.until_idle()
    assert ([], ["rolled_back"]) == (house.ours(product), states(house, product))
    assert "rolled_back" == house.job(product)["state"]


def test_a_picture_that_was_rolled_back_can_be_put_back(house, product):
    """Approving it once more costs nothing."""
    image = image_of(house, product)
    house.json("rollback", image)

    house.json("review", "approve", image)

    wait_for(lambda: house.ours(product), 20, lambda: house.job(product))
    assert 1 == house.bought()


def test_the_worker_takes_back_what_a_page_asked_for(house, product):
    """The same by an intent, and the answer is written down."""
    image, click = image_of(house, product), f"click-{uuid.uuid4()}"
    wish = RollbackRequested(images=(image,), by="user 7")
    ours = OurHouse(load(house.folder / "config.toml"))
    ours.inbox.record(Arrival(id=click, source="admin", topic="", shop=house.shop, intent=wish))

    wait_for(lambda: ours.inbox.answered(click), 20, lambda: house.state(product))

    assert "Taken off the product." in ours.inbox.answered(click)[1]
    assert ([], ["rolled_back"]) == (house.ours(product), states(house, product))
    ours.database.close()


def test_each_colour_has_its_picture_and_gives_it_back(house):
    """Made from the colour's own photo and shown by its variants, told to the theme; a rollback restores it all."""
    product = house.add_product(house.shop, photos=2, announce=False, options=[("Color", ("Red", "Blue"))])
    with house.sandbox.store.lock:
        for variant, file in zip(product.variants, product.gallery, strict=True):
            variant.media = [file]
    before = shown(house, product)

    done = house.json("generate", product.handle)

    assert ["Color: Red", "Color: Blue"] == [image["brief"]["option"] for image in done["images"]]
    files = [image["file_id"] for image in done["images"]]
    assert {"Red": files[:1], "Blue": files[1:]} == shown(house, product)
    assert [file.rpartition("/")[2] for file in files] == told(house, product)["ids"]
    house.json("rollback", product.handle)

    assert before == shown(house, product)
    assert None is told(house, product)


def shown(house, product):
    """Variant → the ids of its media."""
    with house.sandbox.store.lock:
        return {variant.title: [file.gid for file in variant.media] for variant in product.variants}


def told(house, product):
    """What the theme can read."""
    with house.sandbox.store.lock:
        found = product.metafields.get(("$app", "ai_pictures"))
        return json.loads(found.value) if found else None


def test_a_picture_made_anew_takes_the_place_of_the_old_one(house, product):
    """With a note; and a rollback puts the earlier one back."""
    old = image_of(house, product)
    before = names(house, product)

    done = house.json("review", "regenerate", old, "--note", "brighter, no plants")

    assert ("published", ["replaced", "published"]) == (done["state"], states(house, product))
    assert "brighter, no plants" in done["images"][0]["brief"]["prompt"]
    assert (2, 1) == (house.bought(), len(house.ours(product)))
    assert 2 == len(house.files_of_ours(house.shop, product))

    house.json("rollback", done["images"][0]["id"])

    assert before == names(house, product)
    assert ["published", "rolled_back"] == states(house, product)
    assert 2 == house.bought()


@pytest.mark.parametrize("writes", [1, 2], ids=["after the new one came", "after the old one left"])
def test_promise_never_pay_twice_when_a_regeneration_is_killed(house, product, writes):
    """kill -9 while a change of the product is under way, then another worker: one purchase, one picture there."""
    old = image_of(house, product)
    house.fault("shopify.hang", times=writes, operation="FileUpdate", seconds=HANG_S)
    house.command("review", "regenerate", old, "--no-wait")
    house.until_struck(limit_s=40)
    assert house.ours(product), "the place is never empty"

    house.kill("worker")
    house.sandbox.faults.clear()
    house.start("worker")

    wait_for(lambda: states(house, product) == ["replaced", "published"], 30, lambda: house.job(product))
    house.until_idle()
    assert (2, 1) == (house.bought(), len(house.ours(product)))
    assert 2 == len(house.files_of_ours(house.shop, product))
    assert "published" == house.job(product)["state"]


def test_a_killed_rollback_is_finished_by_the_next_worker(house, product):
    """The picture is off and the worker died before it could write that down."""
    image, click = image_of(house, product), f"click-{uuid.uuid4()}"
    ours = OurHouse(load(house.folder / "config.toml"))
    house.fault("shopify.hang", operation="FileUpdate", seconds=HANG_S)
    wish = RollbackRequested(images=(image,), by="user 7")
    ours.inbox.record(Arrival(id=click, source="admin", topic="", shop=house.shop, intent=wish))
    house.until_struck()

    house.kill("worker")
    house.sandbox.faults.clear()
    house.start("worker")

    wait_for(lambda: ours.inbox.answered(click), 30, lambda: house.state(product))
    assert "Taken off the product." in ours.inbox.answered(click)[1]
    assert ([], ["rolled_back"]) == (house.ours(product), states(house, product))
    ours.database.close()
