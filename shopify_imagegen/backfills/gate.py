"""What a running backfill allows each of its jobs, asked before every paid call: a person's word counts at once."""

from __future__ import annotations

from datetime import datetime

from shopify_imagegen.backfills.hours import is_within
from shopify_imagegen.budget import dollars
from shopify_imagegen.models import Backfill, BackfillState, Ceiling, Job, Outcome
from shopify_imagegen.ports import BackfillNumbers, Backfills, Clock

ON_HOLD = "The backfill that it is part of is paused; it goes on with it."
OFF_HOURS = "The backfill that it is part of waits for its hours, {} {}; it goes on then."
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
                return Outcome(next="park", reason=off_hours(backfill))
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


def off_hours(backfill: Backfill) -> str:
    """Why a job of it rests outside its hours."""
    return OFF_HOURS.format(backfill.hours, backfill.time_zone)


def is_off_hours(reason: str) -> bool:
    """Whether a job rests until its backfill's hours begin."""
    return reason.startswith(OFF_HOURS.partition("{")[0])


def is_held(reason: str) -> bool:
    """Whether a job rests for its backfill's sake, and goes on with it."""
    return reason == ON_HOLD or is_off_hours(reason)


def held(numbers: BackfillNumbers, backfill: Backfill, *, limit: int) -> list[Job]:
    """Its jobs that rest for its own sake: by its pause, or by the clock."""
    found = [*numbers.parked(backfill, ON_HOLD, limit=limit)]
    if backfill.hours:
        found += numbers.parked(backfill, off_hours(backfill), limit=limit - len(found))
    return found


def ceiling(backfill: Backfill) -> Ceiling:
    """What it may spend, for ever."""
    words = f"the backfill's {dollars(backfill.ceiling_microusd)}"
    return Ceiling(scope=f"backfill:{backfill.id}", period="all", limit_microusd=backfill.ceiling_microusd, words=words)
