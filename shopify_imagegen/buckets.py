"""How often somebody may come: a bucket each that fills with time. Pure but for the clock and the lock."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

REMEMBERED = 10_000  # the latest comers; an older one begins with a full bucket again


class Buckets:
    """Counts in this process alone: with three web processes a caller gets three times as much.

    Args:
        per_minute: how fast a bucket fills.
        at_once: how much it holds.
        monotonic: seconds.
    """

    def __init__(self, *, per_minute: float, at_once: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_minute / 60
        self._at_once = at_once
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  #: key -> (what was left, when)

    def wait_s(self, key: str) -> float:
        """0 and one taken from the bucket of *key*, or the seconds until there is one again."""
        with self._lock:
            now = self._monotonic()
            left, then = self._left.pop(key, (float(self._at_once), now))
            left = min(self._at_once, left + (now - then) * self._per_s)
            wait_s = 0.0 if left >= 1 else (1 - left) / self._per_s
            self._left[key] = (left if wait_s else left - 1, now)
            if len(self._left) > REMEMBERED:
                self._left.popitem(last=False)
            return wait_s
