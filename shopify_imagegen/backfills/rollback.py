"""Take a whole backfill back, a few products at a time: begun again after a crash, it goes on where it was.

What cannot be taken off says why on its product, and holds up no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from shopify_imagegen import undoing
from shopify_imagegen.backfills.deciding import SILENT_AFTER, Backfilling, is_silent
from shopify_imagegen.backfills.gate import held
from shopify_imagegen.errors import Conflict, NoAnswer, NotFound, Temporary
from shopify_imagegen.models import (
    Backfill,
    BackfillRollbackRequested,
    BackfillState,
    Made,
    RollbackRequested,
    Undone,
)
from shopify_imagegen.ports import BackfillNumbers, Backfills, Clock

AT_ONCE = 4  # products: Shopify's points are shared with everything else that goes on
CHUNK = 8  # products a step: a stop waits for the end of one
KEPT, NOT_NOW = "kept", "not_taken_back"  # why a product still has pictures of ours
STILL_RUNS = "{} is running; `shopify-imagegen backfill cancel {}` first"
ALREADY = "{} is being taken back already; `shopify-imagegen backfill status {}` shows how far it is"
NOTHING_MADE = "{} was never started; there is nothing to take back"
COMING_TO_REST = "Its last jobs are coming to rest."
SOME_STAY = "Products whose pictures stay: {}; the report says why of each."
STOPPED = "It stopped: {} Take it back again to go on."
ROLLING_BACK, ROLLED_BACK = BackfillState.ROLLING_BACK, BackfillState.ROLLED_BACK
FROM = (BackfillState.DONE, BackfillState.CANCELLED, ROLLING_BACK, ROLLED_BACK)


class Taken(Protocol):
    """Takes pictures of one product back, or says what it would do."""

    def __call__(self, shop: str, wish: RollbackRequested) -> Sequence[Undone]: ...


class Lines(Protocol):
    """The products of a backfill behind that number of its plan, with what was made of them."""

    def __call__(self, backfill: Backfill, *, after: int) -> Iterator[Made]: ...


class BackfillRollback:
    """Safe to run twice, and to die in: a picture that is off stays off, and what is not yet is seen in the store."""

    def __init__(
        self,
        *,
        deciding: Backfilling,
        backfills: Backfills,
        numbers: BackfillNumbers,
        lines: Lines,
        roll_back: Taken,
        would: Taken,
        clock: Clock,
    ) -> None:
        self._deciding = deciding
        self._backfills = backfills
        self._numbers = numbers
        self._lines = lines
        self._roll_back = roll_back
        self._would = would
        self._clock = clock

    def check(self, shop: str, backfill_id: str) -> Backfill:
        """Raises: NotFound, for one of another shop too; Conflict when it cannot be taken back as it is."""
        backfill = self._backfills.find(backfill_id)
        if backfill.shop != shop:
            raise NotFound(f"there is no backfill {backfill_id} in {shop}")
        if backfill.state == BackfillState.RUNNING:
            raise Conflict(STILL_RUNS.format(backfill.id, backfill.id))
        if backfill.started_at is None:
            raise Conflict(NOTHING_MADE.format(backfill.id))
        return backfill

    def may_begin(self, shop: str, backfill_id: str) -> Backfill:
        """Raises: as `check`, and Conflict while somebody takes it back who is alive."""
        backfill = self.check(shop, backfill_id)
        if backfill.state == ROLLING_BACK and not is_silent(backfill, self._clock()):
            raise Conflict(ALREADY.format(backfill.id, backfill.id))
        return backfill

    def some(self, shop: str, wish: BackfillRollbackRequested, after: int) -> int | None:
        """The next few products behind number *after*; 0 begins.

        Returns:
            The number of the last one that was looked at; None when there were no more, and it is over.

        Raises:
            NotFound: this shop has no such backfill.
            Conflict: it runs, or was never started, or another wish takes it back.
            Temporary, NoAnswer: none of them could be taken back now; ask again.
            NeedsAttention: the store turns us away.
        """
        backfill = self.check(shop, wish.backfill_id)
        if not after:
            self._calm(backfill)
        self._take(backfill, wish)
        last, todo = self._next(backfill, wish, after)
        if last is None:
            self.end(wish)
            return None
        self._undo_all(backfill, wish, todo)
        return last

    def end(self, wish: BackfillRollbackRequested, stopped: str = "") -> None:
        """Name its end, unless another wish has taken over. *stopped*: why not everything was tried."""
        staying = sum(self._numbers.left_behind(wish.backfill_id, why) for why in (KEPT, NOT_NOW))
        words = [STOPPED.format(stopped)] if stopped else []
        words += [SOME_STAY.format(staying)] if staying else []
        self._backfills.taken_back(wish.backfill_id, wish.id, reason=" ".join(words), ended_at=self._clock())

    def would(self, shop: str, wish: BackfillRollbackRequested) -> Iterator[Undone]:
        """What would become of each product's pictures. Reads only."""
        backfill = self.check(shop, wish.backfill_id)
        todo = (made for made in self._lines(backfill, after=0) if _concerns(made, wish))
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="rollback") as pool:
            yield from pool.map(lambda made: self._would(backfill.shop, _wish(wish, made))[0], todo)

    def _calm(self, backfill: Backfill) -> None:
        """Nothing is bought for it any more, and what was parked for it ends."""
        if backfill.state == BackfillState.PAUSED:
            self._deciding.cancel(backfill.id, keep_candidates=True)
        if held(self._numbers, backfill, limit=1):
            raise Temporary(COMING_TO_REST)

    def _take(self, backfill: Backfill, wish: BackfillRollbackRequested) -> None:
        """It is for this wish alone, until it ends or falls silent. Raises: Conflict."""
        silent_since = self._clock() - SILENT_AFTER
        if not self._backfills.take_back(backfill.id, wish.id, FROM, silent_since=silent_since):
            raise Conflict(ALREADY.format(backfill.id, backfill.id))

    def _next(self, backfill: Backfill, wish: BackfillRollbackRequested, after: int) -> tuple[int | None, list[Made]]:
        """The number of the last product that was looked at, and those of them with something to take back."""
        last, todo = None, []
        for made in self._lines(backfill, after=after):
            last = made.item.number
            todo += [made] if _concerns(made, wish) else []
            if len(todo) == CHUNK:
                break
        return last, todo

    def _undo_all(self, backfill: Backfill, wish: BackfillRollbackRequested, todo: Sequence[Made]) -> None:
        """Raises: Temporary, NoAnswer, when none of them could be taken back."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="rollback") as pool:
            troubles = list(pool.map(lambda made: self._undo(backfill, wish, made), todo))
        if todo and all(troubles):
            raise next(filter(None, troubles))

    def _undo(self, backfill: Backfill, wish: BackfillRollbackRequested, made: Made) -> Temporary | NoAnswer | None:
        """One product; what stays of it, or that it cannot be now, is written down with it."""
        try:
            (undone,) = self._roll_back(backfill.shop, _wish(wish, made))
        except (Temporary, NoAnswer) as error:
            self._backfills.remark(made.item, why=NOT_NOW, reason=str(error))
            return error
        stays = [each.words for each in undone.pictures if each.does == "keeps"]
        self._backfills.remark(made.item, why=KEPT if stays else "", reason=" ".join(dict.fromkeys(stays)))
        return None


def _wish(wish: BackfillRollbackRequested, made: Made) -> RollbackRequested:
    images = tuple(image.id for image in made.images)
    return RollbackRequested(images=images, by=wish.by, delete_files=wish.delete_files, anyway=wish.anyway)


def _concerns(made: Made, wish: BackfillRollbackRequested) -> bool:
    """Whether there may be something to take back: one that was taken back before costs no look at the store."""
    done = () if wish.delete_files else undoing.OFF
    return any(image.state not in (*undoing.NOT_BOUGHT, *done) for image in made.images)
