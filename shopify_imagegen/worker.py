"""The worker role: dispatch what arrived, run the workflows, take over from the dead, stop gently."""

from __future__ import annotations

import logging
import threading
from typing import Protocol

from shopify_imagegen.dispatch import Dispatcher
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.workflow import Engine

logger = logging.getLogger(__name__)

IDLE_S = 0.2  # between looks for work when there was none
BEAT_S = 2  # between heartbeats, and between looks for dead workers


class Leases(Protocol):
    def hold(self, worker_id: str) -> None: ...

    def is_dead(self, worker_id: str) -> bool: ...


class Heartbeats(Protocol):
    def beat(self, worker_id: str) -> None: ...

    def leave(self, worker_id: str) -> None: ...


class Worker:
    """One worker process. `run` returns after `stop`."""

    def __init__(
        self, worker_id: str, *, engine: Engine, dispatcher: Dispatcher, leases: Leases, heartbeats: Heartbeats
    ) -> None:
        self._id = worker_id
        self._engine = engine
        self._dispatcher = dispatcher
        self._leases = leases
        self._heartbeats = heartbeats
        self._stopping = threading.Event()

    def run(self, *, grace_s: float) -> None:
        """Work until told to stop; then let running steps finish, for at most *grace_s*."""
        self._leases.hold(self._id)
        self._engine.start()
        logger.info("worker started", extra={"action": "worker_started", "worker": self._id})
        threads = [
            threading.Thread(target=self._repeat, args=(self._dispatcher.run_once, IDLE_S), name="dispatcher"),
            threading.Thread(target=self._repeat, args=(self._live, BEAT_S), name="heartbeat"),
        ]
        for thread in threads:
            thread.start()
        self._stopping.wait()
        for thread in threads:
            thread.join()
        finished = self._engine.stop(grace_s=grace_s)
        self._heartbeats.leave(self._id)
        words = "worker stopped" if finished else "worker stopped before a running step had finished"
        logger.info(words, extra={"action": "worker_stopped", "worker": self._id})

    def stop(self) -> None:
        self._stopping.set()

    def _live(self) -> int:
        self._heartbeats.beat(self._id)
        for other in sorted(self._engine.busy_executors()):
            if self._leases.is_dead(other):
                taken = self._engine.take_over(other)
                fields = {"action": "took_over", "worker": other, "workflows": taken}
                logger.warning("took over the work of a worker that died", extra=fields)
        return 0

    def _repeat(self, work: object, pause_s: float) -> None:
        """Do *work* again and again; pause when there was nothing to do, or when a neighbour is away."""
        assert callable(work)
        while not self._stopping.is_set():
            try:
                done = work()
            except ImagegenError as error:
                logger.warning("the worker waits: %s", error, extra={"action": "worker_waits"})
                done = 0
            except Exception:
                logger.exception("the worker stumbled over a bug, and goes on", extra={"action": "worker_bug"})
                done = 0
            if not done:
                self._stopping.wait(pause_s)
