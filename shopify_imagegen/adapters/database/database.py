"""One database, SQLite or PostgreSQL: connections, short transactions, and its errors turned into ours."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from shopify_imagegen.errors import ConfigError, Unavailable

BUSY_TIMEOUT_S = 30


class Database:
    """Hands out short transactions. Made per process, after any fork.

    Args:
        url: "sqlite:///var/imagegen.db" or "postgresql://user@host/name".
    """

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        with _our_errors(), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction, committed at the end; on SQLite it waits for its turn to write before it reads."""
        with _our_errors(), self.engine.connect() as connection:
            connection = connection.execution_options(imagegen_writes=True)
            with connection.begin():
                yield connection

    def insert(self, table: sa.Table) -> Any:
        """An INSERT that knows ON CONFLICT in the database's own dialect."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def close(self) -> None:
        self.engine.dispose()


def make_engine(url: str, *, own_transactions: bool = True, **options: Any) -> sa.Engine:
    """An engine as we need it: WAL and full sync on SQLite, psycopg 3 on PostgreSQL.

    Args:
        own_transactions: on SQLite we say BEGIN ourselves; False for a library that counts on the driver to do so.

    Raises:
        ConfigError: another kind of database, or no such URL.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise ConfigError("database.url: not a database URL; sqlite:///var/imagegen.db or postgresql://…") from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, **options)
    if backend != "sqlite":
        raise ConfigError(f"database.url: {backend} is not supported; use sqlite:/// or postgresql://")
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S}, **options)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    if own_transactions:
        sa.event.listen(engine, "connect", _leave_begin_to_us)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    connection.execute("pragma foreign_keys=on")
    if connection.execute("select unixepoch('subsec')").fetchone()[0] is None:
        # SQLite before 3.42 (Debian 12 has 3.40): the engine's tables default to this function
        connection.create_function("unixepoch", 1, lambda _format: time.time())


def _leave_begin_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None


def _begin_sqlite(connection: sa.Connection) -> None:
    """A transaction that will write takes the write lock first; a later upgrade would fail instead of waiting."""
    writes = connection.get_execution_options().get("imagegen_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextlib.contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
        reason = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        raise Unavailable(f"the database did not answer: {reason}") from error
