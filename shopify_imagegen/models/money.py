"""What was bought: what a provider sold us, and the rows of the ledger."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from shopify_imagegen.models.plans import Trigger
from shopify_imagegen.models.value import Value


class Receipt(Value):
    """A provider's word that it sold us a picture, which is still to be fetched."""

    url: str = Field(repr=False)  #: signed: whoever has it has the picture
    mime: str
    cost_microusd: int | None
    request_id: str
    expires_at: datetime | None = None  #: of the URL


class Rendering(Value):
    """What a provider sold us."""

    image: bytes = Field(repr=False)
    mime: str  #: as the provider says: "image/jpeg"
    cost_microusd: int | None  #: what the provider says it charged; None if it did not say
    request_id: str  #: the provider's own


class Ceiling(Value):
    """A limit on money within a scope and a period."""

    scope: str  #: "shop:nice-lamps.myshopify.com"
    period: str  #: "2026-11-22" or "2026-11", UTC
    limit_microusd: int
    words: str  #: for people: "the daily budget of $5.00"


class PurchaseState(StrEnum):
    """A ledger row's life: reserved, sent, then one of the others."""

    RESERVED = "reserved"  #: money set aside; nothing is under way at the provider
    SENT = "sent"  #: the paid call may have begun; found so after a crash, it becomes unknown
    PAID = "paid"
    REFUSED = "refused"  #: certainly not charged
    UNKNOWN = "unknown"  #: perhaps charged; counts as spent


class Purchase(Value):
    """A row of the ledger."""

    key: str
    shop: str
    product_id: str
    job_id: str
    recipe: str
    slot: int
    trigger: Trigger
    state: PurchaseState
    reserved_microusd: int
    cost_microusd: int | None = None
    request_id: str | None = None
    receipt: Receipt | None = None  #: of a sold picture that has not arrived yet
    reason: str | None = None  #: of refused and unknown
    day: str  #: UTC day of the reservation, "2026-11-22"
    created_at: datetime
    settled_at: datetime | None = None
    decision: Literal["written_off", "bought_again"] | None = None  #: of an unknown; it stays counted as spent

    @property
    def counts_microusd(self) -> int:
        """What it counts for in its budgets."""
        if self.state == PurchaseState.REFUSED:
            return 0
        return (self.cost_microusd or 0) if self.state == PurchaseState.PAID else self.reserved_microusd
