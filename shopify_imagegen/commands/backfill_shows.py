"""What the `backfill` commands print: a plan, where one stands, a report."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import Any, TextIO

from rich.progress import BarColumn, Progress, TextColumn

from shopify_imagegen import tell
from shopify_imagegen.backfills import reports, sheets
from shopify_imagegen.backfills.forecast import Forecast, Limits, duration, forecast, left_s
from shopify_imagegen.budget import dollars
from shopify_imagegen.counts import counted
from shopify_imagegen.models import Backfill, BackfillProgress, BackfillState, ItemState
from shopify_imagegen.settings import microusd
from shopify_imagegen.wiring import House

NO_WORKER = "No worker is running: it goes on when `shopify-imagegen serve` or `worker` runs."
LOOK_S = 0.5  # between looks at one that is watched
OVER = (BackfillState.PAUSED, BackfillState.DONE, BackfillState.CANCELLED, BackfillState.ROLLED_BACK)
REASONS_SHOWN = 8


def money(found: Backfill) -> dict[str, str]:
    return {"worst": dollars(found.worst_microusd), "ceiling": dollars(found.ceiling_microusd)}


# a plan


def plan(house: House, found: Backfill, *, as_json: bool) -> None:
    """The plan in short."""
    ahead = expected(house, found)
    skips = skipped(house, found)
    content = found.model_dump(mode="json") | {"skips": skips, "forecast": ahead.model_dump()}
    tell.document(content, "\n".join(_plan_words(found, skips, ahead)), as_json)


def plan_json(house: House, found: Backfill) -> None:
    """All of it, word by word, product by product."""
    head = found.model_dump(mode="json") | {
        "skips": skipped(house, found),
        "forecast": expected(house, found).model_dump(),
    }
    items = house.backfill_rows.items(found.id)
    sys.stdout.writelines(sheets.plan_json(head, items))


def plan_csv(house: House, found: Backfill) -> None:
    sys.stdout.writelines(sheets.plan_csv(house.backfill_rows.items(found.id)))


def contact_sheet(house: House, found: Backfill, file: TextIO) -> int:
    items = house.backfill_rows.items(found.id)
    return sheets.contact_sheet(found, (item for item in items if item.state != ItemState.SKIPPED), file)


def skipped(house: House, found: Backfill) -> dict[str, int]:
    """Why products get no pictures -> how many."""
    skips = house.backfill_rows.items(found.id, states=[ItemState.SKIPPED], words=False)
    return dict(Counter(item.reason for item in skips).most_common())


def expected(house: House, found: Backfill) -> Forecast:
    budget, chosen = house.tailor.settings(found.shop).budget, house.settings.provider.chosen
    limits = Limits(
        requests_per_minute=chosen.requests_per_minute,
        concurrency=chosen.concurrency,
        picture_s=house.usual_picture_s(),
        per_day_microusd=min(microusd(budget.per_day_usd), microusd(budget.all_per_day_usd)),
        per_month_microusd=min(microusd(budget.per_month_usd), microusd(budget.all_per_month_usd)),
    )
    return forecast(found.products, found.pictures, found.worst_microusd, limits)


def size(found: Backfill) -> str:
    """How much it would make: "40 pictures of 20 products"."""
    return f"{counted(found.pictures, 'picture')} of {counted(found.products, 'product')}"


def _plan_words(found: Backfill, skips: dict[str, int], ahead: Forecast) -> list[str]:
    words = [
        f"{found.id}  {found.shop}  {found.query or 'all products'}  ({found.state})",
        f"{size(found)}, at most {dollars(found.worst_microusd)}.",
    ]
    if found.products:
        words.append(
            f"About {duration(ahead.provider_s)} at the provider's limits, {duration(ahead.shopify_s)} at Shopify's."
        )
    if ahead.budget_days < 0:
        words.append("Your budget is nothing: raise budget.per_day_usd and budget.per_month_usd first.")
    elif ahead.budget_days > 1:
        days = counted(ahead.budget_days, "day")
        words.append(f"Your budget lets it through in {days}; raise budget.per_day_usd for less.")
    if found.skipped:
        words.append(f"No pictures for {counted(found.skipped, 'product')}:")
        words += [f"  {count:>6,}  {reason}" for reason, count in list(skips.items())[:REASONS_SHOWN]]
    if found.outdated:
        words.append(
            f"The pictures of {found.outdated:,} of them would be made differently today: others for all"
            f" would cost {dollars(found.outdated_microusd)} (plan with --restyle)."
        )
    if found.state == BackfillState.PLANNED and found.products:
        words.append(f"Start it with `shopify-imagegen backfill start {found.id}`, or `--sample 5` to see some first.")
    return words


# where one stands


def status(house: House, found: Backfill, *, as_json: bool) -> None:
    now = house.backfills.progress(found.id)
    content = found.model_dump(mode="json") | {"progress": progress_json(found, now)}
    tell.document(content, "\n".join(_status_words(found, now)), as_json)


def progress_json(found: Backfill, now: BackfillProgress) -> dict[str, Any]:
    return now.model_dump(mode="json") | {
        "committed_microusd": now.committed_microusd,
        "pictures_per_minute": round(now.pictures_per_minute, 2),
        "ready": now.ready,
        "failed": now.failed,
        "left_s": left_s(found, now),
    }


def watched(house: House, found: Backfill) -> Backfill:
    """Show it until it rests; the worker does the work, not this."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"))
    with Progress(*columns, console=tell.progress, disable=not tell.progress.is_terminal) as bar:
        task = bar.add_task(found.id, total=max(1, found.pictures), words="")
        while True:
            found = house.backfills.find(found.id)
            now = house.backfills.progress(found.id)
            bar.update(task, completed=now.ready + now.failed, words=_line(found, now))
            if found.state in OVER and not _is_under_way(found):
                break
            time.sleep(LOOK_S)
            if not house.workers.alive():
                bar.update(task, words=NO_WORKER)
    print("\n".join(_status_words(found, house.backfills.progress(found.id))))
    return found


