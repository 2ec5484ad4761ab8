"""Feeding: a backfill ends when all of its products rest, its trouble is its own, and nothing stays claimed."""

from datetime import timedelta

import pytest

from shopify_imagegen.backfills.deciding import NOT_BEGUN
from shopify_imagegen.errors import BadInput, ConfigError, Unavailable
from shopify_imagegen.models import BackfillState, ItemState, JobState
from tests.fakes import PRICE, SHOP

from .town import DONE, OTHER, PAUSED, RUNNING, gid

CLAIM_IS_OVER_S = timedelta(minutes=2).total_seconds()
BROKEN = "images: what this shop has set does not fit any more"


def two_shops(town):
    """A running backfill of each."""
    first = town.started()
    town.shops.save(town.shops.find(SHOP).model_copy(update={"domain": OTHER}))
    second = town.survey.plan(town.backfills.create(OTHER, "", by="me").id)
    return first, town.backfills.start(second.id)


def states(town, backfill):
    return [str(item.state) for item in town.rows.items(backfill.id, words=False)]


# its end


def retried(town):
    """A backfill that was done, and whose one failed product is taken up again: (backfill, job id)."""
    found = town.started()
    town.provider.errors = [BadInput("the provider refuses this photo")]
    town.run()
    assert (DONE, 1) == (town.now(found).state, town.backfills.retry(found.id))
    town.feed()
    ((job_id, _),) = town.starter.taken_up
    return found, job_id


def test_a_retried_backfill_is_not_done_before_its_last_product(town):
    """The job rests still when the engine has not come to it: named done, it could not be paused any more."""
    found, job_id = retried(town)
    assert (RUNNING, 1) == (town.now(found).state, town.numbers.in_flight(found, claimed_since=town.time.now)[0])

    town.time.sleep(1)
    town.jobs.move(job_id, JobState.GENERATING)
    town.feed()
    assert RUNNING == town.now(found).state

    town.jobs.move(job_id, JobState.PUBLISHED)
    town.feed()
    assert DONE == town.now(found).state


def test_a_retried_backfill_can_be_paused(town):
    """Until its last product rests, a person's word counts."""
    found, _ = retried(town)

    assert PAUSED == town.backfills.pause(found.id).state
    assert 0 == town.backfills.retry(found.id), "what is being taken up again has not failed again"


def test_a_retry_at_the_last_moment_is_not_lost(town):
    """It comes between the look that finds nothing left to do and the word that ends it."""
    found = town.started()
    town.provider.errors = [BadInput("the provider refuses this photo")]
    town.feed()
    for job_id in town.starter.made:
        town.buy(job_id)
    really = town.rows.rest

    def late(*args, **fields):
        assert 1 == town.backfills.retry(found.id)
        return really(*args, **fields)

    town.rows.rest = late
    town.feeder.run_once()

    assert (RUNNING, 1) == (town.now(found).state, town.numbers.waiting(found))


# its trouble


def test_one_broken_backfill_does_not_stop_the_others(town):
    """A shop's own settings that do not fit any more are that shop's trouble; its status says so until they do."""
    broken, fine = two_shops(town)
    usually = town.limits_of

    def limits_of(shop):
        if shop == SHOP:
            raise ConfigError(BROKEN)
        return usually(shop)

    town.limits_of = limits_of
    town.feed()
    assert (["planned"] * 3, ["begun"] * 3) == (states(town, broken), states(town, fine))
    assert BROKEN in town.now(broken).reason
    assert "" == town.now(fine).reason

    town.limits_of = usually
    town.feed()
    assert (["begun"] * 3, "") == (states(town, broken), town.now(broken).reason)


def test_a_bug_with_one_backfill_does_not_stop_the_others(town, caplog):
    """Nobody foresaw it, so the log has where it was; the merchant reads that the log has it."""
    broken, fine = two_shops(town)
    feeder, usually = town.feeder, town.numbers.in_flight

    def in_flight(backfill, **options):
        return 1 / 0 if backfill.id == broken.id else usually(backfill, **options)

    town.numbers.in_flight = in_flight
    for _ in range(3):
        feeder.run_once()

    assert ["begun"] * 3 == states(town, fine)
    assert "ZeroDivisionError" in town.now(broken).reason
    assert 1 == caplog.text.count("Traceback"), "told once, not each second"


