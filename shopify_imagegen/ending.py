"""How a job ends: its pictures' states, summed up in one state and one sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from shopify_imagegen.counts import counted
from shopify_imagegen.models import RESTING_JOB_STATES, Image, ImageState, Job, JobState
from shopify_imagegen.ports import Jobs

MADE_BEFORE = "These pictures were made before; nothing new was bought. A note makes others."
TESTED = "A test picture: it is on no product."
NO_REASON = "Not finished."  # every step names its reason; this is for one that could not


def finish(jobs: Jobs, job_id: str, *, when: Collection[JobState] | None = None) -> Job:
    """Name a job's end. Of several who do so at once, the last to write has seen what all of them did.

    Args:
        when: the states in one of which it must be; None: in any.
    """
    return jobs.end(job_id, ending, when=when)[0]


def amend(jobs: Jobs, job_id: str) -> Job:
    """Name a job's end anew, one of its pictures having changed. One that is under way will do so itself."""
    return finish(jobs, job_id, when=RESTING_JOB_STATES)


def ending(images: Sequence[Image]) -> tuple[JobState, str]:
    """The job's state and reason, for a merchant.

    >>> ending(())[0]
    <JobState.NOTHING_PUBLISHED: 'nothing_published'>
    """
    if not images:
        return JobState.NOTHING_PUBLISHED, MADE_BEFORE
    published = [image for image in images if image.state == ImageState.PUBLISHED]
    staged = [image for image in images if image.state == ImageState.STAGED]
    taken_back = [image for image in images if image.state == ImageState.ROLLED_BACK]
    images = [image for image in images if image.state != ImageState.REPLACED and image not in taken_back]
    if taken_back and not published and not staged:
        return JobState.ROLLED_BACK, f"{_pictures(taken_back)} rolled back. {_reasons(images)}".strip()
    if not images:
        return JobState.REPLACED, "Newer pictures are in the place of these."
    if staged and all(image.brief.is_test for image in staged):
        return JobState.TESTED, TESTED
    why = _reasons(image for image in images if image not in published and image not in staged)
    if staged:
        return JobState.AWAITING_REVIEW, f"{_pictures(staged)} ready for review. {why}".strip()
    if len(published) == len(images):
        return JobState.PUBLISHED, f"{_pictures(published)} on the product."
    if published:
        return JobState.PARTLY_PUBLISHED, f"{len(published)} of {_pictures(images)} on the product. {why}"
    return JobState.NOTHING_PUBLISHED, why


def _reasons(images: Iterable[Image]) -> str:
    """Each reason once, as sentences."""
    reasons = dict.fromkeys((image.reason or NO_REASON).rstrip(". ") for image in images)
    return " ".join(f"{reason}." for reason in reasons)


def _pictures(images: Sequence[Image]) -> str:
    return counted(len(images), "lifestyle photo")
