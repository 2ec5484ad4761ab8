"""The engine's finished rows go; those that wait or run stay."""

from datetime import UTC, datetime, timedelta

from dbos import DBOS

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


def test_the_ended_work_of_a_store_that_has_left_is_dropped(engine, stages):
    """Should it come back, its jobs have the same ids: they must be free, or nothing would ever start."""
    for shop in (SHOP, OTHER_SHOP):
        engine.look(f"look:{shop}:1:1", shop, "gid://shopify/Product/1")
    wait_for(lambda: len(ids("SUCCESS")) >= 2, 15, lambda: ids("PENDING", "ENQUEUED"))

    assert 1 == engine.forget(SHOP)
    assert {f"look:{OTHER_SHOP}:1:1"} == {each for each in ids("SUCCESS") if each.startswith("look:")}
    engine.prune(datetime.now(UTC) + timedelta(seconds=5))
