"""Take back what is ours, all of it and nothing else; what the merchant changed since stays, and is named."""

from datetime import timedelta

import pytest

from shopify_imagegen.errors import BadCredentials, ImagegenError, NoAnswer, NotFound, Unavailable
from shopify_imagegen.models import GenerateRequested, ImageApproved, JobState, RollbackRequested
from tests.fakes import LAMP, SHOP, START, a_job, away, brief

JOB = a_job(START).id


@pytest.fixture
def world(world):
    world.watch.touch(SHOP, LAMP, created=True, due_at=START)
    return world


def wish(ids, **options):
    return RollbackRequested(images=tuple(ids), by="user 7", **options)


def roll_back(world, ids, **options):
    """What became of the one product."""
    (undone,) = world.rollback.run(SHOP, wish(ids, **options))
    return undone


def does(undone):
    return [picture.does for picture in undone.pictures]


def states(world, ids):
    return [world.state(image_id).value for image_id in ids]


def test_the_product_is_as_it_was_before(world):
    """The promise: one command takes it all back. Files stay in the store."""
    before = world.media.gallery(SHOP, LAMP)
    ids = world.published(2)

    undone = roll_back(world, ids)

    assert ["takes_off", "takes_off"] == does(undone)
    assert before == world.media.gallery(SHOP, LAMP)
    assert ["rolled_back", "rolled_back"] == states(world, ids)
    assert ([], 3) == (world.media.deleted, len(world.media.files))
    assert () == undone.notes


def test_a_dry_run_says_the_same_and_changes_nothing(world):
    """What a merchant is shown before is what happens."""
    ids = world.published(2)
    world.media.asked.clear()

    (would,) = world.rollback.would(SHOP, wish(ids))

    assert {"gallery", "variants"} == set(world.media.asked)
    assert ["published", "published"] == states(world, ids)
    assert would == roll_back(world, ids)


def test_one_picture_of_two(world):
    """The other stays, and the job says so."""
    first, second = world.published(2)

    roll_back(world, [first])

    assert ["lamp.jpg", brief(1).file_name] == world.media.names()
    assert ["rolled_back", "published"] == states(world, [first, second])
    assert JobState.PUBLISHED == world.jobs.job(JOB).state


def test_a_job_whose_pictures_are_all_taken_back_says_so(world):
    """A list of jobs must not claim that they are on the product."""
    roll_back(world, world.published(2))

    job = world.jobs.job(JOB)
    assert (JobState.ROLLED_BACK, "2 lifestyle photos rolled back.") == (job.state, job.reason)


def test_who_did_it_is_on_record(world):
    """Each decision has a name."""
    (image_id,) = world.published()

    roll_back(world, [image_id])

    told = [(row["action"], row["actor"]) for row in world.jobs.history(image_id)][-2:]
    assert [("image_rollback_begun", "user 7"), ("image_rolled_back", "user 7")] == told


def test_doing_it_again_changes_nothing(world):
    """The button is pressed twice."""
    ids = world.published(2)
    roll_back(world, ids)
    rows = len(world.jobs.history(ids[0]))

    assert ["nothing", "nothing"] == does(roll_back(world, ids))
    assert rows == len(world.jobs.history(ids[0]))


def test_a_rolled_back_product_is_left_alone(world):
    """No webhook and no sweep buys what was just taken back."""
    roll_back(world, world.published(2))
    world.watch.touch(SHOP, LAMP, created=False, due_at=START)

    assert None is world.line.look(SHOP, LAMP)
    assert [] == world.provider.sold
    assert "rolled_back" == world.watch.state(SHOP, LAMP)[0] or "has_pictures" == world.watch.state(SHOP, LAMP)[0]


