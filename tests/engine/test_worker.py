"""The worker role around the engine: it takes over from the dead only, and no bug or outage ends it."""

import gc
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest

from shopify_imagegen import worker as module
from shopify_imagegen.errors import Unavailable
from shopify_imagegen.models import Job, JobState
from shopify_imagegen.steps import ProcessEnds
from shopify_imagegen.worker import FORGOTTEN_AFTER_S, Chore, Worker
from tests.end_to_end.house import wait_for

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMIT_S = 10


class FakeEngine:
    """Remembers what it was told."""

    def __init__(self):
        self.told = []
        self.busy = set()
        self.adrift = []
        self.divided = []
        self.started = set()

    def start(self):
        self.told.append("start")

    def stop(self, *, grace_s):
        self.told.append(("stop", grace_s))
        return True

    def busy_executors(self):
        return self.busy

    def take_over(self, dead):
        self.told.append(("take over", dead))
        self.busy.discard(dead)
        return 1

    def divide(self, rank, workers):
        if self.divided[-1:] != [(rank, workers)]:
            self.divided.append((rank, workers))

    def resume_adrift(self):
        return [self.adrift.pop()] if self.adrift else []

    def without_workflow(self, job_ids):
        return set(job_ids) - self.started

    def make(self, job_id, shop, trigger):
        self.told.append(("make", job_id, shop, trigger))
        self.started.add(job_id)


class Fakes:
    """The other neighbours of a worker."""

    def __init__(self):
        self.held, self.living, self.seen, self.left = [], set(), 0, []
        self.rounds, self.planned = [], []
        self.ranked = (0, 1)
        self.tidied, self.tidying_ends_with = 0, None

    def hold(self, worker_id):
        self.held.append(worker_id)

    def is_dead(self, worker_id):
        return worker_id not in self.living

    def beat(self, worker_id):
        self.seen += 1

    def leave(self, worker_id):
        self.left.append(worker_id)

    def rank(self, worker_id):
        return self.ranked

    def recent(self, *, shop, limit):
        return tuple(self.planned)

    def tidy(self):
        self.tidied += 1
        if self.tidying_ends_with and self.tidied > 2:
            raise self.tidying_ends_with
        return 0

    def run_once(self):
        said = self.rounds.pop(0) if self.rounds else 0
        if isinstance(said, Exception):
            raise said
        return said


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def fakes():
    return Fakes()


@pytest.fixture
def dispatcher():
    return Fakes()


@pytest.fixture
def working(engine, fakes, dispatcher, monkeypatch):
    """A worker at work, in a thread; it stops with the test."""
    for name in ("IDLE_S", "BEAT_S", "STOP_POLL_S"):
        monkeypatch.setattr(module, name, 0.01)
    worker = Worker(
        "me",
        engine=engine,
        dispatcher=dispatcher,
        leases=fakes,
        heartbeats=fakes,
        jobs=fakes,
        chores=[Chore("tidying", fakes.tidy, 0.01)],
        clock=lambda: NOW,
    )
    thread = threading.Thread(target=worker.run, kwargs={"grace_s": 7})
    worker.thread = thread
    thread.start()
    yield worker
    worker.stop()
    thread.join(LIMIT_S)
    assert not thread.is_alive()


def job(name, *, age_s, state=JobState.PLANNED):
    at = NOW - timedelta(seconds=age_s)
    return Job(
        id=name,
        shop="lamps.myshopify.com",
        product_id="gid://shopify/Product/1",
        product_title="Lamp",
        recipe="r",
        trigger="new_listing",
        state=state,
        created_at=at,
        updated_at=at,
    )


def test_a_worker_holds_its_lease_before_it_works(working, engine, fakes):
    """Or another would take over what it has just begun."""
    wait_for(lambda: fakes.seen, LIMIT_S, "a heartbeat")

    assert ["me"] == fakes.held
    assert "start" == engine.told[0]


