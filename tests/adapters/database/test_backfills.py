"""Backfills in the tables: one planner, one worker a product, and sums that follow the ledger."""

import threading
from datetime import timedelta

import pytest

from shopify_imagegen.adapters.database.backfill_numbers import SqlBackfillNumbers
from shopify_imagegen.adapters.database.backfills import SqlBackfills
from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.past import SqlPast
from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import Backfill, BackfillState, Ceiling, ImageState, Item, ItemState, JobState

from .story import LAMP, NOW, PRICE, SHOP, brief, job, key, plan, purchase, rendering, statements

ID = "bf-1"
RUNNING, PLANNED, DONE = BackfillState.RUNNING, BackfillState.PLANNED, BackfillState.DONE
ROLLING_BACK, ROLLED_BACK = BackfillState.ROLLING_BACK, BackfillState.ROLLED_BACK


def item(number, **fields):
    usual = {
        "backfill_id": ID,
        "number": number,
        "product_id": f"gid://shopify/Product/{number}",
        "product_title": f"Lamp {number} \N{ELECTRIC LIGHT BULB}",
        "state": ItemState.PLANNED,
        "pictures": 1,
        "price_microusd": PRICE,
        "plan": plan(brief(number)),
    }
    return Item(**usual | fields)


class Desk:
    """One process's view of the tables."""

    def __init__(self, database, clock):
        self.backfills = SqlBackfills(database, clock)
        self.progress = SqlBackfillNumbers(database, clock)
        self.jobs = SqlJobs(database, clock)
        self.ledger = SqlLedger(database, clock)
        self.past = SqlPast(database)
        self.clock = clock

    def planned(self, count=3, *, state=RUNNING, **fields):
        made = Backfill(id=ID, shop=SHOP, state=BackfillState.PLANNING, created_at=NOW, updated_at=NOW, **fields)
        self.backfills.create(made)
        assert self.backfills.take_planning(ID, "me", silent_since=NOW)
        self.backfills.add(ID, "me", [item(number) for number in range(1, count + 1)])
        self.backfills.freeze(ID, "me", products=count, pictures=count, worst_microusd=count * PRICE)
        return self.backfills.move(ID, [PLANNED], state, started_at=NOW) if state != PLANNED else self.find()

    def find(self):
        return self.backfills.find(ID)

    def claim(self, limit=1):
        return self.backfills.claim(ID, limit)

    def reclaim(self):
        return self.backfills.reclaim(ID, 9, stale_before=self.clock() - timedelta(minutes=1))

    def numbers(self, state):
        return [each.number for each in self.backfills.items(ID, states=[state])]


@pytest.fixture
def desk(database, clock):
    return Desk(database, clock)


def test_a_plan_is_kept_word_by_word(desk):
    """What was agreed to is what is bought, whatever the settings say later."""
    desk.planned(2)

    assert [plan(brief(1)), plan(brief(2))] == [each.plan for each in desk.backfills.items(ID)]
    assert [None, None] == [each.plan for each in desk.backfills.items(ID, words=False)]


def test_a_backfill_that_nobody_knows(desk):
    """A typing error is answered, not ignored."""
    with pytest.raises(NotFound, match="bf-9"):
        desk.backfills.find("bf-9")


def test_who_plans_is_alone(desk, clock):
    """Two planners would put every product in twice; one that is silent for long is replaced, and loses its word."""
    desk.backfills.create(Backfill(id=ID, shop=SHOP, state="planning", created_at=NOW, updated_at=NOW))
    assert desk.backfills.take_planning(ID, "first", silent_since=NOW - timedelta(minutes=1))
    desk.backfills.add(ID, "first", [item(1)])

    assert not desk.backfills.take_planning(ID, "second", silent_since=NOW - timedelta(minutes=1))
    clock.go_on(minutes=5)
    assert desk.backfills.take_planning(ID, "second", silent_since=NOW + timedelta(minutes=1))
    assert [] == list(desk.backfills.items(ID))
    with pytest.raises(Conflict):
        desk.backfills.add(ID, "first", [item(2)])
    with pytest.raises(Conflict):
        desk.backfills.freeze(ID, "first", products=1)


def test_a_state_is_left_once(desk):
    """Start and cancel at the same moment: one of them is told that it came too late."""
    desk.planned(state=PLANNED)
    desk.backfills.move(ID, [PLANNED], BackfillState.CANCELLED)

    with pytest.raises(Conflict, match="is cancelled"):
        desk.backfills.move(ID, [PLANNED], RUNNING)


