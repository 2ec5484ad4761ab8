"""The real engine over stages that only remember; it is one per process, so the tests share it."""

import contextlib
import itertools
import sqlite3

import pytest

from shopify_imagegen import pulse
from shopify_imagegen.adapters.database.engines import make_engine_of_work
from shopify_imagegen.places import Places
from shopify_imagegen.steps import Steps
from shopify_imagegen.workflow import Engine, is_claiming, order, queues
from tests.engine.stages import FakeStages

executors = itertools.count(1)


@pytest.fixture(scope="package")
def engines(tmp_path_factory):
    """Start an engine over some stages and a database of that name; it stops with the block."""
    folder = tmp_path_factory.mktemp("engine")

    @contextlib.contextmanager
    def start(stages, *, name="shared", concurrency=4, requests_per_minute=6000):
        database = make_engine_of_work(f"sqlite:///{folder}/{name}.db", alone=is_claiming)
        executor_id = f"executor-{next(executors)}"
        engine = Engine(
            stages,
            unlooked=stages.unlooked,
            steps=Steps(),
            database=database,
            border=contextlib.nullcontext,
            waits=0.0001,
            executor_id=executor_id,
            places=Places(concurrency, sleep=lambda seconds: None),
            concurrency=concurrency,
            requests_per_minute=requests_per_minute,
        )
        engine.executor_id, engine.database = executor_id, database
        engine.start()
        try:
            yield engine
        finally:
            engine.stop(grace_s=5)
            database.dispose()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "RESULT_POLL_S", 0.05)
        patch.setattr(queues, "CALM_S", 0.05)
        patch.setattr(pulse, "QUICK_S", 0.05)
        patch.setattr(pulse, "CALM_S", 0.06)
        yield start
        for file in folder.glob("*.db"):
            let_waiting_threads_go(file)


def let_waiting_threads_go(file):
    """Jobs of stopped engines wait for paid calls that nobody makes; a process of its own would simply end."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("update workflow_status set status = 'CANCELLED' where status in ('PENDING', 'ENQUEUED')")
        connection.commit()


@pytest.fixture(scope="module")
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
