"""Where it stands: a product's job, its pictures, and how a step ended."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from shopify_imagegen.models.plans import Brief, Trigger
from shopify_imagegen.models.value import Value


class Outcome(Value):
    """How a step ended: go on to the next, try the same later, or stop here. `reason` is for a merchant.

    `park`: the whole job stops here and waits, for as long as it takes, until a person has mended something.
    """

    next: Literal["go_on", "later", "stop", "park"]
    reason: str = ""
    retry_after_s: float | None = None


GO_ON = Outcome(next="go_on")


class JobState(StrEnum):
    """The named states a product's job can be in."""

    PLANNED = "planned"
    GENERATING = "generating"
    PUBLISHING = "publishing"
    AWAITING_REVIEW = "awaiting_review"
    PAUSED = "paused"  #: its store or the provider turns us away; goes on by itself when that is mended
    PUBLISHED = "published"  #: every picture is on the product and was read back
    PARTLY_PUBLISHED = "partly_published"  #: some are, the others say why not
    NOTHING_PUBLISHED = "nothing_published"  #: none is; each says why not
    FAILED = "failed"  #: stopped by something that a person must look at
    CANCELLED = "cancelled"
    TESTED = "tested"  #: a test picture was made; it is on no product
    ROLLED_BACK = "rolled_back"  #: what it had put on the product was taken back
    REPLACED = "replaced"  #: newer pictures are in the place of all that it made


FINAL_JOB_STATES = {
    JobState.PUBLISHED,
    JobState.PARTLY_PUBLISHED,
    JobState.NOTHING_PUBLISHED,
    JobState.FAILED,
    JobState.CANCELLED,
    JobState.TESTED,
    JobState.ROLLED_BACK,
    JobState.REPLACED,
}
RESTING_JOB_STATES = FINAL_JOB_STATES | {JobState.PAUSED, JobState.AWAITING_REVIEW}
"""Nothing of the job is under way, so that it may be taken up again."""


class Job(Value):
    """One product's way through the line."""

    id: str  #: also the durable workflow's id
    shop: str
    product_id: str
    product_title: str
    recipe: str
    trigger: Trigger
    state: JobState
    reason: str = ""
    created_at: datetime
    updated_at: datetime
    backfill_id: str | None = None  #: that it is part of


class ImageState(StrEnum):
    """The named states of one picture."""

    PLANNED = "planned"
    BOUGHT = "bought"  #: paid; the bytes are in our spool
    REFUSED = "refused"  #: not bought, certainly not charged; `reason`
    OVER_BUDGET = "over_budget"  #: not bought: a ceiling has no room; a new listing's is tried again each day
    UNKNOWN = "unknown"  #: perhaps charged, no picture; a person decides
    UNFIT = "unfit"  #: bought, but inspection keeps it out of the shop window; `reason`
    STAGED = "staged"  #: in the store's Files, attached to nothing
    PUBLISHED = "published"  #: on the product, read back
    REJECTED = "rejected"  #: by the merchant
    FAILED = "failed"  #: bought, could not be published; the bytes are kept
    ROLLED_BACK = "rolled_back"  #: taken back by the merchant; not made again by itself
    REPLACED = "replaced"  #: a newer generation is in its place; it stays in the store's Files


class Image(Value):
    """One picture of ours, from brief to shop window. `id` is the brief's and the purchase's key."""

    id: str
    job_id: str
    shop: str
    product_id: str
    slot: int
    state: ImageState
    reason: str = ""
    brief: Brief
    file_id: str | None = None  #: in the store's Files, and on the product when published
    sha256: str | None = None  #: of the bytes we uploaded
    width_px: int | None = None
    height_px: int | None = None
    created_at: datetime
    updated_at: datetime


class Verdict(Value):
    """What inspection says of a bought picture."""

    fit: bool
    reason: str = ""  #: why not, in a merchant's words
