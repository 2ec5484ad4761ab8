"""What the pages show of a store: numbers, stages, lists; each store's own."""

import pytest

from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.overview import SqlOverview
from shopify_imagegen.adapters.database.watch import SqlWatch
from shopify_imagegen.models import ImageState, JobState, Stage, Tally

from .story import LAMP, NOW, OTHER_SHOP, SHOP, brief, job, key, plan

TABLE, VASE, TRAY = (f"gid://shopify/Product/{number}" for number in (8, 9, 10))


@pytest.fixture
def overview(database):
    return SqlOverview(database)


@pytest.fixture
def made(database, clock):
    """Make a job with its pictures: made(LAMP, "failed", "published", "refused")."""
    jobs, numbers = SqlJobs(database, clock), iter(range(1, 100))

    def make(product_id, state, *pictures, shop=SHOP, reason=""):
        clock.go_on(minutes=1)
        ids = [next(numbers) for _ in pictures]
        fields = {"id": f"job:{clock.now:%H%M}", "shop": shop, "product_id": product_id, "product_title": "Lamp"}
        begun = jobs.begin(
            job(**fields, created_at=clock.now, updated_at=clock.now),
            plan(*(brief(number, slot=slot) for slot, number in enumerate(ids))),
        )
        for number, picture in zip(ids, pictures, strict=True):
            jobs.move_image(key(number), ImageState(picture), reason if picture != "published" else "")
        return jobs.move(begun.id, JobState(state), reason).id, [key(number) for number in ids]

    return make


def test_an_empty_store_has_no_numbers(overview):
    """The first page of a new merchant must not stumble over nothing."""
    assert Tally(stages={Stage.PUBLISHED: 0}) == overview.tally(SHOP)
    assert {} == overview.standings(SHOP, [])
    assert () == overview.failures(SHOP) == overview.waiting(SHOP) == overview.activity(SHOP, before=None, limit=9)


def test_the_numbers_are_of_products_as_they_stand_now(overview, made):
    """A product that failed once and succeeded since has not failed."""
    made(LAMP, "failed", "failed")
    made(LAMP, "published", "published", "published")
    made(TABLE, "awaiting_review", "staged", "staged", "refused")
    made(VASE, "partly_published", "published", "unfit")
    made(TRAY, "generating", "planned")
    made(LAMP, "failed", "failed", shop=OTHER_SHOP)

    tally = overview.tally(SHOP)

    assert (3, 2, 2) == (tally.pictures, tally.products, tally.waiting)
    assert {"published": 2, "waiting": 1, "failed": 1, "working": 1} == tally.stages


def test_each_stage_lists_its_products_the_latest_first(overview, made):
    """The filters of the product list show what the numbers count."""
    made(LAMP, "failed", "failed")
    made(TABLE, "nothing_published", "refused")
    made(VASE, "published", "published")
    made(TRAY, "awaiting_review", "staged")

    assert (TABLE, LAMP) == overview.products(SHOP, Stage.FAILED, offset=0, limit=9)
    assert (LAMP,) == overview.products(SHOP, Stage.FAILED, offset=1, limit=9)
    assert (VASE,) == overview.products(SHOP, Stage.PUBLISHED, offset=0, limit=9)
    assert (TRAY,) == overview.products(SHOP, Stage.WAITING, offset=0, limit=9)
    assert () == overview.products(OTHER_SHOP, Stage.FAILED, offset=0, limit=9)


def test_a_standing_names_stage_reason_and_pictures(overview, made):
    """A list of the store's products shows ours beside each."""
    job_id, _ = made(LAMP, "partly_published", "published", "unfit", reason="Blurred.")

    standing = overview.standings(SHOP, [LAMP, TABLE])[LAMP]

    assert (Stage.FAILED, "Blurred.", job_id, 1, 0) == (
        standing.stage,
        standing.reason,
        standing.job_id,
        standing.published,
        standing.waiting,
    )


def test_a_product_without_a_job_says_what_it_waits_for(overview, database):
    """ "Why has it no photos?" is what merchants ask first."""
    watch = SqlWatch(database)
    watch.touch(SHOP, LAMP, created=True, due_at=NOW)
    watch.settle(SHOP, LAMP, waiting=True, state="no_photos", reason="It has no photos yet.")

    assert (None, "It has no photos yet.") == _stage_and_reason(overview.standings(SHOP, [LAMP])[LAMP])


def test_pictures_wait_only_while_their_job_does(overview, made):
    """On its way to the product a picture is staged for a moment; nobody is to decide on it then."""
    made(LAMP, "publishing", "staged")
    _, (first, second, _) = made(TABLE, "awaiting_review", "staged", "staged", "rejected")

    assert [first, second] == [each.image.id for each in overview.waiting(SHOP)]
    assert [second] == [each.image.id for each in overview.waiting(SHOP, offset=1)]
    assert () == overview.waiting(OTHER_SHOP)


def test_a_picture_of_another_store_is_not_found(overview, made):
    """An id from another store's page leads nowhere."""
    _, (picture,) = made(LAMP, "published", "published")

    assert "Lamp" == overview.candidate(SHOP, picture).product_title
    assert overview.candidate(OTHER_SHOP, picture) is None


def test_a_product_shows_every_picture_it_ever_had(overview, made):
    """The history is the answer to "what did it do to my listing?"."""
    _, (old,) = made(LAMP, "published", "rolled_back")
    _, new = made(LAMP, "published", "published", "published")

    assert [*new, old] == [each.image.id for each in overview.of_product(SHOP, LAMP)]
    assert () == overview.of_product(OTHER_SHOP, LAMP)


def test_failures_are_grouped_by_reason(overview, made):
    """Two hundred pictures over one budget are one line with one button."""
    first, _ = made(LAMP, "nothing_published", "over_budget", "over_budget", reason="No room today.")
    second, _ = made(TABLE, "nothing_published", "over_budget", reason="No room today.")
    made(VASE, "nothing_published", "unfit", reason="Blurred.")

    blurred, poor = overview.failures(SHOP)

    assert ("unfit", 1, ((VASE, "Lamp"),)) == (blurred.state, blurred.pictures, blurred.products)
    assert (3, {first, second}) == (poor.pictures, set(poor.jobs))


def test_a_failure_that_was_made_good_is_over(overview, made):
    """What a later job mended needs nobody's attention."""
    made(LAMP, "failed", "failed")
    made(LAMP, "published", "published")

    assert () == overview.failures(SHOP)


def test_the_record_is_read_in_pages_without_a_gap(overview, made):
    """Rows of one commit have one moment: a page that ends among them loses none."""
    made(LAMP, "published", "published", "published")
    made(TABLE, "published", "published")
    whole = overview.activity(SHOP, before=None, limit=99)

    pages, before = [], None
    while page := overview.activity(SHOP, before=before, limit=2):
        pages, before = [*pages, *page], page[-1].id

    assert whole == tuple(pages)
    assert "job_published" == whole[0].action
    assert {LAMP} == {deed.product_id for deed in overview.activity(SHOP, before=None, limit=99, product_id=LAMP)}


def _stage_and_reason(standing):
    return standing.stage, standing.reason
