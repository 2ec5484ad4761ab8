"""Make a picture anew: plan one more generation for the same slot. The line buys it, `swap` puts it in its place."""

from __future__ import annotations

from shopify_imagegen.errors import NeedsAttention, NotFound
from shopify_imagegen.look import Look
from shopify_imagegen.models import Image, ImageState, Plan, RegenerateRequested, Skip
from shopify_imagegen.plan import Ask, again, gone
from shopify_imagegen.ports import Catalog, Jobs, Pictures

BEING_MADE = (ImageState.PLANNED, ImageState.BOUGHT)
NOT_BOUGHT = (ImageState.REFUSED, ImageState.OVER_BUDGET)

WHY_NOT = {
    ImageState.PLANNED: "This picture is still being made; wait until it is done.",
    ImageState.BOUGHT: "This picture is still being made; wait until it is done.",
    ImageState.REFUSED: "This picture was never bought; take up its job again instead (jobs retry).",
    ImageState.OVER_BUDGET: "This picture was not bought for want of budget; take up its job again (jobs retry).",
    ImageState.UNKNOWN: "Whether this picture was charged is not known; decide on that first (spend unknown).",
    ImageState.REPLACED: "A newer picture is in its place already; make that one anew.",
}
WAITS = "A newer picture in its place waits for review; decide on that one, or make that one anew."
IN_DOUBT = "Whether a newer picture in its place was charged is not known; decide on that first (spend unknown)."
OTHER_JOB = "Other photos of this product are being made; ask again when they are done."
ALREADY = "A newer picture in its place is being made already."


class Regenerate:
    """Plans a picture in another's place. The same generation is never planned twice, so never bought twice."""

    def __init__(self, *, catalog: Catalog, jobs: Jobs, pictures: Pictures, look: Look) -> None:
        self._catalog = catalog
        self._jobs = jobs
        self._pictures = pictures
        self._look = look

    def on_request(self, shop: str, request: RegenerateRequested) -> tuple[str | None, str]:
        """The id of a job to be run, or None and the reason.

        Raises:
            NotFound: there is no such picture in this shop. Rejected: its scene is gone or switched off.
        """
        old = self._mine(shop, request.image_id)
        closed = self._look.pauses.closed(shop)
        if closed:
            return None, closed.reason
        newer = self._newer(old)
        running = next((image for image in newer if image.state in BEING_MADE), None)
        if running:
            return running.job_id, ALREADY
        against = _against(old, newer)
        if against:
            return None, against
        try:
            decision = self._planned(shop, request, old, newer)
        except NeedsAttention as error:
            return None, self._look.pauses.pause(shop, error).reason
        if isinstance(decision, Skip):
            return None, decision.reason
        job = self._look.begin(shop, decision, request.trigger)
        return (job.id, "") if job.recipe == decision.recipe else (None, OTHER_JOB)

    def preview(self, shop: str, request: RegenerateRequested) -> Plan | Skip:
        """The same, without a trace: nothing is written or bought. Raises: NotFound, Rejected."""
        old = self._mine(shop, request.image_id)
        return self._planned(shop, request, old, self._newer(old))

    def _planned(self, shop: str, request: RegenerateRequested, old: Image, newer: tuple[Image, ...]) -> Plan | Skip:
        try:
            product = self._catalog.product(shop, old.product_id)
        except NotFound:
            return gone(old.product_id)
        ours = self._jobs.our_media(shop, old.product_id)
        ask = Ask(shop=shop, trigger=request.trigger, ours=ours, note=request.note)
        spent = sum(image.state not in NOT_BOUGHT for image in newer)
        return again(product, self._look.priced(shop), ask, old, generation=old.brief.generation + 1 + spent)

    def _newer(self, old: Image) -> tuple[Image, ...]:
        """Pictures that were planned in its place."""
        every = self._pictures.of_product(old.shop, old.product_id)
        return tuple(image for image in every if image.brief.replaces == old.id)

    def _mine(self, shop: str, image_id: str) -> Image:
        image = self._jobs.image(image_id)
        if image.shop != shop:
            raise NotFound(f"there is no picture {image_id} in {shop}")
        return image


def _against(old: Image, newer: tuple[Image, ...]) -> str:
    """Why the picture cannot be made anew now; "" where nothing is against it."""
    if old.state in WHY_NOT:
        return WHY_NOT[old.state]
    states = {image.state for image in newer}
    if ImageState.STAGED in states:
        return WAITS
    return IN_DOUBT if ImageState.UNKNOWN in states else ""
