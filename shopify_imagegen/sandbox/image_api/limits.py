"""How many requests a workspace may send in a minute, and the headers that say so."""

from __future__ import annotations

import threading
import time
from collections import deque

from .errors import Refused

PER_MINUTE = 600  #: far above a real account's 20, so that only a wish brings a 429
WINDOW_S = 60


class Limits:
    """A sliding window of one minute. Safe to use from many threads."""

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self.per_minute = per_minute
        self._lock = threading.Lock()
        self._seen: deque[float] = deque()

    def admit(self) -> None:
        """Count a request.

        Raises:
            Refused: 429, with the seconds to wait.
        """
        with self._lock:
            self._forget()
            if len(self._seen) >= self.per_minute:
                wait = max(1, round(self._seen[0] + WINDOW_S - time.monotonic()))
                raise rate_limited(wait)
            self._seen.append(time.monotonic())

    @property
    def headers(self) -> dict[str, str]:
        with self._lock:
            self._forget()
            left = self.per_minute - len(self._seen)
            oldest = self._seen[0] + WINDOW_S - time.monotonic() if self._seen else 0
        return {
            "X-RateLimit-Limit": str(self.per_minute),
            "X-RateLimit-Remaining": str(max(0, left)),
            "X-RateLimit-Reset": str(round(time.time() + oldest)),
        }

    def _forget(self) -> None:
        while self._seen and self._seen[0] < time.monotonic() - WINDOW_S:
            self._seen.popleft()


def rate_limited(retry_after_s: float) -> Refused:
    return Refused(429, "rate_limit", "Rate limit exceeded. Please retry later.", Retry_After=f"{retry_after_s:g}")
