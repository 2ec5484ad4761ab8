"""`spend`: the money, as the ledger knows it, beside what the provider says; and decisions on what is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import click

from shopify_imagegen import tell
from shopify_imagegen.budget import Grouping, Money, day, days_compared, dollars, month
from shopify_imagegen.commands.common import as_json, housed, of_shop
from shopify_imagegen.counts import counted
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.wiring import House

KINDS = ("reserved", "paid", "unknown", "accepted", "refused")
BY = "the command line"


@click.group(invoke_without_command=True)
@click.option("--by", "grouping", type=click.Choice(get_args(Grouping)), help="Show this month's largest shares.")
@of_shop
@as_json
@click.pass_context
def spend(context: click.Context, grouping: Grouping | None, domain: str | None, as_json: bool) -> None:
    """Show the money of today and of this month. With the ceilings, and what waits for a decision."""
    if context.invoked_subcommand is None:
        housed(_shares if grouping else _overview)(grouping=grouping, domain=domain, as_json=as_json)


def _overview(house: House, *, domain: str | None, as_json: bool, **_: object) -> None:
    now, limits = datetime.now(UTC), house.settings.budget
    periods = {"today": day(now), "month": month(now)}
    money = {name: house.spending.total(period, shop=domain) for name, period in periods.items()}
    ceilings = {"today": limits.per_day_usd, "month": limits.per_month_usd}
    content = {name: _amounts(each) | {"ceiling_usd": str(ceilings[name])} for name, each in money.items()}
    words = "\n".join(f"{name:6} {_told(each)}; ceiling ${ceilings[name]} a store" for name, each in money.items())
    waiting = len(house.decisions.waiting(shop=domain))
    if waiting:
        words += f"\nWaiting for a decision: {counted(waiting, 'purchase')}; see `shopify-imagegen spend unknown`"
    tell.document(content | {"waiting_for_a_decision": waiting}, words, as_json)


def _shares(house: House, *, grouping: Grouping, domain: str | None, as_json: bool) -> None:
    shares = house.spending.by(grouping, month(datetime.now(UTC)), shop=domain)
    rows: list[dict[str, Any]] = [
        {grouping: share.title or share.name, "name": share.name, **_amounts(share.money)} for share in shares
    ]
    for row in rows if not as_json else ():
        row |= {kind: dollars(row[f"{kind}_microusd"]) for kind in KINDS}
    columns = [grouping, *KINDS] if not as_json else []
    tell.rows(rows, columns, as_json=as_json, empty="Nothing was bought this month.")


@spend.command()
@of_shop
@as_json
@housed
def unknown(house: House, domain: str | None, as_json: bool) -> None:
    """Show purchases that were perhaps charged. Each waits for your decision."""
    waiting = house.decisions.waiting(shop=domain)
    rows = [each.model_dump(mode="json") | {"usd": dollars(each.reserved_microusd)} for each in waiting]
    columns = ["key", "created_at", "product_id", "usd", "reason"]
    tell.rows(rows, columns, as_json=as_json, empty="Nothing waits for a decision.")


@spend.command()
@click.argument("key")
@click.option("--buy-again", "choice", flag_value="buy_again", help="Buy the picture once more; both count as spent.")
@click.option("--write-off", "choice", flag_value="write_off", help="Leave it; it counts as spent.")
@as_json
@housed
def resolve(house: House, key: str, choice: str | None, as_json: bool) -> None:
    """Decide on a purchase of unknown outcome. KEY is as `spend unknown` shows it."""
    if choice is None:
        raise click.UsageError("say --buy-again or --write-off")
    purchase = getattr(house.decisions, choice)(key, by=BY)
    again = f"shopify-imagegen generate {purchase.product_id} --shop {purchase.shop}"
    words = {
        "write_off": "Written off: it counts as spent, and the picture is not made.",
        "buy_again": f"Free to be bought once more, and the first stays counted as spent. Now: {again}",
    }
    tell.document(purchase.model_dump(mode="json", exclude={"receipt"}), words[choice], as_json)


@spend.command()
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 179), help="UTC days, today included.")
@as_json
@housed
def reconcile(house: House, days: int, as_json: bool) -> None:
    """Compare our ledger with the provider's bill, day by day."""
    now = datetime.now(UTC)
    first = (now - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    theirs = house.provider.costs(first, now)
    if theirs is None:
        raise ImagegenError(f"{house.provider.name} has no list of daily costs to compare with")
    each_day = [day(first + timedelta(days=number)) for number in range(days)]
    ours = {each: house.spending.total(each) for each in each_day}
    compared = days_compared({each: (m.paid.microusd, m.unknown.microusd) for each, m in ours.items()}, theirs)
    rows = [each.model_dump(mode="json") for each in compared]
    for row in rows if not as_json else ():
        row |= {name: dollars(row[f"{name}_microusd"]) for name in ("ours", "unknown", "theirs", "difference")}
    columns = ["day", "ours", "unknown", "theirs", "difference", "verdict"]
    tell.rows(rows, columns, as_json=as_json, empty="No day to compare.")


def _amounts(money: Money) -> dict[str, int]:
    return {f"{kind}_microusd": getattr(money, kind).microusd for kind in KINDS} | {
        f"{kind}_purchases": getattr(money, kind).purchases for kind in KINDS
    }


def _told(money: Money) -> str:
    return ", ".join(f"{dollars(getattr(money, kind).microusd)} {kind}" for kind in KINDS if kind != "refused")