def test_a_stop_lets_steps_finish_and_says_goodbye(working, engine, fakes):
    """/readyz knows at once."""
    working.stop()
    working.thread.join(LIMIT_S)

    assert ("stop", 7) == engine.told[-1]
    assert ["me"] == fakes.left


def test_only_the_work_of_the_dead_is_taken_over(working, engine, fakes):
    """Two living workers on one job would pay twice."""
    fakes.living = {"alive"}
    engine.busy = {"alive", "dead"}

    wait_for(lambda: ("take over", "dead") in engine.told, LIMIT_S, lambda: engine.told)

    assert ("take over", "alive") not in engine.told


def test_the_providers_places_are_divided_among_the_living(working, engine, fakes):
    """Each worker has its share; those of one that died are free at once, and not when its heartbeat is old."""
    wait_for(lambda: engine.divided == [(0, 1)], LIMIT_S, lambda: engine.divided)
    fakes.ranked = (1, 2)
    wait_for(lambda: engine.divided == [(0, 1), (1, 2)], LIMIT_S, lambda: engine.divided)

    engine.busy = {"dead"}
    wait_for(lambda: fakes.left == ["dead"], LIMIT_S, lambda: fakes.left)


def test_a_bug_or_an_outage_does_not_end_the_worker(working, dispatcher, caplog):
    """The next round may work; what happened is in the log."""
    dispatcher.rounds = [Unavailable("the database is away"), KeyError("a bug"), 1, 1]

    wait_for(lambda: not dispatcher.rounds, LIMIT_S, lambda: dispatcher.rounds)

    assert "the worker waits: the database is away" in caplog.text
    assert "KeyError: 'a bug'" in caplog.text


@pytest.mark.parametrize("error", [Unavailable("away"), KeyError("a bug")], ids=["an outage", "a bug"])
def test_a_chore_that_fails_is_done_again(working, fakes, error):
    """In its own time, and beside the work."""
    fakes.tidying_ends_with = error

    wait_for(lambda: fakes.tidied > 4, LIMIT_S, lambda: fakes.tidied)


def test_a_chore_ends_with_the_process_without_a_word(working, fakes, capfd):
    """It waited for Shopify when the process was told to stop; that is no error."""
    fakes.tidying_ends_with = ProcessEnds()

    wait_for(lambda: fakes.tidied == 3, LIMIT_S, lambda: fakes.tidied)
    working.stop()
    working.thread.join(LIMIT_S)

    assert "Traceback" not in capfd.readouterr().err
    assert 3 == fakes.tidied


def test_a_job_that_a_crash_left_behind_is_started(engine, fakes, dispatcher, request):
    """Its look had written it down, and died before it could start it. Others are left alone."""
    fakes.planned = [
        job("forgotten", age_s=FORGOTTEN_AFTER_S + 1),
        job("just planned", age_s=1),
        job("running", age_s=3600, state=JobState.GENERATING),
        job("queued", age_s=3600),
    ]
    engine.started = {"queued"}
    request.getfixturevalue("working")

    wait_for(lambda: [told for told in engine.told if told[0] == "make"], LIMIT_S, lambda: engine.told)

    assert [("make", "forgotten", "lamps.myshopify.com", "new_listing")] == [
        told for told in engine.told if told[0] == "make"
    ]


def test_threads_take_turns_often_while_a_worker_works(working, engine):
    """One that computes would let the holder of SQLite's write lock wait for 5 ms at every statement."""
    wait_for(lambda: "start" in engine.told, LIMIT_S, lambda: engine.told)

    assert module.SWITCH_S == pytest.approx(sys.getswitchinterval(), rel=0.01)


def test_what_is_loaded_is_not_looked_through_again_and_again(working, engine):
    """Python's collector holds all threads up meanwhile, among them those with a place at the provider's."""
    wait_for(lambda: gc.get_freeze_count() > 0, LIMIT_S, gc.get_freeze_count)

    working.stop()
    working.thread.join(LIMIT_S)

    assert 0 == gc.get_freeze_count()
