"""`review`: a person decides on pictures: let them in, keep them off, have them made anew."""

from __future__ import annotations

import uuid

import click

from shopify_imagegen import tell
from shopify_imagegen.commands.common import as_json, housed, of_shop
from shopify_imagegen.commands.pictures import NO_WORKER, followed
from shopify_imagegen.counts import counted
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.models import Arrival, Image, ImageApproved, ImageState, Intent, JobState, RegenerateRequested
from shopify_imagegen.wiring import House

BY = "cli"


@click.group()
def review() -> None:
    """Decide on pictures: approve, reject, or have them made anew."""


@review.command("list")
@of_shop
@as_json
@housed
def listed(house: House, domain: str | None, as_json: bool) -> None:
    """Show the pictures that wait (publish.mode = "review")."""
    waiting = house.jobs.in_state(ImageState.STAGED, shop=domain)
    rows = [tell.image_row(image) for image in waiting]
    tell.rows(rows, ["id", "product_id", "scene", "alt"], as_json=as_json, empty="Nothing waits for review.")


@review.command()
@click.argument("image")
@as_json
@housed
def show(house: House, image: str, as_json: bool) -> None:
    """Show one picture. Its words, its photos, its state, and the picture that it replaces."""
    found = house.jobs.image(image)
    tell.document(found.model_dump(mode="json"), tell.image(found), as_json)


@review.command("approve")
@click.argument("images", nargs=-1, metavar="IMAGE...")
@click.option("--all", "every", is_flag=True, help="All that wait in the store.")
@click.option("--alt", help="Another alt text, for one picture.")
@click.option("--place", type=click.Choice(["last", "second", "first"]), help="Instead of publish.position.")
@click.option("--only", is_flag=True, help="Reject the others of the same job that wait.")
@of_shop
@as_json
@housed
def approve(
    house: House,
    images: tuple[str, ...],
    every: bool,
    alt: str | None,
    place: str | None,
    only: bool,
    domain: str | None,
    as_json: bool,
) -> None:
    """Put pictures on their products. Those that wait, and those that were rejected or rolled back."""
    if bool(images) == every:
        raise click.UsageError("name the pictures, or say --all")
    if alt is not None and len(images) != 1:
        raise click.UsageError("--alt is for one picture")
    wanted = [image.id for image in house.jobs.in_state(ImageState.STAGED, shop=domain)] if every else list(images)
    found = [_expected(house, image_id, "approved") for image_id in wanted]
    for image in found:
        _tell_worker(house, image.shop, _approval(image, alt=alt, place=place, alone=only))
    content = {"approved": wanted[0] if len(images) == 1 else wanted}
    one = len(wanted) == 1
    words = "Approved; the worker puts it on the product." if one else f"Approved: {counted(len(wanted), 'picture')}."
    tell.document(content, words, as_json)


@review.command("reject")
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...")
@click.option("--reason", default="", help="Why; kept in the history.")
@as_json
@housed
def reject(house: House, images: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Keep pictures off their products. They stay in the store's Files."""
    for image in [_expected(house, image_id, "rejected") for image_id in images]:
        house.review.reject(image.shop, image.id, by=BY, reason=reason)
    words = f"Rejected: {counted(len(images), 'picture')}."
    tell.document({"rejected": images[0] if len(images) == 1 else list(images)}, words, as_json)


@review.command()
@click.argument("image")
@click.option("--note", default="", help='What shall be different, in your own words: "brighter, no plants".')
@click.option("--wait/--no-wait", default=True, show_default=True, help="Follow the job to its end.")
@as_json
@housed
def regenerate(house: House, image: str, note: str, wait: bool, as_json: bool) -> None:
    """Buy another picture in the place of IMAGE. The old one leaves only when the new one is there."""
    found = house.jobs.image(image)
    if not house.workers.alive():
        raise ImagegenError(NO_WORKER)
    request = _tell_worker(house, found.shop, RegenerateRequested(image_id=image, note=note, by=BY))
    if not wait:
        return tell.document({"request": request}, f"Asked for; see `shopify-imagegen jobs`. ({request})", as_json)
    job = followed(house, found.shop, request, quiet=as_json)
    tell.job(job, house.jobs.images(job.id), as_json=as_json)
    if job.state not in (JobState.PUBLISHED, JobState.AWAITING_REVIEW):
        raise click.exceptions.Exit(1)


def _expected(house: House, image_id: str, wish: str) -> Image:
    return house.review.expect(house.jobs.image(image_id).shop, image_id, wish)


def _approval(image: Image, **wish: object) -> ImageApproved:
    return ImageApproved.model_validate({"image_id": image.id, "by": BY, "saw": image.state, **wish})


def _tell_worker(house: House, shop: str, intent: Intent) -> str:
    """The id that the wish is followed by."""
    arrival = Arrival(id=f"cli-{uuid.uuid4()}", source="cli", topic="", shop=shop, intent=intent)
    house.inbox.record(arrival)
    return arrival.id
