"""Work that counts as begun by us while no thread of ours does it: an outage came between the two."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

ADRIFT_AFTER_S = 10.0  # a claim and its thread, or a thread's end and its record, are never that far apart


class Adrift:
    """Knows which work runs in this process.

    Args:
        monotonic: seconds of a clock that never goes back.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._doing: Counter[str] = Counter()
        self._missed_at: dict[str, float] = {}

    @contextlib.contextmanager
    def doing(self, work_id: str) -> Iterator[None]:
        """This thread does it, until the block ends."""
        with self._lock:
            self._doing[work_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._doing[work_id] -= 1
                self._doing += Counter()  # drops what is down to zero

    def among(self, begun: Iterable[str]) -> set[str]:
        """Those of the work *begun* that nobody here has done in any look of the last seconds."""
        now = self._monotonic()
        with self._lock:
            idle = set(begun) - self._doing.keys()
        self._missed_at = {work_id: self._missed_at.get(work_id, now) for work_id in idle}
        return {work_id for work_id, at in self._missed_at.items() if now - at >= ADRIFT_AFTER_S}
