"""The frozen values that the rooms hand each other. No behaviour beyond reading themselves."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MICRO_PER_USD = 1_000_000


class Value(BaseModel):
    """Frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# What a merchant's shop tells us


class Photo(Value):
    """One medium on a product's gallery, as Shopify last showed it."""

    id: str  #: "gid://shopify/MediaImage/9"
    kind: str  #: "IMAGE", "VIDEO", "EXTERNAL_VIDEO", "MODEL_3D"
    status: str  #: "UPLOADED", "PROCESSING", "READY", "FAILED"
    alt: str = ""
    url: str | None = None  #: of the CDN; None until READY
    reference_url: str | None = None  #: the same at most 1536 px, JPEG where Shopify can
    width_px: int | None = None  #: of the original
    height_px: int | None = None


class Option(Value):
    """A product option and its values: "Colour": ("Oak", "Walnut")."""

    name: str
    values: tuple[str, ...]


class Product(Value):
    """A product, re-read from Shopify; never a webhook's payload."""

    id: str  #: "gid://shopify/Product/1"
    handle: str
    title: str
    description_html: str = ""
    product_type: str = ""
    category: str = ""  #: Shopify's taxonomy, "Furniture > Tables > End Tables"; "" when unset
    vendor: str = ""
    tags: tuple[str, ...] = ()
    status: str = "ACTIVE"  #: "ACTIVE", "DRAFT", "ARCHIVED", "UNLISTED"
    is_gift_card: bool = False
    options: tuple[Option, ...] = ()  #: without the "Title / Default Title" dummy
    collections: tuple[str, ...] = ()  #: handles
    media: tuple[Photo, ...] = ()  #: in gallery order; at most the first 30
    media_count: int = 0  #: of the whole gallery
    created_at: datetime
    updated_at: datetime


# What we intend


class Trigger(StrEnum):
    """Who asked. The order of the queue: a person waiting, a new listing, a backfill."""

    NEW_LISTING = "new_listing"
    PERSON = "person"
    FLOW = "flow"
    BACKFILL = "backfill"


class Reference(Value):
    """A merchant's photo that the picture is made from."""

    media_id: str
    url: str


class Brief(Value):
    """One picture to be bought: everything the provider needs but the reference bytes."""

    key: str  #: of the purchase, the call, the file and the picture; 32 hex digits
    slot: int  #: 0, 1, …: which of the product's pictures
    scene: str  #: id in the scene library, "kitchen/morning-counter"
    scene_title: str  #: for people: "Sunlit kitchen counter"
    prompt: str  #: at most 4,096 characters
    references: tuple[Reference, ...]  #: main photo first
    model: str
    aspect_ratio: str  #: "4:5"
    resolution: str  #: "1K"
    output_format: str  #: "jpeg", "png" or "webp"
    price_microusd: int  #: what the provider is expected to charge
    alt: str  #: at most 512 characters
    file_name: str  #: unique by `key`: "oak-side-table-kitchen-lsp0123456789ab.jpg"


class Plan(Value):
    """Which pictures a product shall get."""

    product_id: str
    product_title: str
    recipe: str  #: hash of all that decides how the pictures look; 32 hex digits
    category: str  #: of our scene library: "furniture"
    facts: str  #: the product's words after cleaning, as the prompt quotes them
    notes: tuple[str, ...] = ()  #: what was dropped or shortened on the way, for the preview
    briefs: tuple[Brief, ...]

    @property
    def price_microusd(self) -> int:
        return sum(brief.price_microusd for brief in self.briefs)


class SkipReason(StrEnum):
    """Why a product gets no pictures now."""

    NO_PHOTOS = "no_photos"  #: none yet: waits for the first
    PHOTOS_NOT_READY = "photos_not_ready"  #: Shopify is still processing them
    OPTED_OUT = "opted_out"  #: tag no-ai-images
    STATUS = "status"
    RULES = "rules"  #: type, vendor, tag or collection rules
    GIFT_CARD = "gift_card"
    HAS_PICTURES = "has_pictures"  #: lifestyle photos of ours are already there
    MEDIA_LIMIT = "media_limit"  #: no room in the gallery
    TOO_EXPENSIVE = "too_expensive"  #: over budget.per_image_usd
    NOT_NEW = "not_new"  #: listed before we were installed, and nobody asked
    GONE = "gone"  #: deleted meanwhile
    NO_SCENES = "no_scenes"  #: every scene that fits is switched off
    IN_PROGRESS = "in_progress"  #: a job of this product is running


WAITING = {SkipReason.NO_PHOTOS, SkipReason.PHOTOS_NOT_READY, SkipReason.STATUS}
"""Skips that a later change of the product may lift by itself."""


class Skip(Value):
    """A product that gets no pictures, and why, in a merchant's words."""

    product_id: str
    product_title: str = ""
    why: SkipReason
    reason: str


# What was bought


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


# Where it stands


class Outcome(Value):
    """How a step ended: go on to the next, try the same later, or stop here. `reason` is for a merchant.

    `park`: the whole job stops here and waits, for as long as it takes, until a person has mended something.
    """

    next: Literal["go_on", "later", "stop", "park"]
    reason: str = ""
    retry_after_s: float | None = None


