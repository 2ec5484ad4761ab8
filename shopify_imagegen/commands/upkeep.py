"""`held`, `audit`, `prune`, `migrate`, `new-key`: storms of new products, the record, the tables, a key."""

from __future__ import annotations

import click

from shopify_imagegen import tell
from shopify_imagegen.commands.common import as_json, housed, of_shop
from shopify_imagegen.counts import counted
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.models import Hold
from shopify_imagegen.wiring import House, new_key

BY = "the command line"


@click.group()
def held() -> None:
    """Many new products that wait for one decision. See trigger.storm_threshold."""


@held.command("list")
@of_shop
@as_json
@housed
def held_list(house: House, domain: str | None, as_json: bool) -> None:
    """Show what waits, and what it would cost."""
    rows = [
        hold.model_dump(mode="json")
        | {"question": house.storm.question(hold), "price_microusd": house.storm.price_microusd(hold)}
        for hold in _waiting(house, domain)
    ]
    tell.rows(rows, ["shop", "created_at", "question"], as_json=as_json, empty="Nothing is held.")


@held.command()
@of_shop
@as_json
@housed
def start(house: House, domain: str | None, as_json: bool) -> None:
    """Make the pictures of all held products."""
    done = house.storm.start(_the_one(house, domain).id, by=BY)
    words = f"Started: {counted(done.products, 'product')}, one after the other."
    tell.document({"started": done.products}, words, as_json)


@held.command()
@of_shop
@as_json
@housed
def dismiss(house: House, domain: str | None, as_json: bool) -> None:
    """Leave all held products alone. Each can still be asked for with `generate`."""
    done = house.storm.dismiss(_the_one(house, domain).id, by=BY)
    tell.document({"dismissed": done.products}, f"Dismissed: {counted(done.products, 'product')}.", as_json)


@click.command()
@click.argument("image")
@as_json
@housed
def audit(house: House, image: str, as_json: bool) -> None:
    """Show everything that was done with a picture. IMAGE is its id, as `jobs --json` shows it."""
    house.jobs.image(image)
    rows = house.jobs.history(image)
    tell.rows(rows, ["at", "actor", "action", "detail"], as_json=as_json, empty="Nothing is recorded.")


@click.command()
@as_json
@housed
def prune(house: House, as_json: bool) -> None:
    """Drop old rows now. Workers do it by themselves every few hours, the engine's rows included."""
    pruned = house.prune().run()
    dropped = (
        counted(pruned.deliveries, "delivery", "deliveries"),
        counted(pruned.pictures, "spooled picture"),
        counted(pruned.settings, "old version of settings", "old versions of settings"),
        counted(pruned.plans, "plan"),
    )
    tell.document(pruned.model_dump(), f"Dropped: {', '.join(dropped)}.", as_json)


@click.command()
@as_json
@housed
def migrate(house: House, as_json: bool) -> None:
    """Bring the database's tables to this version's shape. Every start does it too; for the release phase."""
    version = house.schema_version()
    tell.document({"schema": version}, f"The database has schema {version}.", as_json)


@click.command("new-key")
@as_json
def key(as_json: bool) -> None:
    """Make a key for app.encryption_keys. Put it before the old ones, on every machine."""
    made = new_key()
    tell.document({"key": made}, made, as_json)


def _waiting(house: House, domain: str | None) -> list[Hold]:
    shops = [domain] if domain else [shop.domain for shop in house.shops.all()]
    return [hold for hold in map(house.storm.open, shops) if hold]


def _the_one(house: House, domain: str | None) -> Hold:
    waiting = _waiting(house, domain)
    if not waiting:
        raise ImagegenError("nothing is held")
    if len(waiting) > 1:
        raise click.UsageError(f"say which store: --shop {' | '.join(hold.shop for hold in waiting)}")
    return waiting[0]
