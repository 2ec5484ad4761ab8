"""Taking a whole backfill back: a few products at a time, to the end, whatever cannot be now or stays."""

from functools import partial
from types import SimpleNamespace

import pytest

from shopify_imagegen.backfills.deciding import SILENT, SILENT_AFTER
from shopify_imagegen.backfills.rollback import BackfillRollback
from shopify_imagegen.commands import backfill_undo
from shopify_imagegen.errors import BadCredentials, Conflict, NotFound, Temporary, Unavailable
from shopify_imagegen.models import (
    BackfillRollbackRequested,
    BackfillState,
    ImageState,
    JobState,
    Undoing,
    Undone,
)
from tests.fakes import SHOP

from .town import DONE, OTHER, PAUSED, RUNNING

ROLLING_BACK, ROLLED_BACK = BackfillState.ROLLING_BACK, BackfillState.ROLLED_BACK
KEEPS = "You chose it for “Red”, so it stays."


class FakeRollback:
    """Takes pictures off, one product a call; `trouble` says by title what goes wrong, `keeps` what stays."""

    def __init__(self, jobs):
        self.jobs = jobs
        self.asked = []
        self.trouble = {}
        self.keeps = set()

    def run(self, shop, wish):
        title = self.jobs.job(self.jobs.image(wish.images[0]).job_id).product_title
        self.asked.append(title)
        if title in self.trouble:
            raise self.trouble[title]
        does = "keeps" if title in self.keeps else "takes_off"
        if does == "takes_off":
            for image_id in wish.images:
                self.jobs.move_image(image_id, ImageState.ROLLED_BACK)
        pictures = [Undoing(image_id=each, does=does, words=KEEPS if does == "keeps" else "") for each in wish.images]
        return (Undone(product_id="p", product_title=title, pictures=tuple(pictures)),)


@pytest.fixture
def town(open_town):
    return open_town(products=10)


@pytest.fixture
def store(town):
    return FakeRollback(town.jobs)


@pytest.fixture
def whole(town, store):
    return BackfillRollback(
        deciding=town.backfills,
        backfills=town.rows,
        numbers=town.numbers,
        lines=partial(town.report.lines, words=False),
        roll_back=store.run,
        would=store.run,
        clock=town.time.clock,
    )


@pytest.fixture
def done(town):
    found = town.started()
    town.run()
    assert DONE == town.now(found).state
    return found


def wish(found, who="me", **options):
    return BackfillRollbackRequested(id=f"wish of {who}", backfill_id=found.id, by=who, **options)


def taken_back(whole, found, after=0, **options):
    """To the end, as a worker does."""
    while after is not None:
        after = whole.some(SHOP, wish(found, **options), after)


def off(town, found):
    return town.numbers.of(found).images.get("rolled_back", 0)


def test_all_of_it(town, store, whole, done):
    """Every product once; then it says so."""
    taken_back(whole, done)

    assert (ROLLED_BACK, "", 20) == (town.now(done).state, town.now(done).reason, off(town, done))
    assert [f"Lamp {number}" for number in range(1, 11)] == sorted(store.asked, key=lambda title: int(title[5:]))


def test_it_goes_on_where_it_was(town, store, whole, done):
    """Killed in the middle and begun again: what is off is not looked at once more."""
    assert 8 == whole.some(SHOP, wish(done), 0)
    assert (ROLLING_BACK, 16) == (town.now(done).state, off(town, done))

    taken_back(whole, done)
    assert (20, 10) == (off(town, done), len(store.asked))


def test_files_are_deleted_of_pictures_that_are_off_already(whole, store, done):
    """Who wants the files gone as well says so later, and means all of them."""
    taken_back(whole, done)
    taken_back(whole, done, delete_files=True)

    assert 20 == len(store.asked)


def test_what_stays_says_why(town, store, whole, done):
    """In the report, product by product; the end counts them."""
    store.keeps = {"Lamp 3"}
    taken_back(whole, done)
    third = next(made for made in town.report.lines(done) if made.item.number == 3)

    assert ("kept", KEEPS) == (third.item.why, third.item.reason)
    assert "Products whose pictures stay: 1;" in town.now(done).reason


def test_one_that_cannot_be_now_does_not_hold_up_the_others(town, store, whole, done):
    """It is named, and the next try takes it."""
    store.trouble = {"Lamp 3": Unavailable("Shopify is busy")}
    taken_back(whole, done)
    assert 18 == off(town, done)

    store.trouble = {}
    taken_back(whole, done)
    assert (20, "") == (off(town, done), town.now(done).reason)


def test_a_store_that_is_away_is_waited_for(town, store, whole, done):
    """Not ten thousand products that failed one after the other: the step is tried again."""
    store.trouble = {f"Lamp {number}": Unavailable("Shopify is away") for number in range(1, 11)}
    with pytest.raises(Temporary, match="away"):
        whole.some(SHOP, wish(done), 0)

    assert 8 == len(store.asked)
    assert ROLLING_BACK == town.now(done).state


def test_what_stops_it_is_named(town, store, whole, done):
    """A revoked token: nothing more can be done until a person mends it, and takes it back again."""
    store.trouble = {"Lamp 9": BadCredentials("The token is revoked.")}
    after = whole.some(SHOP, wish(done), 0)
    with pytest.raises(BadCredentials):
        whole.some(SHOP, wish(done), after)
    whole.end(wish(done), "The token is revoked.")

    assert ROLLED_BACK == town.now(done).state
    assert "It stopped: The token is revoked." in town.now(done).reason


