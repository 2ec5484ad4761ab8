"""Stage 1: a product is read again and decided on; what was heard is only a hint, and no interruption loses a job."""

from datetime import timedelta

import pytest

from shopify_imagegen.errors import BadCredentials, MissingScope, NoAnswer, ShopClosed, Unavailable
from shopify_imagegen.look import SHOP_PAUSED
from shopify_imagegen.models import (
    GenerateRequested,
    ImageState,
    JobState,
    Photo,
    Plan,
    SkipReason,
    Trigger,
)
from shopify_imagegen.pausing import mended
from shopify_imagegen.settings import parse
from tests.fakes import LAMP, SHOP, away, lamp


@pytest.fixture
def open_world(open_world):
    """Worlds in which the product was heard of."""
    return lambda **options: open_world(**options).heard_of_the_lamp()


def look(world):
    return world.look.after_a_change(SHOP, LAMP)


def due(world, **later):
    """The product ids that would be looked at by now, or *later*."""
    return [product_id for _, product_id, _ in world.watch.due(world.time.now + timedelta(**later), 10)]


def why(world):
    return world.watch.state(SHOP, LAMP)[0]


def photo(status):
    return lamp().media[0].model_copy(update={"status": status, "url": None, "reference_url": None})


def test_a_new_product_becomes_a_job(world):
    """The way it should be."""
    job_id = look(world)

    assert (JobState.PLANNED, Trigger.NEW_LISTING) == (world.jobs.job(job_id).state, world.jobs.job(job_id).trigger)
    assert 2 == len(world.jobs.images(job_id))
    assert "job" == why(world)


def test_two_looks_are_one_job(world):
    """Duplicate webhooks, our own echo, looks out of order: the product has one job."""
    job_id = look(world)
    world.jobs.move(job_id, JobState.GENERATING)

    assert look(world) is None
    assert 1 == len(world.jobs.recent(shop=SHOP, limit=10))


@pytest.mark.parametrize(
    ("port", "method", "moment"),
    [
        ("jobs", "begin", "before"),
        ("jobs", "begin", "after"),
        ("watch", "settle", "before"),
        ("watch", "settle", "after"),
    ],
)
def test_a_job_that_an_interrupted_look_has_planned_is_not_lost(world, port, method, moment):
    """Killed behind the commit, before the engine heard of the job: the next run of the step names it again."""
    getattr(getattr(world, port), moment)[method] = [away()]
    with pytest.raises(Unavailable):
        look(world)

    job_id = look(world)

    assert job_id
    assert [job_id] == [job.id for job in world.jobs.recent(shop=SHOP, limit=10)]


def test_a_wish_that_an_interrupted_step_has_planned_is_not_lost(world):
    """The same for a person's request, which is answered with the job."""
    wish = GenerateRequested(product_id=LAMP, count=1)
    world.jobs.after["begin"] = [away()]
    with pytest.raises(Unavailable):
        world.look.on_request(SHOP, wish)

    job_id, _ = world.look.on_request(SHOP, wish)

    assert [job_id] == [job.id for job in world.jobs.recent(shop=SHOP, limit=10)]


def test_a_finished_job_is_not_made_again(world):
    """Its own pictures come back as changes of the product."""
    job_id = look(world)
    for image in world.jobs.images(job_id):
        world.jobs.move_image(image.id, ImageState.PUBLISHED)
    world.jobs.move(job_id, JobState.PUBLISHED)

    assert look(world) is None
    assert SkipReason.HAS_PICTURES == why(world)


def test_a_picture_that_was_made_and_is_no_good_keeps_its_reason_at_the_next_look(world):
    """A late webhook must not put a job without pictures before the one that says why."""
    job_id = look(world)
    for image in world.jobs.images(job_id):
        world.jobs.move_image(image.id, ImageState.UNFIT, "it is blank")
    world.jobs.move(job_id, JobState.NOTHING_PUBLISHED, "It is blank.")

    assert look(world) is None
    assert [(job_id, "It is blank.")] == [(job.id, job.reason) for job in world.jobs.recent(shop=SHOP, limit=10)]


def test_a_product_that_is_gone_is_forgotten(world):
    """Deleted between the webhook and the look."""
    world.catalog.products.clear()

    assert look(world) is None
    assert world.watch.state(SHOP, LAMP) is None


def test_photos_in_processing_are_looked_at_again_by_ourselves(world):
    """Nobody tells us when they are ready; later and later, and not for ever."""
    world.catalog.products[LAMP] = lamp(media=(photo("PROCESSING"),))
    waits_s = []
    while look(world) is None and not due(world):
        before = world.time.now
        while not due(world) and world.time.now < before + timedelta(hours=1):
            world.time.sleep(1)
        waits_s.append((world.time.now - before).total_seconds())
        if not due(world):
            break
        world.watch.started(SHOP, LAMP, world.watch.due(world.time.now, 1)[0][2])

    assert [5, 10, 20, 40, 80, 160, 320, 640] == waits_s[:-1]
    assert SkipReason.PHOTOS_NOT_READY == why(world)


