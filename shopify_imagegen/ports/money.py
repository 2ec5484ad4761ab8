"""What was bought: the ledger, what is decided about doubtful purchases, and the bytes that were paid for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from shopify_imagegen.models import Ceiling, Purchase, Receipt, Rendering


class Ledger(Protocol):
    """The one place that knows what was bought. Every method is one commit."""

    def find(self, key: str) -> Purchase | None: ...

    def reserve(self, purchase: Purchase, ceilings: Sequence[Ceiling]) -> Ceiling | None:
        """Set the money aside, or name the first ceiling without room. A refused row may be reserved again."""

    def sent(self, key: str) -> None:
        """The paid call is about to leave."""

    def not_begun(self, key: str) -> None:
        """The paid call certainly did not begin: back to reserved."""

    def sold(self, key: str, receipt: Receipt) -> None:
        """The provider says that it charged us; the picture is still to come."""

    def paid(self, key: str, rendering: Rendering, *, spare_microusd: int) -> None:
        """Settle at the provider's cost (or *spare_microusd* if it named none) and spool the bytes, in one commit."""

    def lost(self, key: str, reason: str) -> None:
        """Charged, and the picture will never come: settled as paid, without bytes."""

    def refused(self, key: str, reason: str) -> None:
        """Certainly not charged: give the money back."""

    def unknown(self, key: str, reason: str) -> None:
        """Perhaps charged: the money stays spent."""


class Decisions(Protocol):
    """What is decided about purchases of unknown outcome. The money stays counted either way."""

    def buy_again(self, key: str, *, by: str) -> Purchase:
        """Free the key for one more purchase; the first steps aside under another key.

        Raises: Conflict when it is not unknown, or was decided on before.
        """

    def earlier(self, key: str) -> tuple[Purchase, ...]:
        """Purchases of the same picture that stepped aside."""


class Spool(Protocol):
    """Paid bytes, from their arrival until the store's Files have them."""

    def read(self, key: str) -> bytes | None: ...

    def drop(self, key: str) -> None: ...
