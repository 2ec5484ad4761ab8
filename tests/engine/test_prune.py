"""The engine's finished rows go; those that wait or run stay."""

from datetime import UTC, datetime, timedelta

from dbos import DBOS

from tests.end_to_end.house import wait_for

SHOP = "lamps.myshopify.com"


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
