"""Whose turn it is to write: one at a time, in the order of their coming, and who is waited for by the second first."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator

from shopify_imagegen.errors import Unavailable


class Turn:
    """Threads of one process take turns. SQLite has one writer at a time, and wakes those that wait by chance.

    Args:
        wait_s: nobody waits for longer.
    """

    def __init__(self, *, wait_s: float) -> None:
        self._wait_s = wait_s
        self._guard = threading.Lock()
        self._is_taken = False
        self._ahead: deque[threading.Lock] = deque()
        self._behind: deque[threading.Lock] = deque()

    @contextlib.contextmanager
    def taken(self, *, ahead: bool = False) -> Iterator[None]:
        """Within the block nobody else writes.

        Args:
            ahead: go before all who wait and are not ahead themselves.

        Raises:
            Unavailable: no turn in all the time.
        """
        if not self._take(self._ahead if ahead else self._behind):
            raise Unavailable(f"the database is busy: no turn to write within {self._wait_s:g} s")
        try:
            yield
        finally:
            self._pass_on()

    def _take(self, line: deque[threading.Lock]) -> bool:
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            line.append(mine)
        if mine.acquire(timeout=self._wait_s):
            return True
        with self._guard:
            if mine not in line:  # it came in the very last moment
                return True
            line.remove(mine)
            return False

    def _pass_on(self) -> None:
        with self._guard:
            line = self._ahead or self._behind
            if line:
                line.popleft().release()
            else:
                self._is_taken = False
