"""What nobody will ask for again is dropped, so that the database stays as large as the work that is going on."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Protocol

from shopify_imagegen.models import Value
from shopify_imagegen.ports import Clock

logger = logging.getLogger(__name__)

DELIVERIES_FOR = timedelta(days=30)  # Shopify sends a delivery again for hours at most
BYTES_FOR = timedelta(days=7)  # of pictures that the store has, or that were not fit for it
SETTINGS_FOR = timedelta(days=365)  # what a shop had set for itself; its newest versions stay for good
HEARTBEATS_FOR = timedelta(days=1)
PLANS_FOR = timedelta(days=90)  # backfills that were never started, and the words of those that are over
WORKFLOWS_FOR = timedelta(days=7)  # ended ones; our own tables keep what they led to


class Rows(Protocol):
    """Our tables. Each method drops what ended before a moment, in small batches, and says how much that was."""

    def deliveries(self, before: datetime) -> int: ...

    def spool(self, before: datetime) -> int: ...

    def heartbeats(self, before: datetime) -> int: ...

    def settings(self, before: datetime) -> int: ...

    def plans(self, before: datetime) -> int:
        """Backfills that were never started, with their products."""

    def words(self, before: datetime) -> int:
        """What was planned word by word, of backfills that are over; what was made and paid stays."""


class Workflows(Protocol):
    """The engine's."""

    def prune(self, before: datetime) -> int: ...


class Pruned(Value):
    """How many rows were dropped."""

    deliveries: int
    pictures: int
    heartbeats: int
    settings: int
    plans: int
    words: int  #: products of backfills
    workflows: int


class Prune:
    """Drops old rows. Safe at any time and in several processes at once.

    Args:
        workflows: None where the engine does not run.
    """

    def __init__(self, *, rows: Rows, workflows: Workflows | None, clock: Clock) -> None:
        self._rows = rows
        self._workflows = workflows
        self._clock = clock

    def run(self) -> Pruned:
        now = self._clock()
        pruned = Pruned(
            deliveries=self._rows.deliveries(now - DELIVERIES_FOR),
            pictures=self._rows.spool(now - BYTES_FOR),
            heartbeats=self._rows.heartbeats(now - HEARTBEATS_FOR),
            settings=self._rows.settings(now - SETTINGS_FOR),
            plans=self._rows.plans(now - PLANS_FOR),
            words=self._rows.words(now - PLANS_FOR),
            workflows=self._workflows.prune(now - WORKFLOWS_FOR) if self._workflows else 0,
        )
        logger.info("old rows dropped", extra={"action": "pruned", **pruned.model_dump()})
        return pruned