GO_ON = Outcome(next="go_on")


class JobState(StrEnum):
    """The named states a product's job can be in."""

    PLANNED = "planned"
    GENERATING = "generating"
    PUBLISHING = "publishing"
    AWAITING_REVIEW = "awaiting_review"
    PAUSED = "paused"  #: its store or the provider turns us away; goes on by itself when that is mended
    PUBLISHED = "published"  #: every picture is on the product and was read back
    PARTLY_PUBLISHED = "partly_published"  #: some are, the others say why not
    NOTHING_PUBLISHED = "nothing_published"  #: none is; each says why not
    FAILED = "failed"  #: stopped by something that a person must look at
    CANCELLED = "cancelled"


FINAL_JOB_STATES = {
    JobState.PUBLISHED,
    JobState.PARTLY_PUBLISHED,
    JobState.NOTHING_PUBLISHED,
    JobState.FAILED,
    JobState.CANCELLED,
}
RESTING_JOB_STATES = FINAL_JOB_STATES | {JobState.PAUSED, JobState.AWAITING_REVIEW}
"""Nothing of the job is under way, so that it may be taken up again."""


class Job(Value):
    """One product's way through the line."""

    id: str  #: also the durable workflow's id
    shop: str
    product_id: str
    product_title: str
    recipe: str
    trigger: Trigger
    state: JobState
    reason: str = ""
    created_at: datetime
    updated_at: datetime


class ImageState(StrEnum):
    """The named states of one picture."""

    PLANNED = "planned"
    BOUGHT = "bought"  #: paid; the bytes are in our spool
    REFUSED = "refused"  #: not bought, certainly not charged; `reason`
    OVER_BUDGET = "over_budget"  #: not bought: a ceiling has no room; tried again when the next day begins
    UNKNOWN = "unknown"  #: perhaps charged, no picture; a person decides
    UNFIT = "unfit"  #: bought, but inspection keeps it out of the shop window; `reason`
    STAGED = "staged"  #: in the store's Files, attached to nothing
    PUBLISHED = "published"  #: on the product, read back
    REJECTED = "rejected"  #: by the merchant
    FAILED = "failed"  #: bought, could not be published; the bytes are kept
    ROLLED_BACK = "rolled_back"


class Image(Value):
    """One picture of ours, from brief to shop window. `id` is the brief's and the purchase's key."""

    id: str
    job_id: str
    shop: str
    product_id: str
    slot: int
    state: ImageState
    reason: str = ""
    brief: Brief
    file_id: str | None = None  #: in the store's Files, and on the product when published
    sha256: str | None = None  #: of the bytes we uploaded
    width_px: int | None = None
    height_px: int | None = None
    created_at: datetime
    updated_at: datetime


# What reached us


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
    """A person lets a staged picture into the shop window."""

    kind: Literal["image_approved"] = "image_approved"
    image_id: str
    by: str = ""


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
    intent: Intent | None  #: None: nothing to do (an unknown topic)


class Shop(Value):
    """A store that has installed us."""

    domain: str
    state: Literal["active", "paused", "uninstalled"] = "active"
    reason: str = ""  #: of a pause
    grant: Literal["static", "client_credentials"]  #: how its token is had
    scopes: tuple[str, ...] = ()
    installed_at: datetime


# What is heard of products


class Listed(Value):
    """A product as a page of the catalogue lists it: enough to tell whether a look is worthwhile."""

    id: str
    status: str  #: "ACTIVE", "DRAFT", "ARCHIVED", "UNLISTED"
    has_media: bool
    created_at: datetime
    updated_at: datetime


class Page(Value):
    """A page of the catalogue."""

    products: tuple[Listed, ...]
    after: str | None  #: asks for the page behind this one; None: this is the last


class Watched(Value):
    """What we know of a product that a change was heard of."""

    created_seen: bool
    open: bool  #: a later change may still start a job
    is_due: bool  #: it will be looked at by itself
    state: str  #: that the last look ended in; "" before the first


class Cursor(Value):
    """How far a sweep has read in one shop."""

    value: str
    updated_at: datetime


class Hold(Value):
    """Many new products at once: one decision of a person."""

    id: str
    shop: str
    state: Literal["open", "started", "dismissed"]
    products: int
    created_at: datetime
    decided_at: datetime | None = None
    decided_by: str = ""


class Pause(Value):
    """Work that waits until something is mended."""

    scope: str  #: "provider:getimg"
    reason: str  #: for a merchant
    since: datetime
    tried_at: datetime  #: when it was last found to be still so


# What happens to a file in the store


class StoredFile(Value):
    """A picture in the store's Files, as Shopify last showed it."""

    id: str  #: "gid://shopify/MediaImage/9"
    status: str  #: "UPLOADED", "PROCESSING", "READY", "FAILED"
    url: str | None = None  #: of the CDN; None until READY
    alt: str = ""
    errors: tuple[str, ...] = ()  #: Shopify's words when FAILED


# What inspection finds


class Verdict(Value):
    """What inspection says of a bought picture."""

    fit: bool
    reason: str = ""  #: why not, in a merchant's words
    warnings: tuple[str, ...] = ()
    width_px: int = 0
    height_px: int = 0
    mime: str = ""  #: as the bytes say
