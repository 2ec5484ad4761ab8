"""A rejection that comes while a picture goes onto the product: in the end it is off again, whatever broke."""

import pytest

from shopify_imagegen.errors import Conflict, Temporary, Unavailable
from shopify_imagegen.models import ImageApproved, JobState, RollbackRequested
from tests.fakes import LAMP, SHOP, START, a_job

JOB = a_job(START).id


@pytest.fixture
def waiting(world):
    """A picture that waits, and has been approved."""
    (image_id,) = world.staged()
    world.line.finish(JOB)
    assert "go_on" == world.line.approve(SHOP, ImageApproved(image_id=image_id, by="user 7")).next
    return image_id


def meanwhile(world, method, do):
    """Once *method* of the store is done, and before its caller hears of it, somebody else does *do*."""
    real = getattr(world.media, method)

    def then(*about, **options):
        setattr(world.media, method, real)
        said = real(*about, **options)
        do()
        return said

    setattr(world.media, method, then)


def reject(world, image_id):
    return lambda: world.review.reject(SHOP, image_id, by="user 8", reason="too dark")


@pytest.mark.parametrize("method", ["gallery", "attach", "move"])
def test_the_last_word_counts(world, waiting, method):
    """Never shown as rejected and left on the listing."""
    world.media.product(LAMP, "a.jpg", "b.jpg")
    world.rewrite(waiting, place="second")
    meanwhile(world, method, reject(world, waiting))

    assert "go_on" == world.line.attach([waiting]).next
    world.line.finish(JOB)

    assert ["a.jpg", "b.jpg"] == world.media.names()
    assert ("rejected", "too dark") == (world.state(waiting), world.jobs.image(waiting).reason)
    assert (JobState.NOTHING_PUBLISHED, "too dark.") == (world.jobs.job(JOB).state, world.jobs.job(JOB).reason)
    assert world.jobs.image(waiting).file_id in world.media.files, "it stays in Files"


def test_an_interrupted_step_takes_it_off_when_it_runs_again(world, waiting):
    """The store went away between the effect and our look at it."""

    def and_the_store_goes_away():
        reject(world, waiting)()
        world.media.before["gallery"] = [Unavailable("500")]

    meanwhile(world, "attach", and_the_store_goes_away)
    with pytest.raises(Unavailable):
        world.line.attach([waiting])
    assert 2 == len(world.media.names()), "it is on the product"

    assert "go_on" == world.line.attach([waiting]).next

    assert ["lamp.jpg"] == world.media.names()
    assert world.is_(waiting, "rejected")


def test_a_copy_that_shopify_still_makes_is_waited_for_and_taken_off(world, waiting):
    """It would be on the product as soon as it is ready."""
    world.media.refuses_references = True
    real, late = world.media.add_to_gallery, []

    def slow(*about, **options):
        """The copy is not to be seen yet."""
        real(*about, **options)
        late.append(world.media.galleries[LAMP].pop())
        reject(world, waiting)()

    world.media.add_to_gallery = slow
    with pytest.raises(Temporary, match="copy"):
        world.line.attach([waiting])
    world.media.galleries[LAMP] += late

    assert "go_on" == world.line.attach([waiting]).next

    assert ["lamp.jpg"] == world.media.names()
    assert world.is_(waiting, "rejected")


def test_a_photo_of_the_merchants_with_the_same_words_stays(world, waiting):
    """They rejected ours and put their own in its place, with our alt text."""
    words = world.jobs.image(waiting).brief.alt

    def with_their_own():
        reject(world, waiting)()
        world.media.galleries[LAMP] = [world.media.new("own.jpg", words).id]

    meanwhile(world, "gallery", with_their_own)
    world.media.before["attach"] = [Unavailable("500")]

    world.line.attach([waiting])

    assert ["own.jpg"] == world.media.names()


def test_it_is_not_done_while_shopify_still_shows_it(world, waiting):
    """Read back, like everything else."""
    world.media.detach = lambda *about: None
    meanwhile(world, "attach", reject(world, waiting))

    with pytest.raises(Temporary, match="still shows"):
        world.line.attach([waiting])


def test_a_picture_that_was_rolled_back_meanwhile_comes_off_too(world, waiting):
    """A rollback is a last word as well."""
    undo = RollbackRequested(images=(waiting,), by="user 8")
    meanwhile(world, "gallery", lambda: world.rollback.run(SHOP, undo))

    assert "go_on" == world.line.attach([waiting]).next

    assert ["lamp.jpg"] == world.media.names()
    assert world.is_(waiting, "rolled_back")


def test_a_rollback_that_the_attaching_overtook_is_done_once_more(world, waiting):
    """It had seen a picture that was not on the product yet; by now it is, so it must be taken off."""
    undo = RollbackRequested(images=(waiting,), by="user 8")
    meanwhile(world, "gallery", lambda: world.line.attach([waiting]))

    with pytest.raises(Temporary, match="is published"):
        world.rollback.run(SHOP, undo)
    world.rollback.run(SHOP, undo)

    assert ["lamp.jpg"] == world.media.names()
    assert world.is_(waiting, "rolled_back")


def test_what_is_published_is_not_rejected_and_the_second_person_is_told(world, waiting):
    """The other way round: the attaching was quicker."""
    world.line.attach([waiting])

    with pytest.raises(Conflict, match="is published, so it cannot be rejected"):
        reject(world, waiting)()
    assert 2 == len(world.media.names())


def test_giving_up_does_not_overwrite_a_rejection(world, waiting):
    """Else it would be taken up, and published, later."""
    as_it_was = world.jobs.image(waiting)
    reject(world, waiting)()
    prepare, world.jobs.image = world.prepare, lambda image_id: as_it_was

    prepare.give_up(waiting, "Shopify was away")

    del world.jobs.image
    assert world.is_(waiting, "rejected")
