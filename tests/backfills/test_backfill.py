"""Backfills from plan to end: not one product and not one cent beyond the plan, and a person's word counts at once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from shopify_imagegen.backfills.feeding import SAMPLED
from shopify_imagegen.backfills.gate import ON_HOLD, Gate, off_hours
from shopify_imagegen.errors import BadCredentials, BadInput, Conflict, NoAnswer
from shopify_imagegen.models import BackfillState, ImageState, ItemState, JobState
from shopify_imagegen.settings import BudgetSection
from tests.fakes import PRICE, SHOP, START, lamp

from .town import DONE, OTHER, PAUSED, RUNNING, gid

# plan


def test_a_plan_spends_nothing_and_says_everything(town):
    """What will be made, what it costs at most, and why some get nothing; no provider is asked."""
    town.catalog.products[gid(9)] = lamp(id=gid(9), title="No photo", media=(), media_count=0)
    found = town.planned()

    assert (BackfillState.PLANNED, 3, 6, 1) == (found.state, found.products, found.pictures, found.skipped)
    assert 6 * PRICE == found.worst_microusd
    assert [(4, "no_photos")] == town.items(found, ItemState.SKIPPED)
    assert ([], []) == (town.provider.calls, town.starter.made)


def test_the_query_decides(town):
    """Only what was asked for, checked on our side too: the search of this store lets everything through."""
    found = town.planned('title:"Lamp 2"')

    assert [gid(2)] == [item.product_id for item in town.rows.items(found.id)]


def test_a_query_that_is_not_understood_plans_nothing(town):
    """And leaves no backfill behind."""
    with pytest.raises(BadInput, match="colour"):
        town.planned("colour:red")

    assert [] == town.backfills.recent()


def test_a_limit_counts_products_with_pictures(town):
    """“The first two” means two that get pictures, not two that were looked at."""
    town.catalog.products = town.catalogue.products = {
        gid(8): lamp(id=gid(8), media=(), media_count=0),
        **town.catalog.products,
    }

    assert (2, 1) == (lambda found: (found.products, found.skipped))(town.planned(most=2))


def test_a_plan_that_breaks_off_cannot_be_started(town):
    """Half a catalogue would pass for the whole."""

    def broken(shop, search, *, many):
        yield lamp(id=gid(1))
        raise NoAnswer("Shopify did not answer")

    town.catalogue.each = broken
    with pytest.raises(NoAnswer):
        town.planned()
    (found,) = town.backfills.recent()

    assert (BackfillState.CANCELLED, True) == (found.state, "Shopify did not answer" in found.reason)


def test_a_plan_whose_process_died_is_planned_by_a_worker(town):
    """kill -9 in the middle: the products that it had written are not counted twice."""
    made = town.backfills.create(SHOP, "", by="me")
    town.rows.take_planning(made.id, "dead", silent_since=START)
    assert 0 == town.survey.run_once()

    town.time.sleep(120)
    assert 1 == town.survey.run_once()
    assert 3 == town.now(made).products == len(list(town.rows.items(made.id)))


def test_planning_again_is_free(town):
    """The same source and recipe are never bought again; a re-run finds nothing to do."""
    town.started()
    town.run()
    again = town.planned()

    assert (0, 0, 3, 0) == (again.products, again.worst_microusd, again.skipped, again.outdated)


def test_a_change_of_style_is_told_with_its_price(town):
    """What would be made differently today, and what that costs; only who asks for it gets it."""
    town.started()
    town.run()
    town.use('[prompts.style]\nlook = "warm light"\n')
    plain, restyled = town.planned(), town.planned(restyle=True)

    assert (0, 3, 6 * PRICE) == (plain.products, plain.outdated, plain.outdated_microusd)
    assert (3, 6 * PRICE) == (restyled.products, restyled.worst_microusd)
    assert 0 == (lambda: (town.use(), town.planned(restyle=True))[1].products)()


def test_what_changed_since_the_plan(town):
    """A plan may be old when it is started."""
    found = town.planned()
    town.catalog.products[gid(1)] = lamp(id=gid(1), title="Another lamp")
    town.catalog.products[gid(2)] = lamp(id=gid(2), title="Lamp 2", media=(), media_count=0)
    del town.catalog.products[gid(3)]
    town.catalog.products[gid(4)] = lamp(id=gid(4))

    changes = {change.product_id: change.change for change in town.survey.changes(found)}
    assert {gid(1): "changed", gid(2): "dropped", gid(3): "gone", gid(4): "new"} == changes


# start, run, end


def test_a_backfill_from_start_to_end(town):
    """Every product once, every cent in its own ceiling, and an end that is named."""
    found = town.started()
    town.run()

    assert DONE == town.now(found).state
    assert 6 == len(town.provider.sold)
    assert 6 * PRICE == town.numbers.counted_microusd(found) == town.numbers.of(found).paid_microusd
    assert 6 * PRICE == sum(made.committed_microusd for made in town.report.lines(found))


def test_only_a_few_are_under_way_at_once(open_town):
    """100,000 products must not flood the queues: a pause would have to find them all."""
    town = open_town(products=20)
    found = town.started()
    town.feed()

    assert town.at_once == len(town.starter.made)
    assert 16 == town.numbers.waiting(found)


def test_not_one_cent_more(town):
    """A ceiling below the plan's price holds, whatever runs at the same time; what it leaves out says why."""
    found = town.started(max_microusd=3 * PRICE)
    town.run()

    assert 3 * PRICE == town.numbers.counted_microusd(found)
    assert 3 == len(town.provider.sold)
    assert {"ceiling"} == {why for _, why in town.items(found, ItemState.LEFT)}
    assert DONE == town.now(found).state


