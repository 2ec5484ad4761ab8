"""Who is alive: a lock that each worker holds for life, and that the system drops when the process dies.

SQLite: a `flock` on a lease file beside the database. PostgreSQL: a session's advisory lock. No clocks are compared.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database


class Leases(Protocol):
    """Proof of life between workers that share a database."""

    def hold(self, worker_id: str) -> None:
        """Hold this worker's lease until the process ends."""

    def is_dead(self, worker_id: str) -> bool:
        """Whether nobody holds that lease."""


class FileLeases:
    """For workers on one machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[int] = []

    def hold(self, worker_id: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._file(worker_id), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._held.append(handle)

    def is_dead(self, worker_id: str) -> bool:
        file = self._file(worker_id)
        try:
            handle = os.open(file, os.O_RDWR)
        except FileNotFoundError:
            return True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(handle)
        file.unlink(missing_ok=True)
        return True

    def _file(self, worker_id: str) -> Path:
        return self._folder / (re.sub(r"[^A-Za-z0-9_-]", "_", worker_id) + ".lease")


class AdvisoryLeases:
    """For workers on any machine that reaches the same PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._held: list[sa.Connection] = []

    def hold(self, worker_id: str) -> None:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(sa.select(sa.func.pg_advisory_lock(_number(worker_id))))
        self._held.append(connection)

    def is_dead(self, worker_id: str) -> bool:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            free = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_number(worker_id)))))
            if free:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_number(worker_id))))
        return free


def leases(database: Database) -> Leases:
    """The kind of leases that the database calls for."""
    if not database.is_sqlite:
        return AdvisoryLeases(database)
    file = database.engine.url.database
    return FileLeases(Path(file).parent / "leases" if file else Path("leases"))


def _number(worker_id: str) -> int:
    """A worker's id as the 64-bit number that PostgreSQL locks by."""
    return int.from_bytes(hashlib.sha256(f"shopify-imagegen:{worker_id}".encode()).digest()[:8], "big", signed=True)
