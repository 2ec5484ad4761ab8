"""`spend`: the money, as the ledger knows it."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from shopify_imagegen import tell
from shopify_imagegen.budget import dollars
from shopify_imagegen.commands.common import as_json, housed, of_shop
from shopify_imagegen.wiring import House


@click.command()
@of_shop
@as_json
@housed
def spend(house: House, domain: str | None, as_json: bool) -> None:
    """Show the money of today and of this month: paid, reserved, unknown, and the ceilings."""
    report = house.ledger.spend(datetime.now(UTC), shop=domain)
    limits = house.settings.budget
    report["per_day_usd"], report["per_month_usd"] = str(limits.per_day_usd), str(limits.per_month_usd)
    words = "\n".join(
        f"{period}: {dollars(report[period]['paid'])} paid, {dollars(report[period]['reserved'])} reserved, "
        f"{dollars(report[period]['unknown'])} unknown, of ${report[f'per_{period}_usd']} a store"
        for period in ("day", "month")
    )
    tell.document(report, words, as_json)
