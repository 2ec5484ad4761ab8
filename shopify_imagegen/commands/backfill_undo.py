"""Take a whole backfill back: a worker does it, and this shows how far it is; where none runs, it is done here."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from shopify_imagegen import tell
from shopify_imagegen.backfills.rollback import ALREADY, KEPT, NOT_NOW
from shopify_imagegen.counts import counted
from shopify_imagegen.errors import Conflict, NoAnswer, Temporary
from shopify_imagegen.models import Arrival, Backfill, BackfillRollbackRequested, BackfillState, ImageState
from shopify_imagegen.wiring import House

LOOK_S = 0.5  # between looks at what the worker has done
SHOWN = 20
BY_HAND = "Stopped by hand."
THERE = (ImageState.PUBLISHED, ImageState.STAGED)

Tick = Callable[[int, int | None], None]


def wish(found: Backfill, *, delete_files: bool, anyway: bool) -> BackfillRollbackRequested:
    """That all of it is taken back, asked for here and now."""
    return BackfillRollbackRequested(
        id=f"cli:{uuid.uuid4()}", backfill_id=found.id, by="cli", delete_files=delete_files, anyway=anyway
    )


def until_free(house: House, found: Backfill, *, quiet: bool) -> None:
    """Wait for one that another terminal took back, if that has died: for its next sign of life, or its last.

    Raises:
        Conflict: it cannot be taken back as it is, or somebody else takes it back now.
    """
    with tell.waiting("Looking whether somebody takes it back already", quiet=quiet):
        while True:
            try:
                house.backfill_rollback.may_begin(found.shop, found.id)
                return
            except Conflict:
                is_seen = house.backfill_rows.find(found.id).updated_at != found.updated_at
                if found.state != BackfillState.ROLLING_BACK or is_seen or house.workers.alive():
                    raise
            time.sleep(LOOK_S)


def foreseen(house: House, found: Backfill, wish: BackfillRollbackRequested, tick: Tick) -> dict[str, Any]:
    """What would be done, in numbers, and what would stay with its reason. Reads only."""
    counts: Counter[str] = Counter()
    kept: list[str] = []
    for at, undone in enumerate(house.backfill_rollback.would(found.shop, wish), start=1):
        tick(at, found.products)
        counts.update(each.does for each in undone.pictures)
        kept += [f"{undone.product_title}: {each.words}" for each in undone.pictures if each.does == "keeps"]
    off = counts["takes_off"] + counts["withdraws"]
    done = {"backfill": found.id, "dry_run": True, "taken_back": off, "kept": kept, "unfinished": []}
    return done | _earlier(house, found)


def roll_back(house: House, found: Backfill, wish: BackfillRollbackRequested, tick: Tick) -> dict[str, Any]:
    """What was done, in numbers, and what stayed with its reason.

    Raises:
        Conflict: it cannot be taken back as it is, or somebody else takes it back now.
        NeedsAttention: the store turns us away.
    """
    earlier, before = _earlier(house, found), _images(house, found)[0]
    trouble = _by_a_worker(house, found, wish, tick) if house.workers.alive() else _here(house, found, wish, tick)
    remarks: dict[str, list[str]] = {KEPT: [], NOT_NOW: [trouble] if trouble else []}
    for item in house.backfill_rows.items(found.id, words=False):
        if item.why in remarks:
            remarks[item.why].append(f"{item.product_title}: {item.reason}")
    done = {
        "backfill": found.id,
        "dry_run": False,
        "taken_back": _images(house, found)[0] - before,
        "kept": remarks[KEPT],
        "unfinished": remarks[NOT_NOW],
    }
    return done | earlier


def told(done: dict[str, Any], *, as_json: bool) -> None:
    words = [_taken(done)]
    words += [f"  stays: {reason}" for reason in done["kept"][:SHOWN]]
    words += [f"  not done, run it again: {reason}" for reason in done["unfinished"][:SHOWN]]
    tell.document(done, "\n".join(words), as_json)


def _taken(done: dict[str, Any]) -> str:
    """How many pictures; of one that was taken back before, when that was."""
    before, at = done["taken_back_before"], done["taken_back_at"]
    if not done["taken_back"] and at:
        were = "was" if before == 1 else "were"
        return f"Nothing new to take back: {counted(before, 'picture')} {were} taken back already, on {at}."
    return f"{'Would take back' if done['dry_run'] else 'Took back'} {counted(done['taken_back'], 'picture')}."


def _earlier(house: House, found: Backfill) -> dict[str, Any]:
    """How many pictures were taken back before, and when a rollback of it was over; None when none was."""
    is_over = found.state == BackfillState.ROLLED_BACK and found.ended_at
    at = f"{found.ended_at:%Y-%m-%d %H:%M} UTC" if is_over else None
    return {"taken_back_before": _images(house, found)[0], "taken_back_at": at}


def _by_a_worker(house: House, found: Backfill, wish: BackfillRollbackRequested, tick: Tick) -> str:
    """Record the wish and follow it; whoever closes the terminal ends the following only. Returns what stopped it."""
    arrival = Arrival(id=wish.id, source="cli", topic="", shop=found.shop, intent=wish)
    house.inbox.record(arrival)
    while (answer := house.inbox.answered(arrival.id)) is None:
        tick(*_images(house, found))
        time.sleep(LOOK_S)
    if answer[1] == ALREADY.format(found.id, found.id):
        raise Conflict(answer[1])
    return answer[1]


def _here(house: House, found: Backfill, wish: BackfillRollbackRequested, tick: Tick) -> str:
    after: int | None = 0
    try:
        while after is not None:
            after = house.backfill_rollback.some(found.shop, wish, after)
            tick(*_images(house, found))
    except (Temporary, NoAnswer) as error:
        house.backfill_rollback.end(wish, str(error))
        return str(error)
    except KeyboardInterrupt:
        house.backfill_rollback.end(wish, BY_HAND)  # nobody shall wait for us
        raise
    return ""


def _images(house: House, found: Backfill) -> tuple[int, int]:
    """Pictures that are taken back, and how many there are to be."""
    images = house.backfills.progress(found.id).images
    off = images.get(ImageState.ROLLED_BACK, 0)
    return off, off + sum(images.get(state, 0) for state in THERE)
