"""The stages as the engine calls them: one method each, over the modules that do the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from shopify_imagegen import ending, next_day
from shopify_imagegen.announce import Announce
from shopify_imagegen.attach import Attach
from shopify_imagegen.backfills.gate import Gate
from shopify_imagegen.backfills.rollback import BackfillRollback
from shopify_imagegen.disclosure import Disclosure
from shopify_imagegen.errors import NeedsAttention
from shopify_imagegen.generate import Generate
from shopify_imagegen.linking import Linking
from shopify_imagegen.look import Look
from shopify_imagegen.models import (
    BackfillRollbackRequested,
    GenerateRequested,
    Image,
    ImageApproved,
    ImageState,
    Job,
    JobState,
    Outcome,
    RegenerateRequested,
    RollbackRequested,
    Trigger,
)
from shopify_imagegen.ports import Clock, Inbox, Jobs, Pictures, Watch
from shopify_imagegen.publish import Prepare
from shopify_imagegen.regenerate import Regenerate
from shopify_imagegen.review import Review
from shopify_imagegen.rollback import Rollback
from shopify_imagegen.swap import Swap

MADE = (ImageState.BOUGHT, ImageState.STAGED)  # and not on its product yet
READY = (ImageState.STAGED, ImageState.PUBLISHED)
STILL_TRUE = timedelta(minutes=1)  # for so long after the plan, the product is not read again before a purchase


class Line:
    """Keeps `stages.Stages`."""

    def __init__(
        self,
        *,
        look: Look,
        generate: Generate,
        prepare: Prepare,
        attach: Attach,
        jobs: Jobs,
        watch: Watch,
        inbox: Inbox,
        regenerate: Regenerate,
        reviews: Review,
        rollback: Rollback,
        swap: Swap,
        linking: Linking,
        disclosure: Disclosure,
        pictures: Pictures,
        review: Callable[[str], bool],
        clock: Clock,
        backfills: Gate | None = None,
        whole: BackfillRollback | None = None,
        announce: Announce | None = None,
    ) -> None:
        self._whole = whole
        self._backfills = backfills
        self._announce = announce
        self._look = look
        self._generate = generate
        self._prepare = prepare
        self._attach = attach
        self._jobs = jobs
        self._watch = watch
        self._inbox = inbox
        self._regenerate = regenerate
        self._reviews = reviews
        self._rollback = rollback
        self._swap = swap
        self._linking = linking
        self._disclosure = disclosure
        self._pictures = pictures
        self._review = review
        self._clock = clock

    def look(self, shop: str, product_id: str) -> str | None:
        return self._look.after_a_change(shop, product_id)

    def ask(self, shop: str, request: GenerateRequested | RegenerateRequested) -> tuple[str | None, str]:
        if isinstance(request, RegenerateRequested):
            return self._regenerate.on_request(shop, request)
        return self._look.on_request(shop, request)

    def answer(self, arrival_id: str, job_id: str | None, reason: str) -> None:
        self._inbox.answer(arrival_id, job_id=job_id, reason=reason)

    def pictures(self, job_id: str) -> tuple[str, Sequence[str]]:
        images = self._jobs.images(job_id)
        planned = [image for image in images if image.state == ImageState.PLANNED]
        for image in planned[:1]:  # of a job, nearly all are made from the same photos
            self._generate.make_ready(image)
        return self._jobs.job(job_id).trigger, [image.id for image in images]

    def buy(self, image_id: str) -> Outcome:
        """Buy a picture; not for a shop that cannot be served, nor for a backfill that is paused or cancelled."""
        image = self._jobs.image(image_id)
        job = self._jobs.job(image.job_id)

        def closed() -> Outcome | None:
            return self._look.pauses.closed(image.shop) or self._on_hold(job)

        def bought() -> Outcome:
            return self._generate.buy(image_id, forbidden=closed() or self._withdrawn(image), meanwhile=closed)

        said = self._served([image_id], bought)
        if said.next == "go_on" and self._reviews_now(job):
            self._keep_for_review(image_id)
        return said

    def _withdrawn(self, image: Image) -> Outcome | None:
        """What has become of a product whose picture waited for its turn: nothing is bought for one that is gone."""
        if self._clock() - image.created_at < STILL_TRUE or image.state != ImageState.PLANNED:
            return None
        return self._look.withdrawn(image.shop, image.product_id)

    def prepare(self, image_id: str) -> Outcome:
        return self._served([image_id], lambda: self._prepare.prepare(image_id))

    def give_up(self, image_id: str, reason: str) -> None:
        """Let a picture that goes no further say why. One that has ended already is left as it is."""
        self._generate.give_up(image_id, reason)
        self._prepare.give_up(image_id, reason)

    def not_attached(self, image_id: str, reason: str) -> None:
        """The same for one that could not be put on its product. One that waits for a decision goes on waiting."""
        if self._jobs.image(image_id).brief.review != "wanted":
            self.give_up(image_id, reason)

    def reopen(self, job_id: str, *, refused: bool) -> None:
        """Let the pictures of a job that rests go on; those that were not bought only if *refused*, or on a new day."""
        job, images = self._jobs.job(job_id), self._jobs.images(job_id)
        waits, due = job.state == JobState.AWAITING_REVIEW, next_day.due(job, images, self._clock())
        for image in images:
            if waits and image.state == ImageState.STAGED:  # one of an earlier version does not say so itself
                self._keep_for_review(image.id)
            self._generate.take_up(image.id, refused=refused or image in due)
            self._prepare.take_up(image.id)
            self._attach.take_up(image.id)

    def attach(self, image_ids: Sequence[str]) -> Outcome:
        return self._served(image_ids, lambda: self._attached(image_ids))

    def approve(self, shop: str, wish: ImageApproved) -> Outcome:
        return self._served([wish.image_id], lambda: self._reviews.approve(shop, wish))

    def products_of(self, shop: str, wish: RollbackRequested) -> Mapping[str, Sequence[str]]:
        return self._rollback.by_product(shop, wish)

    def roll_back(self, shop: str, product_id: str, image_ids: Sequence[str], wish: RollbackRequested) -> str:
        undone = self._rollback.product(shop, product_id, image_ids, wish)
        return " ".join([f"{undone.product_title}:", *(each.words for each in undone.pictures), *undone.notes])

    def roll_back_some(self, shop: str, wish: BackfillRollbackRequested, after: int) -> int | None:
        return self._whole.some(shop, wish, after) if self._whole else None

    def stop_rolling_back(self, wish: BackfillRollbackRequested, reason: str) -> None:
        if self._whole:
            self._whole.end(wish, reason)

    def _attached(self, image_ids: Sequence[str]) -> Outcome:
        """On the product; then variants show them, what they replace is off, and the theme is told."""
        said = self._attach.attach(image_ids)
        images = self._jobs.some(image_ids)
        for image in images:
            self._linking.show(image)
            self._swap.retire(image)
        if any(image.state == ImageState.PUBLISHED for image in images):
            self._disclosure.refresh(images[0].shop, images[0].product_id)
        return said

    def wants_review(self, job_id: str) -> bool:
        """Whether every picture of the job that is ready waits for a person."""
        if self._reviews_now(self._jobs.job(job_id)):
            for image in self._jobs.images(job_id):
                self._keep_for_review(image.id)
        ready = [image for image in self._jobs.images(job_id) if image.state in READY]
        return bool(ready) and all(image.brief.review == "wanted" for image in ready)

    def _reviews_now(self, job: Job) -> bool:
        if job.trigger == Trigger.TEST:
            return True
        keeps = bool(self._backfills and job.backfill_id and self._backfills.keeps_candidates(job.backfill_id))
        return keeps or self._review(job.shop)

    def _keep_for_review(self, image_id: str) -> None:
        """From now on it waits for a person, whatever the settings say later."""
        if self._jobs.image(image_id).state in MADE:
            self._pictures.want_review(image_id)

    def job_of(self, image_id: str) -> str:
        return self._jobs.image(image_id).job_id

    def move_job(self, job_id: str, state: JobState, reason: str = "") -> None:
        if state == JobState.FAILED:
            for image in self._jobs.images(job_id):
                self.give_up(image.id, reason)
        self._jobs.move(job_id, state, reason)

    def finish(self, job_id: str) -> str | None:
        """Name the job's end. A new listing that could not be bought for now is looked at again."""
        job, images = self._jobs.end(job_id, ending.ending)
        if next_day.is_planned_anew(job, images):
            self._again(job, "over_budget", next_day.begins(self._clock()))
        return job.shop if self._announce and self._announce.is_news(images) else None

    def tell(self, job_id: str) -> None:
        if self._announce:
            self._announce.tell(job_id)

    def _on_hold(self, job: Job) -> Outcome | None:
        return self._backfills.closed(job.backfill_id) if self._backfills and job.backfill_id else None

    def _again(self, job: Job, state: str, at: datetime) -> None:
        self._watch.settle(job.shop, job.product_id, waiting=True, state=state, reason=job.reason)
        self._watch.recheck(job.shop, job.product_id, at)

    def _served(self, image_ids: Sequence[str], do: Callable[[], Outcome]) -> Outcome:
        """What *do* says; a shop that turns us away is paused, and the pictures wait."""
        try:
            return do()
        except NeedsAttention as error:
            return self._look.pauses.pause(self._jobs.image(image_ids[0]).shop, error)
