"""The command line: short commands over the house. Exit codes: 0 done, 1 failed, 2 usage."""

from __future__ import annotations

import functools
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from shopify_imagegen import logs, processes, tell
from shopify_imagegen.budget import dollars
from shopify_imagegen.errors import ConfigError, ImagegenError
from shopify_imagegen.models import (
    FINAL_JOB_STATES,
    Arrival,
    GenerateRequested,
    ImageApproved,
    ImageState,
    Job,
    JobState,
    Shop,
    Skip,
)
from shopify_imagegen.settings import load
from shopify_imagegen.wiring import House, open_house

FOLLOW_S = 0.5  # between looks at a job that is followed
WEBHOOK_TOPICS = ("products/create", "products/update", "products/delete", "app/uninstalled", "app/scopes_update")
SETTLED = FINAL_JOB_STATES | {JobState.AWAITING_REVIEW}


def main() -> None:
    """Run the command line; our own errors become one line and exit code 1, settings' problems exit code 2."""
    try:
        cli(prog_name="shopify-imagegen")
    except ConfigError as error:
        click.echo(f"Settings: {error}", err=True)
        sys.exit(2)
    except ImagegenError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--config", type=click.Path(path_type=Path), help="Settings file instead of config.toml.")
@click.version_option(package_name="shopify-imagegen")
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """Lifestyle photos on new Shopify listings: bought once, within budget, reversible."""
    context.obj = config


