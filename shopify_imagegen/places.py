"""The provider's places: how many of its calls are under way at once, and who stands ready for the next one.

A place is dear, and what comes before and behind a call takes time, too. So more purchases are begun than there are
places: those without one have read, counted and written all that can be before a call, and wait at the door.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from shopify_imagegen.ports import Sleep

LOOK_S = 0.5  # between looks, while waiting, whether the process ends


def begun_at_once(concurrency: int) -> int:
    """Purchases of all workers that may be begun: for each four places, one more stands ready.

    >>> begun_at_once(3), begun_at_once(32)
    (3, 40)
    """
    return concurrency + concurrency // 4


def share(concurrency: int, *, rank: int, workers: int) -> int:
    """This worker's places, so that those of all add up; but nobody is without one.

    Args:
        rank: zero-based, among the workers.

    >>> [share(32, rank=rank, workers=3) for rank in range(3)], share(2, rank=2, workers=3)
    ([11, 11, 10], 1)
    """
    return max(1, concurrency // workers + (rank < concurrency % workers))


class Places:
    """This process's places, handed out in the order of coming.

    Args:
        count: at first; see `change`.
        sleep: raises where the process ends.
    """

    def __init__(self, count: int, *, sleep: Sleep) -> None:
        self._count = count
        self._sleep = sleep
        self._changed = threading.Condition()
        self._taken = 0
        self._line: deque[object] = deque()  # who waits, in the order of coming

    def change(self, count: int) -> None:
        """There are more of them from now on, or fewer: who has one keeps it."""
        with self._changed:
            self._count = count
            self._changed.notify_all()

    @contextmanager
    def taken(self) -> Iterator[float]:
        """A place within the block; gives the seconds that it was waited for.

        Raises:
            ProcessEnds: nothing was begun; the next process goes on from here.
        """
        waited_s = self._take()
        try:
            yield waited_s
        finally:
            with self._changed:
                self._taken -= 1
                self._changed.notify_all()

    def _take(self) -> float:
        began, mine = time.monotonic(), object()
        with self._changed:
            self._line.append(mine)
            try:
                while not self._changed.wait_for(lambda: self._line[0] is mine and self._taken < self._count, LOOK_S):
                    self._sleep(0)
                self._taken += 1
            finally:
                self._line.remove(mine)
                self._changed.notify_all()  # the next in line may look
        return time.monotonic() - began
