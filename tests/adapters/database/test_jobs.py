"""Jobs and pictures: adopted, numbered, moved; every change with its audit row in one commit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shopify_imagegen import ending
from shopify_imagegen.adapters.database import begun
from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.tables import audit
from shopify_imagegen.errors import Conflict, ImagegenError, NotFound
from shopify_imagegen.models import FINAL_JOB_STATES, RESTING_JOB_STATES, ImageState, JobState, Trigger

from .story import LAMP, NOW, OTHER_SHOP, PRICE, SHOP, brief, ceilings, job, key, plan, purchase, receipt, rendering

ID = job().id


@pytest.fixture
def jobs(database, clock):
    return SqlJobs(database, clock)


def history(database):
    """(action, picture, detail) in the order in which it happened."""
    with database.read() as connection:
        rows = connection.execute(sa.select(audit).order_by(audit.c.id)).all()
    return [(row.action, row.image_id, row.detail) for row in rows]


def test_a_job_comes_back_as_it_went_in_with_its_pictures(jobs):
    """The brief holds all that the purchase needs; nothing of it may change on the way."""
    begun = jobs.begin(job(), plan(brief(2, slot=1), brief(1, slot=0)))

    assert begun == job() == jobs.job(ID)
    assert [brief(1, slot=0), brief(2, slot=1)] == [image.brief for image in jobs.images(ID)]
    assert {(ImageState.PLANNED, "", NOW)} == {(each.state, each.reason, each.created_at) for each in jobs.images(ID)}


def test_begin_twice_is_one_job(jobs, database):
    """The step that began it may run again after a crash, before its end was written down."""
    jobs.begin(job(), plan(brief(1)))
    jobs.move(ID, JobState.GENERATING)
    before = history(database)

    again = jobs.begin(job(), plan(brief(1)))

    assert (ID, JobState.GENERATING) == (again.id, again.state)
    assert before == history(database)


@pytest.mark.parametrize("state", ["planned", "generating", "publishing"])
def test_promise_never_pay_twice_when_two_looks_plan_two_recipes(jobs, state):
    """The product was edited between two looks of the same moment: the first job is the product's job."""
    first = jobs.begin(job(), plan(brief(1)))
    jobs.move(first.id, state)

    second = jobs.begin(job(id=f"{ID[:-12]}bbbbbbbbbbbb", recipe="b" * 32), plan(brief(2), recipe="b" * 32))

    assert first.id == second.id
    assert 1 == len(jobs.recent(shop=None, limit=10))


