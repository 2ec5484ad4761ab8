"""The real engine over stages that only remember; it is one per process, so the tests share it."""

import contextlib
import itertools

import pytest

from shopify_imagegen import pulse, workflow
from shopify_imagegen.adapters.database.database import make_engine
from shopify_imagegen.steps import Steps
from shopify_imagegen.workflow import Engine
from tests.engine.stages import FakeStages

executors = itertools.count(1)


@pytest.fixture(scope="package")
def engines(tmp_path_factory):
    """Start an engine over some stages; it stops with the block."""
    url = f"sqlite:///{tmp_path_factory.mktemp('engine')}/engine.db"

    @contextlib.contextmanager
    def start(stages, *, concurrency=4, requests_per_minute=6000):
        database = make_engine(url, own_transactions=False, pool_size=3)
        executor_id = f"executor-{next(executors)}"
        engine = Engine(
            stages,
            unlooked=stages.unlooked,
            steps=Steps(),
            database=database,
            border=contextlib.nullcontext,
            waits=0.0001,
            executor_id=executor_id,
            concurrency=concurrency,
            requests_per_minute=requests_per_minute,
        )
        engine.executor_id = executor_id
        engine.start()
        try:
            yield engine
        finally:
            engine.stop(grace_s=5)
            database.dispose()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workflow, "RESULT_POLL_S", 0.05)
        patch.setattr(workflow, "CALM_S", 0.05)
        patch.setattr(pulse, "QUICK_S", 0.05)
        patch.setattr(pulse, "CALM_S", 0.05)
        yield start


@pytest.fixture(scope="package")
def shared(engines):
    stages = FakeStages()
    with engines(stages) as engine:
        yield engine, stages


@pytest.fixture
def engine(shared):
    return shared[0]


@pytest.fixture
def stages(shared):
    shared[1].calls.clear()
    shared[1].script.clear()
    shared[1].review = False
    return shared[1]
