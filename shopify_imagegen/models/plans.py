"""What we intend: who asked, which pictures with which words, or why none."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from shopify_imagegen.models.value import Value

Place = Literal["last", "second", "first"]  #: in a gallery
Review = Literal["", "wanted", "approved"]  #: nobody asked for a decision; a person must decide; a person let it in


class Trigger(StrEnum):
    """Who asked. The order of the queue: a person waiting, a new listing, a backfill."""

    NEW_LISTING = "new_listing"
    PERSON = "person"
    FLOW = "flow"
    BACKFILL = "backfill"
    TEST = "test"  #: a person tries a style: the picture is looked at, and put on no product


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
    place: Place | None = None  #: where a person wants it; None means publish.position
    review: Review = ""  #: what stands between the picture and its product, whatever publish.mode says later
    generation: int = 1  #: 2 for the first picture that was made anew for the same slot
    replaces: str | None = None  #: id of the picture in whose place it goes once it is published
    option: str = ""  #: "Color: Red", where it is made for the variants of one value
    variants: tuple[str, ...] = ()  #: ids of those, to show it once it is published
    is_test: bool = False  #: made to try a style: it is looked at, and put on no product unless a person says so
    style_image: Reference | None = None  #: sent behind the references, for light, colours and mood alone


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
