"""Move products of running backfills into the engine, a few at a time, so that a pause takes effect within seconds.

Any number of workers may do this at once, and die anywhere; of many backfills, one that is broken stops no other.
"""

from __future__ import annotations

import logging

from shopify_imagegen import budget
from shopify_imagegen.backfills.beginning import Beginning, Starter
from shopify_imagegen.backfills.deciding import NOT_BEGUN
from shopify_imagegen.backfills.gate import ceiling, held, is_off
from shopify_imagegen.backfills.room import Room, usual_price
from shopify_imagegen.dispatch import again_id
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.models import Backfill, BackfillState, Item
from shopify_imagegen.pausing import ProviderPauses, ShopPauses
from shopify_imagegen.ports import BackfillNumbers, Backfills, Clock
from shopify_imagegen.stages import bug

logger = logging.getLogger(__name__)

CHUNK = 16  # products claimed together
SAMPLED = "The sample is made; look at it, then resume for the rest, or cancel."
CEILING_REACHED = "The backfill's ceiling of {} is reached."
TROUBLE = "It cannot go on now, and is tried again all the time: {}"
RUNNING, PAUSED, CANCELLED = BackfillState.RUNNING, BackfillState.PAUSED, BackfillState.CANCELLED


class Feeder:
    """Feeds the running backfills of all shops in turns, and ends those that are through."""

    def __init__(
        self,
        *,
        backfills: Backfills,
        numbers: BackfillNumbers,
        beginning: Beginning,
        room: Room,
        pauses: ShopPauses,
        provider: ProviderPauses,
        starter: Starter,
        clock: Clock,
    ) -> None:
        self._backfills = backfills
        self._numbers = numbers
        self._beginning = beginning
        self._room = room
        self._pauses = pauses
        self._provider = provider
        self._starter = starter
        self._clock = clock
        self._said: dict[str, str] = {}  # what was logged of a backfill in trouble

    def run_once(self) -> int:
        """A few products of each. Returns how many were taken up."""
        return sum(map(self._fed, self._backfills.open()))

    def _fed(self, backfill: Backfill) -> int:
        """One of them. Its trouble is named in its status, and is its own."""
        try:
            done = self._feed(backfill)
        except ImagegenError as error:
            self._stuck(backfill, str(error))
            return 0
        except Exception as error:
            self._stuck(backfill, bug(error), is_bug=True)
            return 0
        self._said.pop(backfill.id, None)
        return done

    def _stuck(self, backfill: Backfill, why: str, *, is_bug: bool = False) -> None:
        words = TROUBLE.format(why)
        if self._said.get(backfill.id) != words:
            extra = {"action": "backfill_stuck", "backfill": backfill.id, "shop": backfill.shop, "why": why}
            logger.warning("a backfill cannot go on", extra=extra, exc_info=is_bug)
        self._said[backfill.id] = words
        self._backfills.say(backfill.id, words)

    def _feed(self, backfill: Backfill) -> int:
        waits = self._waits_for(backfill) if backfill.state == RUNNING else ""
        recovered = self._recover(backfill, begins=backfill.state == RUNNING and not waits)
        if backfill.state == PAUSED:
            return recovered
        resumed = recovered + self._resume(backfill)
        if backfill.state != RUNNING:
            self._backfills.leave(backfill.id, why="cancelled", reason=NOT_BEGUN)
            self._backfills.rest(backfill.id, CANCELLED, ended_at=self._clock())
            return resumed
        return resumed + self._take_up(backfill, waits)

    def _take_up(self, backfill: Backfill, waits: str) -> int:
        """A few more products of a running one; where there are none, its end, or what it waits for."""
        items = () if waits else self._claimed(backfill)
        trouble = self._beginning.take_up(backfill, items)
        if not items and not waits and not self._ended(backfill):
            waits = self._without_money(backfill)
        self._backfills.say(backfill.id, TROUBLE.format(trouble) if trouble else waits)
        return 0 if trouble else len(items)

    def _claimed(self, backfill: Backfill) -> tuple[Item, ...]:
        room = min(CHUNK, self._room.products(backfill))
        return tuple(self._backfills.claim(backfill.id, room)) if room else ()

    def _recover(self, backfill: Backfill, *, begins: bool) -> int:
        """What a dead worker has left behind, with or without its job, also of one that is paused or cancelled."""
        items = self._backfills.reclaim(backfill.id, CHUNK, stale_before=self._room.stale())
        return 0 if self._beginning.take_up(backfill, items, begins=begins) else len(items)

    def _resume(self, backfill: Backfill) -> int:
        """Jobs that were parked because it was paused, or outside its hours, go on. Of one that was cancelled,
        those go to their end too that wait for a provider's balance, say: nothing is bought for them any more.
        """
        if backfill.state == RUNNING and is_off(backfill, self._clock()):
            return 0
        waits = backfill.state == RUNNING or self._pauses.closed(backfill.shop)
        numbers = self._numbers
        parked = held(numbers, backfill, limit=CHUNK) if waits else numbers.parked(backfill, None, limit=CHUNK)
        for job in parked:
            self._starter.again(again_id(job), job, refused=False)
        return len(parked)

    def _waits_for(self, backfill: Backfill) -> str:
        """What a person, a neighbour or the clock has against it now; "" for nothing."""
        if is_off(backfill, self._clock()):
            return f"It waits for its hours, {backfill.hours} {backfill.time_zone}."
        closed = self._pauses.closed(backfill.shop) or self._provider.closed(usual_price(backfill))
        return closed.reason if closed else ""

    def _without_money(self, backfill: Backfill) -> str:
        """Why it cannot go on although nothing is under way; "" if that is not so. An own ceiling ends it."""
        if self._room.under_way(backfill) or not self._numbers.waiting(backfill):
            return ""
        short = self._room.short(backfill)
        if ceiling(backfill) in short:
            reason = CEILING_REACHED.format(budget.dollars(backfill.ceiling_microusd))
            self._backfills.leave(backfill.id, why="ceiling", reason=reason)
            return ""
        return f"It waits: {short[0].words} budget has no room for more; it goes on by itself." if short else ""

    def _ended(self, backfill: Backfill) -> bool:
        """Name the end of one that has nothing to do any more; of a sample, say that it is ready."""
        if self._numbers.waiting(backfill) or self._room.under_way(backfill):
            return False
        if backfill.sample is not None:
            return self._backfills.rest(backfill.id, PAUSED, reason=SAMPLED)
        return self._backfills.rest(backfill.id, BackfillState.DONE, reason="", ended_at=self._clock())
