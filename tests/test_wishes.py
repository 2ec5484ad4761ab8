"""A wish is recorded once, and followed to the end of whatever it led to."""

import pytest

from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import Arrival, GenerateRequested, ImageApproved, ImageState, JobState
from shopify_imagegen.wishes import Wishes
from tests.fakes import LAMP, SHOP

OTHER_SHOP = "nice-bags.myshopify.com"


@pytest.fixture
def wishes(world):
    return Wishes(inbox=world.inbox, jobs=world.jobs, shops=world.shops)


def wish(shop=SHOP, note="", wish_id="api-1"):
    return Arrival(id=wish_id, source="api", topic="", shop=shop, intent=GenerateRequested(product_id=LAMP, note=note))


def test_a_wish_waits_until_a_worker_plans_it(wishes, world):
    """Whoever asked is told at once that it was heard, and nothing was bought yet."""
    progress = wishes.make(wish())

    assert ("api-1", LAMP, "queued", False) == (progress.id, progress.product_id, progress.state, progress.is_done)
    assert [(wish().id, wish().intent)] == [(each.id, each.intent) for each in world.inbox.waiting(10)]


def test_the_same_wish_twice_is_one(wishes, world):
    """A button that is pressed twice, or a request that a network repeats, must not buy twice."""
    first, second = wishes.make(wish()), wishes.make(wish())

    assert first == second
    assert 1 == len(world.inbox.waiting(10))


def test_another_wish_under_the_same_id_is_refused(wishes):
    """Or it would be dropped without a word."""
    wishes.make(wish())

    with pytest.raises(Conflict, match="key was used"):
        wishes.make(wish(note="by a window"))


def test_a_wish_is_followed_through_to_its_job(wishes, world):
    """The id that was answered first stays the one to ask by."""
    wishes.make(wish())
    world.begin(2)
    [job] = world.jobs.recent(shop=SHOP, limit=5)
    world.inbox.answer("api-1", job_id=job.id, reason="")
    world.inbox.done("api-1", "asked")

    progress = wishes.progress(SHOP, "api-1")
    assert ("api-1", job.id, JobState.PLANNED, 2) == (
        progress.id,
        progress.job.id,
        progress.state,
        len(progress.images),
    )
    assert progress.images == wishes.progress(SHOP, job.id).images


def test_a_wish_that_was_taken_up_still_waits_for_its_answer(wishes, world):
    """Between the dispatcher and the look there is no job yet; that is not a no."""
    wishes.make(wish())
    world.inbox.done("api-1", "asked")

    assert "queued" == wishes.progress(SHOP, "api-1").state


@pytest.mark.parametrize(
    ("say", "reason"),
    [
        (lambda inbox: inbox.answer("api-1", job_id=None, reason="The product has no photo yet."), "no photo yet"),
        (lambda inbox: inbox.done("api-1", "the shop is not installed"), "not installed"),
    ],
    ids=["by the plan", "by the dispatcher"],
)
def test_a_wish_that_leads_to_nothing_says_why(wishes, world, say, reason):
    """Never silent: nobody shall wait for photos that will not come."""
    wishes.make(wish())
    say(world.inbox)

    progress = wishes.progress(SHOP, "api-1")
    assert ("declined", True, False) == (progress.state, progress.is_done, progress.is_well)
    assert reason in progress.reason


def test_other_shops_do_not_learn_of_it(wishes, world):
    """An id that leaks is worth nothing elsewhere, and does not even tell that it exists."""
    wishes.make(wish())
    world.begin()
    [job] = world.jobs.recent(shop=SHOP, limit=5)

    for followed_id in ("api-1", job.id):
        with pytest.raises(NotFound, match=f"there is no job {followed_id}"):
            wishes.progress(OTHER_SHOP, followed_id)


def test_what_is_not_a_wish_is_not_followed(wishes, world):
    """The inbox holds webhooks and decisions too; they are nobody's to read."""
    intent = ImageApproved(image_id="0" * 32)
    world.inbox.record(Arrival(id="cli-7", source="cli", topic="", shop=SHOP, intent=intent))

    with pytest.raises(NotFound):
        wishes.progress(SHOP, "cli-7")


@pytest.mark.parametrize("state", [None, "uninstalled"])
def test_a_shop_that_has_left_wishes_for_nothing(wishes, world, state):
    """It would wait in the inbox for a worker who must refuse it."""
    if state:
        world.shop(state=state)

    with pytest.raises(NotFound, match="not installed"):
        wishes.make(wish(shop=SHOP if state else OTHER_SHOP))


@pytest.mark.parametrize(
    ("state", "is_done", "is_well"),
    [
        (JobState.PLANNED, False, False),
        (JobState.PAUSED, False, False),
        (JobState.AWAITING_REVIEW, True, True),
        (JobState.PUBLISHED, True, True),
        (JobState.PARTLY_PUBLISHED, True, True),
        (JobState.NOTHING_PUBLISHED, True, False),
        (JobState.FAILED, True, False),
    ],
)
def test_whether_to_wait_and_whether_to_cheer(wishes, world, state, is_done, is_well):
    """A paused job goes on by itself; one that published nothing has not done what it was asked."""
    [image_id] = world.begin()
    [job] = world.jobs.recent(shop=SHOP, limit=5)
    world.jobs.move_image(image_id, ImageState.REFUSED, "no")
    world.jobs.move(job.id, state, "why")

    progress = wishes.progress(SHOP, job.id)
    assert (is_done, is_well, "why") == (progress.is_done, progress.is_well, progress.reason)
