"""Who is alive: a lock that each worker holds for life, and that the system drops when the process dies.

SQLite: a `flock` on a lease file beside the database. PostgreSQL: a session's advisory lock. No clocks are compared.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import re
import threading
import time
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database, our_errors
from shopify_imagegen.errors import Unavailable

logger = logging.getLogger(__name__)

CHECK_S = 1.0  # between looks at our own session, which ends when the server or the network does
FREE_FOR_S = 4.0  # a lease must be seen free for that long: time for a living worker to take it again
OLD_LOOK_S = 60.0  # a free lease seen longer ago says nothing about now


class Leases(Protocol):
    """Proof of life between workers that share a database."""

    def hold(self, worker_id: str) -> None:
        """Hold this worker's lease until the process ends."""

    def is_dead(self, worker_id: str) -> bool:
        """Whether nobody holds that lease. Ask again and again: the first answers may be a careful no."""

    def release(self) -> None:
        """Give up what this process holds."""


class FileLeases:
    """For workers on one machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[int] = []

    def hold(self, worker_id: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for file in self._folder.glob("*.lease"):
            _is_free(file)  # sweeps what dead workers have left behind
        file = self._file(worker_id)
        while True:
            handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _is_still(file, handle):
                break
            os.close(handle)  # somebody swept it between the two lines above
        self._held.append(handle)

    def is_dead(self, worker_id: str) -> bool:
        return _is_free(self._file(worker_id))

    def release(self) -> None:
        while self._held:
            os.close(self._held.pop())

    def _file(self, worker_id: str) -> Path:
        return self._folder / (re.sub(r"[^A-Za-z0-9_-]", "_", worker_id) + ".lease")


class AdvisoryLeases:
    """For workers on any machine that reaches the same PostgreSQL.

    A session can end while its worker lives: then the worker takes the lease again, within `CHECK_S`, and the others
    give it `FREE_FOR_S` to do so.
    """

    def __init__(self, database: Database, *, free_for_s: float = FREE_FOR_S) -> None:
        self._engine = database.engine
        self._free_for_s = free_for_s
        self._held: dict[str, sa.Connection] = {}
        self._seen_free: dict[str, tuple[float, float]] = {}  # worker id -> the first and the last of such looks
        self._released = threading.Event()
        self._keeper: threading.Thread | None = None

    def hold(self, worker_id: str) -> None:
        self._held[worker_id] = self._taken(worker_id)
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._keep, daemon=True, name="lease")
            self._keeper.start()

    def is_dead(self, worker_id: str) -> bool:
        try:
            held = self._is_held(worker_id)
        except Unavailable:
            self._seen_free.clear()  # after an outage everyone has to take the lease again
            raise
        if held:
            self._seen_free.pop(worker_id, None)
            return False
        now = time.monotonic()
        first, last = self._seen_free.get(worker_id, (now, now))
        if now - last > OLD_LOOK_S:
            first = now
        self._seen_free[worker_id] = (first, now)
        return now - first >= self._free_for_s

    def release(self) -> None:
        self._released.set()
        if self._keeper:
            self._keeper.join()
        while self._held:
            _, connection = self._held.popitem()
            _close(connection)

    def _taken(self, worker_id: str) -> sa.Connection:
        """A session of its own, outside the pool, that holds the lease. Waits while a session of ours lingers."""
        with our_errors():
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()
            try:
                connection.execute(sa.text("set tcp_keepalives_idle = 10"))  # the server's side: it frees the lease
                connection.execute(sa.text("set tcp_keepalives_interval = 5"))  # of a host that vanished
                connection.execute(sa.text("set tcp_keepalives_count = 3"))
                connection.execute(sa.select(sa.func.pg_advisory_lock(_number(worker_id))))
            except sa.exc.DBAPIError:
                _close(connection)
                raise
        return connection

    def _keep(self) -> None:
        while not self._released.wait(CHECK_S):
            for worker_id, connection in list(self._held.items()):
                try:
                    connection.execute(sa.select(1))
                except sa.exc.SQLAlchemyError:
                    self._take_again(worker_id, connection)

    def _take_again(self, worker_id: str, lost: sa.Connection) -> None:
        _close(lost)
        with contextlib.suppress(Unavailable):  # not back yet: the next look tries again
            self._held[worker_id] = self._taken(worker_id)
            logger.warning("lease taken again", extra={"action": "lease_taken_again", "worker": worker_id})

    def _is_held(self, worker_id: str) -> bool:
        """Look at the server's table of locks; to try the lock would make another's look see it held."""
        high, low = divmod(_number(worker_id) % 2**64, 2**32)
        here = "(select oid from pg_database where datname = current_database())"
        query = sa.text(
            "select count(*) from pg_locks where locktype = 'advisory' and granted and objsubid = 1 "
            f"and database = {here} and classid = :high and objid = :low"
        )
        with our_errors(), self._engine.connect() as connection:
            return bool(connection.scalar(query, {"high": high, "low": low}))


def leases(database: Database) -> Leases:
    """The kind of leases that the database calls for."""
    if not database.is_sqlite:
        return AdvisoryLeases(database)
    return FileLeases(Path(str(database.engine.url.database)).parent / "leases")


def _is_free(file: Path) -> bool:
    """Whether nobody holds the lease file; one that is free is taken away."""
    try:
        handle = os.open(file, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_still(file, handle):
            file.unlink()
        return True
    except BlockingIOError:
        return False
    finally:
        os.close(handle)


def _is_still(file: Path, handle: int) -> bool:
    """Whether the open file is the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), file.stat())
    except FileNotFoundError:
        return False


def _close(connection: sa.Connection) -> None:
    with contextlib.suppress(sa.exc.SQLAlchemyError):
        connection.close()


def _number(worker_id: str) -> int:
    """A worker's id as the 64-bit number that PostgreSQL locks by."""
    return int.from_bytes(hashlib.sha256(f"shopify-imagegen:{worker_id}".encode()).digest()[:8], "big", signed=True)
