"""SQLAlchemy engines as we need them: WAL on SQLite, psycopg 3 on PostgreSQL, nothing without a limit."""

from __future__ import annotations

import functools
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from shopify_imagegen.errors import ConfigError

WAIT_S = 30  # for a turn to write, for a free connection, for one statement
SQLITE_POOL = {"pool_size": 4, "max_overflow": 0}  # more connections only fight for the one write lock
POSTGRES_POOL = {"pool_size": 4, "max_overflow": 4}  # a server has a hundred or so, for all processes together
CONNECT_WITHIN_S = 10
POSTGRES_SESSION = {
    "fallback_application_name": "shopify-imagegen",
    "keepalives_idle": 10,  # seconds; a host that vanished is noticed within half a minute
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
SUBSECOND_UNIXEPOCH = (3, 42)  # the SQLite that has it


def make_engine(
    url: str,
    *,
    own_transactions: bool = True,
    flushes: bool = True,
    wait_s: float | None = None,
    **options: Any,
) -> sa.Engine:
    """An engine for *url*.

    Args:
        own_transactions: on SQLite we say BEGIN ourselves, and on PostgreSQL no statement runs without end; False
            for a library that sees to both.
        flushes: on SQLite each commit waits for the disk; False leaves that to `durable.flush_of`.
        wait_s: for a turn to write, for a free connection, for one statement; None for the usual time.
        options: of `sqlalchemy.create_engine`.

    Raises:
        ConfigError: another kind of database, one that forgets, or no such URL.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise ConfigError("database.url: not a database URL; sqlite:///var/imagegen.db or postgresql://…") from None
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):  # platforms hand out either
        return _postgres(parsed.set(drivername="postgresql+psycopg"), own_transactions, wait_s or WAIT_S, options)
    if backend != "sqlite":
        raise ConfigError(f"database.url: {backend} is not supported; use sqlite:/// or postgresql://")
    if parsed.database in (None, "", ":memory:"):
        raise ConfigError("database.url: a database in memory would forget what was paid for; sqlite:///FILE is needed")
    return _sqlite(parsed, own_transactions, flushes, wait_s or WAIT_S, options)


def make_engine_of_work(url: str, *, alone: Callable[[], bool]) -> sa.Engine:
    """The same for DBOS 3.4.0, which begins its own transactions.

    Args:
        alone: whether the transaction that begins now must see what nobody changes until its end. On PostgreSQL the
            levels of isolation see to that.
    """
    if not url.startswith("sqlite"):
        return make_engine(url, own_transactions=False, pool_size=3)
    # few connections: those of a process that write wait for each other in sleeps that grow
    engine = make_engine(url, own_transactions=False, flushes=False, pool_size=2)
    sa.event.listen(engine, "begin", functools.partial(_begin_alone, alone))
    return engine


def _postgres(url: sa.URL, own_transactions: bool, wait_s: float, options: dict[str, Any]) -> sa.Engine:
    usual = POSTGRES_SESSION | {"connect_timeout": max(2, min(CONNECT_WITHIN_S, round(wait_s)))}  # libpq: no 1 s
    limits = {name: value for name, value in usual.items() if name not in url.query}
    if own_transactions:  # whatever the server's default is, ours are written for this one
        options = {"isolation_level": "READ COMMITTED"} | options
    options = POSTGRES_POOL | {"pool_timeout": wait_s, "pool_pre_ping": True} | options
    engine = sa.create_engine(url, connect_args=limits, **options)
    sa.event.listen(engine, "do_connect", _connected)
    sa.event.listen(engine, "connect", _limits(f"idle_in_transaction_session_timeout = '{WAIT_S}s'"))
    if own_transactions:
        sa.event.listen(engine, "connect", _limits(f"statement_timeout = {round(wait_s * 1000)}"))
    return engine


def _connected(dialect: sa.Dialect, _record: object, args: Any, kwargs: Any) -> Any:
    """A connection. What libpq says of a server that is away has no code, and DBOS 3.4.0 waits only for some texts."""
    try:
        return dialect.connect(*args, **kwargs)
    except psycopg.OperationalError as error:
        if error.sqlstate:
            raise
        raise psycopg.errors.SqlclientUnableToEstablishSqlconnection(*error.args) from error


def _limits(setting: str) -> Callable[[Any, object], None]:
    """Makes every new session begin with *setting*: one that is frozen in a transaction holds nobody up for ever."""

    def begin(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"set {setting}")
        connection.commit()

    return begin


def _sqlite(url: sa.URL, own_transactions: bool, flushes: bool, wait_s: float, options: dict[str, Any]) -> sa.Engine:
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    options = SQLITE_POOL | {"pool_timeout": wait_s} | options
    engine = sa.create_engine(url, connect_args={"timeout": wait_s}, **options)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "connect", _in_sync("full" if flushes else "normal"))
    if own_transactions:
        sa.event.listen(engine, "connect", _leave_begin_to_us)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    _into_wal(connection)
    if sqlite3.sqlite_version_info < SUBSECOND_UNIXEPOCH:
        # Debian 12 has 3.40: the engine's tables default to this function, and get NULL from the old one
        connection.create_function("unixepoch", 1, lambda _format: time.time())


def _in_sync(how: str) -> Callable[[Any, object], None]:
    return lambda connection, _record: connection.execute(f"pragma synchronous={how}")


def _into_wal(connection: Any) -> None:
    """Several processes may open a new file at once, and this one switch does not wait for its turn by itself."""
    give_up_at = time.monotonic() + WAIT_S
    while True:
        try:
            connection.execute("pragma journal_mode=wal")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)


def _leave_begin_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None


def _begin_alone(alone: Callable[[], bool], connection: sa.Connection) -> None:
    """Python's sqlite3 begins a transaction with its first change, and not with what is read before it."""
    if alone():
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_sqlite(connection: sa.Connection) -> None:
    """A transaction that will write takes the write lock first; a later upgrade would fail instead of waiting."""
    options = connection.get_execution_options()
    if "imagegen_reads" in options:
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE" if "imagegen_writes" in options else "BEGIN")
