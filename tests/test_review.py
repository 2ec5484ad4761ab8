"""A person decides: each decision takes effect once, with a name on it, and one that comes too late says so."""

import pytest

from shopify_imagegen.errors import Conflict, NotFound, Unavailable
from shopify_imagegen.models import ImageApproved, JobState, RollbackRequested
from tests.fakes import LAMP, SHOP, START, a_job, brief

JOB = a_job(START).id


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


def test_an_approval_of_what_somebody_rejected_since_is_told_so(world, waiting):
    """The worker acts a moment after the click; the rejection came between, and was the last word."""
    wish = ImageApproved(image_id=waiting[0], by="user 7", saw="staged")
    world.review.reject(SHOP, waiting[0], by="user 8", reason="too dark")

    with pytest.raises(Conflict, match="is rejected, so it cannot be approved"):
        world.line.approve(SHOP, wish)

    assert world.is_(waiting[0], "rejected")


def test_a_rejection_that_comes_while_the_store_is_asked_is_told_to_the_approver(world, waiting):
    """One conditional write decides: nothing of the approval is left."""
    real = world.media.gallery

    def gallery(*about):
        world.media.gallery = real
        world.review.reject(SHOP, waiting[0], by="user 8", reason="too dark")
        return real(*about)

    world.media.gallery = gallery

    with pytest.raises(Conflict, match="is rejected"):
        world.line.approve(SHOP, ImageApproved(image_id=waiting[0], by="user 7", alt="My words", saw="staged"))
    assert brief(0).alt == world.jobs.image(waiting[0]).brief.alt


def test_an_approval_that_runs_again_is_no_stranger_to_itself(world, waiting):
    """It saw a rejected picture, brought it back, and the step ran once more."""
    world.review.reject(SHOP, waiting[0], by="user 8", reason="too dark")
    wish = ImageApproved(image_id=waiting[0], by="user 7", saw="rejected")
    world.line.approve(SHOP, wish)

    assert "go_on" == world.line.approve(SHOP, wish).next


def test_of_two_rejections_the_second_is_told(world, waiting):
    """Both people see one decision, and whose it was."""
    world.review.reject(SHOP, waiting[0], by="user 7", reason="too dark")

    with pytest.raises(Conflict, match="is rejected, so it cannot be rejected"):
        world.review.reject(SHOP, waiting[0], by="user 8", reason="too bright")
    assert [("image_rejected", "user 7")] == actors(world, waiting[0])


# What is remembered with the picture


def in_review(world, *, mode="review"):
    world.settings = world.settings.model_copy(
        update={"publish": world.settings.publish.model_copy(update={"mode": mode})}
    )


def line_of(world, ids):
    """The line as the engine runs it once the pictures were bought."""
    for stage in ("buy", "prepare"):
        ids = [image_id for image_id in ids if getattr(world.line, stage)(image_id).next == "go_on"]
    if not world.line.wants_review(JOB):
        world.line.attach(ids)
    world.line.finish(JOB)
    return [world.state(image_id) for image_id in ids]


def test_an_approved_picture_whose_store_was_away_is_not_asked_about_again(world):
    """The merchant has decided; when publishing works again, it is published."""
    in_review(world)
    (image_id,) = world.begin()
    assert ["staged"] == line_of(world, [image_id])
    world.line.approve(SHOP, ImageApproved(image_id=image_id, by="user 7"))
    world.line.give_up(image_id, "Shopify was away")
    world.line.finish(JOB)

    world.line.reopen(JOB, refused=False)

    assert ["published"] == line_of(world, [image_id])


@pytest.mark.parametrize("made_for_review", ["bought", "staged", "failed"])
def test_a_picture_made_for_review_is_never_published_without_a_decision(world, made_for_review):
    """The merchant goes over to automatic, and the job is taken up: what waited goes on waiting."""
    in_review(world)
    (image_id,) = world.begin()
    if made_for_review == "bought":
        world.line.buy(image_id)
    else:
        line_of(world, [image_id])
    if made_for_review == "failed":
        world.line.give_up(image_id, "Shopify was away")
    in_review(world, mode="auto")
    world.line.reopen(JOB, refused=True)

    assert ["staged"] == line_of(world, [image_id])
    assert ["the merchant's words"] == shown(world)
    assert JobState.AWAITING_REVIEW == world.jobs.job(JOB).state


def test_one_that_waited_before_this_was_remembered_waits_too(world, waiting):
    """Of an earlier version: its job says that it waits."""
    assert ("", JobState.AWAITING_REVIEW) == (world.jobs.image(waiting[0]).brief.review, world.jobs.job(JOB).state)

    world.line.reopen(JOB, refused=True)

    assert ["staged", "staged"] == line_of(world, waiting)


def test_of_one_job_the_approved_are_published_and_the_others_wait(world):
    """Taking up a job for one picture decides nothing about another."""
    in_review(world)
    ids = world.begin(2)
    line_of(world, ids)
    world.line.approve(SHOP, ImageApproved(image_id=ids[0], by="user 7"))
    world.line.give_up(ids[0], "Shopify was away")
    world.line.reopen(JOB, refused=False)

    assert ["published", "staged"] == line_of(world, ids)


def test_what_waits_is_not_given_up_when_another_could_not_be_attached(world):
    """It waits for a person, not for the store."""
    in_review(world)
    ids = world.begin(2)
    line_of(world, ids)
    world.line.approve(SHOP, ImageApproved(image_id=ids[0], by="user 7"))

    for image_id in ids:
        world.line.not_attached(image_id, "Shopify was away")

    assert ["failed", "staged"] == [world.state(image_id) for image_id in ids]


def test_automatic_stays_automatic(world):
    """Nobody is asked where nobody asked for it."""
    (image_id,) = world.begin()

    assert ["published"] == line_of(world, [image_id])
    assert "" == world.jobs.image(image_id).brief.review


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
