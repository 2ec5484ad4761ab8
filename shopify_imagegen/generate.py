"""Stage 2: buy one picture. Ledger row first, then the one paid call, then bytes and settlement in one commit."""

from __future__ import annotations

import logging
from collections.abc import Callable

from shopify_imagegen import budget, photos
from shopify_imagegen.errors import (
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
    Outcome,
    Purchase,
    PurchaseState,
    Receipt,
    Rendering,
)
from shopify_imagegen.ports import Clock, Downloads, ImageProvider, Jobs, Ledger, Patience
from shopify_imagegen.settings import BudgetSection

logger = logging.getLogger(__name__)

INTERRUPTED = "The program stopped during the purchase; whether the provider charged for it is not known."


class Generate:
    """Buys pictures, each at most once.

    Args:
        patience: repeats the paid call while it certainly did not begin.
        stubborn: repeats a write to our own database while that is away; the picture in hand is worth it.
    """

    def __init__(
        self,
        *,
        jobs: Jobs,
        ledger: Ledger,
        provider: ImageProvider,
        downloads: Downloads,
        patience: Patience[Rendering],
        stubborn: Patience[None],
        limits: BudgetSection,
        clock: Clock,
    ) -> None:
        self._jobs = jobs
        self._ledger = ledger
        self._provider = provider
        self._downloads = downloads
        self._patience = patience
        self._stubborn = stubborn
        self._limits = limits
        self._clock = clock

    def buy(self, image_id: str) -> Outcome:
        """Buy the picture, unless the ledger says that it was bought, or may have been."""
        image = self._jobs.image(image_id)
        purchase = self._ledger.find(image.id)
        match purchase.state if purchase else None:
            case PurchaseState.PAID if purchase and purchase.reason:
                return self._stop(image, ImageState.FAILED, purchase.reason)
            case PurchaseState.PAID:
                return self._bought(image)
            case PurchaseState.UNKNOWN:
                return self._stop(image, ImageState.UNKNOWN, str(purchase and purchase.reason))
            case PurchaseState.SENT if purchase and (receipt := purchase.receipt):
                return self._settle(image, lambda: self._provider.collect(receipt))
            case PurchaseState.SENT:
                return self._unknown(image, INTERRUPTED)
        try:
            pictures = photos.fetch(self._downloads, image.brief.references, limit=self._provider.max_references)
        except Rejected as error:
            return self._stop(image, ImageState.REFUSED, str(error))
        if purchase is None or purchase.state == PurchaseState.REFUSED:
            full = self._ledger.reserve(self._intent(image), self._ceilings(image))
            if full:
                reason = (
                    f"Not bought: {full.words} budget has no room for {budget.dollars(image.brief.price_microusd)}."
                )
                return self._stop(image, ImageState.OVER_BUDGET, reason)
        return self._settle(image, lambda: self._patience(lambda: self._call(image, pictures)))

    def _call(self, image: Image, pictures: list[bytes]) -> Rendering:
        """One attempt. The row says `sent` exactly while we cannot know whether we are being charged."""
        self._ledger.sent(image.id)
        try:
            return self._provider.render(image.brief, pictures, on_receipt=lambda receipt: self._note(image, receipt))
        except Temporary:
            self._stubborn(lambda: self._ledger.not_begun(image.id))
            raise

    def _note(self, image: Image, receipt: Receipt) -> None:
        """Write the receipt down. It must not raise: a database that is away is no sign that nothing was bought."""
        try:
            self._stubborn(lambda: self._ledger.sold(image.id, receipt))
        except ImagegenError:
            self._log(logging.WARNING, "receipt could not be written down", image, action="receipt_lost")

    def _settle(self, image: Image, get: Callable[[], Rendering]) -> Outcome:
        """Get the picture, and write down what became of the money whatever happens."""
        try:
            rendering = get()
        except NotCollected as error:
            return Outcome(next="later", reason=str(error))
        except NoAnswer as error:
            return self._no_answer(image, error)
        except Temporary as error:
            return self._not_now(image, error)
        except (Rejected, NeedsAttention) as error:
            return self._refused(image, error)
        self._stubborn(lambda: self._ledger.paid(image.id, rendering, spare_microusd=image.brief.price_microusd))
        self._log(logging.INFO, "picture paid for", image, action="paid", cost_microusd=rendering.cost_microusd)
        return self._bought(image)

    def _no_answer(self, image: Image, error: NoAnswer) -> Outcome:
        if self._sold(image):
            return Outcome(next="later", reason=str(error))
        return self._unknown(image, f"{error}; whether it was charged is not known.")

    def _not_now(self, image: Image, error: Temporary) -> Outcome:
        if not self._sold(image):
            self._ledger.refused(image.id, f"{error}; nothing was charged.")
        wait = error.retry_after_s if isinstance(error, RateLimited) else None
        return Outcome(next="later", reason=str(error), retry_after_s=wait)

    def _refused(self, image: Image, error: ImagegenError) -> Outcome:
        if self._sold(image):
            self._ledger.lost(image.id, str(error))
            reason = f"Bought, but the picture could not be fetched: {error}"
            return self._stop(image, ImageState.FAILED, reason)
        self._ledger.refused(image.id, str(error))
        return self._stop(image, ImageState.REFUSED, str(error))

    def _unknown(self, image: Image, reason: str) -> Outcome:
        self._ledger.unknown(image.id, reason)
        self._log(logging.WARNING, "purchase of unknown outcome", image, action="unknown")
        return self._stop(image, ImageState.UNKNOWN, reason)

    def _bought(self, image: Image) -> Outcome:
        if image.state == ImageState.PLANNED:
            self._jobs.move_image(image.id, ImageState.BOUGHT)
        return GO_ON

    def _stop(self, image: Image, state: ImageState, reason: str) -> Outcome:
        self._jobs.move_image(image.id, state, reason)
        return Outcome(next="stop", reason=reason)

    def _sold(self, image: Image) -> bool:
        purchase = self._ledger.find(image.id)
        return bool(purchase and purchase.receipt)

    def _ceilings(self, image: Image) -> tuple[Ceiling, ...]:
        return budget.ceilings(image.shop, self._clock(), self._limits)

    def _intent(self, image: Image) -> Purchase:
        now, job = self._clock(), self._jobs.job(image.job_id)
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

    def _log(self, level: int, words: str, image: Image, **fields: object) -> None:
        logger.log(level, words, extra={"job": image.job_id, "image": image.id, "shop": image.shop, **fields})
