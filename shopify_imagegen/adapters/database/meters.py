"""Counts and durations of all workers, summed in one table: workers have no port of their own to be asked at."""

from __future__ import annotations

import json
import threading
from collections import Counter

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import meters

Key = tuple[str, str]  # name, labels as sorted JSON


class SqlMeters:
    """Keeps `ports.Meter`: adds up in memory, and `flush` adds that to the table."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._adding = _adding(database)
        self._lock = threading.Lock()
        self._waiting: Counter[Key] = Counter()

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        with self._lock:
            self._waiting[name, json.dumps(labels, sort_keys=True)] += by  # type: ignore[assignment]  # floats too

    def took(self, name: str, seconds: float, **labels: str) -> None:
        self.count(f"{name}_seconds_sum", seconds, **labels)
        self.count(f"{name}_seconds_count", 1, **labels)

    def flush(self) -> None:
        """Write down what was counted since the last time; what cannot be written is kept for the next."""
        with self._lock:
            counted, self._waiting = self._waiting, Counter()
        try:
            self._add(counted)
        except Exception:
            with self._lock:
                self._waiting.update(counted)
            raise

    def totals(self) -> dict[str, list[tuple[dict[str, str], float]]]:
        """name -> [(labels, value)], of all workers, as last flushed."""
        found: dict[str, list[tuple[dict[str, str], float]]] = {}
        with self._database.read() as connection:
            for name, labels, value in connection.execute(sa.select(meters).order_by(meters.c.name, meters.c.labels)):
                found.setdefault(name, []).append((json.loads(labels), value))
        return found

    def _add(self, counted: Counter[Key]) -> None:
        if not counted:
            return
        with self._database.write() as connection:
            ordered = sorted(counted.items())  # in one order: two workers do not lock each other out
            rows = [{"name": name, "labels": labels, "value": value} for (name, labels), value in ordered]
            connection.execute(self._adding, rows)


def _adding(database: Database) -> sa.UpdateBase:
    insert = database.insert(meters)
    total = {"value": meters.c.value + insert.excluded.value}
    adding: sa.UpdateBase = insert.on_conflict_do_update(index_elements=["name", "labels"], set_=total)
    return adding