def test_one_that_runs_is_not_taken_back(town, whole):
    """What is bought in the meantime would stay."""
    found = town.started()

    with pytest.raises(Conflict, match="cancel"):
        whole.some(SHOP, wish(found), 0)
    whole.end(wish(found), "no")
    assert RUNNING == town.now(found).state


def test_one_that_never_began_is_not_taken_back(town, whole):
    """There is nothing to take back of a plan."""
    with pytest.raises(Conflict, match="never started"):
        whole.some(SHOP, wish(town.planned()), 0)


def test_another_shop_s_is_not_there(whole, done):
    """Whoever guesses a number is told what is told of one that nobody has."""
    with pytest.raises(NotFound):
        whole.some(OTHER, wish(done), 0)


def test_a_paused_one_is_cancelled_first(town, whole):
    """Whoever does not like the sample says one word; what was parked for it ends, and nothing more is bought."""
    found = town.started()
    town.feed()
    job_id = town.starter.made[0]
    town.backfills.pause(found.id)
    town.buy(job_id)
    with pytest.raises(Temporary, match="coming to rest"):
        whole.some(SHOP, wish(found), 0)
    assert BackfillState.CANCELLED == town.now(found).state

    town.jobs.move(job_id, JobState.FAILED)
    taken_back(whole, found)
    assert ROLLED_BACK == town.now(found).state
    assert "stop" == town.closed(job_id).next
    assert PAUSED != town.now(found).state


def test_asked_for_twice_it_is_one_rollback(town, store, whole, done):
    """Two terminals, or a terminal and the admin: the second is told so, and the first goes on undisturbed."""
    whole.some(SHOP, wish(done), 0)
    with pytest.raises(Conflict, match="taken back already"):
        whole.may_begin(SHOP, done.id)
    with pytest.raises(Conflict, match="taken back already"):
        whole.some(SHOP, wish(done, "somebody else"), 0)
    whole.end(wish(done, "somebody else"), "no")
    assert (ROLLING_BACK, 8) == (town.now(done).state, len(store.asked))

    taken_back(whole, done, after=8)
    assert (ROLLED_BACK, 10) == (town.now(done).state, len(store.asked))


def test_one_whose_terminal_died_is_taken_over(town, store, whole, done):
    """Within a minute, as a plan is; should the first come back after all, it leaves it to the second."""
    whole.some(SHOP, wish(done), 0)
    town.time.sleep(SILENT_AFTER.total_seconds() + 1)
    assert SILENT[ROLLING_BACK] == town.now(done).reason

    whole.may_begin(SHOP, done.id)
    assert 10 == whole.some(SHOP, wish(done, "somebody else"), 8)
    with pytest.raises(Conflict, match="taken back already"):
        whole.some(SHOP, wish(done), 8)
    taken_back(whole, done, after=10, who="somebody else")
    assert (ROLLED_BACK, 20, 10) == (town.now(done).state, off(town, done), len(store.asked))


@pytest.fixture
def terminal(town, whole, monkeypatch):
    """One in which it is asked for where no worker runs; what the other does while this one waits is up to the test."""
    house = SimpleNamespace(
        backfill_rollback=whole, backfill_rows=town.rows, workers=SimpleNamespace(alive=lambda: False)
    )

    house.backfills, house.inbox = town.backfills, None
    town.house = house

    def ask(found, meanwhile=lambda: None):
        monkeypatch.setattr(backfill_undo.time, "sleep", lambda wait_s: (town.time.sleep(wait_s), meanwhile()))
        backfill_undo.until_free(house, town.now(found), quiet=True)

    return ask


def test_a_terminal_waits_until_it_is_sure_that_the_other_has_died(town, whole, done, terminal):
    """Killed and run again, it goes on: nobody has to count seconds."""
    whole.some(SHOP, wish(done), 0)
    terminal(done)

    taken_back(whole, done, after=8, who="somebody else")
    assert (ROLLED_BACK, 20) == (town.now(done).state, off(town, done))


def test_a_terminal_that_sees_the_other_at_work_leaves_it_to_that_one(whole, done, terminal):
    """Within seconds, and not after forty."""
    whole.some(SHOP, wish(done), 0)

    with pytest.raises(Conflict, match="taken back already"):
        terminal(done, meanwhile=lambda: whole.some(SHOP, wish(done), 8))


def test_a_second_time_says_when_the_first_was(town, done, terminal, capsys):
    """ "Took back 0 pictures" sounds as if something had failed."""
    over = []
    for _ in range(2):
        found = town.now(done)
        told = backfill_undo.roll_back(town.house, found, wish(found), lambda *_: None)
        backfill_undo.told(told, as_json=False)
        over.append(town.now(done).ended_at)
        town.time.sleep(3600)
    first, second = capsys.readouterr().out.splitlines()

    assert "Took back 20 pictures." == first
    at = f"{over[0]:%Y-%m-%d %H:%M} UTC"
    assert f"Nothing new to take back: 20 pictures were taken back already, on {at}." == second


def test_it_can_be_asked_for_again_when_it_is_over(town, store, whole, done):
    """What stayed before is tried again, by another wish."""
    store.keeps = {"Lamp 3"}
    taken_back(whole, done)
    store.keeps = set()
    whole.may_begin(SHOP, done.id)
    taken_back(whole, done, who="somebody else")

    assert (ROLLED_BACK, 20) == (town.now(done).state, off(town, done))


def test_a_dry_run_takes_nothing_back(town, store, whole, done):
    """It says what would be done, product by product."""
    store.keeps = {f"Lamp {number}" for number in range(1, 11)}

    assert 10 == len(list(whole.would(SHOP, wish(done))))
    assert DONE == town.now(done).state
