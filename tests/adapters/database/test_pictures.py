"""Pictures across jobs: whose they are, what was around them, and what people changed, on both databases."""

import pytest

from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.pictures import SqlPictures
from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import ImageState, Photo

from .story import LAMP, NOW, OTHER_SHOP, SHOP, brief, job, key, plan

ROW = ("action", "actor", "detail")


@pytest.fixture
def jobs(database, clock):
    return SqlJobs(database, clock)


@pytest.fixture
def pictures(database, clock, jobs):
    """With a job of two pictures."""
    jobs.begin(job(), plan(brief(1), brief(2, slot=1)))
    return SqlPictures(database, clock)


def photo(name, alt=""):
    return Photo(id=name, kind="IMAGE", status="READY", alt=alt)


def test_a_products_pictures_oldest_first(pictures):
    """Of that product in that store alone."""
    assert [key(1), key(2)] == [image.id for image in pictures.of_product(SHOP, LAMP)]
    assert () == pictures.of_product(OTHER_SHOP, LAMP)


def test_pictures_since_some_moment(pictures, clock):
    """Those that were planned then, or later."""
    assert 2 == len(pictures.since(SHOP, NOW))
    assert () == pictures.since(SHOP, clock.go_on(seconds=1))
    assert () == pictures.since(OTHER_SHOP, NOW)


def test_every_medium_that_a_picture_ever_had_is_its_own(pictures, jobs):
    """The staged file and the copy that came onto the product: a rollback may touch both, and nothing else."""
    jobs.move_image(key(1), ImageState.STAGED, file_id="file")
    jobs.move_image(key(1), ImageState.PUBLISHED, file_id="copy")
    jobs.move_image(key(2), ImageState.STAGED, file_id="other")

    assert {key(1): {"file", "copy"}, key(2): {"other"}} == pictures.media_of(SHOP, LAMP)
    assert {} == pictures.media_of(OTHER_SHOP, LAMP)


def test_words_that_a_person_changed_are_kept_with_what_they_were(pictures, jobs):
    """The brief says what the picture is now; the record says what it was, and who changed it."""
    before = jobs.image(key(1)).brief.alt

    words = "Half of an emoji \ud83d is dropped"
    pictures.approve(key(1), by="user 7", when=[ImageState.PLANNED], alt=words, place="first")

    after = jobs.image(key(1)).brief
    assert ("first", True) == (after.place, after.alt.startswith("Half of an emoji"))
    (row,) = [row for row in jobs.history(key(1)) if row["action"] == "image_amended"]
    assert ("user 7", {"alt": before, "place": None}) == (row["actor"], row["detail"]["was"])


def test_nobody_decides_on_what_is_not_there(pictures):
    """A picture of another installation."""
    with pytest.raises(NotFound):
        pictures.approve(key(9), by="user 7", when=[ImageState.STAGED], alt="words")
    with pytest.raises(NotFound):
        pictures.want_review(key(9))


def test_an_approval_is_one_conditional_write_and_stays_with_the_picture(pictures, jobs):
    """Whoever rejects at the same moment is told; and a picture that waits for its store is not asked about twice."""
    jobs.move_image(key(1), ImageState.STAGED)
    pictures.want_review(key(1))
    pictures.approve(key(1), by="user 7", when=[ImageState.STAGED])
    rows = jobs.history(key(1))
    assert ("image_approved", "user 7", {"was": "staged"}) == tuple(rows[-1][name] for name in ROW)

    pictures.approve(key(1), by="user 8", when=[ImageState.STAGED])
    pictures.want_review(key(1))

    assert ("approved", rows) == (jobs.image(key(1)).brief.review, jobs.history(key(1)))


def test_what_was_decided_otherwise_is_not_approved(pictures, jobs):
    """Nothing of the approval is written then: no words, no place, no row."""
    rejected = jobs.move_image(key(1), ImageState.REJECTED)
    rows = jobs.history(key(1))

    with pytest.raises(Conflict, match="is rejected"):
        pictures.approve(key(1), by="user 7", when=[ImageState.STAGED], alt="other words")

    assert (rejected, rows) == (jobs.image(key(1)), jobs.history(key(1)))


def test_a_gallery_is_remembered_as_it_was_first(pictures):
    """The step that adds pictures can run again, and sees them then: the first look counts."""
    assert None is pictures.remembered("job:1")
    pictures.remember("job:1", SHOP, LAMP, [photo("a", "words"), photo("b")])
    pictures.remember("job:1", SHOP, LAMP, [photo("b")])

    assert (photo("a", "words"), photo("b")) == pictures.remembered("job:1")


def test_a_note_has_a_name(pictures, jobs):
    """Who let a picture in."""
    pictures.note(jobs.image(key(1)), "image_approved", by="user 7", place="first")

    row = jobs.history(key(1))[-1]
    assert ("image_approved", "user 7", {"place": "first"}) == (row["action"], row["actor"], row["detail"])


def test_what_a_variant_showed_before_is_remembered_as_it_was_first(pictures, jobs):
    """The step that links can run again, and sees our own picture then."""
    image = jobs.image(key(1))
    pictures.link(image, "red", before="packshot")
    pictures.link(image, "red", before="ours")
    pictures.link(image, "blue", before=None)

    assert {key(1): {"red": "packshot", "blue": None}} == pictures.links(SHOP, LAMP)
    assert {} == pictures.links(OTHER_SHOP, LAMP)