def test_the_first_photo_is_known_as_such_even_while_it_is_processed(open_world):
    """Between "no photo" and "ready" lies "in processing", which must not make it look like a listing with photos."""
    world = open_world(settings=parse("[trigger]\non_create = false\n", {}))
    world.catalog.products[LAMP] = lamp(media=(), media_count=0)
    look(world)
    world.catalog.products[LAMP] = lamp(media=(photo("PROCESSING"),))
    look(world)
    world.catalog.products[LAMP] = lamp()

    assert look(world)


def test_the_payload_is_not_asked(world):
    """A late, stale webhook names the product; what the store says now decides."""
    world.catalog.products[LAMP] = lamp(tags=("no-ai-images",))

    assert look(world) is None
    assert SkipReason.OPTED_OUT == why(world)


# A shop that will not have us


def test_an_uninstalled_shop_is_not_looked_at(world):
    """No read, no plan, no purchase; nothing is remembered."""
    world.shop(state="uninstalled")

    assert look(world) is None
    assert (None, "The app is not installed in this store.") == world.look.on_request(
        SHOP, GenerateRequested(product_id=LAMP)
    )
    assert 0 == world.catalog.reads


@pytest.mark.parametrize("error", [BadCredentials("401"), ShopClosed("402"), MissingScope("read_products")])
def test_a_shop_that_turns_us_away_is_paused_once_and_the_product_waits(world, error, caplog):
    """One clear message; the product is looked at when its shop is served again."""
    world.catalog.errors = [error, error]

    assert [None, None] == [look(world), look(world)]
    assert ("paused", True) == (world.shops.find(SHOP).state, str(error) in world.shops.find(SHOP).reason)
    assert 1 == caplog.text.count("until this is mended")
    assert (1, SHOP_PAUSED) == (world.catalog.reads, why(world))
    world.watch.wake([SHOP], SHOP_PAUSED, world.time.now)
    assert [LAMP] == due(world)


def test_a_wish_for_a_paused_shop_is_answered_with_the_reason(world):
    """A person waits for the answer, and can mend it."""
    world.look.pauses.pause(SHOP, MissingScope("write_files"))

    job_id, reason = world.look.on_request(SHOP, GenerateRequested(product_id=LAMP))

    assert (None, True) == (job_id, "write_files" in reason)
    assert 0 == world.catalog.reads


@pytest.mark.parametrize(
    ("error", "granted", "is_mended"),
    [
        (ShopClosed("402"), [], True),
        (MissingScope("write_files"), ["write_products"], False),
        (MissingScope("write_files"), ["write_files", "write_products"], True),
    ],
    ids=["frozen", "still missing", "granted"],
)
def test_a_shop_that_answers_is_mended_unless_a_permission_is_missing(world, error, granted, is_mended):
    """The token may read and not write: pictures would be bought that cannot be published."""
    world.look.pauses.pause(SHOP, error)

    assert is_mended == mended(world.shops.find(SHOP), granted, ["write_files", "write_products"])


@pytest.mark.parametrize("error", [NoAnswer("silence"), Unavailable("500")])
def test_a_silent_shopify_loses_no_product(world, error):
    """The engine tries again; if that is in vain too, the product is looked at in an hour."""
    world.catalog.errors = [error]

    with pytest.raises(type(error)):
        look(world)

    assert [LAMP] == due(world, hours=1)


# Prices


def test_the_providers_price_comes_before_the_settings(world):
    """What is reserved is what will be charged."""
    asked = []
    job_id = _with_quote(world, lambda resolution: asked.append(resolution) or 70_000).after_a_change(SHOP, LAMP)

    assert {70_000} == {image.brief.price_microusd for image in world.jobs.images(job_id)}
    assert {"1K"} == set(asked)


def test_a_provider_that_names_no_price_leaves_it_to_the_settings(world):
    """No answer is not free."""
    job_id = _with_quote(world, lambda resolution: None).after_a_change(SHOP, LAMP)

    assert {60_000} == {image.brief.price_microusd for image in world.jobs.images(job_id)}


def test_a_price_above_the_limit_stops_the_plan(world):
    """The provider raised its price over night."""
    assert _with_quote(world, lambda resolution: 900_000).after_a_change(SHOP, LAMP) is None
    assert SkipReason.TOO_EXPENSIVE == why(world)


def test_a_preview_writes_nothing_and_asks_the_provider_nothing(world):
    """It is how a merchant finds out what would happen."""
    before = world.watch.state(SHOP, LAMP)

    found = _with_quote(world, _never).preview(SHOP, GenerateRequested(product_id=LAMP))

    assert isinstance(found, Plan)
    assert before == world.watch.state(SHOP, LAMP)
    assert () == world.jobs.recent(shop=SHOP, limit=10)


def test_our_own_media_is_no_photo_of_the_merchants(world):
    """What we published is neither a reference nor a first photo."""
    (image_id,) = world.staged()
    ours = Photo(id=world.jobs.image(image_id).file_id, kind="IMAGE", status="READY", url="https://cdn.example/x.jpg")
    world.jobs.move(world.jobs.image(image_id).job_id, JobState.CANCELLED)
    world.catalog.products[LAMP] = lamp(media=(ours,))

    found = world.look.preview(SHOP, GenerateRequested(product_id=LAMP))

    assert SkipReason.NO_PHOTOS == found.why


def _with_quote(world, quote):
    made = world.look
    made._quote = quote
    return made


def _never(resolution):
    raise AssertionError("the provider was asked")
