"""What a person asked for, and what came of it."""

from __future__ import annotations

from shopify_imagegen.models.arrivals import Arrival
from shopify_imagegen.models.jobs import FINAL_JOB_STATES, Image, Job, JobState
from shopify_imagegen.models.value import Value

QUEUED = "queued"  #: recorded; no worker has planned it yet
DECLINED = "declined"  #: planned, and no job came of it; the reason says why
SHOWN = {JobState.PUBLISHED, JobState.PARTLY_PUBLISHED, JobState.AWAITING_REVIEW}


class Heard(Value):
    """A row of the inbox: what reached us, and what was made of it so far."""

    arrival: Arrival
    outcome: str = ""  #: "" while it waits
    job_id: str | None = None
    reason: str = ""  #: why there is no job, in a merchant's words


class Progress(Value):
    """Where a wish stands, from the moment it was recorded to the end of the job that it led to."""

    id: str  #: that it is followed by: the wish's, or the job's
    shop: str
    product_id: str
    state: str  #: `QUEUED`, `DECLINED`, or the job's
    reason: str = ""
    job: Job | None = None
    images: tuple[Image, ...] = ()

    @property
    def is_done(self) -> bool:
        """Nothing more happens by itself, but that a person may decide on pictures that wait for review."""
        return self.state in {DECLINED, JobState.AWAITING_REVIEW} or self.state in FINAL_JOB_STATES

    @property
    def is_well(self) -> bool:
        """It ended as it was meant: with pictures, or because they were there already."""
        return self.state in SHOWN or (self.state == JobState.NOTHING_PUBLISHED and not self.images)
