"""`backfill`: the whole catalogue, planned first, then started, watched, paused, and undone."""

from __future__ import annotations

import sys
import time
from decimal import Decimal
from typing import Any, cast

import click

from shopify_imagegen import tell
from shopify_imagegen.budget import dollars
from shopify_imagegen.commands import backfill_shows as shows
from shopify_imagegen.commands import backfill_undo as undo
from shopify_imagegen.commands.common import as_json, housed, of_shop, shop_meant
from shopify_imagegen.commands.values import HOURS, QUERY, USD
from shopify_imagegen.counts import counted
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.models import Backfill, BackfillState, OnChange
from shopify_imagegen.settings import microusd
from shopify_imagegen.wiring import House

BY = "the command line"
LOOK_S = 0.5  # between looks at what a worker plans
EVERYTHING = "status:active"


@click.group()
def backfill() -> None:
    """Photos for the products that were there before: plan, start, watch, pause, undo."""


@backfill.command()
@click.option("--where", "query", type=QUERY, default=EVERYTHING, show_default=True,
              help="Which products; see docs/backfill.md.")  # fmt: skip
@click.option("--limit", "most", type=click.IntRange(1), help="At most so many products with pictures.")
@click.option("--restyle", is_flag=True, help="Also products whose pictures would be made differently today.")
@of_shop
@as_json
@housed
def plan(house: House, query: str, most: int | None, restyle: bool, domain: str | None, as_json: bool) -> None:
    """Read the catalogue and plan every product, word by word. Spends nothing."""
    made = house.backfills.create(shop_meant(house, domain), query, by=BY, most=most, restyle=restyle)
    with tell.counting("Planning", quiet=as_json) as tick:
        planned = house.survey.plan(made.id, tick) or _planned_elsewhere(house, made.id)
    shows.plan(house, planned, as_json=as_json)


@backfill.command("list")
@of_shop
@as_json
@housed
def listed(house: House, domain: str | None, as_json: bool) -> None:
    """Show the latest backfills."""
    rows = [each.model_dump(mode="json") | shows.money(each) for each in house.backfills.recent(shop=domain)]
    columns = ["id", "shop", "state", "query", "products", "pictures", "worst", "created_at"]
    tell.rows(rows, columns, as_json=as_json, empty="No backfill yet; see `shopify-imagegen backfill plan --help`.")


@backfill.command()
@click.argument("backfill_id", metavar="ID")
@click.option("--csv", "as_csv", is_flag=True, help="One line a product, to standard output.")
@as_json
@housed
def show(house: House, backfill_id: str, as_csv: bool, as_json: bool) -> None:
    """Show a frozen plan: products, pictures, words, skips with reasons, money, time."""
    form, found = _one_of(csv=as_csv, json=as_json), house.backfills.find(backfill_id)
    if form == "csv":
        shows.plan_csv(house, found)
    elif form == "json":
        shows.plan_json(house, found)
    else:
        shows.plan(house, found, as_json=False)


@backfill.command()
@click.argument("backfill_id", metavar="ID")
@as_json
@housed
def diff(house: House, backfill_id: str, as_json: bool) -> None:
    """Show what has changed in the store since the plan. Reads every product again; spends nothing."""
    found = house.backfills.find(backfill_id)
    with tell.counting("Comparing", quiet=as_json) as tick:
        changes = house.survey.changes(found, tick)
    rows = [change.model_dump(mode="json") for change in changes]
    columns = ["product_title", "change", "detail"]
    tell.rows(rows, columns, as_json=as_json, empty="Nothing has changed since the plan.")


@backfill.command("contact-sheet")
@click.argument("backfill_id", metavar="ID")
@click.argument("file", type=click.File("w", encoding="utf-8"))
@as_json
@housed
def contact_sheet(house: House, backfill_id: str, file: Any, as_json: bool) -> None:
    """Write the photos that the pictures will be made from into FILE, an HTML page."""
    count = shows.contact_sheet(house, house.backfills.find(backfill_id), file)
    tell.document({"products": count, "file": file.name}, f"{file.name} shows {counted(count, 'product')}.", as_json)


