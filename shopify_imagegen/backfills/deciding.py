"""What a person decides about a backfill: plan, start, pause, resume, cancel, retry. The worker carries it out.

A backfill never exceeds its plan: no product that is not in it, and not one cent more, which the ledger sees to.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from shopify_imagegen.backfills.hours import hours, zone
from shopify_imagegen.backfills.where import where
from shopify_imagegen.errors import BadInput, Conflict
from shopify_imagegen.models import (
    Backfill,
    BackfillProgress,
    BackfillState,
    ItemState,
    OnChange,
)
from shopify_imagegen.ports import BackfillNumbers, Backfills, Clock

PLANNED, RUNNING, PAUSED = BackfillState.PLANNED, BackfillState.RUNNING, BackfillState.PAUSED
NOT_BEGUN = "The backfill was cancelled before its turn came."
BY_HAND = "Paused by hand."
STARTED_BEFORE = "{} was started before and is paused; `shopify-imagegen backfill resume {}` goes on with the rest"
SILENT_AFTER = timedelta(seconds=40)  # who plans it, or takes it back, and gave no sign of life for so long has died
SILENT = {
    BackfillState.PLANNING: "Nobody plans it just now: a worker begins it anew as soon as one runs. Or cancel it, and"
    " plan again.",
    BackfillState.ROLLING_BACK: "It has stood still for a while: take it back again, and it goes on.",
}


def is_silent(backfill: Backfill, now: datetime) -> bool:
    """Whether whoever plans it, or takes it back, has died, as far as can be told."""
    return now - backfill.updated_at > SILENT_AFTER


class Backfilling:
    """The backfills of all shops.

    Args:
        time_zone: of a shop; asked once, when a backfill with hours is started.
    """

    def __init__(
        self, *, backfills: Backfills, numbers: BackfillNumbers, time_zone: Callable[[str], str], clock: Clock
    ) -> None:
        self._backfills = backfills
        self._numbers = numbers
        self._time_zone = time_zone
        self._clock = clock

    def create(self, shop: str, query: str, *, by: str, most: int | None = None, restyle: bool = False) -> Backfill:
        """A backfill to be planned: by `Survey.plan`, or by the next worker that looks.

        Raises:
            BadInput: the query is not understood; names the word.
        """
        now = self._clock()
        return self._backfills.create(
            Backfill(
                id=f"bf-{uuid.uuid4().hex[:8]}",
                shop=shop,
                state=BackfillState.PLANNING,
                query=where(query).text,
                most=most,
                restyle=restyle,
                created_by=by,
                created_at=now,
                updated_at=now,
            )
        )

    def find(self, backfill_id: str) -> Backfill:
        """Raises: NotFound."""
        return self._named(self._backfills.find(backfill_id))

    def recent(self, *, shop: str | None = None, limit: int = 50) -> Sequence[Backfill]:
        """The latest first."""
        return [self._named(each) for each in self._backfills.all(shop=shop, limit=limit)]

    def progress(self, backfill_id: str) -> BackfillProgress:
        """Raises: NotFound."""
        return self._numbers.of(self.find(backfill_id))

    def start(
        self,
        backfill_id: str,
        *,
        max_microusd: int | None = None,
        sample: int | None = None,
        on_change: OnChange = "replan",
        within: str = "",
    ) -> Backfill:
        """Let the workers begin.

        Args:
            max_microusd: less than the plan's price; more is not possible.
            sample: only so many products; then it pauses.
            within: hours of the day, "22-06", in the shop's time zone where this machine knows it, else UTC.

        Raises:
            Conflict: it is not planned, or was started before. BadInput: there is nothing to do, or no such hours.
        """
        backfill, kept = self.find(backfill_id), hours(within)
        if backfill.state == PAUSED:
            raise Conflict(STARTED_BEFORE.format(backfill_id, backfill_id))
        if backfill.state == PLANNED and not backfill.products:
            raise BadInput(f"{backfill_id} has no product that gets pictures; see `backfill show {backfill_id}`")
        worst = backfill.worst_microusd
        values: dict[str, Any] = {
            "ceiling_microusd": worst if max_microusd is None else min(worst, max_microusd),
            "on_change": on_change,
            "sample": self._last_of_sample(backfill_id, sample),
            "hours": kept,
            "time_zone": self.zone_of(backfill.shop) if kept else "UTC",
            "started_at": self._clock(),
            "reason": "",
        }
        return self._backfills.move(backfill_id, [PLANNED], RUNNING, **values)

    def zone_of(self, shop: str) -> str:
        """That its hours are in: the shop's own where this machine knows it, else UTC. Asks the shop."""
        name = self._time_zone(shop)
        return name if zone(name) else "UTC"

    def pause(self, backfill_id: str) -> Backfill:
        """Begin nothing more. Paid calls that run are finished, and what is bought is put on the products."""
        return self._backfills.move(backfill_id, [RUNNING], PAUSED, reason=BY_HAND)

    def resume(self, backfill_id: str) -> Backfill:
        """Go on; behind a sample, with all the rest."""
        return self._backfills.move(backfill_id, [PAUSED], RUNNING, reason="", sample=None)

    def cancel(self, backfill_id: str, *, keep_candidates: bool = False) -> Backfill:
        """Never begin the rest.

        Args:
            keep_candidates: what was paid for and is not on its product yet waits for a review instead.
        """
        before = [BackfillState.PLANNING, PLANNED, RUNNING, PAUSED]
        values = {"reason": "Cancelled by hand.", "keep_candidates": keep_candidates}
        found = self._backfills.move(backfill_id, before, BackfillState.CANCELLED, **values)
        self._backfills.leave(backfill_id, why="cancelled", reason=NOT_BEGUN)
        return found

    def retry(self, backfill_id: str) -> int:
        """Take up again what failed, and only that. Returns how many products.

        Raises:
            Conflict: it was cancelled, or never started.
        """
        backfill = self.find(backfill_id)
        if backfill.state not in (RUNNING, PAUSED, BackfillState.DONE):
            raise Conflict(f"{backfill_id} is {backfill.state}; there is nothing to retry")
        return self._backfills.retry(backfill_id)

    def _named(self, backfill: Backfill) -> Backfill:
        """One that somebody plans or takes back, and who has died, says so."""
        words = SILENT.get(backfill.state, "") if is_silent(backfill, self._clock()) else ""
        return backfill.model_copy(update={"reason": words}) if words else backfill

    def _last_of_sample(self, backfill_id: str, sample: int | None) -> int | None:
        """The number of the last product in the sample."""
        if sample is None:
            return None
        planned = self._backfills.items(backfill_id, states=[ItemState.PLANNED], words=False)
        numbers = [item.number for item in itertools.islice(planned, sample)]
        return numbers[-1] if numbers else None