def test_a_product_is_claimed_once(url, open_database, clock):
    """With any number of workers, a product is taken up by one of them."""
    desks = [Desk(open_database(url), clock) for _ in range(3)]
    desks[0].planned(40)
    claimed = []

    def work(desk):
        while found := desk.claim(3):
            claimed.extend(each.number for each in found)

    threads = [threading.Thread(target=work, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(range(1, 41)) == sorted(claimed)


def test_a_vanished_worker_s_product_is_claimed_again(desk, clock):
    """And the worker that comes back finds that it is no longer its own."""
    desk.planned(1)
    (first,) = desk.claim()
    assert ([], []) == (desk.claim(), desk.reclaim())

    clock.go_on(minutes=2)
    (second,) = desk.reclaim()

    assert not desk.backfills.settle(first, ItemState.LEFT)
    assert desk.backfills.settle(second, ItemState.BEGUN, job_id="job:1")
    assert [1] == desk.numbers(ItemState.BEGUN)


@pytest.mark.parametrize("state", [BackfillState.PAUSED, BackfillState.CANCELLED])
def test_nothing_is_claimed_of_one_that_does_not_run(desk, state):
    """A pause takes effect with the next claim."""
    desk.planned()
    desk.backfills.move(ID, [RUNNING], state)

    assert [] == desk.claim()


def test_what_has_not_begun_is_left(desk):
    """A cancelled backfill says of each product that it was not made."""
    desk.planned(3)
    desk.claim()

    assert 2 == desk.backfills.leave(ID, why="cancelled", reason="You cancelled it.")
    assert [2, 3] == desk.numbers(ItemState.LEFT)


def bought(desk, number, *, state=ImageState.PUBLISHED, job_state=JobState.PUBLISHED):
    """The product's job, ended, with one picture paid for (or not)."""
    (claimed,) = desk.claim()
    made = job(id=f"job:{number}", product_id=f"gid://shopify/Product/{number}", backfill_id=ID)
    desk.jobs.begin(made, plan(brief(number)))
    desk.backfills.settle(claimed, ItemState.BEGUN, job_id=made.id)
    ceiling = Ceiling(scope=f"backfill:{ID}", period="all", limit_microusd=10 * PRICE, words="")
    desk.ledger.reserve(purchase(number, job_id=made.id), [ceiling])
    desk.ledger.sent(key(number))
    if state == ImageState.REFUSED:
        desk.ledger.refused(key(number), "No.")
    else:
        desk.ledger.paid(key(number), rendering(), spare_microusd=PRICE)
    desk.jobs.move_image(key(number), state, "No." if state == ImageState.REFUSED else "")
    desk.jobs.move(made.id, job_state)


def test_what_it_waits_for_is_written_down_once(desk, database):
    """The feeder says it several times a second; each write would be a turn that paid pictures wait for."""
    desk.planned()
    words = "It waits: today's budget has no room for more."

    first, again = (statements(database, desk.backfills.say, ID, words) for _ in range(2))
    assert ["SELECT backfills", "UPDATE backfills"] == first
    assert ["SELECT backfills"] == again
    assert words == desk.find().reason
    desk.backfills.move(ID, [RUNNING], BackfillState.PAUSED)
    assert ["SELECT backfills"] == statements(database, desk.backfills.say, ID, "Something else.")


def test_progress_adds_up_to_the_ledger(desk, clock):
    """What a merchant sees spent is what the ledger counts against the ceiling."""
    desk.planned(4)
    bought(desk, 1)
    bought(desk, 2, state=ImageState.REFUSED, job_state=JobState.NOTHING_PUBLISHED)
    clock.go_on(minutes=1)
    desk.claim()
    found = desk.progress.of(desk.find())

    assert {"begun": 2, "claimed": 1, "planned": 1} == found.items
    assert {"published": 1, "nothing_published": 1} == found.jobs
    assert {"published": 1, "refused": 1} == found.images
    assert {"No.": 1} == found.reasons
    assert PRICE == found.paid_microusd == found.committed_microusd == desk.progress.counted_microusd(desk.find())
    assert (1, 60.0) == (found.bought_lately, found.lately_s)
    assert (1, PRICE) == desk.progress.in_flight(desk.find(), claimed_since=clock.now)
    assert (0, 0) == desk.progress.in_flight(desk.find(), claimed_since=clock.now + timedelta(seconds=1))
    assert 2 == desk.progress.waiting(desk.find())


def test_money_that_is_set_aside_is_not_promised_a_second_time(desk, clock):
    """Else the last products of every backfill would wait for the others: its ceiling is what all of them cost."""
    desk.planned(1)
    bought(desk, 1)
    desk.jobs.move("job:1", JobState.PUBLISHING)

    assert (1, 0) == desk.progress.in_flight(desk.find(), claimed_since=clock.now)
    assert PRICE == desk.progress.counted_microusd(desk.find())


def test_only_what_failed_is_tried_again(desk):
    """A retry must not touch what is on the products already."""
    desk.planned(2)
    bought(desk, 1)
    bought(desk, 2, state=ImageState.REFUSED, job_state=JobState.NOTHING_PUBLISHED)

    assert 1 == desk.backfills.retry(ID)
    assert [2] == desk.numbers(ItemState.PLANNED)


def test_what_was_done_before_is_known_of_many_products(desk):
    """One question for a page of products, not one for each."""
    desk.planned(1)
    bought(desk, 7)
    desk.jobs.move_image(key(7), ImageState.PUBLISHED, file_id="gid://shopify/MediaImage/5")
    other = "gid://shopify/Product/8"
    found = desk.past.of(SHOP, [LAMP, other])

    assert (1, False, "a" * 32) == (found[LAMP].shown, found[LAMP].busy, found[LAMP].recipe)
    assert {"gid://shopify/MediaImage/5"} == found[LAMP].ours
    assert (0, False, "", frozenset()) == (
        found[other].shown,
        found[other].busy,
        found[other].recipe,
        found[other].ours,
    )


def test_only_one_whose_products_rest_is_ended(desk):
    """Waiting, claimed, under way, or taken up again and not moved yet: each of these holds the end up."""
    desk.planned(2)
    bought(desk, 1, state=ImageState.REFUSED, job_state=JobState.NOTHING_PUBLISHED)
    assert not desk.backfills.rest(ID, DONE)
    (second,) = desk.claim()
    assert not desk.backfills.rest(ID, DONE)
    desk.backfills.settle(second, ItemState.LEFT)
    desk.jobs.move("job:1", JobState.GENERATING)
    assert not desk.backfills.rest(ID, DONE)
    desk.jobs.move("job:1", JobState.NOTHING_PUBLISHED)

    assert desk.backfills.rest(ID, DONE)
    assert not desk.backfills.rest(ID, BackfillState.PAUSED), "it is over"


def test_one_that_is_taken_up_again_stirs_until_its_job_moves(desk, clock):
    """Its job still says how it had ended before."""
    desk.planned(1)
    bought(desk, 1, state=ImageState.REFUSED, job_state=JobState.NOTHING_PUBLISHED)
    assert 1 == desk.backfills.retry(ID)
    (again,) = desk.claim()
    desk.backfills.settle(again, ItemState.RETRIED, claimed_at=desk.jobs.job("job:1").updated_at)
    assert (1, PRICE) == desk.progress.in_flight(desk.find(), claimed_since=clock.now)
    assert (False, 0) == (desk.backfills.rest(ID, DONE), desk.backfills.retry(ID))

    clock.go_on(minutes=1)
    for state in (JobState.GENERATING, JobState.NOTHING_PUBLISHED):
        desk.jobs.move("job:1", state)

    assert (0, 0) == desk.progress.in_flight(desk.find(), claimed_since=clock.now)
    assert (1, 0) == (desk.backfills.retry(ID), desk.backfills.retry(ID))


def test_a_vanished_worker_s_product_is_claimed_again_of_a_cancelled_one_too(desk, clock):
    """Or it would be claimed for ever, and the backfill never over."""
    desk.planned(1)
    desk.claim()
    desk.backfills.move(ID, [RUNNING], BackfillState.CANCELLED)
    clock.go_on(minutes=2)

    assert [1] == [each.number for each in desk.reclaim()]


def test_open_ones(desk):
    """However many were cancelled since, one that runs is not overlooked."""
    desk.planned(1)
    assert [ID] == [each.id for each in desk.backfills.open()]
    desk.backfills.leave(ID, why="cancelled", reason="")
    desk.backfills.move(ID, [RUNNING], BackfillState.CANCELLED)
    assert [ID] == [each.id for each in desk.backfills.open()]

    assert desk.backfills.rest(ID, BackfillState.CANCELLED, ended_at=NOW)
    assert [] == desk.backfills.open()


def test_only_who_plans_breaks_off(desk, clock):
    """A planner that was replaced has no word in it any more."""
    desk.backfills.create(Backfill(id=ID, shop=SHOP, state="planning", created_at=NOW, updated_at=NOW))
    desk.backfills.take_planning(ID, "first", silent_since=NOW)
    with pytest.raises(Conflict):
        desk.backfills.break_off(ID, "second", "no")

    desk.backfills.break_off(ID, "first", "It could not be planned.")
    assert ("cancelled", "It could not be planned.") == (desk.find().state, desk.find().reason)
    assert desk.find().ended_at


def test_of_two_that_take_it_back_at_once_one_does(desk):
    """Two terminals at the same moment: the other is told, and nothing is asked of the store twice."""
    desk.planned(state=DONE)
    gate, took, long_ago = threading.Barrier(4), [], NOW - timedelta(seconds=40)

    def take(number):
        gate.wait(10)
        if desk.backfills.take_back(ID, f"wish {number}", [DONE, ROLLING_BACK], silent_since=long_ago):
            took.append(f"wish {number}")

    threads = [threading.Thread(target=take, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert (1, ROLLING_BACK) == (len(took), desk.find().state)
    assert not desk.backfills.taken_back(ID, "another", reason="no")
    assert desk.backfills.taken_back(ID, took[0], reason="")
    assert ROLLED_BACK == desk.find().state


def test_one_that_runs_is_taken_back_by_nobody(desk):
    """It was retried a moment ago, say."""
    desk.planned(state=RUNNING)

    assert not desk.backfills.take_back(ID, "me", [DONE, ROLLING_BACK], silent_since=NOW)
    assert RUNNING == desk.find().state
