"""The stages as the engine calls them: closed shops, pauses, and how a job is wound up."""

from datetime import timedelta
from decimal import Decimal

import pytest

from shopify_imagegen.errors import BadCredentials, NoAnswer, NoFunds
from shopify_imagegen.models import ImageState, JobState, Trigger
from shopify_imagegen.settings import BudgetSection
from tests.fakes import LAMP, SHOP, START, a_job, lamp


@pytest.fixture
def open_world(open_world):
    """Worlds in which the product was heard of."""
    return lambda **options: open_world(**options).heard_of_the_lamp()


def run(world, image_ids):
    """The line from end to end, as the engine runs it when nothing fails."""
    for stage in ("buy", "prepare"):
        image_ids = [image_id for image_id in image_ids if getattr(world.line, stage)(image_id).next == "go_on"]
    world.line.attach(image_ids)
    world.line.finish(a_job(START).id)
    return world.jobs.job(a_job(START).id)


def test_the_line_from_end_to_end(world):
    """Bought, inspected, marked, staged, attached, read back."""
    ids = world.begin(2)

    done = run(world, ids)

    assert (JobState.PUBLISHED, "2 lifestyle photos on the product.") == (done.state, done.reason)
    assert 3 == len(world.media.galleries[LAMP])


@pytest.mark.parametrize(("state", "word"), [("uninstalled", "stop"), ("paused", "park")])
def test_no_paid_call_for_a_shop_that_is_not_active(world, state, word):
    """The app was uninstalled, or the token revoked, between the plan and the purchase."""
    (image_id,) = world.begin()
    world.shop(state=state, reason="frozen")

    assert word == world.line.buy(image_id).next
    assert [] == world.provider.calls


@pytest.mark.parametrize(
    ("now", "reason"),
    [(None, "deleted from the store"), (lamp(tags=("No-AI-Images",)), "has the tag no-ai-images")],
    ids=["deleted", "opted out"],
)
def test_nothing_is_bought_for_a_product_that_was_withdrawn_while_it_waited(world, now, reason):
    """A storm or a backfill waits for hours; the merchant's word of now counts."""
    (image_id,) = world.begin()
    world.catalog.products = {LAMP: now} if now else {}
    world.time.now += timedelta(hours=2)

    outcome = world.line.buy(image_id)

    assert ("stop", True) == (outcome.next, reason in outcome.reason)
    assert ([], ImageState.REFUSED) == (world.provider.calls, world.state(image_id))


def test_a_picture_that_waited_is_bought_when_its_product_still_wants_it(world):
    """And the store is asked but once."""
    (image_id,) = world.begin()
    world.time.now += timedelta(hours=2)

    assert "go_on" == world.line.buy(image_id).next
    assert "go_on" == world.line.buy(image_id).next
    assert 1 == world.catalog.reads


@pytest.mark.parametrize("stage", ["stage", "attach"])
def test_a_token_revoked_under_way_pauses_the_shop_and_keeps_the_picture(world, stage):
    """The picture is paid for: it waits until a person has mended the token."""
    (image_id,) = world.stamped() if stage == "stage" else world.staged()
    world.media.before["upload" if stage == "stage" else "gallery"] = [BadCredentials("401")]

    outcome = world.line.prepare(image_id) if stage == "stage" else world.line.attach([image_id])

    assert "park" == outcome.next
    assert "paused" == world.shops.find(SHOP).state
    assert world.state(image_id) in (ImageState.BOUGHT, ImageState.STAGED)
    again = world.line.prepare(image_id) if stage == "stage" else world.line.attach([image_id])
    assert "go_on" == again.next


def test_a_listing_without_room_in_the_budget_is_looked_at_the_next_day(open_world):
    """At one minute past midnight UTC, when the day's budget is new."""
    world = open_world(budget=BudgetSection(per_day_usd=Decimal("0.01")))

    done = run(world, world.begin())

    assert JobState.NOTHING_PUBLISHED == done.state
    assert "budget" in done.reason
    assert () == world.watch.due(START + timedelta(hours=13), 10)
    assert 1 == len(world.watch.due(START + timedelta(hours=14, minutes=1), 10))


