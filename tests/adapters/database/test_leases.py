"""A lease is held for life and free at death, whichever way the process dies."""

import time

import pytest
import sqlalchemy as sa

from shopify_imagegen.adapters.database import leases as module
from shopify_imagegen.adapters.database.leases import AdvisoryLeases, FileLeases, leases
from shopify_imagegen.adapters.database.workers import SqlWorkers
from shopify_imagegen.errors import Unavailable

from . import racers


@pytest.fixture
def held(database, monkeypatch):
    """The leases of this process, checked every tenth of a second."""
    monkeypatch.setattr(module, "CHECK_S", 0.1)
    monkeypatch.setattr(module, "FREE_FOR_S", 0.5)
    kept = []

    def open_leases():
        own = leases(database) if database.is_sqlite else AdvisoryLeases(database, free_for_s=0.5)
        kept.append(own)
        return own

    yield open_leases
    for own in kept:
        own.release()


def test_the_database_chooses_the_kind(database, kind):
    """Files for one machine, the server's locks for several."""
    assert isinstance(leases(database), FileLeases if kind == "sqlite" else AdvisoryLeases)


def test_kill_9_frees_the_lease(url, held, soon):
    """The dead do not say goodbye; their work waits until somebody notices."""
    process, pipe = racers.alone(racers.hold_a_lease, url, "worker-1")
    assert pipe.poll(racers.LIMIT_S)
    own = held()
    assert not own.is_dead("worker-1")

    process.kill()
    process.join(racers.LIMIT_S)

    soon(lambda: own.is_dead("worker-1"), within_s=5)
    assert own.is_dead("worker-1")


def test_the_lock_itself_is_free_at_once(url, database, soon, kind):
    """What takes time on PostgreSQL is our care, not the lock."""
    process, pipe = racers.alone(racers.hold_a_lease, url, "worker-1")
    assert pipe.poll(racers.LIMIT_S)
    process.kill()
    process.join(racers.LIMIT_S)

    at_once = leases(database) if kind == "sqlite" else AdvisoryLeases(database, free_for_s=0)
    soon(lambda: at_once.is_dead("worker-1"), within_s=5)


def test_a_living_worker_stays_alive_for_all_who_ask(held, soon):
    """To ask must not disturb: two who ask at the same time must both see it held."""
    worker, first, second = held(), held(), held()
    worker.hold("worker-1")

    for _ in range(20):
        assert not first.is_dead("worker-1")
        assert not second.is_dead("worker-1")
    soon(lambda: first.is_dead("worker-2") and second.is_dead("worker-2"))
    assert not first.is_dead("worker-1")


def test_leases_of_dead_workers_are_swept(url, held, database, tmp_path, kind):
    """Each start of a process has a new id; a year of restarts must not fill the folder."""
    if kind != "sqlite":
        pytest.skip("the server keeps nothing of a session that has ended")
    process, pipe = racers.alone(racers.hold_a_lease, url, "worker-1")
    assert pipe.poll(racers.LIMIT_S)
    process.kill()
    process.join(racers.LIMIT_S)

    own = held()
    own.hold("worker-2")

    assert ["worker-2.lease"] == [file.name for file in (tmp_path / "leases").iterdir()]
    assert own.is_dead("worker-1")
    assert not own.is_dead("worker-2")


def test_a_session_that_ends_is_no_death(held, database, soon, kind):
    """The server restarts, or an administrator ends idle sessions: the living worker takes its lease again in time."""
    if kind != "postgres":
        pytest.skip("a file lease has no session")
    worker, other = held(), held()
    worker.hold("worker-1")
    with database.engine.connect() as connection:
        others = "pid <> pg_backend_pid() and pid in (select pid from pg_locks where locktype = 'advisory')"
        ended = connection.execute(sa.text(f"select pg_terminate_backend(pid) from pg_stat_activity where {others}"))
        assert len(ended.all()) == 1
    asked = []

    soon(lambda: asked.append(other.is_dead("worker-1")) or other._is_held("worker-1"))
    assert not any(asked)
    assert not other.is_dead("worker-1")


def test_a_free_lease_seen_long_ago_says_nothing_about_now(held, monkeypatch, kind):
    """Two looks an hour apart may both fall on a restart of the server."""
    if kind != "postgres":
        pytest.skip("a file lease is dropped by death alone")
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    other = held()
    answers = []
    for now_s in (100, 3700, 3700.4, 3700.6):
        now[0] = now_s
        answers.append(other.is_dead("worker-1"))

    assert answers == [False, False, False, True]


def test_an_outage_starts_the_looks_anew(held, monkeypatch, kind):
    """Seen free as the server went down, and as it comes back: that is one outage, and no death."""
    if kind != "postgres":
        pytest.skip("a file lease has no server")
    other = held()
    assert other.is_dead("worker-1") is False
    now = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: now + 10)
    with monkeypatch.context() as patch:
        patch.setattr(other, "_is_held", away)
        with pytest.raises(Unavailable):
            other.is_dead("worker-1")

    assert other.is_dead("worker-1") is False


def away(_worker_id):
    raise Unavailable("the database is away")


def test_the_living_have_an_order_that_all_of_them_see(database, clock):
    """By it they divide the provider's places; one whose own heartbeat is late takes no other's."""
    workers = SqlWorkers(database, clock)
    workers.beat("b")
    workers.beat("a")
    assert [(0, 2), (1, 2)] == [workers.rank("a"), workers.rank("b")]

    clock.go_on(seconds=40)
    workers.beat("b")
    assert [(0, 1), (1, 2)] == [workers.rank("b"), workers.rank("a")]


def test_heartbeats_count_the_living(database, clock):
    """Silent for half a minute is gone, as far as the web role can tell."""
    workers = SqlWorkers(database, clock)
    assert workers.alive() == 0
    workers.beat("a")
    workers.beat("b")
    clock.go_on(seconds=20)
    workers.beat("b")
    assert workers.alive() == 2

    clock.go_on(seconds=20)
    assert workers.alive() == 1
    workers.leave("b")
    assert workers.alive() == 0
