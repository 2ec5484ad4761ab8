"""What reached us and shall be acted on once: webhook deliveries and people's requests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from shopify_imagegen.models.jobs import ImageState
from shopify_imagegen.models.plans import Place, Trigger
from shopify_imagegen.models.value import Value


class ProductChanged(Value):
    """A product was made or edited; the payload is not trusted beyond its id."""

    kind: Literal["product_changed"] = "product_changed"
    product_id: str
    created: bool  #: True for products/create


class ProductDeleted(Value):
    kind: Literal["product_deleted"] = "product_deleted"
    product_id: str


class GenerateRequested(Value):
    """A person, or Flow, wants pictures for a product now."""

    kind: Literal["generate_requested"] = "generate_requested"
    product_id: str
    trigger: Trigger = Trigger.PERSON
    note: str = ""  #: in the merchant's words; goes into the prompt
    scene: str | None = None  #: id in the scene library
    count: Annotated[int, Field(ge=1, le=10)] | None = None  #: pictures; None means images.per_product


class ImageApproved(Value):
    """A person lets a picture into the shop window: one that waits, or one that was kept off or taken off before."""

    kind: Literal["image_approved"] = "image_approved"
    image_id: str
    by: str = ""  #: who decided: the user's id, or "cli"
    alt: Annotated[str, Field(max_length=512)] | None = None  #: instead of ours
    place: Place | None = None  #: None means publish.position
    alone: bool = False  #: the job's other pictures that wait are rejected
    saw: ImageState | None = None  #: the state in which it was approved; in another one by then, it is not approved


class RegenerateRequested(Value):
    """A person wants another picture in the place of one of ours."""

    kind: Literal["regenerate_requested"] = "regenerate_requested"
    image_id: str
    note: str = ""  #: "brighter, no plants"; goes into the prompt
    by: str = ""
    trigger: Trigger = Trigger.PERSON


class RollbackRequested(Value):
    """A person wants pictures of ours taken back."""

    kind: Literal["rollback_requested"] = "rollback_requested"
    images: tuple[str, ...]  #: their ids, as `Rollback.choose` names them
    by: str = ""
    delete_files: bool = False  #: from the store's Files too, for good
    anyway: bool = False  #: also those that variants use, and a product's only photo


class BackfillRollbackRequested(Value):
    """A person wants all pictures of a backfill taken back."""

    kind: Literal["backfill_rollback_requested"] = "backfill_rollback_requested"
    id: str = ""  #: of this wish: of two for one backfill, one carries it out
    backfill_id: str
    by: str = ""
    delete_files: bool = False  #: from the store's Files too, for good
    anyway: bool = False  #: also those that variants use, and a product's only photo


class JobRetried(Value):
    """A person wants a job that has ended to make and publish what it left undone."""

    kind: Literal["job_retried"] = "job_retried"
    job_id: str


class AppUninstalled(Value):
    kind: Literal["app_uninstalled"] = "app_uninstalled"


class ScopesChanged(Value):
    kind: Literal["scopes_changed"] = "scopes_changed"
    scopes: tuple[str, ...]


class ShopRedact(Value):
    """48 h after an uninstall: erase what is left of the shop."""

    kind: Literal["shop_redact"] = "shop_redact"


class CustomerPrivacy(Value):
    """A customer asks what we hold, or wants it erased. We hold nothing about customers."""

    kind: Literal["customer_privacy"] = "customer_privacy"
    request: Literal["data_request", "redact"]


Intent = Annotated[
    ProductChanged
    | ProductDeleted
    | GenerateRequested
    | ImageApproved
    | RegenerateRequested
    | RollbackRequested
    | BackfillRollbackRequested
    | JobRetried
    | AppUninstalled
    | ScopesChanged
    | ShopRedact
    | CustomerPrivacy,
    Field(discriminator="kind"),
]


class Arrival(Value):
    """Something that reached us and shall be acted on once: a webhook delivery, or a person's request."""

    id: str  #: the delivery's; the same when Shopify repeats it
    event_id: str = ""  #: of what happened; the same in every delivery it caused
    source: str  #: "webhook", "cli", "admin", "flow"
    topic: str  #: "products/create"; "" for a person's request
    shop: str  #: "nice-lamps.myshopify.com"
    triggered_at: datetime | None = None  #: Shopify's clock
    received_at: datetime | None = None  #: our clock, as it was written down
    intent: Intent | None  #: None: nothing to do (an unknown topic)
