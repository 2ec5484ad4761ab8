"""`rollback`: take pictures of ours back, one, a job's, a product's, or all since some moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

from shopify_imagegen import tell
from shopify_imagegen.commands.common import as_json, housed, of_shop, product_meant, shop_meant
from shopify_imagegen.counts import counted
from shopify_imagegen.models import RollbackRequested, Undone
from shopify_imagegen.wiring import House

IMAGE = re.compile(r"[0-9a-f]{32}")
AGO = re.compile(r"(\d+)\s*(m|h|d)")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
DOES = {"takes_off": "taken off", "withdraws": "withdrawn", "keeps": "kept", "nothing": "nothing to do"}


class Moment(click.ParamType[datetime]):
    """2026-11-22, 2026-11-22T14:00, or how long ago: 30m, 6h, 2d. Without a time zone it is UTC."""

    name = "when"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        ago = AGO.fullmatch(value)
        if ago:
            return datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no moment; write 2026-11-22, 2026-11-22T14:00, or 30m, 6h, 2d for ago")
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command()
@click.argument("what", required=False, metavar="[IMAGE|JOB|PRODUCT]")
@click.option("--since", type=Moment(), help="All of the store made since then: 2026-11-22, or 6h for six hours ago.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--delete-files", is_flag=True, help="Delete the files as well, for good, wherever they are used.")
@click.option("--anyway", is_flag=True, help="Also what variants use, and a product's only photo.")
@of_shop
@as_json
@housed
def rollback(
    house: House,
    what: str | None,
    since: datetime | None,
    dry_run: bool,
    delete_files: bool,
    anyway: bool,
    domain: str | None,
    as_json: bool,
) -> None:
    """Take pictures back: an image, a job, or all of a product. By id; a product by its handle too.

    Originals are never touched, and what you changed since stays. Files stay in the store unless --delete-files.
    """
    if (what is None) == (since is None):
        raise click.UsageError("say what to roll back: an image, a job, a product, or --since")
    shop, images = _meant(house, what, since, domain)
    wish = RollbackRequested(images=images, by="cli", delete_files=delete_files, anyway=anyway)
    act = house.rollback.would if dry_run else house.rollback.run
    with tell.waiting("Looking at the pictures" if dry_run else "Taking pictures back", quiet=as_json):
        undone = act(shop, wish)
    content = {"dry_run": dry_run, "products": [each.model_dump(mode="json") for each in undone]}
    tell.document(content, _told(undone, dry_run=dry_run), as_json)


def _meant(house: House, what: str | None, since: datetime | None, domain: str | None) -> tuple[str, tuple[str, ...]]:
    """The shop, and the ids of the pictures that are meant."""
    if what is None:
        shop = shop_meant(house, domain)
        return shop, house.rollback.since(shop, since) if since else ()
    if IMAGE.fullmatch(what):
        return house.jobs.image(what).shop, (what,)
    if what.startswith("job:"):
        return house.jobs.job(what).shop, house.rollback.of_job(what)
    shop = shop_meant(house, domain)
    return shop, house.rollback.of_product(shop, product_meant(house, shop, what))


def _told(undone: tuple[Undone, ...], *, dry_run: bool) -> str:
    if not undone:
        return "There are no pictures of ours to take back."
    count = counted(sum(product.changes for product in undone), "picture")
    lines = [f"{'Would take back' if dry_run else 'Took back'} {count}."]
    for product in undone:
        lines.append(f"\n{product.product_title} ({product.product_id})")
        lines += [f"  {each.image_id}  {DOES[each.does]}. {each.words}" for each in product.pictures]
        lines += [f"  note: {note}" for note in product.notes]
    return "\n".join(lines)