def short(open_world, budget="0.06", **job_fields):
    """A listing with one picture on it, and none for the other: the day's budget had room for one."""
    world = open_world(budget=BudgetSection(per_day_usd=Decimal(budget)))
    ids = world.begin(2, **job_fields)
    assert JobState.PARTLY_PUBLISHED == run(world, ids).state
    return world, ids


def test_the_rest_of_a_listing_is_bought_the_next_day(open_world):
    """By its own job: the product has pictures by now, so a look would find nothing to do."""
    world, ids = short(open_world)
    assert () == world.watch.due(START + timedelta(days=2), 10)
    world.line.reopen(a_job(START).id, refused=False)
    assert world.is_(ids[1], "over_budget"), "not twice in a day"

    world.time.now = START + timedelta(hours=14)
    world.line.reopen(a_job(START).id, refused=False)

    assert JobState.PUBLISHED == run(world, ids).state
    assert ids == world.provider.calls, "each bought once"


def test_a_budget_without_room_the_next_day_either_is_asked_once_more_on_the_day_after(open_world):
    """The month's: a try a day."""
    world, ids = short(open_world)
    world.budget = BudgetSection(per_day_usd=Decimal(1), per_month_usd=Decimal("0.06"))
    world.time.now = START + timedelta(hours=14)
    world.line.reopen(a_job(START).id, refused=False)
    run(world, ids)

    world.line.reopen(a_job(START).id, refused=False)

    assert world.is_(ids[1], "over_budget")
    assert ids[:1] == world.provider.calls


@pytest.mark.parametrize("state", [ImageState.ROLLED_BACK, ImageState.REJECTED])
def test_the_rest_is_not_bought_for_a_merchant_who_did_not_want_the_first(open_world, state):
    """They have seen what it looks like."""
    world, ids = short(open_world)
    world.jobs.move_image(ids[0], state, "by a person")
    world.time.now = START + timedelta(days=1)

    world.line.reopen(a_job(START).id, refused=False)

    assert world.is_(ids[1], "over_budget")


def test_the_rest_of_what_a_person_asked_for_is_theirs_to_ask_for(open_world):
    """They read the reason and decide."""
    world, ids = short(open_world, trigger=Trigger.PERSON)
    world.time.now = START + timedelta(days=1)

    world.line.reopen(a_job(START).id, refused=False)

    assert world.is_(ids[1], "over_budget")


def test_nothing_is_bought_while_the_provider_is_paused(world):
    """The whole job stops and waits; what it has not bought is not given up."""
    first, second = world.begin(2)
    world.provider.errors = [NoFunds("the balance is used up")]

    assert ["park", "park"] == [world.line.buy(image_id).next for image_id in (first, second)]
    assert [ImageState.PLANNED] * 2 == [world.state(image_id) for image_id in (first, second)]
    assert [first] == world.provider.calls


def test_what_a_person_asked_for_is_not_repeated_by_itself(open_world):
    """They read the reason and decide."""
    world = open_world(budget=BudgetSection(per_day_usd=Decimal("0.01")))
    ids = world.begin(trigger=Trigger.PERSON)

    run(world, ids)

    assert () == world.watch.due(START + timedelta(days=2), 10)


def test_a_job_that_fails_leaves_no_picture_without_a_reason(world):
    """A bug ended the job: each picture says so, wherever it was."""
    planned, unknown, published = world.begin(3)
    world.provider.errors = [NoAnswer("silence")]
    world.line.buy(unknown)
    world.jobs.move_image(published, ImageState.PUBLISHED)

    world.line.move_job(a_job(START).id, JobState.FAILED, "Stopped by an error of the program.")

    assert ["refused", "unknown", "published"] == [world.state(each) for each in (planned, unknown, published)]
    assert "error of the program" in world.jobs.image(planned).reason
    assert JobState.FAILED == world.jobs.job(a_job(START).id).state


def test_finishing_twice_says_the_same(world):
    """A finished step that runs again."""
    first = run(world, world.begin())

    world.line.finish(first.id)

    assert (first.state, first.reason) == (world.jobs.job(first.id).state, world.jobs.job(first.id).reason)