def test_promise_never_pay_twice_when_many_look_at_once(open_database, url, clock):
    """Eight workers, eight recipes, one product."""
    rooms = [SqlJobs(open_database(url), clock) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        begun = list(
            pool.map(lambda at: rooms[at].begin(job(id=f"{ID}{at}", recipe=f"{at}" * 32), plan(brief(at))), range(8))
        )

    assert 1 == len({job.id for job in begun})
    assert 1 == len(rooms[0].recent(shop=None, limit=10))


def test_a_running_job_keeps_its_refused_picture(jobs):
    """The stage of buying is over for it: a picture planned anew in this job would wait for ever."""
    jobs.begin(job(), plan(brief(1)))
    jobs.move_image(key(1), ImageState.REFUSED, "no")
    jobs.begin(job(), plan(brief(1)))

    assert jobs.image(key(1)).state == ImageState.REFUSED


@pytest.mark.parametrize("state", sorted(FINAL_JOB_STATES))
def test_a_job_after_one_that_ended_gets_a_number(jobs, state):
    """The id is the durable workflow's, and one that has ended does nothing."""
    ids = []
    for _ in range(3):
        ids.append(jobs.begin(job(), plan()).id)
        jobs.move(ids[-1], state)

    assert [ID, f"{ID}:2", f"{ID}:3"] == ids


def test_numbers_count_jobs_of_the_same_recipe_only(jobs):
    """An id that begins alike is another job, as is that of another shop."""
    for other in (job(id=f"{ID}b"), job(id=f"{ID.upper()}:2"), job(id=f"{ID}_:2", shop=OTHER_SHOP)):
        jobs.begin(other, plan())
        jobs.move(other.id, JobState.PUBLISHED)

    assert jobs.begin(job(), plan()).id == ID


@pytest.mark.parametrize("state", ImageState)
def test_a_new_job_adopts_only_pictures_that_were_not_bought_or_were_rolled_back(jobs, state):
    """To plan a picture anew is to buy it, unless the ledger has it as paid, as it has what was rolled back."""
    jobs.begin(job(), plan(brief(1)))
    jobs.move_image(key(1), state, "why")
    jobs.move(ID, JobState.NOTHING_PUBLISHED)

    again = jobs.begin(job(trigger=Trigger.PERSON), plan(brief(1)))

    adopted = state in (ImageState.REFUSED, ImageState.OVER_BUDGET, ImageState.ROLLED_BACK)
    image = jobs.image(key(1))
    assert (again.id if adopted else ID) == image.job_id
    assert ((ImageState.PLANNED, "") if adopted else (state, "why")) == (image.state, image.reason)
    assert adopted == bool(jobs.images(again.id))


def test_a_picture_is_moved_only_from_the_state_that_it_is_known_in(jobs):
    """Of two who decide on it the first one has; the second is told what, and changes nothing."""
    jobs.begin(job(), plan(brief(1)))
    jobs.move_image(key(1), ImageState.STAGED)
    rejected = jobs.move_image(key(1), ImageState.REJECTED, "too dark", when=[ImageState.STAGED], by="user 7")
    rows = jobs.history(key(1))

    with pytest.raises(Conflict, match="is rejected"):
        jobs.move_image(key(1), ImageState.PUBLISHED, when=[ImageState.STAGED], file_id="other")

    assert (rejected, rows) == (jobs.image(key(1)), jobs.history(key(1)))


def test_a_job_is_moved_only_from_the_states_that_are_named(jobs):
    """A job that was taken up meanwhile must not look as if it rested."""
    jobs.begin(job(), plan())
    jobs.move(ID, JobState.GENERATING)

    assert JobState.GENERATING == jobs.move(ID, JobState.ROLLED_BACK, "why", when=RESTING_JOB_STATES).state
    assert JobState.ROLLED_BACK == jobs.move(ID, JobState.ROLLED_BACK, "why", when=[JobState.GENERATING]).state


def test_a_job_ends_as_its_pictures_are(jobs):
    """The state, the sentence and the pictures that they were found for come back together."""
    jobs.begin(job(), plan(brief(1)))

    ended, images = jobs.end(ID, lambda images: (JobState.REPLACED, images[0].state))
    assert (JobState.REPLACED, "planned") == (ended.state, ended.reason)
    assert (ended, images) == (jobs.job(ID), jobs.images(ID))
    assert ended == jobs.end(ID, lambda _: (JobState.FAILED, "why"), when=[JobState.GENERATING])[0]


def test_of_many_who_end_a_job_at_once_the_last_has_seen_what_all_did(jobs):
    """A job's pictures are decided on in parallel; a sentence that forgets one of them would stay for good."""
    numbers = range(8)
    jobs.begin(job(), plan(*(brief(number, slot=number) for number in numbers)))

    def decide(number):
        jobs.move_image(key(number), ImageState.PUBLISHED)
        ending.finish(jobs, ID)

    with ThreadPoolExecutor(len(numbers)) as threads:
        list(threads.map(decide, numbers))

    assert (JobState.PUBLISHED, "8 lifestyle photos on the product.") == (jobs.job(ID).state, jobs.job(ID).reason)


def test_what_a_job_takes_over_is_what_it_plans():
    """A column that is planned, and not taken over, would stay that of the earlier job."""
    assert {"id", *begun.PLANNED} == set(begun.planned(job(), brief(1)))


def test_each_change_has_its_audit_row(jobs, database):
    """Who asks later what happened to a picture finds every step, its reason, and what came with it."""
    jobs.begin(job(), plan(brief(1)))
    jobs.move(ID, JobState.GENERATING)
    jobs.move_image(key(1), ImageState.BOUGHT, file_id="gid://shopify/MediaImage/9", sha256=None)
    jobs.move(ID, JobState.PUBLISHED, "1 lifestyle photo on the product.")

    assert history(database) == [
        ("job_planned", None, {"trigger": "new_listing", "recipe": "a" * 32, "pictures": 1}),
        ("image_planned", key(1), {"scene": "kitchen/morning-counter", "price_microusd": 60_000}),
        ("job_generating", None, {"reason": ""}),
        ("image_bought", key(1), {"reason": "", "file_id": "gid://shopify/MediaImage/9"}),
        ("job_published", None, {"reason": "1 lifestyle photo on the product."}),
    ]


def test_a_job_moved_to_where_it_is_leaves_no_row(jobs, database):
    """Steps run again after a crash; the history shall not fill with echoes."""
    jobs.begin(job(), plan())
    jobs.move(ID, JobState.GENERATING)
    jobs.move(ID, JobState.GENERATING)

    assert ["job_planned", "job_generating"] == [action for action, _, _ in history(database)]


def test_a_change_without_its_audit_row_is_not_made(jobs, database):
    """Both or neither: what was done and cannot be told would be silent."""
    jobs.begin(job(), plan(brief(1)))
    with database.write() as connection:
        connection.execute(sa.text("alter table audit rename to audit_away"))
    with pytest.raises((sa.exc.DBAPIError, ImagegenError), match="audit"):
        jobs.move_image(key(1), ImageState.STAGED, "staged", file_id="gid://shopify/MediaImage/9")

    assert jobs.image(key(1)).state == ImageState.PLANNED
    assert jobs.our_media(SHOP, LAMP) == frozenset()


def test_every_file_that_a_picture_ever_had_stays_ours(jobs):
    """A detached or replaced file is still no photo of the merchant's, and only ours may be deleted."""
    jobs.begin(job(), plan(brief(1)))
    for number in (9, 10):
        jobs.move_image(key(1), ImageState.STAGED, file_id=f"gid://shopify/MediaImage/{number}")
    jobs.move_image(key(1), ImageState.BOUGHT, file_id=None)

    assert jobs.our_media(SHOP, LAMP) == {"gid://shopify/MediaImage/9", "gid://shopify/MediaImage/10"}
    assert jobs.our_media(OTHER_SHOP, LAMP) == frozenset()
    assert jobs.image(key(1)).file_id is None


def test_the_active_job_is_the_one_that_has_not_ended(jobs):
    """A product under way is left alone."""
    assert jobs.active(SHOP, LAMP) is None
    jobs.begin(job(), plan())
    assert jobs.active(SHOP, LAMP).id == ID
    assert jobs.active(OTHER_SHOP, LAMP) is None

    jobs.move(ID, JobState.PARTLY_PUBLISHED)

    assert jobs.active(SHOP, LAMP) is None


@pytest.mark.parametrize(
    ("trigger", "is_taken"), [(Trigger.PERSON, True), (Trigger.FLOW, True), (Trigger.NEW_LISTING, False)]
)
def test_only_a_person_gets_a_rolled_back_picture_into_a_new_job(jobs, trigger, is_taken):
    """By itself nothing comes back that somebody took off, and no empty job is put before the one that tells of it."""
    jobs.begin(job(), plan(brief(1)))
    jobs.move_image(key(1), ImageState.ROLLED_BACK, file_id="file")
    jobs.move(job().id, JobState.ROLLED_BACK)

    begun = jobs.begin(job(trigger=trigger), plan(brief(1)))

    image = jobs.image(key(1))
    assert is_taken == (image.state == ImageState.PLANNED) == (begun.id != ID)
    assert (begun.id, "file") == (image.job_id, image.file_id)


def test_shown_counts_what_is_there_coming_or_perhaps_paid(jobs):
    """A picture that the merchant rejected is not made again by itself; one that was never bought may be."""
    states = list(ImageState)
    jobs.begin(job(), plan(*(brief(number, slot=number) for number in range(len(states)))))
    for number, state in enumerate(states):
        jobs.move_image(key(number), state)

    not_counted = {ImageState.REFUSED, ImageState.OVER_BUDGET, ImageState.UNFIT, ImageState.REPLACED}
    assert len(states) - len(not_counted) == jobs.shown(SHOP, LAMP)


def test_recent_jobs_and_waiting_pictures_are_found_by_shop(jobs, clock):
    """What the command line and the admin page list."""
    for number, shop in enumerate((SHOP, OTHER_SHOP, SHOP)):
        jobs.begin(
            job(id=f"job:{number}", shop=shop, product_id=f"{number}", created_at=clock.go_on(hours=1)),
            plan(brief(number)),
        )
        jobs.move_image(key(number), ImageState.STAGED)

    assert ["job:2", "job:0"] == [each.id for each in jobs.recent(shop=SHOP, limit=5)]
    assert ["job:2", "job:1"] == [each.id for each in jobs.recent(shop=None, limit=2)]
    assert [key(0), key(2)] == [each.id for each in jobs.in_state(ImageState.STAGED, shop=SHOP)]
    assert 3 == len(jobs.in_state(ImageState.STAGED, shop=None))


def test_several_pictures_come_in_the_order_in_which_they_are_asked_for(jobs):
    """One question for all of a product's pictures; who puts them beside each other relies on their order."""
    jobs.begin(job(), plan(brief(1), brief(2, slot=1)))

    assert (jobs.image(key(2)), jobs.image(key(1))) == jobs.some([key(2), key(1)])
    assert () == jobs.some([])
    with pytest.raises(NotFound, match="nobody"):
        jobs.some([key(1), "nobody"])


def test_what_is_not_there_is_not_found(jobs):
    """An id from a typing hand, or of a pruned row, is an answer and not a crash."""
    for ask in (jobs.job, jobs.image):
        with pytest.raises(NotFound, match="nobody"):
            ask("nobody")
    with pytest.raises(NotFound, match="nobody"):
        jobs.move("nobody", JobState.FAILED)
    with pytest.raises(NotFound, match="nobody"):
        jobs.move_image("nobody", ImageState.FAILED)


def test_a_title_with_half_an_emoji_is_kept_as_far_as_it_goes(jobs):
    """A title cut by another program must not stop the product's job."""
    jobs.begin(job(product_title="Lamp \ud83d\0"), plan())

    assert jobs.job(ID).product_title == "Lamp ?"


@pytest.mark.parametrize("state", sorted(JobState))
def test_a_job_that_ended_with_a_kept_picture_may_be_taken_up(jobs, state):
    """Paid for and not on the product: it must be found again. One that is under way has its engine."""
    jobs.begin(job(), plan(brief(1)))
    jobs.move_image(key(1), ImageState.FAILED, "not shown", file_id="gid://shopify/MediaImage/9")
    jobs.move(ID, state)

    assert [ID] * (state in RESTING_JOB_STATES) == [each.id for each in jobs.stopped(since=NOW)]


def test_a_listing_that_the_budget_had_no_full_room_for_is_found(jobs, clock):
    """Of a new listing's latest job alone: who ordered pictures since has taken the matter in hand."""
    jobs.begin(job(), plan(brief(1), brief(2, slot=1)))
    jobs.move_image(key(1), ImageState.OVER_BUDGET, "no room")
    assert () == jobs.short_of_budget(since=NOW), "it is under way"
    jobs.move(ID, JobState.PARTLY_PUBLISHED)

    assert [ID] == [each.id for each in jobs.short_of_budget(since=NOW)]
    assert () == jobs.short_of_budget(since=NOW + timedelta(seconds=1))
    jobs.begin(job(id=f"{ID}:test", created_at=clock.go_on(hours=1), trigger=Trigger.TEST), plan())
    jobs.move(f"{ID}:test", JobState.AWAITING_REVIEW)
    assert [ID] == [each.id for each in jobs.short_of_budget(since=NOW)], "a test picture orders nothing"
    jobs.begin(job(id=f"{ID}:other", created_at=clock.go_on(hours=1), trigger=Trigger.PERSON), plan())
    assert () == jobs.short_of_budget(since=NOW)


@pytest.mark.parametrize("trigger", [Trigger.PERSON, Trigger.FLOW, Trigger.BACKFILL])
def test_what_somebody_asked_for_is_not_bought_later_by_itself(jobs, trigger):
    """They have read the reason, and a backfill has its own ceilings."""
    jobs.begin(job(trigger=trigger), plan(brief(1)))
    jobs.move_image(key(1), ImageState.OVER_BUDGET, "no room")
    jobs.move(ID, JobState.PARTLY_PUBLISHED)

    assert () == jobs.short_of_budget(since=NOW)


@pytest.mark.parametrize("state", sorted(JobState))
def test_a_job_that_keeps_nothing_is_taken_up_only_if_it_is_paused(jobs, state):
    """A refused picture is a person's decision; a paused job waits for its store or its provider."""
    jobs.begin(job(), plan(brief(1)))
    jobs.move_image(key(1), ImageState.FAILED, "lost")
    jobs.move(ID, state)

    assert [ID] * (state == JobState.PAUSED) == [each.id for each in jobs.stopped(since=NOW)]
    assert [ID] * (state == JobState.PAUSED) == [each.id for each in jobs.stopped(since=NOW + timedelta(days=99))]


@pytest.mark.parametrize("kept", ["bytes", "receipt"])
def test_bytes_and_receipts_are_kept_pictures_too(jobs, database, clock, kept):
    """In our spool, or at the provider, waiting to be fetched."""
    ledger = SqlLedger(database, clock)
    jobs.begin(job(), plan(brief(1)))
    ledger.reserve(purchase(), ceilings())
    ledger.sent(key(1))
    ledger.sold(key(1), receipt())
    if kept == "bytes":
        ledger.paid(key(1), rendering(), spare_microusd=PRICE)
    jobs.move_image(key(1), ImageState.FAILED, "not yet")
    jobs.move(ID, JobState.NOTHING_PUBLISHED)

    assert [ID] == [each.id for each in jobs.stopped(since=NOW)]
    assert () == jobs.stopped(since=NOW + timedelta(seconds=1))


@pytest.mark.parametrize("state", [ImageState.BOUGHT, ImageState.UNKNOWN, ImageState.REFUSED])
def test_a_picture_that_came_after_its_job_had_ended_is_kept_too(jobs, database, clock, state):
    """A worker was frozen in its paid call, taken for dead, and thawed: what it brings was paid for."""
    ledger = SqlLedger(database, clock)
    jobs.begin(job(), plan(brief(1)))
    ledger.reserve(purchase(), ceilings())
    ledger.sent(key(1))
    ledger.unknown(key(1), "the worker died")
    jobs.move_image(key(1), state, "why")
    jobs.move(ID, JobState.NOTHING_PUBLISHED)
    assert state == ImageState.BOUGHT or () == jobs.stopped(since=NOW)

    ledger.paid(key(1), rendering(), spare_microusd=PRICE)

    assert [ID] == [each.id for each in jobs.stopped(since=NOW)]


def test_the_job_that_rests_longest_is_taken_up_first(jobs, clock):
    """Nobody waits for ever behind newer ones."""
    other = f"{ID}:other"
    for job_id in (other, ID):
        jobs.begin(job(id=job_id, product_id=job_id), plan())
        clock.go_on(minutes=1)
        jobs.move(job_id, JobState.PAUSED, "402")

    assert [other, ID] == [each.id for each in jobs.stopped(since=NOW)]
