"""Run things a little later, in the background; closing it forgets what is still to come."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

logger = logging.getLogger(__name__)


class Later:
    """One clock thread hands what is due to a few workers."""

    def __init__(self, name: str, *, workers: int = 4) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._clock = threading.Thread(target=self._tick, name=f"{name}-clock", daemon=True)
        self._clock.start()

    def after(self, delay_s: float, work: Callable[[], None]) -> None:
        """Run *work* on a worker in *delay_s* seconds; equal delays keep their order."""
        with self._changed:
            if not self._closed:
                heapq.heappush(self._due, (time.monotonic() + delay_s, next(self._order), work))
                self._changed.notify()

    def close(self) -> None:
        """Forget what is to come and wait for what is running."""
        with self._changed:
            self._closed = True
            self._due.clear()
            self._changed.notify()
        self._clock.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _tick(self) -> None:
        while work := self._wait():
            self._pool.submit(_logged, work)

    def _wait(self) -> Callable[[], None] | None:
        """The next thing that is due; None when closed."""
        with self._changed:
            while not self._closed:
                wait_s = self._due[0][0] - time.monotonic() if self._due else None
                if wait_s is not None and wait_s <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait_s)
        return None


def _logged(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:
        logger.exception("background work of the sandbox failed")
