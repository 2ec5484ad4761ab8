"""A person decides: each decision takes effect once, with a name on it, and one that comes too late says so."""

import pytest

from shopify_imagegen.errors import Conflict, NotFound, Unavailable
from shopify_imagegen.models import ImageApproved, JobState, RollbackRequested
from tests.fakes import LAMP, SHOP, START, World, a_job, brief

JOB = a_job(START).id


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def waiting(world):
    """Two pictures that wait."""
    ids = world.staged(2)
    world.line.finish(JOB)
    return ids


def approve(world, image_id, **wish):
    """As the engine does it: ready, then onto the product."""
    said = world.line.approve(SHOP, ImageApproved(image_id=image_id, by="user 7", **wish))
    if said.next == "go_on":
        world.line.attach([image_id])
        world.line.finish(world.jobs.image(image_id).job_id)
    return said


def shown(world):
    return [photo.alt for photo in world.media.gallery(SHOP, LAMP)]


def actors(world, image_id):
    return [(row["action"], row["actor"]) for row in world.jobs.history(image_id) if row["actor"] != "app"]


def test_an_approved_picture_is_published_and_the_decision_has_a_name(world, waiting):
    """Who let it in is on record."""
    assert "go_on" == approve(world, waiting[0]).next
    assert ["the merchant's words", brief(0).alt] == shown(world)
    assert [("image_approved", "user 7")] == actors(world, waiting[0])


def test_the_merchants_words_are_the_alt_text(world, waiting):
    """In the store, and in our record with what it was before."""
    approve(world, waiting[0], alt="  A lamp on   my desk ")

    assert ["the merchant's words", "A lamp on my desk"] == shown(world)
    assert "A lamp on my desk" == world.jobs.image(waiting[0]).brief.alt
    (row,) = [row for row in world.jobs.history(waiting[0]) if row["action"] == "image_amended"]
    assert {"was": {"alt": brief(0).alt}, "alt": "A lamp on my desk"} == row["detail"]


def test_the_chosen_place_goes_before_the_settings(world, waiting):
    """First, even: a person asked for it."""
    world.media.product(LAMP, "a.jpg", "b.jpg")

    approve(world, waiting[0], place="second")
    approve(world, waiting[1], place="first")

    assert [brief(1).file_name, "a.jpg", brief(0).file_name, "b.jpg"] == world.media.names()


def test_one_of_several(world, waiting):
    """The others are rejected with the reason."""
    approve(world, waiting[0], alone=True)

    assert ["published", "rejected"] == [world.state(each) for each in waiting]
    assert "Another picture was chosen." == world.jobs.image(waiting[1]).reason
    assert (JobState.PARTLY_PUBLISHED, "user 7") == (world.jobs.job(JOB).state, actors(world, waiting[1])[0][1])


def test_approving_again_after_a_crash_changes_nothing_more(world, waiting):
    """The step runs a second time."""
    wish = ImageApproved(image_id=waiting[0], by="user 7", alt="My words")
    world.line.approve(SHOP, wish)

    assert "go_on" == world.line.approve(SHOP, wish).next
    assert 1 == world.media.asked.count("describe")


def test_rejecting_says_why_and_keeps_the_file(world, waiting):
    """It was paid for; the merchant may want it elsewhere."""
    world.review.reject(SHOP, waiting[0], by="user 7", reason="too dark")

    assert ("rejected", "too dark") == (world.state(waiting[0]), world.jobs.image(waiting[0]).reason)
    assert world.jobs.image(waiting[0]).file_id in world.media.files
    assert JobState.AWAITING_REVIEW == world.jobs.job(JOB).state


def test_when_all_are_rejected_the_job_has_ended(world, waiting):
    """Nothing waits any more."""
    for image_id in waiting:
        world.review.reject(SHOP, image_id, by="user 7", reason="too dark")

    job = world.jobs.job(JOB)
    assert (JobState.NOTHING_PUBLISHED, "too dark.") == (job.state, job.reason)


def test_a_mind_may_be_changed(world, waiting):
    """What was rejected, or rolled back, can still be put on the product; it costs nothing."""
    world.review.reject(SHOP, waiting[0], by="user 7", reason="too dark")
    approve(world, waiting[0])
    assert world.is_(waiting[0], "published")

    world.rollback.run(SHOP, RollbackRequested(images=(waiting[0],)))
    assert ["the merchant's words"] == shown(world)
    approve(world, waiting[0])

    assert ["the merchant's words", brief(0).alt] == shown(world)
    assert [] == world.provider.calls


@pytest.mark.parametrize("wish", ["approved", "rejected"])
def test_a_decision_that_comes_too_late_says_so(world, waiting, wish):
    """A second click, or a page that was open since yesterday."""
    approve(world, waiting[0])

    with pytest.raises(Conflict, match=f"is published, so it cannot be {wish}"):
        world.review.expect(SHOP, waiting[0], wish)


def test_a_deleted_product_is_named(world, waiting):
    """The picture stays in Files, and the approval says why nothing is shown."""
    del world.media.galleries[LAMP]

    said = approve(world, waiting[0])

    assert ("stop", True) == (said.next, "The product was deleted" in said.reason)
    assert world.is_(waiting[0], "staged")


def test_a_deleted_file_is_named(world, waiting):
    """Somebody tidied up Files."""
    world.media.remove(world.jobs.image(waiting[0]).file_id)

    assert "Its file was deleted" in approve(world, waiting[0]).reason


def test_an_outage_leaves_the_decision_to_the_next_try(world, waiting):
    """Nothing is half done that a second run would not finish."""
    world.media.after["describe"] = [Unavailable("500")]
    with pytest.raises(Unavailable):
        approve(world, waiting[0], alt="My words")

    approve(world, waiting[0], alt="My words")

    assert ["the merchant's words", "My words"] == shown(world)


def test_another_shops_picture_is_not_found(world, waiting):
    """No request reaches into another store."""
    with pytest.raises(NotFound):
        world.review.reject("other.myshopify.com", waiting[0], by="user 7")
