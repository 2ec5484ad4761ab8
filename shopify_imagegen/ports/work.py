"""What reached us, what is heard of products, and the jobs and pictures that came of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from shopify_imagegen.models import (
    Arrival,
    Cursor,
    Heard,
    Hold,
    Image,
    ImageState,
    Job,
    JobState,
    Photo,
    Plan,
    Progress,
    Watched,
)


class Jobs(Protocol):
    """Jobs and their pictures, each change audited in its own commit."""

    def begin(self, job: Job, plan: Plan) -> Job:
        """Record a job with those of its pictures that were not bought before, in one commit.

        A person's job takes those that were rolled back, too: they are put back.

        A new listing all of whose pictures were made before gets no job more: its earlier one says what became of them.

        The job's id gets a number behind it when earlier jobs of the same id have ended.
        """

    def job(self, job_id: str) -> Job: ...

    def move(self, job_id: str, state: JobState, reason: str = "", *, when: Collection[JobState] | None = None) -> Job:
        """Change a job's state and reason. One that is in none of the states *when* stays as it is, and is returned."""

    def end(
        self,
        job_id: str,
        ending: Callable[[Sequence[Image]], tuple[JobState, str]],
        *,
        when: Collection[JobState] | None = None,
    ) -> tuple[Job, tuple[Image, ...]]:
        """Move a job to the state and reason that *ending* finds for its pictures; returns it, and them.

        Of several who do so at once, the last to write has seen what all of them did.

        Args:
            when: the states in one of which it must be; None: in any.
        """

    def images(self, job_id: str) -> tuple[Image, ...]: ...

    def image(self, image_id: str) -> Image: ...

    def some(self, image_ids: Sequence[str]) -> tuple[Image, ...]:
        """Those pictures, in that order, as they are at one moment. Raises: NotFound."""

    def move_image(
        self,
        image_id: str,
        state: ImageState,
        reason: str = "",
        *,
        when: Collection[ImageState] | None = None,
        by: str = "app",
        keeps_bytes: bool = True,
        **fields: object,
    ) -> Image:
        """Change a picture's state and any of file_id, sha256, width_px, height_px; writes the audit row too.

        Args:
            when: the states in one of which it must be; None: in any.
            keeps_bytes: if not, what the spool has of it goes in the same commit.

        Raises: Conflict, naming the state that it is in.
        """

    def history(self, image_id: str) -> Sequence[Mapping[str, Any]]:
        """What was done with a picture, oldest first: `action`, and `detail` with the `reason` that it was given."""

    def our_media(self, shop: str, product_id: str) -> frozenset[str]:
        """Media ids on or off this product that are ours, now or in the past."""

    def claim(self, image_id: str, media_id: str) -> None:
        """Write down that a medium is ours: what Shopify made of the picture."""

    def active(self, shop: str, product_id: str) -> Job | None:
        """The product's job that has not ended."""

    def shown(self, shop: str, product_id: str) -> int:
        """How many pictures of ours the product has, waits for, or might have paid for."""

    def recent(self, *, shop: str | None, limit: int) -> tuple[Job, ...]: ...

    def stopped(self, *, since: datetime) -> tuple[Job, ...]:
        """Jobs that may be taken up, the one that rests longest first.

        They are paused, or were begun *since* then and have ended with a picture that was bought, kept, not published.
        """

    def short_of_budget(self, *, since: datetime) -> tuple[Job, ...]:
        """Jobs of new listings that were begun *since* then and rest with a picture that the budget had no room for.

        Each is the latest of its product: who ordered pictures since has taken the matter in hand.
        """


class Pictures(Protocol):
    """Our pictures across jobs, what was around them, and what people decide about them."""

    def of_product(self, shop: str, product_id: str) -> tuple[Image, ...]:
        """All that were ever planned for it, oldest first."""

    def since(self, shop: str, when: datetime) -> tuple[Image, ...]:
        """Those that were planned then or later, oldest first."""

    def media_of(self, shop: str, product_id: str) -> Mapping[str, frozenset[str]]:
        """Picture id → the media ids that it has, or had, in the store."""

    def approve(self, image_id: str, *, by: str, when: Collection[ImageState], **changes: object) -> Image:
        """Let a picture in, with another alt or at another place: one commit, audited. Again: changes nothing.

        Args:
            when: the states in one of which it must be; it is staged afterwards.

        Raises: Conflict, naming the state that it is in.
        """

    def want_review(self, image_id: str) -> None:
        """A person must decide on it before it is published, whatever the settings say then; unless one has."""

    def note(self, image: Image, action: str, *, by: str, **detail: object) -> None:
        """Write an audit row about the picture, and change nothing."""

    def remember(self, job_id: str, shop: str, product_id: str, gallery: Sequence[Photo]) -> None:
        """What was on the product before the job's first picture was. Later calls change nothing."""

    def link(self, image: Image, variant_id: str, *, before: str | None) -> None:
        """A variant is about to show the picture. Later calls change nothing.

        Args:
            before: the medium that it shows now.
        """

    def links(self, shop: str, product_id: str) -> Mapping[str, Mapping[str, str | None]]:
        """Picture id → variant id → the medium that the variant showed before."""

    def remembered(self, job_id: str) -> tuple[Photo, ...] | None:
        """The same, ids and alt texts only; None where nobody wrote it down."""


