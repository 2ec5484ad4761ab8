"""One database, SQLite or PostgreSQL: short transactions, and its errors turned into ours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from shopify_imagegen import hurry
from shopify_imagegen.adapters.database.durable import flush_of
from shopify_imagegen.adapters.database.engines import WAIT_S, make_engine
from shopify_imagegen.adapters.database.turn import Turn
from shopify_imagegen.errors import NeedsAttention, Unavailable


class Database:
    """Hands out short transactions. Made per process, after any fork.

    Args:
        url: "sqlite:///var/imagegen.db" or "postgresql://user@host/name".
        wait_s: for a turn to write, for a free connection, for one statement; None for the usual time.
    """

    def __init__(self, url: str, *, wait_s: float | None = None) -> None:
        self.engine = make_engine(url, wait_s=wait_s, flushes=False)
        self._flush = flush_of(self.engine)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._turn = Turn(wait_s=wait_s or WAIT_S)
        self._reading, self._writing = _alone(self.engine), self.engine.execution_options(imagegen_writes=True)

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """For questions, each of which sees what is committed when it is asked: no transaction is begun for them."""
        with our_errors(), self._reading.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction, on the disk at the end; on SQLite it waits for its turn to write before it reads.

        Raises:
            Unavailable: the database went away. If that was in the middle of the commit, the commit may have been
                made all the same; so what writes through here must be harmless to repeat.
        """
        with self._in_turn(), our_errors(), self._writing.begin() as connection:
            yield connection
        self._flush()  # no longer in turn: others write meanwhile, and one flush serves all who wait for it

    def one_at_a_time(self, connection: sa.Connection, name: str) -> None:
        """Let nobody else pass here under that name until this transaction ends. On SQLite only one writes anyway."""
        if not self.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))

    def insert(self, table: sa.Table) -> Any:
        """An INSERT that knows ON CONFLICT in the database's own dialect."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def close(self) -> None:
        self.engine.dispose()

    def _in_turn(self) -> AbstractContextManager[None]:
        return self._turn.taken(ahead=hurry.goes_first()) if self.is_sqlite else contextlib.nullcontext()


def _alone(engine: sa.Engine) -> sa.Engine:
    """The same engine, each statement of which is a transaction of its own."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(imagegen_reads=True)
    return engine.execution_options(isolation_level="AUTOCOMMIT")


@contextlib.contextmanager
def our_errors() -> Iterator[None]:
    """Re-raise what SQLAlchemy raises about a database that is away as one of ours; bugs stay bugs."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise Unavailable(f"the database is busy: {error}") from error
    except sa.exc.DBAPIError as error:
        away = isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError) or error.connection_invalidated
        if away:
            raise Unavailable(f"the database did not do it: {error.orig}") from error
        if type(error) is sa.exc.DatabaseError:  # SQLite says so of a file that is damaged or something else
            raise NeedsAttention(f"database.url: this is not a database that can be used: {error.orig}") from error
        raise
