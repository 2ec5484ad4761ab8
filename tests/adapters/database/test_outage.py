"""The database goes away: our error, nothing half done, and it works again when it is back."""

import contextlib
import sqlite3
import threading
import time

import pytest
import sqlalchemy as sa

from shopify_imagegen.adapters.database import engines
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.engines import make_engine
from shopify_imagegen.adapters.database.inbox import SqlInbox
from shopify_imagegen.adapters.database.leases import AdvisoryLeases
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.adapters.database.watch import SqlWatch
from shopify_imagegen.adapters.database.workers import SqlWorkers
from shopify_imagegen.errors import ConfigError, NeedsAttention, Unavailable

from .racers import arrival
from .story import LAMP, NOW, SHOP, ceilings, key, purchase


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
def test_a_stopped_server_is_unavailable_until_it_is_back(database, clock, stopped, postgres):
    """Webhooks answer 503 and work waits; neither happens if a foreign exception comes through."""
    inbox, ledger, watch = SqlInbox(database, clock), SqlLedger(database, clock), SqlWatch(database)
    leases = AdvisoryLeases(database)
    inbox.record(arrival(1))
    ledger.reserve(purchase(1), ceilings())
    stopped()
    asks = {
        "record": lambda: inbox.record(arrival(2)),
        "waiting": lambda: inbox.waiting(5),
        "find": lambda: ledger.find(key(1)),
        "sent": lambda: ledger.sent(key(1)),
        "touch": lambda: watch.touch(SHOP, LAMP, created=True, due_at=NOW),
        "alive": lambda: SqlWorkers(database, clock).alive(),
        "hold": lambda: leases.hold("worker-1"),
        "is_dead": lambda: leases.is_dead("worker-2"),
        "migrate": lambda: migrate(database),
    }
    for ask in asks.values():
        with pytest.raises(Unavailable, match="the database"):
            ask()
    postgres.start()

    assert inbox.record(arrival(2))
    assert inbox.record(arrival(1)) is False
    ledger.sent(key(1))


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
def test_a_session_ended_in_the_middle_leaves_nothing_half_done(database, clock):
    """What was begun and not committed never was."""
    ledger = SqlLedger(database, clock)

    def end_the_session():
        with database.write() as connection:
            connection.execute(sa.text("update budgets set committed_microusd = 0"))
            ledger._insert(connection, purchase(1), ceilings())
            with database.engine.connect() as other:
                pid = connection.scalar(sa.text("select pg_backend_pid()"))
                other.execute(sa.text(f"select pg_terminate_backend({pid})"))
            ledger._insert(connection, purchase(2), ceilings())

    with pytest.raises(Unavailable):
        end_the_session()
    assert ledger.find(key(1)) is None
    assert ledger.reserve(purchase(1), ceilings()) is None


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
def test_a_statement_without_end_is_cut_off(url, monkeypatch, open_database):
    """Nothing waits for ever, the database included."""
    monkeypatch.setattr(engines, "WAIT_S", 1)
    database = open_database(url)

    with pytest.raises(Unavailable, match="timeout"), database.read() as connection:
        connection.execute(sa.text("select pg_sleep(30)"))


def test_a_refused_connection_has_a_code():
    """DBOS 3.4.0 goes by it: without one a job's thread dies of an outage that it should have waited out."""
    engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing", own_transactions=False)

    with pytest.raises(sa.exc.OperationalError) as raised:
        engine.connect()
    assert raised.value.orig.sqlstate == "08001"


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
@pytest.mark.parametrize("own_transactions", [True, False], ids=["ours", "the engine's"])
def test_a_session_frozen_in_a_transaction_is_ended(url, monkeypatch, own_transactions):
    """A worker that is suspended with a budget's row in its hands would stop all the others."""
    monkeypatch.setattr(engines, "WAIT_S", 1)
    engine = make_engine(url, own_transactions=own_transactions)

    with engine.connect() as connection:
        connection.execute(sa.text("select 1"))
        time.sleep(1.5)  # this is the suspension
        with pytest.raises(sa.exc.DBAPIError) as raised:
            connection.execute(sa.text("select 1"))

    assert raised.value.connection_invalidated
    engine.dispose()


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
def test_a_process_has_eight_connections_at_most(database):
    """A server has a hundred or so, for all processes together."""
    with contextlib.ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(database.read()).execute(sa.text("select 1"))
        database.engine.pool._timeout = 0.1

        with pytest.raises(Unavailable, match="busy"), database.read():
            pass


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_locked_file_is_unavailable_and_then_works(url, tmp_path, clock, monkeypatch, open_database):
    """Another program holds the write lock: a backup, a curious person with a shell."""
    monkeypatch.setattr(engines, "WAIT_S", 0.1)
    inbox = SqlInbox(open_database(url), clock)
    other = sqlite3.connect(tmp_path / "imagegen.db", isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(Unavailable, match="locked"):
        inbox.record(arrival(1))
    assert inbox.waiting(5) == ()
    other.execute("rollback")
    other.close()

    assert inbox.record(arrival(1))


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_readers_do_not_wait_for_a_writer(database, clock, tmp_path):
    """WAL: the admin page reads while a worker writes."""
    inbox = SqlInbox(database, clock)
    with database.write() as connection:
        connection.execute(sa.text("delete from deliveries"))
        assert inbox.waiting(5) == ()

    with database.read() as connection:
        assert connection.scalar(sa.text("pragma journal_mode")) == "wal"


def test_more_threads_than_connections_all_get_their_turn(database, clock):
    """Sixteen jobs at once, each with something to write down."""
    ledger = SqlLedger(database, clock)
    failed = []

    def buy(first):
        try:
            for number in range(first, first + 5):
                ledger.reserve(purchase(number), ceilings())
                ledger.sent(key(number))
                ledger.unknown(key(number), "silence")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=buy, args=(5 * number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert 24 * 5 == sum(ledger.find(key(number)).state == "unknown" for number in range(24 * 5))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://host/name", "mysql is not supported"),
        ("what is this", "not a database URL"),
        ("sqlite://", "would forget"),
        ("sqlite:///:memory:", "would forget"),
    ],
)
def test_a_database_that_cannot_be_ours_names_the_setting(url, says):
    """One typed character decides between a shop's ledger and nothing."""
    with pytest.raises(ConfigError, match=rf"^database\.url: .*{says}"):
        make_engine(url)


def test_a_file_that_is_something_else_needs_attention(tmp_path):
    """The path of a picture, or a damaged disk: no retry mends that."""
    (tmp_path / "imagegen.db").write_bytes(b"\xff\xd8\xff" * 1000)
    database = Database(f"sqlite:///{tmp_path}/imagegen.db")

    with pytest.raises(NeedsAttention, match=r"^database\.url: .*not a database"):
        migrate(database)
    database.close()