def test_a_product_that_stops_the_program_is_left_out(town):
    """The rest goes on to its end; a retry takes it up when the program is mended."""
    found = town.started()
    usually = town.catalog.product

    def product(shop, product_id):
        return 1 / 0 if product_id == gid(2) else usually(shop, product_id)

    town.catalog.product = product
    town.run()
    assert (DONE, [(2, "stumbled")]) == (town.now(found).state, town.items(found, ItemState.LEFT))

    town.catalog.product = usually
    assert 1 == town.backfills.retry(found.id)
    town.run()
    assert (DONE, 6 * PRICE) == (town.now(found).state, town.numbers.counted_microusd(found))


def test_work_that_cannot_be_started_now_is_left_to_the_worker(town):
    """The engine's database is away for a moment: the jobs are there, and a worker starts what has no work yet."""
    found = town.started()
    usually = town.starter.make

    def make(*_args):
        raise Unavailable("the database is busy")

    town.starter.make = make
    assert 0 == town.feeder.run_once(), "or it would be tried without a pause"
    assert (["begun"] * 3, 3) == (states(town, found), len(town.jobs.recent(shop=SHOP, limit=9)))
    assert "busy" in town.now(found).reason

    town.starter.make = usually
    town.feed()
    assert (RUNNING, "") == (town.now(found).state, town.now(found).reason)


# a worker that died over a claim


def claimed_by_the_dead(town, **options):
    found = town.started(**options)
    assert 3 == len(town.rows.claim(found.id, 3))
    return found


def test_a_cancelled_backfill_leaves_what_a_dead_worker_had_claimed(town):
    """Or it would never end, and the products would say for ever that a worker looks at them."""
    found = claimed_by_the_dead(town)
    town.backfills.cancel(found.id)
    town.feed()
    assert town.now(found).ended_at is None

    town.time.sleep(CLAIM_IS_OVER_S)
    town.feed()
    assert {("cancelled", NOT_BEGUN)} == {(item.why, item.reason) for item in town.rows.items(found.id)}
    assert town.now(found).ended_at
    assert [] == town.starter.made


def test_a_job_that_a_dead_worker_had_begun_is_started_to_its_end(town):
    """Cancelled meanwhile: the job is there, so it must come to rest and say why."""
    found = town.started()
    town.rows.settle = lambda *_args, **_fields: False  # as if it had died before
    town.feeder.run_once()
    del town.rows.settle
    town.backfills.cancel(found.id)
    town.time.sleep(CLAIM_IS_OVER_S)
    made = len(town.starter.made)
    town.feed()

    assert ["begun"] * 3 == states(town, found)
    assert made * 2 == len(town.starter.made)
    assert 3 == len(set(town.starter.made))


def test_a_cancelled_backfill_whose_cancelling_was_interrupted(town):
    """kill -9 between the word and its effect on the products: a worker carries it out."""
    found = town.started()
    town.rows.move(found.id, [RUNNING], BackfillState.CANCELLED)
    town.feed()

    assert [(number, "cancelled") for number in (1, 2, 3)] == town.items(found, ItemState.LEFT)
    assert town.now(found).ended_at


def test_a_cancelled_backfill_does_not_wait_for_the_provider_s_balance(town):
    """Nothing is bought for its jobs any more, so there is nothing to wait for: they end, and so does it."""
    found = town.started()
    town.feed()
    for job_id in town.starter.made:
        town.jobs.move(job_id, JobState.PAUSED, "No pictures are bought for now. The balance is used up.")
    town.feeder.run_once()
    assert [] == town.starter.taken_up, "while it runs, they go on when the balance is there again"

    town.backfills.cancel(found.id)
    town.feeder.run_once()
    assert set(town.starter.made) == {job_id for job_id, _ in town.starter.taken_up}


def test_jobs_of_a_cancelled_backfill_wait_while_the_store_turns_us_away(town):
    """Taken up, they would be parked again at once, and taken up again, all day long."""
    found = town.started()
    town.feed()
    for job_id in town.starter.made:
        town.jobs.move(job_id, JobState.PAUSED, "The store is paused.")
    town.backfills.cancel(found.id)
    town.shops.save(town.shops.find(SHOP).model_copy(update={"state": "paused", "reason": "The token is revoked."}))
    town.feeder.run_once()

    assert [] == town.starter.taken_up


@pytest.mark.parametrize("rests", ["paused", "outside its hours"])
def test_what_a_dead_worker_had_claimed_waits_with_its_backfill(town, rests):
    """It goes back into the line, and nothing is begun before its time."""
    found = claimed_by_the_dead(town, within="" if rests == "paused" else "22-6")
    if rests == "paused":
        town.backfills.pause(found.id)
    town.time.sleep(CLAIM_IS_OVER_S)
    town.feed()

    assert (["planned"] * 3, []) == (states(town, found), town.starter.made)
