"""A new listing's picture that the budget had no room for is tried again when the next day begins. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from shopify_imagegen.models import Image, ImageState, Job, Trigger

NOTHING_TO_SHOW = {ImageState.REFUSED, ImageState.OVER_BUDGET, ImageState.UNFIT, ImageState.REPLACED}
TAKEN_BACK = {ImageState.REJECTED, ImageState.ROLLED_BACK}


def begins(now: datetime) -> datetime:
    """When the next look may be: one minute past the coming midnight, UTC, when the day's budget is new."""
    return _day(now) + timedelta(days=1, minutes=1)


def is_planned_anew(job: Job, images: Sequence[Image]) -> bool:
    """Whether the product itself is looked at again: it has nothing of the job, so its plan may be another by then."""
    states = {image.state for image in images}
    return job.trigger == Trigger.NEW_LISTING and ImageState.OVER_BUDGET in states and states <= NOTHING_TO_SHOW


def due(job: Job, images: Sequence[Image], now: datetime) -> tuple[Image, ...]:
    """What the job itself tries once more today: the rest of a listing that has some of its pictures.

    Nothing where the merchant has rejected or taken back one of them.
    """
    if job.trigger != Trigger.NEW_LISTING or any(image.state in TAKEN_BACK for image in images):
        return ()
    short = [image for image in images if image.state == ImageState.OVER_BUDGET]
    return tuple(image for image in short if image.updated_at < _day(now) and not is_planned_anew(job, images))


def _day(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