@pytest.mark.parametrize("method", ["gallery", "variants", "detach", "file"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("error", [NoAnswer("silence"), Unavailable("500")], ids=["silence", "500"])
def test_an_interrupted_rollback_is_finished_by_the_next(world, method, moment, error):
    """A crash or an outage anywhere: run again, and the end is the same, in the same words."""
    before = world.media.gallery(SHOP, LAMP)
    ids = world.published(2)
    getattr(world.media, moment)[method] = [error]
    try:
        undone = roll_back(world, ids)
    except ImagegenError:
        undone = roll_back(world, ids)

    assert before == world.media.gallery(SHOP, LAMP)
    assert ["rolled_back", "rolled_back"] == states(world, ids)
    assert all("Taken off the product" in picture.words for picture in undone.pictures)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_our_database_may_be_away_in_between(world, moment):
    """The picture is off and we could not write that down."""
    (image_id,) = world.published()
    getattr(world.jobs, moment)["move_image"] = [away()]
    with pytest.raises(Unavailable):
        roll_back(world, [image_id])

    roll_back(world, [image_id])

    assert world.media.names() == ["lamp.jpg"]
    assert world.is_(image_id, "rolled_back")


def test_a_second_rollback_may_be_interrupted_too(world):
    """Put back in between: the words of the first rollback do not stand in for the second."""
    (image_id,) = world.published()
    roll_back(world, [image_id])
    world.line.approve(SHOP, ImageApproved(image_id=image_id))
    world.line.attach([image_id])
    world.media.after["detach"] = [Unavailable("500")]
    with pytest.raises(Unavailable):
        roll_back(world, [image_id])

    (picture,) = roll_back(world, [image_id]).pictures

    assert "Taken off the product." in picture.words


def test_what_shopify_still_shows_is_not_called_rolled_back(world):
    """Read back and compare: an answer without an effect is not done."""
    (image_id,) = world.published()
    world.media.detach = lambda *_: None

    with pytest.raises(Unavailable.__base__, match="still shows"):
        roll_back(world, [image_id])

    assert world.is_(image_id, "published")


def test_a_store_that_turns_us_away_keeps_its_pictures_for_now(world):
    """A revoked token is a reason to stop, not to pretend."""
    (image_id,) = world.published()
    world.media.before["detach"] = [BadCredentials("401")]

    with pytest.raises(BadCredentials):
        roll_back(world, [image_id])

    assert world.is_(image_id, "published")


def test_who_asks_for_the_pictures_again_gets_them_put_back(world):
    """The same pictures were paid for: nothing is bought, and the new job says where they are."""
    ask = GenerateRequested(product_id=LAMP, count=1)
    first, image_id = made(world, ask)
    roll_back(world, [image_id])
    world.time.sleep(1)

    second, same = made(world, ask)

    assert (image_id, True) == (same, first != second)
    assert 1 == len(world.provider.sold)
    assert (2, JobState.PUBLISHED) == (len(world.media.names()), world.jobs.job(second).state)


def made(world, ask):
    """The job that a wish leads to, run to its end, and its picture."""
    job_id, reason = world.line.ask(SHOP, ask)
    assert job_id, reason
    (image,) = world.jobs.images(job_id)
    for stage in ("buy", "prepare"):
        assert "go_on" == getattr(world.line, stage)(image.id).next
    world.line.attach([image.id])
    world.line.finish(job_id)
    return job_id, image.id


# What the merchant changed since


def test_photos_that_were_added_moved_or_described_stay_and_are_named(world):
    """It is the merchant's listing."""
    world.media.product(LAMP, "a.jpg", "b.jpg")
    (image_id,) = world.published()
    mine = world.media.galleries[LAMP]
    world.media.describe(SHOP, mine[0], "A lamp, from the left")
    mine[:2] = mine[1::-1]
    mine.append(world.media.new("late.jpg", "").id)

    undone = roll_back(world, [image_id])

    assert ["b.jpg", "a.jpg", "late.jpg"] == world.media.names()
    assert (
        "You added 1 photo since; what you added stays.",
        "You put the photos in another order since; that order stays.",
        "You changed the alt text of 1 photo since; your words stay.",
    ) == undone.notes


def test_a_picture_that_the_merchant_took_off_is_only_written_down(world):
    """There is nothing to undo, and that is said."""
    (image_id,) = world.published()
    world.media.galleries[LAMP].pop()

    (picture,) = roll_back(world, [image_id]).pictures

    assert "withdraws" == picture.does
    assert "You took it off the product before; that stays." in picture.words
    assert world.is_(image_id, "rolled_back")


def test_a_file_that_the_merchant_deleted_is_no_trouble(world):
    """The same, and nothing is left of it."""
    (image_id,) = world.published()
    world.media.remove(world.jobs.image(image_id).file_id)

    assert ["withdraws"] == does(roll_back(world, [image_id]))


def test_a_picture_that_a_variant_uses_stays_unless_it_is_wished(world):
    """Taking it off would leave the variant without a photo; the merchant chose it."""
    (image_id,) = world.published()
    world.media.variants["red"] = (("Color", "Red"),)
    world.media.shown_by["red"] = world.jobs.image(image_id).file_id

    (picture,) = roll_back(world, [image_id]).pictures
    assert ("keeps", True) == (picture.does, "“Red”" in picture.words)
    assert world.is_(image_id, "published")

    assert ["takes_off"] == does(roll_back(world, [image_id], anyway=True))
    assert ["lamp.jpg"] == world.media.names()


def test_the_only_photo_that_is_left_stays_unless_it_is_wished(world):
    """The merchant deleted their own and relies on ours: a listing without any photo sells nothing."""
    ids = world.published(2)
    world.media.galleries[LAMP].pop(0)

    undone = roll_back(world, ids)
    assert ["keeps", "keeps"] == does(undone)
    assert 2 == len(world.media.names())

    roll_back(world, ids, anyway=True)
    assert [] == world.media.names()


def test_a_deleted_product_ends_well(world):
    """Nothing to do but to write it down."""
    (image_id,) = world.published()
    del world.media.galleries[LAMP]

    undone = roll_back(world, [image_id])

    assert world.is_(image_id, "rolled_back")
    assert "The product was deleted" in undone.notes[0]


# Files


def test_files_are_deleted_only_when_it_is_wished(world):
    """For good, and only ours."""
    (image_id,) = world.published()
    file_id = world.jobs.image(image_id).file_id

    roll_back(world, [image_id], delete_files=True)

    assert [file_id] == world.media.deleted


def test_a_file_whose_alt_text_the_merchant_wrote_is_kept(world):
    """Their words would be lost with it."""
    (image_id,) = world.published()
    world.media.describe(SHOP, world.jobs.image(image_id).file_id, "My own words")

    (picture,) = roll_back(world, [image_id], delete_files=True).pictures

    assert [] == world.media.deleted
    assert "Its alt text is yours" in picture.words


def test_a_file_may_be_deleted_afterwards(world):
    """Taken off today, deleted tomorrow."""
    (image_id,) = world.published()
    roll_back(world, [image_id])

    assert ["withdraws"] == does(roll_back(world, [image_id], delete_files=True))
    assert 1 == len(world.media.deleted)
    assert ["nothing"] == does(roll_back(world, [image_id], delete_files=True))


def test_an_id_that_is_not_in_our_table_is_never_deleted(world):
    """Should a row ever name a file of the merchant's, the table of our media stands against it."""
    (image_id,) = world.published()
    packshot = world.media.galleries[LAMP][0]
    real = world.jobs.image

    def image(wanted):
        return real(wanted).model_copy(update={"file_id": packshot})

    world.jobs.image = image
    with pytest.raises(ImagegenError, match="not in our own table"):
        roll_back(world, [image_id], delete_files=True)

    assert [] == world.media.deleted
    assert "lamp.jpg" in world.media.names()


# Which pictures


def test_a_picture_that_waits_for_review_is_withdrawn(world):
    """It will not come onto the product by an approval that somebody forgot."""
    ids = world.staged(2)
    world.line.finish(JOB)

    assert ["withdraws", "withdraws"] == does(roll_back(world, ids))
    assert JobState.ROLLED_BACK == world.jobs.job(JOB).state


def test_what_is_under_way_is_left_to_finish(world):
    """A paid call cannot be called back; the words say what to do."""
    ids = world.bought(1)
    world.jobs.move(JOB, JobState.GENERATING)

    (picture,) = roll_back(world, ids).pictures

    assert ("keeps", True) == (picture.does, "roll it back when that is done" in picture.words)
    assert world.is_(ids[0], "bought")


def test_which_pictures_are_meant(world):
    """A job's, a product's, or those since some moment."""
    ids = tuple(world.published(2))

    assert ids == world.rollback.of_job(JOB) == world.rollback.of_product(SHOP, LAMP)
    assert ids == world.rollback.since(SHOP, START)
    assert () == world.rollback.since(SHOP, START + timedelta(seconds=1))
    assert () == world.rollback.since("other.myshopify.com", START)


def test_another_shops_picture_is_not_found(world):
    """No request reaches into another store."""
    (image_id,) = world.published()

    with pytest.raises(NotFound):
        world.rollback.run("other.myshopify.com", wish([image_id]))
