"""The engine's finished rows go; those that wait or run stay."""

import threading
from datetime import UTC, datetime, timedelta

from dbos import DBOS

from shopify_imagegen.models import GO_ON
from tests.end_to_end.house import wait_for

SHOP, OTHER_SHOP = "lamps.myshopify.com", "bags.myshopify.com"


def ids(*statuses):
    found = DBOS.list_workflows(status=list(statuses), load_input=False, load_output=False)
    return {workflow.workflow_id for workflow in found}


def test_ended_workflows_are_dropped_and_nothing_else(engine, stages):
    """A year of jobs must not stay in the engine's tables; our own say what became of them."""
    engine.look("look:pruned", SHOP, "gid://shopify/Product/1")
    wait_for(lambda: "look:pruned" in ids("SUCCESS"), 15, lambda: ids("PENDING", "ENQUEUED"))

    assert 0 == engine.prune(datetime.now(UTC) - timedelta(days=7))
    assert "look:pruned" in ids("SUCCESS")

    assert engine.prune(datetime.now(UTC) + timedelta(seconds=5)) >= 1
    assert set() == ids("SUCCESS")


def test_a_store_is_at_work_until_its_last_step_has_ended(engine, stages):
    """Its ledger must not be erased under a paid call."""
    at_work, go_on = threading.Event(), threading.Event()
    stages.job(f"job:{SHOP}:1:r", "one")

    def slow():
        at_work.set()
        assert go_on.wait(20)
        return GO_ON

    stages.script["buy", "one"] = [slow]
    engine.make(f"job:{SHOP}:1:r", SHOP, "new_listing")
    assert at_work.wait(20)
    seen = engine.is_at_work(SHOP), engine.is_at_work(OTHER_SHOP)
    go_on.set()

    assert (True, False) == seen
    wait_for(lambda: not engine.is_at_work(SHOP), 20, lambda: ids("PENDING", "ENQUEUED"))
    engine.forget(SHOP)


def test_the_purchases_of_a_store_that_has_left_are_made_anew_when_it_is_back(engine, stages):
    """The same product leads to the same names; an old "bought" without bytes would be a picture that never comes."""
    job_id = f"job:{SHOP}:2:r"
    stages.job(job_id, "two")
    for times in (1, 2):
        engine.make(job_id, SHOP, "new_listing")
        wait_for(lambda: job_id in ids("SUCCESS"), 20, lambda: ids("PENDING", "ENQUEUED"))
        assert times == len([call for call in stages.calls if call == ("buy", "two")])
        wait_for(lambda: not engine.is_at_work(SHOP), 20, lambda: ids("PENDING", "ENQUEUED"))
        engine.forget(SHOP)

    assert [] == [each for each in ids("SUCCESS", "ERROR") if f":{SHOP}:" in each]


def test_the_ended_work_of_a_store_that_has_left_is_dropped(engine, stages):
    """Should it come back, its jobs have the same ids: they must be free, or nothing would ever start."""
    for shop in (SHOP, OTHER_SHOP):
        engine.look(f"look:{shop}:1:1", shop, "gid://shopify/Product/1")
    wait_for(lambda: len(ids("SUCCESS")) >= 2, 15, lambda: ids("PENDING", "ENQUEUED"))

    assert 1 == engine.forget(SHOP)
    assert {f"look:{OTHER_SHOP}:1:1"} == {each for each in ids("SUCCESS") if each.startswith("look:")}
    engine.prune(datetime.now(UTC) + timedelta(seconds=5))
