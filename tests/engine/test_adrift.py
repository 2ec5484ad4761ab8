"""Work that an outage took out of our hands: the engine's table says that we do it, and nobody does."""

import threading

import sqlalchemy as sa

from shopify_imagegen import adrift
from shopify_imagegen.models import GO_ON, Trigger
from tests.end_to_end.house import wait_for
from tests.engine.stages import FakeStages

SHOP = "lamps.myshopify.com"
LIMIT_S = 60  # a calm queue quickens slowly: DBOS shortens its interval by a tenth a poll


def test_work_that_we_began_and_nobody_does_goes_on(engines, monkeypatch):
    """A claim whose commit was made and whose answer got lost; for DBOS it would run for ever."""
    stages, begun, gate = FakeStages(), threading.Event(), threading.Event()
    stages.script["buy", "picture"] = [lambda: (begun.set(), gate.wait(LIMIT_S), GO_ON)[2]]
    with engines(stages, name="adrift") as first:
        first.make(stages.job("adrift-job", "picture"), SHOP, Trigger.NEW_LISTING)
        assert begun.wait(LIMIT_S)
        first.stop(grace_s=0)
    gate.set()

    with engines(stages, name="adrift") as second:
        database = second._config["system_database_engine"]
        with database.begin() as connection:
            mine = sa.text("update workflow_status set executor_id = :me where status = 'PENDING'")
            connection.execute(mine, {"me": second.executor_id})
        assert [] == second.resume_adrift()  # it may be between its claim and its thread
        monkeypatch.setattr(adrift, "ADRIFT_AFTER_S", 0)

        resumed = second.resume_adrift()

        assert "adrift-job" in resumed
        wait_for(lambda: "adrift-job" in stages.called("finish"), LIMIT_S, lambda: stages.calls)
        wait_for(lambda: [] == second.resume_adrift(), LIMIT_S, "the engine to write down that it is done")


def test_work_in_hand_is_not_adrift(engines, monkeypatch):
    """A paid call of a minute is no reason to begin it again."""
    monkeypatch.setattr(adrift, "ADRIFT_AFTER_S", 0)
    stages, begun, gate = FakeStages(), threading.Event(), threading.Event()
    stages.script["buy", "picture"] = [lambda: (begun.set(), gate.wait(LIMIT_S), GO_ON)[2]]
    with engines(stages, name="in-hand") as engine:
        engine.make(stages.job("in-hand-job", "picture"), SHOP, Trigger.NEW_LISTING)
        assert begun.wait(LIMIT_S)

        assert [] == engine.resume_adrift()

        gate.set()
        wait_for(lambda: "in-hand-job" in stages.called("finish"), LIMIT_S, lambda: stages.calls)