def housed(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the house, made from the settings."""

    @click.pass_context
    @functools.wraps(command)
    def run(context: click.Context, *args: Any, **kwargs: Any) -> None:
        path = context.find_root().obj
        settings = load(path)
        logs.set_up(settings.app.log_level, settings.app.log_format)
        context.invoke(command, open_house(path), *args, **kwargs)

    return run


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
of_shop = click.option("--shop", "domain", help="The store's .myshopify.com domain; needed with several stores.")
with_parent = click.option("--with-parent", is_flag=True, hidden=True)


# Roles


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.pass_context
def serve(context: click.Context, host: str, port: int) -> None:
    """Run web and worker together, on this machine."""
    house = open_house(context.find_root().obj)
    logs.set_up(house.settings.app.log_level, house.settings.app.log_format)
    house.database.close()
    config = ["--config", str(context.find_root().obj)] if context.find_root().obj else []
    processes.check_port(host, port)
    commands = [[*config, "worker"], [*config, "web", "--host", host, "--port", str(port)]]
    click.echo(f"shopify-imagegen on http://{host}:{port} (webhooks at /webhooks). Ctrl-C stops it.", err=True)
    processes.run_together(commands, grace_s=house.settings.app.stop_within_s + 10)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@with_parent
@click.pass_context
def web(context: click.Context, host: str, port: int, with_parent: bool) -> None:
    """Run the web role alone: take webhooks, answer at once."""
    open_house(context.find_root().obj).database.close()  # problems are told here, not by each server process
    processes.run_web(host, port, config=context.find_root().obj, with_parent=with_parent)


@cli.command()
@with_parent
@housed
def worker(house: House, with_parent: bool) -> None:
    """Run the worker role alone: plan, buy, publish."""
    if with_parent:
        processes.stop_with_parent()
    processes.run_worker(house.worker(), grace_s=house.settings.app.stop_within_s)


# Stores


@cli.group()
def shops() -> None:
    """The stores that this installation works for."""


@shops.command("add")
@click.argument("domain")
@click.option("--token", help="Admin API access token of a custom app. Without it: client credentials.")
@housed
def shops_add(house: House, domain: str, token: str | None) -> None:
    """Add a store, by its .myshopify.com DOMAIN."""
    shop = _new_shop(domain, "static" if token else "client_credentials")
    before = house.shops.find(domain)
    house.shops.save(shop.model_copy(update={"installed_at": before.installed_at}) if before else shop)
    try:
        if token:
            house.shops.save_token(domain, token, None, ())
        else:
            house.shopify.tokens(domain, renew=True)
        installed = house.shopify.installation.installed(domain)
    except ImagegenError:
        if before is None:
            house.shops.remove(domain)
        raise
    house.shops.save(house_shop(house, domain).model_copy(update={"scopes": installed.scopes}))
    missing = set(house.settings.shopify.scopes) - set(installed.scopes)
    if missing:
        raise ImagegenError(f"{domain} is added, but its token lacks {', '.join(sorted(missing))}; grant them first")
    click.echo(f"{installed.name} ({domain}) is added. Scopes: {', '.join(installed.scopes)}.")


@shops.command("list")
@as_json
@housed
def shops_list(house: House, as_json: bool) -> None:
    """Show the stores."""
    rows = [shop.model_dump(mode="json") for shop in house.shops.all()]
    tell.rows(rows, ["domain", "state", "grant", "installed_at", "reason"], as_json=as_json, empty="No store yet.")


@shops.command("remove")
@click.argument("domain")
@housed
def shops_remove(house: House, domain: str) -> None:
    """Forget a store and its token. What was published stays on its products."""
    house_shop(house, domain)
    house.shops.remove(domain)
    click.echo(f"{domain} is removed.")


# Products


@cli.command()
@click.argument("product")
@click.option("--note", default="", help="A wish, in your own words.")
@click.option("--scene", help="A scene's id for the first picture.")
@click.option("--count", type=click.IntRange(1, 10), help="How many pictures.")
@of_shop
@as_json
@housed
def preview(house: House, product: str, note: str, scene: str | None, count: int | None, **which: Any) -> None:
    """Show what would be made for PRODUCT (id or handle), word by word, and its price. Spends nothing."""
    shop = _shop(house, which["domain"])
    request = _request(house, shop, product, note=note, scene=scene, count=count)
    decision = house.look.preview(shop, request)
    tell.plan(decision, as_json=which["as_json"])
    if isinstance(decision, Skip):
        sys.exit(1)


@cli.command()
@click.argument("product")
@click.option("--note", default="", help="A wish, in your own words.")
@click.option("--scene", help="A scene's id for the first picture.")
@click.option("--count", type=click.IntRange(1, 10), help="How many pictures.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Follow the job to its end.")
@of_shop
@as_json
@housed
def generate(house: House, product: str, note: str, scene: str | None, count: int | None, **how: Any) -> None:
    """Make lifestyle photos for PRODUCT (id or handle) now. Costs money; see `preview`."""
    shop = _shop(house, how["domain"])
    request = _request(house, shop, product, note=note, scene=scene, count=count)
    arrival = Arrival(id=f"cli-{uuid.uuid4()}", source="cli", topic="", shop=shop, intent=request)
    if not house.workers.alive():
        raise ImagegenError("no worker is running; start `shopify-imagegen serve` first")
    house.inbox.record(arrival)
    if not how["wait"]:
        tell.document(
            {"request": arrival.id}, f"Asked for; see `shopify-imagegen jobs`. ({arrival.id})", how["as_json"]
        )
        return
    job = _followed(house, arrival.id, quiet=how["as_json"])
    tell.job(job, house.jobs.images(job.id), as_json=how["as_json"])
    if job.state not in (JobState.PUBLISHED, JobState.AWAITING_REVIEW):
        sys.exit(1)


@cli.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@of_shop
@as_json
@housed
def jobs(house: House, limit: int, domain: str | None, as_json: bool) -> None:
    """Show the latest jobs and where they stand."""
    found = house.jobs.recent(shop=domain, limit=limit)
    rows = [
        job.model_dump(mode="json") | {"images": [_image_row(image) for image in house.jobs.images(job.id)]}
        for job in found
    ]
    columns = ["created_at", "product_title", "trigger", "state", "reason"]
    tell.rows(rows, columns, as_json=as_json, empty="No job yet.")


@cli.group()
def review() -> None:
    """Pictures that wait for a decision (publish.mode = "review")."""


@review.command("list")
@of_shop
@as_json
@housed
def review_list(house: House, domain: str | None, as_json: bool) -> None:
    """Show the pictures that wait."""
    waiting = house.jobs.in_state(ImageState.STAGED, shop=domain)
    rows = [_image_row(image) for image in waiting]
    tell.rows(rows, ["id", "product_id", "scene", "alt"], as_json=as_json, empty="Nothing waits for review.")


@review.command("approve")
@click.argument("image")
@housed
def review_approve(house: House, image: str) -> None:
    """Put a picture on its product."""
    found = house.jobs.image(image)
    if found.state != ImageState.STAGED:
        raise ImagegenError(f"picture {image} is {found.state}, so it cannot be approved")
    intent = ImageApproved(image_id=image, by="cli")
    house.inbox.record(Arrival(id=f"approve-{image}", source="cli", topic="", shop=found.shop, intent=intent))
    click.echo("Approved; the worker puts it on the product.")


@review.command("reject")
@click.argument("image")
@click.option("--reason", default="", help="Why; kept in the history.")
@housed
def review_reject(house: House, image: str, reason: str) -> None:
    """Keep a picture off its product. It stays in the store's Files."""
    found = house.jobs.image(image)
    if found.state != ImageState.STAGED:
        raise ImagegenError(f"picture {image} is {found.state}, so it cannot be rejected")
    house.jobs.move_image(image, ImageState.REJECTED, reason)
    house.line.finish(found.job_id)
    click.echo("Rejected.")


@cli.command()
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


@cli.group()
def webhooks() -> None:
    """Webhook subscriptions of a store whose app was not deployed with shopify.app.toml."""


@webhooks.command("list")
@of_shop
@as_json
@housed
def webhooks_list(house: House, domain: str | None, as_json: bool) -> None:
    """Show the subscriptions that this app has made in the store."""
    found = house.shopify.installation.subscriptions(_shop(house, domain))
    rows = [each.model_dump(mode="json") for each in found]
    tell.rows(rows, ["topic", "uri", "id"], as_json=as_json, empty="No subscription of this app.")


@webhooks.command("subscribe")
@of_shop
@housed
def webhooks_subscribe(house: House, domain: str | None) -> None:
    """Ask the store for the webhooks that are missing, sent to app.public_url."""
    shop, url = _shop(house, domain), house.settings.app.public_url.rstrip("/")
    if not url:
        raise ConfigError("app.public_url: is needed, so that Shopify knows where to send webhooks")
    address, installation = f"{url}/webhooks", house.shopify.installation
    there = {(each.topic, each.uri) for each in installation.subscriptions(shop)}
    missing = [topic for topic in WEBHOOK_TOPICS if (topic.upper().replace("/", "_"), address) not in there]
    made = [installation.subscribe(shop, topic, address).topic for topic in missing]
    click.echo(f"Subscribed: {', '.join(made)}." if made else "Nothing was missing.")


# The garden shed


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8081, show_default=True, type=click.IntRange(1, 65535))
def sandbox(host: str, port: int) -> None:
    """Run the stand-in Shopify and image API on this machine."""
    from shopify_imagegen.sandbox import server

    click.echo(f"Sandbox on http://{host}:{port}. Ctrl-C stops it.", err=True)
    server.serve(host, port)