class Watch(Protocol):
    """Products that a change was heard of, and when to look at them."""

    def touch(self, shop: str, product_id: str, *, created: bool, due_at: datetime) -> None:
        """A change was heard. A product that is settled is left alone unless it is *created*."""

    def due(self, now: datetime, limit: int) -> tuple[tuple[str, str, int], ...]:
        """(shop, product id, revision) of those to be looked at now."""

    def started(self, shop: str, product_id: str, revision: int) -> None:
        """A look at that revision has begun; a newer change keeps its own due time."""

    def created_seen(self, shop: str, product_id: str) -> bool:
        """Whether its products/create reached us."""

    def state(self, shop: str, product_id: str) -> tuple[str, str] | None:
        """The named state that the last look ended in, and its reason."""

    def known(self, shop: str, product_ids: Sequence[str]) -> Mapping[str, Watched]:
        """What we know of those products that a change was heard of."""

    def rechecks(self, shop: str, product_id: str) -> int:
        """How often we looked again by ourselves since the last change that we heard of."""

    def settle(self, shop: str, product_id: str, *, waiting: bool, state: str, reason: str) -> None:
        """What a look found. *waiting*: a later change may still start a job."""

    def recheck(self, shop: str, product_id: str, due_at: datetime) -> None:
        """Look again even if nobody tells us."""

    def wake(self, shops: Sequence[str], state: str, due_at: datetime) -> int:
        """Look again at the shops' products that are in that named state. Returns how many were not due before."""

    def forget(self, shop: str, product_id: str) -> None: ...


class Cursors(Protocol):
    """How far a sweep has read in each shop. Several workers may sweep: who moves a cursor first has the turn."""

    def all(self, name: str) -> Mapping[str, Cursor]:
        """Shop -> its cursor."""

    def move(self, shop: str, name: str, *, before: Cursor | None, value: str) -> Cursor | None:
        """Write *value*, if the cursor still is as *before* (None: there is none yet). None: somebody else moved it."""


class Holds(Protocol):
    """Many new products at once: one decision each. At most one is open in a shop."""

    def heard(self, shop: str, product_id: str, *, not_before: datetime) -> datetime:
        """When we heard that the product is new; now, if that is not known or was earlier than *not_before*.

        Of a product that is part of a hold it stays as it was.
        """

    def moments(self, shop: str, around: datetime, *, within: timedelta, limit: int) -> Sequence[datetime]:
        """When we heard of the shop's new products, in order: of those nearest to *around*, *limit* on either side."""

    def keep(self, shop: str, product_id: str, *, storm: bool, held: str, dismissed: str) -> bool:
        """Write down that a product waits for a decision, or that the decision was no; False: it may go on.

        It may go on when its own hold was started, and when it has none, the shop has none open, and it is no *storm*.

        Args:
            storm: open a hold if the shop has none.
            held, dismissed: the reason for a merchant.
        """

    def open(self, shop: str) -> Hold | None: ...

    def find(self, hold_id: str) -> Hold:
        """Raises: NotFound."""

    def start(self, hold_id: str, *, by: str, reason: str, every: timedelta) -> Hold:
        """Let its products go on, one after the other, *every* so often. Again: changes nothing.

        Raises: NotFound; Conflict when it was dismissed.
        """

    def dismiss(self, hold_id: str, *, by: str, reason: str) -> Hold:
        """Leave its products alone for good. Again: changes nothing. Raises: NotFound; Conflict when it was started."""


class Inbox(Protocol):
    """What reached us, until it is acted on."""

    def record(self, arrival: Arrival) -> bool:
        """Durably, once. False: it was there already."""

    def waiting(self, limit: int) -> tuple[Arrival, ...]: ...

    def done(self, arrival_id: str, outcome: str) -> None: ...

    def postpone(self, arrival_id: str, until: datetime, reason: str) -> None:
        """It cannot be acted on yet; until then it does not wait."""

    def postponed(self) -> tuple[Heard, ...]:
        """What was put off, and is not done, the oldest first."""

    def answer(self, arrival_id: str, *, job_id: str | None, reason: str) -> None:
        """Write down what a person's request led to."""

    def find(self, arrival_id: str) -> Heard | None:
        """What was recorded under that id, and what came of it."""

    def heard(self) -> Mapping[str, Mapping[str, datetime]]:
        """Shop -> topic -> when its last webhook reached us, as far back as rows are kept."""


class Wishes(Protocol):
    """What people, or Flow, ask for."""

    def make(self, wish: Arrival) -> Progress:
        """Record a wish, durably and once; the same again is the same wish.

        Raises:
            NotFound: the app is not installed in that shop.
            Conflict: another wish was recorded under that id.
        """

    def progress(self, shop: str, followed_id: str) -> Progress:
        """Where a wish or a job of *shop* stands. Raises: NotFound, for other shops' too."""


class Told(Protocol):
    """Which jobs Shopify Flow was told of."""

    def claim(self, job: Job) -> bool:
        """Write down that it is told now. False: it was before."""

    def release(self, job: Job) -> None:
        """It certainly was not sent after all."""
