"""Take a whole backfill back, product by product. Done again, it finishes what was interrupted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shopify_imagegen import tell
from shopify_imagegen.errors import Conflict, NoAnswer, Temporary
from shopify_imagegen.models import Backfill, BackfillState, Made, RollbackRequested, Undone
from shopify_imagegen.wiring import House

AT_ONCE = 4  # products: Shopify's points are shared with everything else that goes on
KEPT_SHOWN = 20

Tick = Callable[[int, int | None], None]


def roll_back(
    house: House, found: Backfill, *, dry_run: bool, delete_files: bool, anyway: bool, tick: Tick
) -> dict[str, Any]:
    """What was done, in numbers, and what stayed with its reason.

    Raises:
        Conflict: it still runs.
    """
    if found.state == BackfillState.RUNNING:
        raise Conflict(f"{found.id} is running; `shopify-imagegen backfill cancel {found.id}` first")
    act = house.rollback.would if dry_run else house.rollback.run

    def one(made: Made) -> Undone | str:
        images = tuple(image.id for image in made.images)
        wish = RollbackRequested(images=images, by="cli", delete_files=delete_files, anyway=anyway)
        try:
            return act(found.shop, wish)[0]
        except (Temporary, NoAnswer) as error:
            return f"{made.item.product_title}: {error}"

    counts: Counter[str] = Counter()
    kept: list[str] = []
    unfinished: list[str] = []
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="rollback") as pool:
        made = (line for line in house.backfill_report.lines(found) if line.images)
        for at, undone in enumerate(pool.map(one, made), start=1):
            tick(at, found.products)
            if isinstance(undone, str):
                unfinished.append(undone)
                continue
            counts.update(each.does for each in undone.pictures)
            stays = (each.words for each in undone.pictures if each.does == "keeps")
            kept += [f"{undone.product_title}: {words}" for words in stays]
    return {"backfill": found.id, "dry_run": dry_run, **counts, "kept": kept, "unfinished": unfinished}


def told(done: dict[str, Any], *, as_json: bool) -> None:
    off = done.get("takes_off", 0) + done.get("withdraws", 0)
    words = [f"{'Would take back' if done['dry_run'] else 'Took back'} {off} pictures."]
    words += [f"  stays: {reason}" for reason in done["kept"][:KEPT_SHOWN]]
    words += [f"  not done, run it again: {reason}" for reason in done["unfinished"][:KEPT_SHOWN]]
    tell.document(done, "\n".join(words), as_json)
