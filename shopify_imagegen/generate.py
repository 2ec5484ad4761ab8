"""Stage 2: buy one picture. Ledger row first, then the one paid call, then bytes and settlement in one commit."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Literal

from shopify_imagegen import budget
from shopify_imagegen.errors import (
    Conflict,
    ImagegenError,
    NeedsAttention,
    NoAnswer,
    NotCollected,
    RateLimited,
    Rejected,
    Temporary,
)
from shopify_imagegen.models import (
    GO_ON,
    Ceiling,
    Image,
    ImageState,
    Job,
    Outcome,
    Purchase,
    PurchaseState,
    Receipt,
    Rendering,
)
from shopify_imagegen.moves import onward
from shopify_imagegen.pausing import ProviderPauses
from shopify_imagegen.photos import Photos
from shopify_imagegen.places import Places
from shopify_imagegen.ports import Clock, Decisions, ImageProvider, Jobs, Ledger, Patience
from shopify_imagegen.settings import BudgetSection
from shopify_imagegen.till import NotCalled, Till, about

logger = logging.getLogger(__name__)

INTERRUPTED = "The program stopped during the purchase; whether the provider charged for it is not known."
BUG = "An error of the program came in the way of the purchase; whether the provider charged for it is not known."
AGAIN = "Perhaps charged; it is bought once more, as budget.on_unknown says."
LONGEST_WAIT_S = 3600.0  # that a provider may ask for; later tries find out by themselves
COLLECT_FOR = timedelta(minutes=10)  # after the reservation
STALE_S = 1.0  # a wait for a place after which it is asked again whether it may be bought
NOT_BOUGHT = (ImageState.PLANNED, ImageState.UNKNOWN, ImageState.REFUSED)  # as far as a picture knows by itself
GOING = (ImageState.PLANNED, ImageState.BOUGHT, ImageState.STAGED, ImageState.PUBLISHED)


class Held(Exception):
    """The paid call was not made: while it waited for its place, something came to stand against it."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class Generate:
    """Buys pictures, each at most once.

    Args:
        patience: repeats the paid call while it certainly did not begin.
        stubborn: repeats a call to our own database while that is away; the picture in hand is worth it.
        limits: of a shop.
        places: at the provider's.
        pauses: of the provider; without them, each picture learns by itself that it cannot be bought.
        decisions: needed for *on_unknown* "retry_once".
        on_unknown: what follows a purchase that was perhaps charged: a person decides, or it is made once more.
        collect_for: how long a refused download of a sold picture may be a passing mood, where the receipt does not
            say when it ends.
        of_backfill: the ceiling of a backfill of that id.
    """

    def __init__(
        self,
        *,
        jobs: Jobs,
        ledger: Ledger,
        provider: ImageProvider,
        photos: Photos,
        patience: Patience[Rendering],
        stubborn: Patience[None],
        limits: Callable[[str], BudgetSection],
        clock: Clock,
        places: Places,
        pauses: ProviderPauses | None = None,
        decisions: Decisions | None = None,
        on_unknown: Literal["hold", "retry_once"] = "hold",
        collect_for: timedelta = COLLECT_FOR,
        of_backfill: Callable[[str], Ceiling] | None = None,
    ) -> None:
        self._of_backfill = of_backfill
        self._jobs = jobs
        self._ledger = ledger
        self._till = Till(ledger, stubborn)
        self._provider = provider
        self._photos = photos
        self._patience = patience
        self._limits = limits
        self._clock = clock
        self._places = places
        self._pauses = pauses
        self._collect_for = collect_for
        self._decisions = decisions if on_unknown == "retry_once" else None

    def buy(
        self, image_id: str, *, forbidden: Outcome | None = None, meanwhile: Callable[[], Outcome | None] = lambda: None
    ) -> Outcome:
        """Buy the picture, unless the ledger says that it was bought, or may have been.

        Args:
            forbidden: what stands against a purchase now. A picture that was sold before is fetched all the same.
            meanwhile: asked the same once more, where the purchase had to wait.
        """
        image = self._jobs.image(image_id)
        if image.state not in GOING:  # this step has ended so before
            return Outcome(next="stop", reason=image.reason)
        purchase = self._ledger.find(image.id)
        if purchase and purchase.state not in (PurchaseState.RESERVED, PurchaseState.REFUSED):
            return self._go_on(image, purchase)
        reserved = bool(purchase and purchase.state == PurchaseState.RESERVED)
        if said := self._against(image, forbidden, reserved=reserved):
            return said
        return self._purchase(image, meanwhile, reserved=reserved)

    def give_up(self, image_id: str, reason: str) -> None:
        """End a picture that could not be bought; money that was set aside for it is given back."""
        image = self._jobs.image(image_id)
        if image.state != ImageState.PLANNED:
            return
        purchase = self._ledger.find(image.id)
        match purchase.state if purchase else None:
            case PurchaseState.SENT if purchase and purchase.receipt:
                self._stop(image, ImageState.FAILED, f"Bought, but the picture could not be fetched yet: {reason}")
            case PurchaseState.SENT:
                self._till.unknown(image, INTERRUPTED)
                self._stop(image, ImageState.UNKNOWN, INTERRUPTED)
            case PurchaseState.PAID:
                self._stop(image, ImageState.FAILED, f"Bought and kept, but not in the store yet: {reason}")
            case PurchaseState.UNKNOWN:
                self._stop(image, ImageState.UNKNOWN, purchase.reason if purchase and purchase.reason else INTERRUPTED)
            case state:
                self._refuse(image, f"Not bought: {reason}", reserved=state == PurchaseState.RESERVED)

    def take_up(self, image_id: str, *, refused: bool) -> None:
        """Plan a picture again that was sold and never fetched; one that was certainly not charged if *refused*."""
        image = self._jobs.image(image_id)
        purchase = self._ledger.find(image.id)
        sold = image.state == ImageState.FAILED and purchase and purchase.receipt
        if sold or (refused and image.state in (ImageState.REFUSED, ImageState.OVER_BUDGET)):
            onward(self._jobs, image, ImageState.PLANNED)

    def _go_on(self, image: Image, purchase: Purchase) -> Outcome:
        """Where an earlier run of this step has left it."""
        if purchase.state == PurchaseState.PAID and purchase.reason:
            return self._stop(image, ImageState.FAILED, purchase.reason)
        if purchase.state == PurchaseState.PAID:
            return self._bought(image)
        if purchase.state == PurchaseState.UNKNOWN:
            return self._in_doubt(image, purchase.reason or INTERRUPTED)
        receipt = purchase.receipt
        if receipt:
            return self._settle(image, lambda: self._provider.collect(receipt))
        return self._unknown(image, INTERRUPTED)

    def _against(self, image: Image, said: Outcome | None, *, reserved: bool) -> Outcome | None:
        """What becomes of the picture where something stands against its purchase; None where nothing does."""
        if said is None and self._pauses:
            said = self._pauses.closed(image.brief.price_microusd)
        return self._refuse(image, said.reason, reserved=reserved) if said and said.next == "stop" else said

    def _purchase(self, image: Image, meanwhile: Callable[[], Outcome | None], *, reserved: bool) -> Outcome:
        try:
            pictures = self._references(image)
        except Rejected as error:
            return self._refuse(image, str(error), reserved=reserved)
        full = None if reserved else self._reserve(image)
        if full:
            price = budget.dollars(image.brief.price_microusd)
            return self._stop(
                image, ImageState.OVER_BUDGET, f"Not bought: {full.words} budget has no room for {price}."
            )
        return self._settle(image, lambda: self._patience(lambda: self._call(image, pictures, meanwhile)))

    def make_ready(self, image: Image) -> None:
        """Have the product's photos at hand, so that a paid call need not wait for them; what fails is told then."""
        with contextlib.suppress(ImagegenError):
            self._references(image)

    def _references(self, image: Image) -> list[bytes]:
        return self._photos.of(image.brief, limit=self._provider.max_references)

    def _call(self, image: Image, pictures: list[bytes], meanwhile: Callable[[], Outcome | None]) -> Rendering:
        """One attempt. The row says `sent` exactly while we cannot know whether we are being charged."""
        with self._places.taken() as waited_s:
            if waited_s > STALE_S and (said := self._against(image, meanwhile(), reserved=True)):
                raise Held(said)
            self._till.sent(image)
            try:
                return self._provider.render(
                    image.brief, pictures, on_receipt=lambda receipt: self._till.sold(image, receipt)
                )
            except Temporary:
                self._till.not_begun(image)
                raise

    def _settle(self, image: Image, get: Callable[[], Rendering]) -> Outcome:
        """Get the picture, and write down what became of the money whatever happens."""
        try:
            rendering = get()
        except Held as held:
            return held.outcome
        except (NotCalled, NotCollected) as error:
            return Outcome(next="later", reason=str(error))
        except Temporary as error:
            return self._not_now(image, error)
        except (Rejected, NeedsAttention) as error:
            return self._refused(image, error)
        except NoAnswer as error:
            return self._no_answer(image, f"{error}; whether it was charged is not known.")
        except Exception:
            logger.exception("a purchase met a bug", extra=about(image, "purchase_failed"))
            return self._no_answer(image, BUG)
        self._till.paid(image, rendering)
        return self._bought(image)

    # What became of it

    def _no_answer(self, image: Image, reason: str) -> Outcome:
        if self._till.receipt(image):
            return Outcome(next="later", reason=reason)
        return self._unknown(image, reason)

    def _not_now(self, image: Image, error: Temporary) -> Outcome:
        """Not bought in all the attempts of this step; a later one reserves anew."""
        if not self._till.receipt(image):
            self._till.refused(image, f"{error}; nothing was charged.")
        wait_s = error.retry_after_s if isinstance(error, RateLimited) else None
        return Outcome(next="later", reason=str(error), retry_after_s=min(wait_s, LONGEST_WAIT_S) if wait_s else None)

    def _refused(self, image: Image, error: ImagegenError) -> Outcome:
        receipt = self._till.receipt(image)
        if receipt:
            return self._not_fetched(image, receipt, error)
        if isinstance(error, NeedsAttention) and self._pauses:
            self._till.refused(image, str(error))
            return self._pauses.pause(error)
        return self._refuse(image, str(error), reserved=True)

    def _not_fetched(self, image: Image, receipt: Receipt, error: ImagegenError) -> Outcome:
        """The download of a sold picture is refused. Before its time is over, that may change."""
        if not self._is_over(image, receipt):
            logger.warning("a sold picture cannot be fetched yet: %s", error, extra=about(image, "not_fetched"))
            return Outcome(next="later", reason=str(error))
        reason = f"Bought, but the picture could not be fetched: {error}"
        self._till.lost(image, reason)
        return self._stop(image, ImageState.FAILED, reason)

    def _is_over(self, image: Image, receipt: Receipt) -> bool:
        now, purchase = self._clock(), self._till.row(image)
        if receipt.expires_at:
            return now >= receipt.expires_at
        return purchase is None or now >= purchase.created_at + self._collect_for

    def _refuse(self, image: Image, reason: str, *, reserved: bool) -> Outcome:
        """Certainly not charged."""
        if reserved:
            self._till.refused(image, reason)
        return self._stop(image, ImageState.REFUSED, reason)

    def _unknown(self, image: Image, reason: str) -> Outcome:
        self._till.unknown(image, reason)
        return self._in_doubt(image, reason)

    def _in_doubt(self, image: Image, reason: str) -> Outcome:
        """Perhaps charged: it waits for a person, unless the settings have decided before, and once only."""
        if self._decisions is None or self._decisions.earlier(image.id):
            return self._stop(image, ImageState.UNKNOWN, reason)
        try:
            self._decisions.buy_again(image.id, by="budget.on_unknown")
        except Conflict:  # a person was quicker
            return self._stop(image, ImageState.UNKNOWN, reason)
        return Outcome(next="later", reason=AGAIN)

    def _bought(self, image: Image) -> Outcome:
        if image.state == ImageState.PLANNED:
            self._say(image, ImageState.BOUGHT)
        return GO_ON

    def _stop(self, image: Image, state: ImageState, reason: str) -> Outcome:
        self._say(image, state, reason)
        return Outcome(next="stop", reason=reason)

    def _say(self, image: Image, state: ImageState, reason: str = "") -> None:
        """Let the picture say what became of its purchase, unless it has gone further in other hands."""
        with suppress(Conflict):
            self._jobs.move_image(image.id, state, reason, when=NOT_BOUGHT)

    def _reserve(self, image: Image) -> Ceiling | None:
        """Set the money aside, or say which ceiling has no room for it."""
        job = self._jobs.job(image.job_id)
        above = (self._of_backfill(job.backfill_id),) if job.backfill_id and self._of_backfill else ()
        ceilings = (*above, *budget.ceilings(image.shop, self._clock(), self._limits(image.shop)))
        return self._ledger.reserve(self._intent(image, job), ceilings)

    def _intent(self, image: Image, job: Job) -> Purchase:
        now = self._clock()
        return Purchase(
            key=image.id,
            shop=image.shop,
            product_id=image.product_id,
            job_id=image.job_id,
            recipe=job.recipe,
            slot=image.slot,
            trigger=job.trigger,
            state=PurchaseState.RESERVED,
            reserved_microusd=image.brief.price_microusd,
            day=budget.day(now),
            created_at=now,
        )