def test_a_ceiling_above_the_plan_is_the_plan(town):
    """Nobody agreed to more than the plan says."""
    assert 6 * PRICE == town.started(max_microusd=10**9).ceiling_microusd


def test_not_one_product_more(town):
    """What is added to the store after the plan is not in it."""
    town.started()
    town.catalog.products[gid(4)] = lamp(id=gid(4))
    town.run()

    assert {gid(1), gid(2), gid(3)} == {town.jobs.job(each).product_id for each in town.starter.made}


@pytest.mark.parametrize(("choice", "bought"), [("replan", 6), ("skip", 4)])
def test_a_product_that_changed(town, choice, bought):
    """Planned anew within the ceiling, or left alone, as chosen."""
    found = town.planned()
    town.catalog.products[gid(2)] = lamp(id=gid(2), title="A chair", product_type="Chair")
    town.backfills.start(found.id, on_change=choice)
    town.run()

    assert bought == len(town.provider.sold)
    assert ([(2, "changed")] if choice == "skip" else []) == town.items(found, ItemState.LEFT)


def test_a_product_that_was_not_asked_for_as_it_is_now(town):
    """“Active ones”, said the merchant, and made this one a draft since: nothing is bought for it."""
    found = town.started("status:active")
    town.catalog.products[gid(2)] = lamp(id=gid(2), title="Lamp 2", handle="lamp-2", status="DRAFT")
    town.run()

    assert [(2, "changed")] == town.items(found, ItemState.LEFT)
    assert (DONE, 4) == (town.now(found).state, len(town.provider.sold))


def test_a_product_that_is_gone(town):
    """Deleted since the plan: left out with its reason, the rest goes on."""
    found = town.started()
    del town.catalog.products[gid(2)]
    town.run()

    assert [(2, "gone")] == town.items(found, ItemState.LEFT)
    assert DONE == town.now(found).state


def test_a_sample_stops_and_asks(town):
    """Two products first; the rest only when a person has seen them."""
    found = town.started(sample=2)
    town.run()

    assert (PAUSED, SAMPLED) == (town.now(found).state, town.now(found).reason)
    assert 4 == len(town.provider.sold)
    town.backfills.resume(found.id)
    town.run()
    assert (DONE, 6) == (town.now(found).state, len(town.provider.sold))


def test_a_pause_holds_jobs_that_had_begun(town):
    """Within seconds means: also what waits for its paid call. A resume takes them up at once."""
    found = town.started()
    town.feed()
    town.backfills.pause(found.id)
    for job_id in town.starter.made:
        town.buy(job_id)
    assert ([], {JobState.PAUSED}) == (town.provider.sold, {job.state for job in town.jobs.recent(shop=SHOP, limit=9)})
    assert {ON_HOLD} == {job.reason for job in town.jobs.recent(shop=SHOP, limit=9)}

    town.backfills.resume(found.id)
    assert 3 == town.feeder.run_once()
    assert {(job_id, False) for job_id in town.starter.made} == set(town.starter.taken_up)


def test_nothing_is_bought_when_its_hours_are_over(town):
    """Also of products that were begun within them: night prices end, or the shop's busy hours begin."""
    found = town.started(within="11-12")  # Berlin, where the town's clock starts at 11
    town.feed()
    town.time.sleep(3600)
    for job_id in town.starter.made:
        town.buy(job_id)
    town.feed()

    assert ([], []) == (town.provider.sold, town.starter.taken_up)
    assert {off_hours(found)} == {job.reason for job in town.jobs.recent(shop=SHOP, limit=9)}
    assert "waits for its hours, 11-12 Europe/Berlin;" in off_hours(found)
    assert "It waits for its hours, 11-12 Europe/Berlin." == town.now(found).reason

    town.time.sleep(23 * 3600)
    town.feeder.run_once()
    assert {(job_id, False) for job_id in town.starter.made} == set(town.starter.taken_up)


def test_the_line_asks_before_each_purchase(town):
    """What was begun before a pause or a cancellation must not go on buying behind it."""
    found = town.started()
    town.feed()
    line, job_id = town.line, town.starter.made[0]
    line._backfills = Gate(town.rows, town.time.clock)
    image_id = town.jobs.images(job_id)[0].id
    town.backfills.pause(found.id)
    assert ("park", ON_HOLD) == (lambda said: (said.next, said.reason))(line.buy(image_id))
    assert not line.wants_review(job_id)

    town.backfills.cancel(found.id, keep_candidates=True)
    assert "stop" == line.buy(image_id).next
    town.jobs.move_image(image_id, ImageState.STAGED)  # one that was paid before
    assert line.wants_review(job_id)
    assert [] == town.provider.sold