@cli.command()
@click.option("--once", is_flag=True, help="Exit when the pictures are on the product; 0 only if they are.")
@click.option("--catalogue", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Shopify product CSV.")
@click.option("--images", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of its photos.")
@click.option("--port", default=8081, show_default=True, type=click.IntRange(0, 65535), help="Of the sandbox.")
def demo(once: bool, catalogue: Path | None, images: Path | None, port: int) -> None:
    """Run the sandbox and the real app, and watch the main job."""
    from shopify_imagegen.sandbox import demo as story

    if (catalogue is None) != (images is None):
        raise click.UsageError("--catalogue and --images belong together")
    sys.exit(story.tell(once=once, catalogue=catalogue, images=images, port=port))


# Their helpers


def house_shop(house: House, domain: str) -> Shop:
    shop = house.shops.find(domain)
    if shop is None:
        raise ImagegenError(f"{domain} is not added; see `shopify-imagegen shops`")
    return shop


def _new_shop(domain: str, grant: Any) -> Shop:
    try:
        return Shop(domain=domain, grant=grant, installed_at=datetime.now(UTC))
    except ValueError:
        raise click.UsageError(f"{domain}: a store's domain looks like nice-lamps.myshopify.com") from None


def _shop(house: House, domain: str | None) -> str:
    """The store that is meant: the named one, or the only one."""
    if domain:
        return house_shop(house, domain).domain
    known = house.shops.all()
    if len(known) == 1:
        return known[0].domain
    if not known:
        raise ImagegenError("no store is added yet; see `shopify-imagegen shops add --help`")
    raise click.UsageError(f"say which store: --shop {' | '.join(shop.domain for shop in known)}")


def _request(house: House, shop: str, product: str, **wish: Any) -> GenerateRequested:
    """PRODUCT may be a gid, its number, or a handle."""
    if product.startswith("gid://"):
        product_id = product
    elif product.isdigit():
        product_id = f"gid://shopify/Product/{product}"
    else:
        product_id = house.shopify.catalog.product_id(shop, product)
    return GenerateRequested(product_id=product_id, **wish)


def _followed(house: House, arrival_id: str, *, quiet: bool) -> Job:
    """The job that a request led to, once it has settled."""
    with tell.waiting("Looking at the product", quiet=quiet) as say:
        while (answer := house.inbox.answered(arrival_id)) is None:
            time.sleep(FOLLOW_S)
        job_id, reason = answer
        if job_id is None:
            raise ImagegenError(reason)
        while (job := house.jobs.job(job_id)).state not in SETTLED:
            say(f"{job.product_title}: {job.state}")
            time.sleep(FOLLOW_S)
    return job


def _image_row(image: Any) -> dict[str, Any]:
    row: dict[str, Any] = image.model_dump(mode="json", exclude={"brief"})
    return row | {"scene": image.brief.scene, "alt": image.brief.alt, "file_name": image.brief.file_name}