@backfill.command()
@click.argument("backfill_id", metavar="ID")
@click.option("--sample", type=click.IntRange(1), help="Make so many products first, show them, and ask.")
@click.option("--on-change", type=click.Choice(["replan", "skip"]), default="replan", show_default=True,
              help="What becomes of a product that changed since the plan.")  # fmt: skip
@click.option("--max-usd", type=USD, help="A ceiling below the plan's price.")
@click.option("--hours", "within", type=HOURS, default="",
              help="Only in these hours, as 22-06; the store's time zone, or UTC.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@housed
def start(house: House, backfill_id: str, sample: int | None, on_change: str, max_usd: Decimal | None, within: str,
          yes: bool, as_json: bool) -> None:  # fmt: skip
    """Start a planned backfill. Not one product and not one cent more than its plan."""
    found = house.backfills.find(backfill_id)
    most = None if max_usd is None else microusd(max_usd)
    if not (yes or as_json or _agreed(found, most, sample)):
        raise ImagegenError("not started")
    started = house.backfills.start(
        backfill_id, max_microusd=most, sample=sample, on_change=cast(OnChange, on_change), within=within
    )
    _hint(house)
    if sample is None or as_json:
        return tell.document(started.model_dump(mode="json"), _started(started), as_json)
    _sampled(house, started)


@backfill.command()
@click.argument("backfill_id", metavar="[ID]", required=False)
@click.option("--watch", is_flag=True, help="Go on showing it until it ends; Ctrl-C ends the showing only.")
@of_shop
@as_json
@housed
def status(house: House, backfill_id: str | None, watch: bool, domain: str | None, as_json: bool) -> None:
    """Show how far a backfill has come: ID, or the latest one."""
    found = house.backfills.find(backfill_id) if backfill_id else _latest(house, domain)
    if watch and not as_json:
        shows.watched(house, found)
    else:
        shows.status(house, found, as_json=as_json)


@backfill.command()
@click.argument("backfill_id", metavar="ID")
@as_json
@housed
def pause(house: House, backfill_id: str, as_json: bool) -> None:
    """Begin nothing more; paid calls that run are finished."""
    _told(house.backfills.pause(backfill_id), "Paused. Paid calls that run now are finished.", as_json)


@backfill.command()
@click.argument("backfill_id", metavar="ID")
@as_json
@housed
def resume(house: House, backfill_id: str, as_json: bool) -> None:
    """Go on; behind a sample, with all the rest."""
    resumed = house.backfills.resume(backfill_id)
    _hint(house)
    _told(resumed, "It goes on.", as_json)


@backfill.command()
@click.argument("backfill_id", metavar="ID")
@click.option("--keep-candidates", is_flag=True, help="Paid pictures wait for your review instead of being published.")
@as_json
@housed
def cancel(house: House, backfill_id: str, keep_candidates: bool, as_json: bool) -> None:
    """Never begin the rest. What is paid for is published, or kept."""
    cancelled = house.backfills.cancel(backfill_id, keep_candidates=keep_candidates)
    kept = "wait for your review" if keep_candidates else "are still put on their products"
    _told(cancelled, f"Cancelled. Pictures that are paid for {kept}.", as_json)


@backfill.command()
@click.argument("backfill_id", metavar="ID")
@as_json
@housed
def retry(house: House, backfill_id: str, as_json: bool) -> None:
    """Take up again what failed, and only that. Purchases of unknown outcome wait for `spend resolve`."""
    products = house.backfills.retry(backfill_id)
    words = f"Taken up again: {counted(products, 'product')}." if products else "Nothing has failed."
    tell.document({"backfill": backfill_id, "products": products}, words, as_json)


@backfill.command()
@click.argument("backfill_id", metavar="ID")
@click.option("--html", "as_html", is_flag=True, help="A page with before and after.")
@click.option("--csv", "as_csv", is_flag=True, help="One line a picture.")
@click.option("--out", type=click.File("w", encoding="utf-8"), default="-", help="A file instead of standard output.")
@as_json
@housed
def report(house: House, backfill_id: str, as_html: bool, as_csv: bool, out: Any, as_json: bool) -> None:
    """Write what was made of each product, what it cost, and why not; the totals are the ledger's."""
    form = _one_of(html=as_html, csv=as_csv, json=as_json)
    shows.report(house, house.backfills.find(backfill_id), form, out)


@backfill.command()
@click.argument("backfill_id", metavar="ID")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--delete-files", is_flag=True, help="Delete the files as well, for good, wherever they are used.")
@click.option("--anyway", is_flag=True, help="Also what variants use, and a product's only photo.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@housed
def rollback(
    house: House, backfill_id: str, dry_run: bool, delete_files: bool, anyway: bool, yes: bool, as_json: bool
) -> None:
    """Take all pictures of a backfill off their products. Originals, and what you changed since, stay.

    A worker does it, also when this terminal is closed; without one it is done here, and running it again goes on.
    """
    found = house.backfills.find(backfill_id)
    if dry_run:
        house.backfill_rollback.check(found.shop, found.id)
    else:
        undo.until_free(house, found, quiet=as_json)
    wish = undo.wish(found, delete_files=delete_files, anyway=anyway)
    asks = not (dry_run or yes or as_json)
    if asks and not click.confirm(f"Take back all pictures of {found.id}?", default=False, err=True):
        raise ImagegenError("nothing was taken back")
    with tell.counting("Taking back", quiet=as_json) as tick:
        done = (undo.foreseen if dry_run else undo.roll_back)(house, found, wish, tick)
    undo.told(done, as_json=as_json)
    if done["unfinished"]:
        sys.exit(1)


def _one_of(**forms: bool) -> str:
    """The form that was chosen; "" for none."""
    chosen = [name for name, wanted in forms.items() if wanted]
    if len(chosen) > 1:
        raise click.UsageError(f"say one of {', '.join(f'--{name}' for name in forms)}")
    return "".join(chosen)


def _planned_elsewhere(house: House, backfill_id: str) -> Backfill:
    """A worker was quicker to plan it: what came of that; should it die, the next is quicker, or we are."""
    while (found := house.backfills.find(backfill_id)).state == BackfillState.PLANNING:
        time.sleep(LOOK_S)
        found = house.survey.plan(backfill_id) or found
    if found.state == BackfillState.CANCELLED:
        raise ImagegenError(found.reason)
    return found


def _agreed(found: Backfill, most: int | None, sample: int | None) -> bool:
    if found.state != BackfillState.PLANNED:
        return True  # the start itself says what is wrong
    limit = found.worst_microusd if most is None else min(most, found.worst_microusd)
    begins = f", {counted(sample, 'product')} first" if sample else ""
    words = f"{shows.size(found)} for at most {dollars(limit)}{begins}. Start?"
    return click.confirm(words, default=False, err=True)


def _sampled(house: House, started: Backfill) -> None:
    """Follow the sample to its end, show it, and ask about the rest."""
    found = shows.watched(house, started)
    if found.state != BackfillState.PAUSED:
        return
    shows.sample(house, found)
    if sys.stdin.isatty() and click.confirm("Go on with the rest?", default=False, err=True):
        house.backfills.resume(found.id)
        click.echo(_started(found), err=True)
    else:
        click.echo(f"`backfill resume {found.id}` makes the rest, `backfill cancel {found.id}` leaves it.", err=True)


def _started(found: Backfill) -> str:
    hours = f", {found.hours} {found.time_zone} only" if found.hours else ""
    return (
        f"Started{hours}; at most {dollars(found.ceiling_microusd)}. The worker goes on without this terminal:"
        f" `shopify-imagegen backfill status {found.id} --watch`."
    )


def _hint(house: House) -> None:
    if not house.workers.alive():
        click.echo(shows.NO_WORKER, err=True)


def _told(found: Backfill, words: str, as_json: bool) -> None:
    tell.document(found.model_dump(mode="json"), words, as_json)


def _latest(house: House, domain: str | None) -> Backfill:
    recent = house.backfills.recent(shop=domain, limit=1)
    if not recent:
        raise ImagegenError("there is no backfill yet; see `shopify-imagegen backfill plan --help`")
    return recent[0]
