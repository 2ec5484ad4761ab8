"""`preview`, `generate`, `jobs`: what would be made, make it, where it stands."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import click

from shopify_imagegen import tell
from shopify_imagegen.commands.common import as_json, housed, of_shop, opened, product_meant, shop_meant
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.models import (
    DECLINED,
    RESTING_JOB_STATES,
    Arrival,
    GenerateRequested,
    Job,
    JobRetried,
    JobState,
    Skip,
)
from shopify_imagegen.wiring import House

FOLLOW_S = 0.5  # between looks at a job that is followed
NO_WORKER = "no worker is running; start `shopify-imagegen serve` first"


def wishes(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what is wanted of a product."""
    for option in (
        click.option("--count", type=click.IntRange(1, 10), help="How many pictures."),
        click.option("--scene", help="A scene's id for the first picture."),
        click.option("--note", default="", help="A wish, in your own words."),
        click.argument("product"),
    ):
        command = option(command)
    return command


@click.command()
@wishes
@of_shop
@as_json
@housed
def preview(house: House, product: str, domain: str | None, as_json: bool, **wish: Any) -> None:
    """Show what would be made for PRODUCT, and its price. By id or handle; word by word; spends nothing."""
    shop = shop_meant(house, domain)
    decision = house.look.preview(shop, _request(house, shop, product, wish))
    tell.plan(decision, as_json=as_json)
    if isinstance(decision, Skip):
        sys.exit(1)


@click.command()
@wishes
@click.option("--wait/--no-wait", default=True, show_default=True, help="Follow the job to its end.")
@of_shop
@as_json
@housed
def generate(house: House, product: str, wait: bool, domain: str | None, as_json: bool, **wish: Any) -> None:
    """Make lifestyle photos for PRODUCT (id or handle) now. Costs money; see `preview`."""
    shop = shop_meant(house, domain)
    intent = _request(house, shop, product, wish)
    if not house.workers.alive():
        raise ImagegenError(NO_WORKER)
    made = house.wishes.make(Arrival(id=f"cli-{uuid.uuid4()}", source="cli", topic="", shop=shop, intent=intent))
    if not wait:
        words = f"Asked for; see `shopify-imagegen jobs`. ({made.id})"
        return tell.document({"request": made.id}, words, as_json)
    job = followed(house, shop, made.id, quiet=as_json)
    tell.job(job, house.jobs.images(job.id), as_json=as_json)
    if job.state not in (JobState.PUBLISHED, JobState.AWAITING_REVIEW):
        sys.exit(1)


@click.group(invoke_without_command=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@of_shop
@as_json
@click.pass_context
def jobs(context: click.Context, limit: int, domain: str | None, as_json: bool) -> None:
    """Show the latest jobs and where they stand."""
    if context.invoked_subcommand is None:
        _list(opened(), limit, domain, as_json)


@jobs.command("retry")
@click.argument("job")
@as_json
@housed
def retry(house: House, job: str, as_json: bool) -> None:
    """Take up JOB where it stopped. Buys what was certainly not bought, publishes what was."""
    found = house.jobs.job(job)
    if found.state not in RESTING_JOB_STATES:
        raise ImagegenError(f"job {job} is {found.state}, so it is under way already")
    intent = JobRetried(job_id=job)
    house.inbox.record(Arrival(id=f"cli-{uuid.uuid4()}", source="cli", topic="", shop=found.shop, intent=intent))
    tell.document({"retried": job}, "The worker takes it up again; see `shopify-imagegen jobs`.", as_json)


def _list(house: House, limit: int, domain: str | None, as_json: bool) -> None:
    found = house.jobs.recent(shop=domain, limit=limit)
    rows = [
        job.model_dump(mode="json") | {"images": [tell.image_row(image) for image in house.jobs.images(job.id)]}
        for job in found
    ]
    tell.jobs(rows, as_json=as_json)


def _request(house: House, shop: str, product: str, wish: dict[str, Any]) -> GenerateRequested:
    return GenerateRequested(product_id=product_meant(house, shop, product), **wish)


def followed(house: House, shop: str, wish_id: str, *, quiet: bool) -> Job:
    """The job that a wish led to, once it has come to rest. Raises: ImagegenError, with the reason for none."""
    with tell.waiting("Looking at the product", quiet=quiet) as say:
        while True:
            made = house.wishes.progress(shop, wish_id)
            if made.state == DECLINED:
                raise ImagegenError(made.reason)
            if made.job and made.job.state in RESTING_JOB_STATES:
                return made.job
            if made.job:
                say(f"{made.job.product_title}: {made.state}")
            _wait_a_little(house)


def _wait_a_little(house: House) -> None:
    time.sleep(FOLLOW_S)
    if not house.workers.alive():
        raise ImagegenError("the worker has stopped; the request is kept, and goes on when a worker runs again")