def sample(house: House, found: Backfill) -> None:
    """What was made so far, product by product."""
    rows = [
        row | {"link": sheets.admin_url(found.shop, made.item.product_id)}
        for made in house.backfill_report.lines(found)
        if made.job
        for row in reports.rows(made)
    ]
    tell.rows(rows, ["title", "scene", "picture", "cost_usd", "link"], as_json=False, empty="Nothing was made.")


def _line(found: Backfill, now: BackfillProgress) -> str:
    ceiling = found.ceiling_microusd or found.worst_microusd
    left = left_s(found, now)
    parts = [
        f"{now.ready:,} of {counted(found.pictures, 'picture')}",
        *([f"{now.pictures_per_minute:.1f}/min"] if found.state == BackfillState.RUNNING else []),
        f"{dollars(now.committed_microusd)} of {dollars(ceiling)}",
        *([f"{now.failed:,} failed"] if now.failed else []),
        *([f"{now.taken_back:,} taken back"] if now.taken_back else []),
        *([f"{duration(left)} left"] if left and found.state == BackfillState.RUNNING else []),
        *([found.reason] if found.reason else []),
    ]
    return ", ".join(parts)


def _status_words(found: Backfill, now: BackfillProgress) -> list[str]:
    words = [f"{found.id}  {found.shop}  {found.state}", _line(found, now)]
    waiting = now.items.get(ItemState.PLANNED, 0) + now.items.get(ItemState.CLAIMED, 0)
    begun = now.items.get(ItemState.BEGUN, 0) + now.items.get(ItemState.RETRIED, 0)
    left = now.items.get(ItemState.LEFT, 0)
    words.append(f"products: {begun:,} begun, {waiting:,} to come, {left:,} left out, {found.skipped:,} skipped")
    if now.unknown_microusd:
        words.append(f"{dollars(now.unknown_microusd)} perhaps charged; see `shopify-imagegen spend unknown`")
    reasons = sorted(now.reasons.items(), key=lambda each: -each[1])[:REASONS_SHOWN]
    words += [f"  {count:>6,}  {reason}" for reason, count in reasons]
    return words


def _is_under_way(found: Backfill) -> bool:
    return found.state == BackfillState.CANCELLED and found.ended_at is None


# its end


def report(house: House, found: Backfill, form: str, file: TextIO) -> None:
    """*form*: "csv", "html", "json", or "" for the numbers alone."""
    lines = house.backfill_report.lines(found)
    if not form:
        shown = (f"{name.replace('_', ' ')}: {value}" for name, value in summary(house, found).items())
        file.write("\n".join(shown) + "\n")
        return None
    if form == "csv":
        return file.writelines(reports.as_csv(lines))
    if form == "html":
        return reports.as_html(found, summary(house, found), lines, file, house.shopify.cards.pictures)
    return file.writelines(reports.as_json(summary(house, found), lines))


def summary(house: House, found: Backfill) -> dict[str, Any]:
    """Its numbers, with the ledger's own sum beside them."""
    counted_microusd = house.backfill_numbers.counted_microusd(found)
    return reports.summary(found, house.backfills.progress(found.id), ledger_microusd=counted_microusd)
