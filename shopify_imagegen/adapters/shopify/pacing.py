"""Wait before asking when a shop's cost bucket is known to be too low, so that many workers do not run into THROTTLED.

Shopify gives each app and shop a bucket of points that refills steadily; a document is refused unless the cost that it
asks for is there. Each answer tells the level. Between answers we count for ourselves: what refills, what is under way.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shopify_imagegen.models import Value
from shopify_imagegen.ports import Sleep

LONGEST_WAIT_S = 30.0


class Cost(Value):
    """`extensions.cost` of an answer. The numbers may come as floats."""

    requested: float
    maximum: float
    available: float
    restored_per_s: float

    @property
    def wait_s(self) -> float:
        """Until the bucket holds what this document asked for."""
        return max(0.0, self.requested - self.available) / self.restored_per_s


@dataclass
class Bucket:
    """What we know of one shop's points. `level` goes below zero when callers wait in line."""

    level: float
    maximum: float
    restored_per_s: float
    at_s: float
    under_way: float = 0.0

    def refill(self, now_s: float) -> None:
        self.level = min(self.maximum, self.level + (now_s - self.at_s) * self.restored_per_s)
        self.at_s = now_s


class Turn:
    """One request's place in the line."""

    def __init__(self) -> None:
        self.cost: Cost | None = None  #: set by the caller once the answer says it


class Pacing:
    """Every shop's bucket, for all threads of this process."""

    def __init__(self, *, sleep: Sleep = time.sleep, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._sleep = sleep
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}
        self._usual: dict[str, float] = {}  # operation -> cost it asked for last

    @contextlib.contextmanager
    def turn(self, shop: str, operation: str) -> Iterator[Turn]:
        """Wait until *operation* is likely to be let through, and count it as under way meanwhile."""
        with self._lock:
            points = self._usual.get(operation, 0.0)
            wait_s = self._reserve(shop, points)
        turn = Turn()
        try:
            if wait_s:
                self._sleep(wait_s)
        except BaseException:  # whoever will not wait has not spent: else their points would be missing for ever
            self._give_back(shop, points)
            raise
        try:
            yield turn
        finally:
            with self._lock:
                self._settle(shop, operation, points, turn.cost)

    def _reserve(self, shop: str, points: float) -> float:
        bucket = self._buckets.get(shop)
        if not bucket:
            return 0.0
        bucket.refill(self._monotonic())
        bucket.level -= points
        bucket.under_way += points
        return min(LONGEST_WAIT_S, max(0.0, -bucket.level) / bucket.restored_per_s)

    def _give_back(self, shop: str, points: float) -> None:
        with self._lock:
            bucket = self._buckets.get(shop)
            if bucket:
                bucket.level = min(bucket.maximum, bucket.level + points)
                bucket.under_way = max(0.0, bucket.under_way - points)

    def _settle(self, shop: str, operation: str, points: float, cost: Cost | None) -> None:
        bucket = self._buckets.get(shop)
        others = max(0.0, bucket.under_way - points) if bucket else 0.0
        if bucket:
            bucket.under_way = others
        if cost:
            self._usual[operation] = cost.requested
            level = cost.available - others  # of the others Shopify may know some already: we would rather wait
            self._buckets[shop] = Bucket(level, cost.maximum, cost.restored_per_s, self._monotonic(), others)
