"""A worker that is gone for good, and one that only stopped for a while: a second one must tell them apart."""

import os
import signal
import time

import pytest

from tests.adapters.database.postgres import OwnPostgres, Postgres
from tests.crash import points
from tests.end_to_end.house import wait_for

STOPPED_FOR_S = 10
SECONDS = 20  # "within seconds", on a machine with much else to do
MIDDLE = "after http.FileCreate 1"  # two pictures paid, the first in the store, nothing of it written down yet
PAYING = "before ledger.sold 1"  # a picture is charged, and this worker alone knows


@pytest.fixture(scope="module")
def postgres():
    given = os.environ.get("DATABASE_URL")
    server = Postgres(given) if given else OwnPostgres()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgres"])
def where(request):
    """Makes the arguments of a life on a new database."""
    if request.param == "sqlite":
        return dict
    server = request.getfixturevalue("postgres")
    return lambda: {"url": server.url(server.create())}


def stopped_beside_another(life, nursery, moment):
    """A worker that has stopped at that moment of its work, and another one that lives."""
    product = life.add_product()
    life.deliver(product)
    stopped = life.worker(nursery, until=moment, then="SIGSTOP")
    wait_for(lambda: is_stopped(stopped), 60, lambda: life.log[-3000:])
    life.worker(nursery)
    wait_for(lambda: life.log.count("worker started") == 2, 60, lambda: life.log[-3000:])
    return product, stopped


def is_stopped(worker):
    with open(f"/proc/{worker.pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "T"


def test_another_worker_takes_over_from_one_that_never_returns(yard, where):
    """A machine that is gone must not keep a merchant waiting for its restart."""

    def die(nursery, moment):
        life = yard.life(**where())
        try:
            product, stopped = stopped_beside_another(life, nursery, moment)
            assert not life.is_done(product)
            stopped.send_signal(signal.SIGKILL)
            life.until_done(product, limit_s=SECONDS)
            return life.seen(product), "took over the work of a worker that died" in life.log
        finally:
            life.close()

    found = list(yard.side_by_side(die, [MIDDLE, PAYING]))

    whole, in_doubt = points.expected(points.Doubt(0, 0)), points.expected(points.Doubt(1, 1))
    assert [(whole, True), (in_doubt, True)] == found


def test_a_worker_that_stops_for_a_while_does_nothing_twice(yard, where):
    """A paused virtual machine is not a dead one: nobody takes its work, and it goes on where it was."""

    def stop(nursery, moment):
        life = yard.life(**where())
        try:
            product, stopped = stopped_beside_another(life, nursery, moment)
            awake_at = time.monotonic() + STOPPED_FOR_S
            wait_for(
                lambda: time.monotonic() > awake_at or life.is_done(product), STOPPED_FOR_S + 5, "the time to pass"
            )
            assert not life.is_done(product)
            stopped.send_signal(signal.SIGCONT)
            life.until_done(product)
            return life.seen(product), "took over" in life.log
        finally:
            life.close()

    found = list(yard.side_by_side(stop, [MIDDLE, PAYING]))

    assert [(points.expected(points.Doubt(0, 0)), False)] * 2 == found
