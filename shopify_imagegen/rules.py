"""Whether a product may get pictures at all, and if not, why not, in a sentence for the merchant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated

from pydantic import Field

from shopify_imagegen import naming
from shopify_imagegen.models import MICRO_PER_USD, Photo, Product, Skip, SkipReason, Trigger, Value
from shopify_imagegen.prompts.keywords import fold
from shopify_imagegen.prompts.studio import Studio, types_of

OPT_OUT_TAG = "no-ai-images"
MAX_MEDIA = 250  # per product; Shopify, read 2026-11-22
NOT_READY = {"UPLOADED", "PROCESSING"}


class Ask(Value):
    """One question about one product: who asks, for what, and what is known about it already."""

    shop: str  #: "nice-lamps.myshopify.com"
    trigger: Trigger
    is_new: bool = False  #: its products/create reached us
    waited_for_photo: bool = False  #: an earlier look found no photo
    ours: frozenset[str] = frozenset()  #: media ids that are ours, now or in the past
    shown: int = 0  #: pictures of ours that the product has or waits for
    renew: bool = False  #: pictures of ours are no reason against others
    busy: bool = False  #: a job of this product has not ended
    note: str = ""  #: in the merchant's words
    scene: str | None = None  #: id in the scene library, for the first picture
    count: Annotated[int, Field(ge=1, le=10)] | None = None  #: None means images.per_product


Check = Callable[[Product, Studio, Ask], Skip | None]


def why_not(product: Product, studio: Studio, ask: Ask) -> Skip | None:
    """The first reason against pictures for this product; None when there is none."""
    skips = (check(product, studio, ask) for check in CHECKS)
    return next((skip for skip in skips if skip), None)


def gone(product_id: str, title: str = "") -> Skip:
    """For a product that the shop no longer has."""
    reason = "The product has been deleted from the store."
    return Skip(product_id=product_id, product_title=title, why=SkipReason.GONE, reason=reason)


def skip(product: Product, why: SkipReason, reason: str) -> Skip:
    return Skip(product_id=product.id, product_title=product.title, why=why, reason=reason)


def count(studio: Studio, ask: Ask) -> int:
    return ask.count or studio.images.per_product


def merchants_photos(product: Product, ask: Ask) -> list[Photo]:
    """Still images that are not ours, main photo first."""
    return [photo for photo in product.media if photo.kind == "IMAGE" and not _is_ours(photo, ask)]


def has_ours(product: Product, ask: Ask) -> bool:
    """Whether pictures of ours are on the product, by our tables or by their names."""
    return any(_is_ours(photo, ask) for photo in product.media)


def too_expensive(product: Product, studio: Studio) -> Skip | None:
    if studio.price_microusd <= studio.per_image_microusd:
        return None
    reason = (
        f"One picture costs ${_usd(studio.price_microusd)}, more than budget.per_image_usd"
        f" (${_usd(studio.per_image_microusd)}); raise the limit or choose a cheaper resolution."
    )
    return skip(product, SkipReason.TOO_EXPENSIVE, reason)


def _gift_card(product: Product, studio: Studio, ask: Ask) -> Skip | None:
    if not product.is_gift_card:
        return None
    return skip(product, SkipReason.GIFT_CARD, "Gift cards get no lifestyle photos.")


def opted_out(product: Product) -> Skip | None:
    """The merchant's word against all others."""
    if OPT_OUT_TAG not in set(map(fold, product.tags)):
        return None
    reason = f"The product has the tag {OPT_OUT_TAG}; remove the tag to allow lifestyle photos."
    return skip(product, SkipReason.OPTED_OUT, reason)


def _opted_out(product: Product, studio: Studio, ask: Ask) -> Skip | None:
    return opted_out(product)


def _status(product: Product, studio: Studio, ask: Ask) -> Skip | None:
    wanted = studio.trigger.statuses
    if ask.trigger is not Trigger.NEW_LISTING or product.status.lower() in wanted:
        return None
    reason = f"The product is {product.status.lower()}; lifestyle photos are made once it is {' or '.join(wanted)}."
    return skip(product, SkipReason.STATUS, reason)


