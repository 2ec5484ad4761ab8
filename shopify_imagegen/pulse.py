"""How often a queue is polled: often for a while after work came, seldom when there is none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

QUICK_S, CALM_S = 0.1, 1.0  # between polls: about 3 % of a core for each queue, and next to nothing
QUICK_FOR_S = 15.0  # after work came: long enough to pass through all queues
REMIND_AFTER_S = 2.0  # another worker may have calmed the queue, which is shared


class Pulse:
    """Decides the interval, and tells it to *beat*.

    Args:
        beat: sets the interval of the queue, in seconds.
        quick_s: the interval while work comes; None for the usual one.
        calm_s: the interval when none does; None for the usual one.
        monotonic: seconds of a clock that never goes back.
    """

    def __init__(
        self,
        beat: Callable[[float], None],
        *,
        quick_s: float | None = None,
        calm_s: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._beat = beat
        self._quick_s, self._calm_s = quick_s or QUICK_S, calm_s or CALM_S
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._is_quick = False
        self._told_at = 0.0
        self._work_at = 0.0

    def quicken(self) -> None:
        """Work has come."""
        with self._lock:
            self._work_at = self._monotonic()
            if not self._is_quick or self._work_at - self._told_at > REMIND_AFTER_S:
                self._tell(quick=True)

    def settle(self) -> None:
        """To be called now and then: calm down when no work has come for a while."""
        with self._lock:
            if self._is_quick and self._monotonic() - self._work_at > QUICK_FOR_S:
                self._tell(quick=False)

    def _tell(self, *, quick: bool) -> None:
        self._beat(self._quick_s if quick else self._calm_s)
        self._is_quick, self._told_at = quick, self._monotonic()