def test_a_cancel_leaves_the_rest(open_town):
    """Nothing more is bought, and every product says so."""
    town = open_town(products=6)
    found = town.started()
    town.feed()
    town.backfills.cancel(found.id)
    for job_id in town.starter.made:
        town.buy(job_id)
    town.feed()

    assert ([], 2) == (town.provider.sold, len(town.items(found, ItemState.LEFT)))
    assert {"cancelled"} == {why for _, why in town.items(found, ItemState.LEFT)}
    assert town.now(found).ended_at


def test_paid_pictures_of_a_cancelled_one(town):
    """They are published as ever, or wait for a review, as chosen."""
    found = town.started()
    assert not Gate(town.rows, town.time.clock).keeps_candidates(found.id)
    town.backfills.cancel(found.id, keep_candidates=True)

    assert Gate(town.rows, town.time.clock).keeps_candidates(found.id)


def test_a_retry_takes_up_what_failed(town):
    """And only that; what was bought stays bought."""
    found = town.started()
    town.provider.errors = [BadInput("the provider refuses this photo")]
    town.run()
    assert 5 == len(town.provider.sold)

    assert 1 == town.backfills.retry(found.id)
    assert 1 == town.feeder.run_once()
    assert [True] == [refused for _, refused in town.starter.taken_up]


def test_a_decision_that_comes_too_late(town):
    """Twice started is once started; what is cancelled stays so; who means to resume is told how."""
    found = town.started()
    with pytest.raises(Conflict):
        town.backfills.start(found.id)
    town.backfills.pause(found.id)
    with pytest.raises(Conflict, match="backfill resume"):
        town.backfills.start(found.id)
    town.backfills.cancel(found.id)
    for decide in (town.backfills.resume, town.backfills.pause, town.backfills.retry):
        with pytest.raises(Conflict):
            decide(found.id)


def test_nothing_to_start(town):
    """A plan without pictures would run for ever, or end at once without a word."""
    town.catalog.products.clear()
    with pytest.raises(BadInput, match="no product"):
        town.started()


# what it waits for


def test_a_day_s_budget_makes_it_wait(town):
    """Products that could not be bought today are not begun today; the next day goes on by itself."""
    town.limits = BudgetSection(per_day_usd=Decimal("0.25"))
    found = town.started()
    town.run()
    assert (RUNNING, 4, True) == (town.now(found).state, len(town.provider.sold), "today's" in town.now(found).reason)

    town.time.sleep(86_400)
    town.run()
    assert (DONE, 6) == (town.now(found).state, len(town.provider.sold))


def test_hours_are_the_shop_s(town):
    """22-06 in Berlin: at ten in the morning it waits, at eleven in the evening it goes on."""
    found = town.started(within="22-6")
    town.feed()
    assert ([], "Europe/Berlin") == (town.starter.made, found.time_zone)
    assert "22-06 Europe/Berlin" in town.now(found).reason

    town.time.sleep(12 * 3600)
    town.feed()
    assert 3 == len(town.starter.made)


def test_a_paused_store_makes_it_wait(town):
    """A revoked token must not fail thousands of products, one after the other."""
    found = town.started()
    town.catalog.errors = [BadCredentials("the token is revoked")] * 9
    town.feeder.run_once()
    town.feeder.run_once()

    assert [] == town.starter.made
    assert (3, True) == (town.numbers.waiting(found), "revoked" in town.now(found).reason)


def test_a_product_that_cannot_be_read_now_waits(town):
    """Shopify is away for a moment; the product keeps its turn."""
    found = town.started()
    town.catalog.errors = [NoAnswer("no answer")] * 3
    town.feeder.run_once()
    assert 3 == town.numbers.waiting(found)

    town.feed()
    assert 3 == len(town.starter.made)


def test_stores_take_turns(town):
    """One store's hundred thousand must not stand before another's ten."""
    first = town.started()
    town.shops.save(town.shops.find(SHOP).model_copy(update={"domain": OTHER}))
    second = town.survey.plan(town.backfills.create(OTHER, "", by="me").id)
    town.backfills.start(second.id)
    town.at_once = 1
    town.feeder.run_once()

    assert [1, 1] == [3 - town.numbers.waiting(each) for each in (first, second)]


# dying


def test_a_worker_that_dies_between_job_and_claim(town):
    """The next one finds the job by its backfill, and starts that one instead of a second."""
    found = town.started()
    town.rows.settle = lambda *_args, **_fields: False  # as if it had died before
    town.feeder.run_once()
    del town.rows.settle
    town.time.sleep(timedelta(minutes=2).total_seconds())
    town.feed()

    assert 3 == len(set(town.starter.made))
    assert 3 == len(town.jobs.recent(shop=SHOP, limit=9))
    assert [1, 2, 3] == [number for number, _ in town.items(found, ItemState.BEGUN)]
