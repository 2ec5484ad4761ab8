"""`review`: a person decides on the pictures that wait (publish.mode = "review")."""

from __future__ import annotations

import uuid

import click

from shopify_imagegen import tell
from shopify_imagegen.commands.common import as_json, housed, of_shop
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.models import Arrival, Image, ImageApproved, ImageState
from shopify_imagegen.wiring import House


@click.group()
def review() -> None:
    """Pictures that wait for a decision (publish.mode = "review")."""


@review.command("list")
@of_shop
@as_json
@housed
def listed(house: House, domain: str | None, as_json: bool) -> None:
    """Show the pictures that wait."""
    waiting = house.jobs.in_state(ImageState.STAGED, shop=domain)
    rows = [tell.image_row(image) for image in waiting]
    tell.rows(rows, ["id", "product_id", "scene", "alt"], as_json=as_json, empty="Nothing waits for review.")


@review.command("approve")
@click.argument("image")
@as_json
@housed
def approve(house: House, image: str, as_json: bool) -> None:
    """Put a picture on its product."""
    found = _waiting(house, image, "approved")
    intent = ImageApproved(image_id=image, by="cli")
    house.inbox.record(Arrival(id=f"cli-{uuid.uuid4()}", source="cli", topic="", shop=found.shop, intent=intent))
    tell.document({"approved": image}, "Approved; the worker puts it on the product.", as_json)


@review.command("reject")
@click.argument("image")
@click.option("--reason", default="", help="Why; kept in the history.")
@as_json
@housed
def reject(house: House, image: str, reason: str, as_json: bool) -> None:
    """Keep a picture off its product. It stays in the store's Files."""
    found = _waiting(house, image, "rejected")
    house.jobs.move_image(image, ImageState.REJECTED, reason)
    house.line.finish(found.job_id)
    tell.document({"rejected": image}, "Rejected.", as_json)


def _waiting(house: House, image_id: str, wish: str) -> Image:
    found = house.jobs.image(image_id)
    if found.state != ImageState.STAGED:
        raise ImagegenError(f"picture {image_id} is {found.state}, so it cannot be {wish}")
    return found
