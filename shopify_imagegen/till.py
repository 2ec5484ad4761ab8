"""What became of the money, told to the ledger stubbornly: who holds a paid picture does not give up on a commit."""

from __future__ import annotations

import logging
from collections.abc import Callable

from shopify_imagegen.errors import Conflict, ImagegenError, Temporary
from shopify_imagegen.models import Image, Purchase, PurchaseState, Receipt, Rendering
from shopify_imagegen.ports import Ledger, Patience

logger = logging.getLogger(__name__)


class NotCalled(Exception):
    """The ledger could not be told about the paid call; so it was not made. No reason to try it again at once."""


class Till:
    """The ledger's row of one picture after the other.

    Args:
        stubborn: repeats a call to our own database while that is away.
    """

    def __init__(self, ledger: Ledger, stubborn: Patience[None]) -> None:
        self._ledger = ledger
        self._stubborn = stubborn

    def row(self, image: Image) -> Purchase | None:
        """As stubbornly as it is written: what to do about money depends on it."""
        found: list[Purchase | None] = []
        self._stubborn(lambda: found.append(self._ledger.find(image.id)))
        return found[-1]

    def receipt(self, image: Image) -> Receipt | None:
        purchase = self.row(image)
        return purchase.receipt if purchase else None

    def sent(self, image: Image) -> None:
        """The paid call is about to leave. Raises: NotCalled."""
        try:
            self._stubborn(lambda: self._ledger.sent(image.id))
        except (Temporary, Conflict) as error:
            raise NotCalled(str(error)) from error

    def not_begun(self, image: Image) -> None:
        """The paid call certainly did not begin. Raises: NotCalled, where that could not be written down."""
        try:
            self._tell(image, PurchaseState.RESERVED, lambda: self._ledger.not_begun(image.id))
        except ImagegenError as error:
            raise NotCalled(str(error)) from error

    def sold(self, image: Image, receipt: Receipt) -> None:
        """Write the receipt down. It never raises: a database that is away is no sign that nothing was bought."""
        try:
            self._stubborn(lambda: self._ledger.sold(image.id, receipt))
        except Exception:
            logger.exception("receipt could not be written down", extra=about(image, "receipt_lost"))

    def paid(self, image: Image, rendering: Rendering) -> None:
        price = image.brief.price_microusd
        self._tell(image, PurchaseState.PAID, lambda: self._ledger.paid(image.id, rendering, spare_microusd=price))
        cost = price if rendering.cost_microusd is None else rendering.cost_microusd
        level, words = logging.INFO, "picture paid for"
        if cost > price:
            level, words = logging.WARNING, "picture paid for, at more than its price; check the provider's prices_usd"
        logger.log(level, words, extra=about(image, "paid") | {"cost_microusd": cost, "price_microusd": price})

    def lost(self, image: Image, reason: str) -> None:
        """Charged, and the picture will never come."""
        self._tell(image, PurchaseState.PAID, lambda: self._ledger.lost(image.id, reason))
        logger.warning("a bought picture was lost", extra=about(image, "lost"))

    def refused(self, image: Image, reason: str) -> None:
        """Certainly not charged."""
        self._tell(image, PurchaseState.REFUSED, lambda: self._ledger.refused(image.id, reason))

    def unknown(self, image: Image, reason: str) -> None:
        """Perhaps charged."""
        self._tell(image, PurchaseState.UNKNOWN, lambda: self._ledger.unknown(image.id, reason))
        logger.warning("purchase of unknown outcome", extra=about(image, "unknown"))

    def _tell(self, image: Image, state: PurchaseState, write: Callable[[], None]) -> None:
        """What got through without our hearing of it may be refused the second time; then the row says so."""
        try:
            self._stubborn(write)
        except Conflict:
            purchase = self.row(image)
            if purchase is None or purchase.state != state:
                raise


def about(image: Image, action: str) -> dict[str, object]:
    """The fields of a log line."""
    return {"action": action, "job": image.job_id, "image": image.id, "shop": image.shop}
