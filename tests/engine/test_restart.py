"""What becomes of work when a process stops or dies, and how paid calls queue: engines of their own, one at a time."""

import threading

import pytest
import sqlalchemy as sa

from shopify_imagegen.models import GO_ON, JobState, Trigger
from shopify_imagegen.workflow.order import Order
from tests.end_to_end.house import wait_for
from tests.engine.stages import FakeStages

SHOP = "lamps.myshopify.com"
LIMIT_S = 15


@pytest.fixture
def stages():
    return FakeStages()


def test_a_stop_waits_for_the_running_step_and_begins_no_other(engines, stages):
    """SIGTERM during a paid call: the picture is kept; the next process goes on behind it, and repeats nothing."""
    gate, begun = threading.Event(), threading.Event()

    def paid():
        begun.set()
        gate.wait(LIMIT_S)
        return GO_ON

    stages.script["buy", "picture"] = [paid]
    with engines(stages, name="stopped") as first:
        first.make(stages.job("stopped-job", "picture"), SHOP, Trigger.NEW_LISTING)
        assert begun.wait(LIMIT_S)
        stopper = threading.Thread(target=lambda: stages.calls.append(("stopped", first.stop(grace_s=LIMIT_S))))
        stopper.start()
        gate.set()
        stopper.join()
        assert ("stopped", True) in stages.calls
        assert [] == stages.called("prepare")

    with engines(stages, name="stopped") as second:
        assert first.executor_id in second.busy_executors()
        assert 1 <= second.take_over(first.executor_id)
        wait_for(lambda: "stopped-job" in stages.called("finish"), LIMIT_S, lambda: stages.calls)
        assert set() == second.busy_executors()

    assert ["picture"] == stages.called("buy")
    assert ["stopped-job"] == stages.called("pictures")


def test_a_job_goes_on_that_was_begun_with_another_order_of_steps(engines, stages, monkeypatch):
    """An upgrade comes while pictures are under way: what the older program wrote down must not stop the newer one."""
    gate, begun = threading.Event(), threading.Event()
    stages.script["prepare", "older"] = [lambda: (begun.set(), gate.wait(LIMIT_S), GO_ON)[-1], GO_ON]
    job_id = stages.job("older-job", "older")

    def one_step_each(line, job_id):
        _, image_ids, _ = line._steps.surely("pictures", lambda: line._pictures(job_id))
        for image_id in line._buy_all(dict.fromkeys(image_ids, 1), 0.05):
            line._move(job_id, JobState.PUBLISHING)
            line._steps.patiently("inspect", lambda: line._stages.prepare(image_id))  # noqa: B023

    with monkeypatch.context() as patch, engines(stages, name="older") as first:
        patch.setattr(Order, "_run_line", one_step_each)
        first.make(job_id, SHOP, Trigger.NEW_LISTING)
        assert begun.wait(LIMIT_S)
        first.stop(grace_s=0.1)
    gate.set()

    with engines(stages, name="older") as second:
        second.take_over(first.executor_id)
        wait_for(lambda: job_id in stages.called("finish"), LIMIT_S, lambda: stages.calls)

    assert ["older"] == stages.called("buy")
    assert [["older"] * 2, [("older",)]] == [stages.called("prepare"), stages.called("attach")]


def test_a_stop_does_not_wait_longer_than_its_grace(engines, stages):
    """A step that hangs must not hold up a redeploy for ever."""
    gate, begun = threading.Event(), threading.Event()
    stages.script["buy", "hanging"] = [lambda: (begun.set(), gate.wait(LIMIT_S))[0]]
    with engines(stages, name="hanging") as engine:
        engine.make(stages.job("hanging-job", "hanging"), SHOP, Trigger.NEW_LISTING)
        assert begun.wait(LIMIT_S)

        assert engine.stop(grace_s=0.1) is False

    gate.set()


def test_workers_divide_the_paid_calls_that_may_be_begun(engines, stages):
    """One that had begun more than its share would hold them ready while another's places stand empty."""
    with engines(stages, name="divided", concurrency=32) as engine:
        assert 40 == limit_of_calls(engine)
        engine.divide(1, 3)

        assert 14 == limit_of_calls(engine)
        assert 11 == engine._places._count


def limit_of_calls(engine):
    """Paid calls that one worker may begin, as the engine's table has it for all of them."""
    with engine.database.connect() as connection:
        return connection.scalar(sa.text("select worker_concurrency from queues where name = 'paid'"))


def test_paid_calls_keep_to_the_limit_and_a_person_comes_first(engines, stages):
    """At most `concurrency` at once, of all jobs; who waits in front of a screen overtakes a backfill."""
    gates = {name: threading.Event() for name in ("first", "backfill", "listing", "person")}
    for name, gate in gates.items():
        stages.script["buy", name] = [lambda gate=gate: gate.wait(LIMIT_S) and None]
    with engines(stages, name="busy", concurrency=1) as engine:
        engine.make(stages.job("job-first", "first"), SHOP, Trigger.NEW_LISTING)
        wait_for(lambda: stages.called("buy") == ["first"], LIMIT_S, lambda: stages.calls)
        for name, trigger in (("backfill", "backfill"), ("listing", "new_listing"), ("person", "person")):
            engine.make(stages.job(f"job-{name}", name, trigger=trigger), SHOP, Trigger(trigger))
        wait_for(lambda: len(stages.called("pictures")) == 4, LIMIT_S, lambda: stages.calls)
        engine.look("behind-the-calls", SHOP, "product")
        wait_for(lambda: stages.called("look"), LIMIT_S, "a look passes by")
        assert ["first"] == stages.called("buy")

        for number, name in enumerate(("first", "person", "listing", "backfill"), start=1):
            assert name == stages.called("buy")[-1]
            gates[name].set()
            wait_for(lambda: len(stages.called("buy")) > number or number == 4, LIMIT_S, lambda: stages.calls)  # noqa: B023
        wait_for(lambda: len(stages.called("finish")) == 4, LIMIT_S, lambda: stages.calls)
