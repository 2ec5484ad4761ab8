"""What a running backfill allows each of its jobs, asked before every paid call: a person's word counts at once."""

from __future__ import annotations

from datetime import datetime

from shopify_imagegen.backfills.hours import is_within
from shopify_imagegen.budget import dollars
from shopify_imagegen.models import Backfill, BackfillState, Ceiling, Outcome
from shopify_imagegen.ports import Backfills, Clock

ON_HOLD = "The backfill that it is part of is paused; it goes on with it."
CANCELLED = "The backfill that it is part of was cancelled; nothing was charged for this picture."
TAKEN_BACK = "The backfill that it is part of was taken back; nothing was charged for this picture."


class Gate:
    """What a running backfill allows each of its jobs, asked before every paid call."""

    def __init__(self, backfills: Backfills, clock: Clock) -> None:
        self._backfills = backfills
        self._clock = clock

    def closed(self, backfill_id: str) -> Outcome | None:
        """Why nothing may be bought for it now: `park` while it is paused, or outside its hours, `stop` when it was
        cancelled; or None.
        """
        backfill = self._backfills.find(backfill_id)
        match backfill.state:
            case BackfillState.PAUSED:
                return Outcome(next="park", reason=ON_HOLD)
            case BackfillState.RUNNING if is_off(backfill, self._clock()):
                return Outcome(next="park", reason=ON_HOLD)
            case BackfillState.CANCELLED:
                return Outcome(next="stop", reason=CANCELLED)
            case BackfillState.ROLLING_BACK | BackfillState.ROLLED_BACK:
                return Outcome(next="stop", reason=TAKEN_BACK)
        return None

    def ceiling(self, backfill_id: str) -> Ceiling:
        return ceiling(self._backfills.find(backfill_id))

    def keeps_candidates(self, backfill_id: str) -> bool:
        """Whether what is bought shall wait for a review."""
        backfill = self._backfills.find(backfill_id)
        is_back = backfill.state in (BackfillState.ROLLING_BACK, BackfillState.ROLLED_BACK)
        return is_back or (backfill.state == BackfillState.CANCELLED and backfill.keep_candidates)


def is_off(backfill: Backfill, now: datetime) -> bool:
    """Whether *now* is outside the hours of the day in which it may buy."""
    return not is_within(backfill.hours, backfill.time_zone, now)


def ceiling(backfill: Backfill) -> Ceiling:
    """What it may spend, for ever."""
    words = f"the backfill's {dollars(backfill.ceiling_microusd)}"
    return Ceiling(scope=f"backfill:{backfill.id}", period="all", limit_microusd=backfill.ceiling_microusd, words=words)
