"""Commits that share a flush: on SQLite each ends at once, and nobody goes on before the disk has it.

With `synchronous=full` SQLite waits for the disk while it holds the one write lock, so that thirty threads wait in a
row. Here a transaction gives the lock back first; then one flush of the write-ahead log serves all who wait.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from shopify_imagegen.errors import Unavailable

_sync: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)  # macOS and Windows have no fdatasync


class Log:
    """The write-ahead log of a SQLite database whose connections have `synchronous=normal`.

    What SQLite itself flushes then is enough to keep the file whole; `flush` adds that a commit survives a power cut.

    Args:
        database: its file; the log lies beside it.
    """

    def __init__(self, database: Path) -> None:
        self._file = database.with_name(database.name + "-wal")
        self._changed = threading.Condition()
        self._begun = self._ended = self._failed = 0  # numbers of flushes
        self._is_running = False

    def flush(self) -> None:
        """Return when all that was committed before this call is on the disk.

        Raises:
            Unavailable: the disk refused. Whether the commit lasts is not known.
        """
        with self._changed:
            wanted = self._begun + 1  # one that runs already may have come too early for our commit
            self._changed.wait_for(lambda: self._ended >= wanted or not self._is_running)
            if self._ended < wanted:
                self._lead()
            if self._failed >= wanted:
                raise Unavailable(f"the disk did not take the log of {self._file.name.removesuffix('-wal')}")

    def _lead(self) -> None:
        """Flush for everybody who waits. The others may go on asking meanwhile: their number is the next one."""
        self._begun += 1
        self._is_running = True
        self._changed.release()
        try:
            done = self._synced()
        finally:
            self._changed.acquire()
            self._is_running, self._ended = False, self._begun
            self._changed.notify_all()
        if not done:
            self._failed = self._ended

    def _synced(self) -> bool:
        try:
            descriptor = os.open(self._file, os.O_RDWR)
        except FileNotFoundError:  # the last connection took it along, after it had put everything into the database
            return True
        except OSError:
            return False
        try:
            _sync(descriptor)
        except OSError:
            return False
        finally:
            os.close(descriptor)  # SQLite locks the database and its -shm, never the log: no lock is lost by this
        return True


def flush_of(engine: sa.Engine) -> Callable[[], None]:
    """What makes *engine*'s commits last; nothing has to be done for PostgreSQL, whose commits do by themselves."""
    if engine.dialect.name != "sqlite":
        return lambda: None
    return Log(Path(str(engine.url.database))).flush