def _rules(product: Product, studio: Studio, ask: Ask) -> Skip | None:
    """A person who asks for one product means it; the rules are for what happens by itself."""
    if ask.trigger not in {Trigger.NEW_LISTING, Trigger.BACKFILL}:
        return None
    rules = studio.trigger.rules
    for name, has, wanted, unwanted in (
        ("type", types_of(product), rules.types, rules.not_types),
        ("vendor", _folded([product.vendor]), rules.vendors, rules.not_vendors),
        ("tag", _folded(product.tags), rules.tags, rules.not_tags),
        ("collection", _folded(product.collections), rules.collections, rules.not_collections),
    ):
        hit = next((each for each in unwanted if fold(each) in has), None)
        if hit:
            return skip(product, SkipReason.RULES, f"The rule not_{name}s leaves out the {name} “{hit}”.")
        if wanted and not has & _folded(wanted):
            reason = f"The rule {name}s is for {', '.join(wanted)} only; this product has no such {name}."
            return skip(product, SkipReason.RULES, reason)
    return None


def _moment(product: Product, studio: Studio, ask: Ask) -> Skip | None:
    """Listed with photos, or got the first later: either may be switched off."""
    if ask.trigger is not Trigger.NEW_LISTING:
        return None
    had_photo = bool(merchants_photos(product, ask)) and not ask.waited_for_photo
    key, is_on = (
        ("on_create", studio.trigger.on_create) if had_photo else ("on_first_photo", studio.trigger.on_first_photo)
    )
    if is_on:
        return None
    when = "that are listed with photos" if had_photo else "that get their first photo later"
    return skip(product, SkipReason.RULES, f"Products {when} are left alone: trigger.{key} is off.")


def _not_new(product: Product, studio: Studio, ask: Ask) -> Skip | None:
    if ask.is_new or ask.trigger is not Trigger.NEW_LISTING:
        return None
    reason = "The product was listed before this app was installed; ask for its photos, or start a backfill."
    return skip(product, SkipReason.NOT_NEW, reason)


def _busy(product: Product, studio: Studio, ask: Ask) -> Skip | None:
    if not ask.busy or ask.trigger is Trigger.TEST:
        return None
    return skip(
        product, SkipReason.IN_PROGRESS, "Photos for this product are being made right now; wait until they are done."
    )


def _has_pictures(product: Product, studio: Studio, ask: Ask) -> Skip | None:
    if ask.trigger not in {Trigger.NEW_LISTING, Trigger.BACKFILL}:
        return None
    if ask.renew or (not ask.shown and not has_ours(product, ask)):
        return None
    reason = "The product has its lifestyle photos already; ask for more by hand if you want others."
    return skip(product, SkipReason.HAS_PICTURES, reason)


def _photos(product: Product, studio: Studio, ask: Ask) -> Skip | None:
    photos = merchants_photos(product, ask)
    if not photos:
        reason = "The product has no photo yet; lifestyle photos are made from the first one you add."
        return skip(product, SkipReason.NO_PHOTOS, reason)
    if all(photo.status == "FAILED" for photo in photos):
        reason = "Shopify could not process any of the product's photos; upload them again."
        return skip(product, SkipReason.NO_PHOTOS, reason)
    waits = any(photo.status in NOT_READY for photo in photos)
    # by themselves, pictures are made from all photos or none: the recipe must not change while they arrive
    if (waits and ask.trigger is Trigger.NEW_LISTING) or not any(is_usable(photo) for photo in photos):
        reason = "Shopify is still processing the product's photos; nothing needs to be done."
        return skip(product, SkipReason.PHOTOS_NOT_READY, reason)
    return None


def is_usable(photo: Photo) -> bool:
    return photo.status == "READY" and bool(photo.reference_url or photo.url)


def _media_limit(product: Product, studio: Studio, ask: Ask) -> Skip | None:
    more = count(studio, ask)
    if product.media_count + more <= MAX_MEDIA or ask.trigger is Trigger.TEST:
        return None
    reason = f"The product has {product.media_count} of at most {MAX_MEDIA} media; remove some to make room for {more}."
    return skip(product, SkipReason.MEDIA_LIMIT, reason)


CHECKS: tuple[Check, ...] = (
    _gift_card,
    _opted_out,
    _status,
    _rules,
    _moment,
    _not_new,
    _busy,
    _has_pictures,
    _photos,
    _media_limit,
)


def _is_ours(photo: Photo, ask: Ask) -> bool:
    return photo.id in ask.ours or naming.is_ours(photo.url or "")


def _folded(names: Iterable[str]) -> set[str]:
    return set(map(fold, names))


def _usd(microusd: int) -> str:
    return f"{microusd / MICRO_PER_USD:.2f}"
