"""A commit is on the disk before anybody goes on, and those who wait share the flush."""

import errno
import os
import threading

import pytest
import sqlalchemy as sa

from shopify_imagegen.adapters.database import durable
from shopify_imagegen.adapters.database.durable import Log, flush_of
from shopify_imagegen.adapters.database.engines import make_engine
from shopify_imagegen.errors import Unavailable

SQLITE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


class Disk:
    """Stands in for `fdatasync`: counts, can be slow, and can refuse."""

    def __init__(self):
        self.flushes, self.refuses, self.may_end, self.has_begun = 0, False, threading.Event(), threading.Event()
        self.may_end.set()

    def __call__(self, descriptor):
        self.flushes += 1
        self.has_begun.set()
        assert self.may_end.wait(10)
        if self.refuses:
            raise OSError(errno.EIO, "the disk is broken")
        os.fsync(descriptor)


@pytest.fixture
def disk(monkeypatch):
    disk = Disk()
    monkeypatch.setattr(durable, "_sync", disk)
    return disk


def commit(database):
    with database.write() as connection:
        connection.execute(sa.text("delete from deliveries"))


@SQLITE
def test_a_commit_is_flushed_before_anybody_goes_on(database, disk):
    """What was recorded must survive a power cut: a purchase, or a webhook that we have answered 200."""
    commit(database)

    assert 1 == disk.flushes


@SQLITE
def test_the_turn_to_write_is_given_on_before_the_flush(database, disk):
    """Else thirty threads would wait for the disk one after the other."""
    disk.may_end.clear()
    first = threading.Thread(target=commit, args=(database,))
    first.start()
    assert disk.has_begun.wait(10)

    with database.write() as connection:
        seen = connection.scalar(sa.text("select count(*) from deliveries"))
        disk.may_end.set()
    first.join()

    assert 0 == seen


@SQLITE
def test_what_failed_is_not_flushed(database, disk):
    """A transaction that was taken back left nothing behind."""
    with pytest.raises(ZeroDivisionError), database.write():
        raise ZeroDivisionError

    assert 0 == disk.flushes


def test_those_who_wait_share_one_flush(disk, tmp_path):
    """The second flush begins after all of their commits; a third would do nothing."""
    log, ready = Log(tmp_path / "imagegen.db"), threading.Semaphore(0)
    (tmp_path / "imagegen.db-wal").touch()
    disk.may_end.clear()

    def flush():
        ready.release()
        log.flush()

    first = threading.Thread(target=flush)
    first.start()
    assert disk.has_begun.wait(10)
    others = [threading.Thread(target=flush) for _ in range(10)]
    for thread in others:
        thread.start()
    for _ in range(11):
        assert ready.acquire(timeout=10)
    wait_until(lambda: 10 == len(log._changed._waiters))
    disk.may_end.set()
    for thread in [first, *others]:
        thread.join()

    assert 2 == disk.flushes


def wait_until(true):
    """Polls a condition, for at most ten seconds."""
    pause = threading.Event()
    for _ in range(1000):
        if true():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come true within ten seconds")


def test_a_disk_that_refuses_is_told_to_all_who_wait(disk, tmp_path):
    """An error comes once; who asks again after it would be told that all is well."""
    log, said = Log(tmp_path / "imagegen.db"), []
    (tmp_path / "imagegen.db-wal").touch()
    disk.refuses = True
    disk.may_end.clear()

    def flush():
        try:
            log.flush()
        except Unavailable as error:
            said.append(str(error))

    threads = [threading.Thread(target=flush) for _ in range(4)]
    threads[0].start()
    assert disk.has_begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    wait_until(lambda: 3 == len(log._changed._waiters))
    disk.may_end.set()
    for thread in threads:
        thread.join()

    assert ["the disk did not take the log of imagegen.db"] * 4 == said


def test_after_a_refusal_the_next_commit_can_last(disk, tmp_path):
    """A disk that was full for a moment is no reason to stop for ever."""
    log = Log(tmp_path / "imagegen.db")
    (tmp_path / "imagegen.db-wal").touch()
    disk.refuses = True
    with pytest.raises(Unavailable):
        log.flush()
    disk.refuses = False

    log.flush()

    assert 2 == disk.flushes


def test_a_log_that_is_gone_was_put_into_the_database(disk, tmp_path):
    """SQLite deletes it with the last connection, after it has flushed the database itself."""
    Log(tmp_path / "imagegen.db").flush()

    assert 0 == disk.flushes


def test_a_log_that_cannot_be_opened_is_no_success(tmp_path):
    """Without the right to open it nothing is known."""
    (tmp_path / "imagegen.db-wal").mkdir()

    with pytest.raises(Unavailable):
        Log(tmp_path / "imagegen.db").flush()


@pytest.mark.parametrize(("flushes", "level"), [(True, 2), (False, 1)], ids=["full", "normal"])
def test_who_does_not_flush_has_sqlite_do_it(tmp_path, flushes, level):
    """`normal` keeps the file whole; below it a power cut could destroy it."""
    engine = make_engine(f"sqlite:///{tmp_path}/imagegen.db", flushes=flushes)
    with engine.connect() as connection:
        seen = connection.scalar(sa.text("pragma synchronous"))
    engine.dispose()

    assert level == seen


def test_postgresql_sees_to_it_itself():
    """Its commits are flushed by the server, and shared there too."""
    engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing")

    flush_of(engine)()  # would fail if it asked for a file or a server

    engine.dispose()
