"""Which pictures a product shall get, or why none. Pure: same product, same studio, same question, same plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from shopify_imagegen import naming
from shopify_imagegen.by_option import Share, shares
from shopify_imagegen.counts import counted
from shopify_imagegen.errors import Rejected
from shopify_imagegen.models import Brief, Image, Plan, Product, Reference, Skip, SkipReason, Trigger, Value
from shopify_imagegen.prompts import choice, words
from shopify_imagegen.prompts.categories import recognise
from shopify_imagegen.prompts.characters import cut
from shopify_imagegen.prompts.facts import MAX_OPTIONS_CHARS, Facts, clean_words, gather
from shopify_imagegen.prompts.library import GENERIC, Category, Scene
from shopify_imagegen.prompts.studio import Studio, open_studio, override
from shopify_imagegen.rules import (
    OPT_OUT_TAG,
    Ask,
    count,
    gone,
    is_usable,
    merchants_photos,
    skip,
    too_expensive,
    why_not,
)

__all__ = ["OPT_OUT_TAG", "Ask", "Studio", "again", "gone", "open_studio", "plan", "why_not"]

MAX_ALT_CHARS = 512
DIGITS = 32  #: of a recipe and of a key


class _Work(Value):
    """A product's plan in the making: what its pictures have in common."""

    product: Product
    category: Category
    scenes: tuple[Scene, ...]  #: that fit
    wished: Scene | None  #: a person's wish for the first picture
    facts: Facts
    wording: words.Wording
    references: tuple[Reference, ...]


def plan(product: Product, studio: Studio, ask: Ask) -> Plan | Skip:
    """Decide on a product's pictures.

    Returns:
        The pictures with all their words, or the first reason for none.

    Raises:
        Rejected: `ask.scene` is not a scene, or is switched off.
    """
    found = why_not(product, studio, ask)
    if found:
        return found
    work = _prepare(product, studio, ask)
    if not work.scenes and not work.wished:
        reason = f"Every scene that fits ({work.category.title}) is switched off; see prompts.scenes_off."
        return skip(product, SkipReason.NO_SCENES, reason)
    return too_expensive(product, studio) or _planned(work, studio, ask)


def again(product: Product, studio: Studio, ask: Ask, old: Image, *, generation: int) -> Plan | Skip:
    """Decide on one picture anew: the same slot, scene and alt text, made from what product and settings are now.

    Args:
        ask: `note` says what shall be different (without one, the scene); it is part of the key, as is the generation.
        generation: 2 for the first picture in the place of another.

    Raises:
        Rejected: the scene does not exist any more, or is switched off.
    """
    note = ask.note or f"Version {generation} of this picture: arrange the scene differently"  # never the same order
    ask = ask.model_copy(update={"scene": old.brief.scene, "count": 1, "busy": False, "note": note})
    found = why_not(product, studio, ask) or too_expensive(product, studio)
    if found:
        return found
    work = _prepare(product, studio, ask)
    scene = work.wished
    if scene is None:
        raise Rejected(f"The scene “{old.brief.scene}” does not exist any more.")
    if old.brief.option:
        there = {photo.id for photo in product.media}
        kept = tuple(reference for reference in old.brief.references if reference.media_id in there)
        work = _narrowed(work, old.brief.option, kept or old.brief.references)
    recipe = _digest([_recipe(work, studio, ask), "in the place of", old.id, generation])
    key = _digest([ask.shop, product.id, recipe, old.slot, generation])
    same = {name: getattr(old.brief, name) for name in ("alt", "place", "option", "variants")}
    same |= {"generation": generation, "replaces": old.id}
    brief = _brief(work, studio, scene, old.slot, key).model_copy(update=same)
    return Plan(
        product_id=product.id,
        product_title=product.title,
        recipe=recipe,
        category=work.category.id,
        facts=_quoted(work.wording),
        notes=work.facts.notes,
        briefs=(brief,),
    )


def _prepare(product: Product, studio: Studio, ask: Ask) -> _Work:
    special = override(studio.prompts, product)
    category = _category(product, studio, special.category)
    facts = gather(product)
    return _Work(
        product=product,
        category=category,
        scenes=choice.pool(studio.library, category, only=special.scenes, off=studio.prompts.scenes_off),
        wished=_wished(studio, ask),
        facts=facts,
        wording=_wording(product, studio, facts, category, note=_note(special.note, ask.note)),
        references=_references(product, studio, ask),
    )


def _planned(work: _Work, studio: Studio, ask: Ask) -> Plan:
    by_value, notes = _by_value(work, studio, ask)
    if by_value:
        return _planned_by_value(work, by_value, notes, studio, ask)
    recipe = _recipe(work, studio, ask)
    more = choice.spare(studio.library, off=studio.prompts.scenes_off)
    wanted = count(studio, ask)
    scenes = choice.choose(work.product.id, work.scenes, more, first=work.wished)[:wanted]
    keys = [_digest([ask.shop, work.product.id, recipe, slot]) for slot in range(len(scenes))]
    briefs = (_brief(work, studio, scene, slot, keys[slot]) for slot, scene in enumerate(scenes))
    is_test = {"is_test": ask.trigger is Trigger.TEST}
    few = f"There are scenes for only {counted(len(scenes), 'picture')}, and {wanted} were asked for."
    notes = [*notes, few] if len(scenes) < wanted else notes
    return _frozen(work, recipe, notes, [brief.model_copy(update=is_test) for brief in briefs])


def _by_value(work: _Work, studio: Studio, ask: Ask) -> tuple[tuple[Share, ...], list[str]]:
    """The values of an option that get a picture each; none where it is not set, or a number of pictures is wished."""
    option = studio.images.per_variant_option
    if not option or ask.count:
        return (), []
    return shares(work.product, option, ask, max_references=studio.max_references)


def _planned_by_value(work: _Work, by_value: tuple[Share, ...], notes: list[str], studio: Studio, ask: Ask) -> Plan:
    """The same scene for each value, made from its own photos."""
    made_from = [[share.words, [reference.media_id for reference in share.references]] for share in by_value]
    recipe = _digest([_recipe(work, studio, ask), made_from])
    scene = choice.choose(work.product.id, work.scenes, (), first=work.wished)[0]
    briefs = []
    for slot, share in enumerate(by_value):
        key = _digest([ask.shop, work.product.id, recipe, slot])
        brief = _brief(_narrowed(work, share.words, share.references), studio, scene, slot, key)
        words_for = _alt(f"{work.wording.title}, {share.value}, {scene.alt}", studio.alt_suffix)
        briefs.append(brief.model_copy(update={"option": share.words, "variants": share.variants, "alt": words_for}))
    return _frozen(work, recipe, notes, briefs)


def _frozen(work: _Work, recipe: str, notes: Sequence[str], briefs: Sequence[Brief]) -> Plan:
    return Plan(
        product_id=work.product.id,
        product_title=work.product.title,
        recipe=recipe,
        category=work.category.id,
        facts=_quoted(work.wording),
        notes=(*work.facts.notes, *notes),
        briefs=tuple(briefs),
    )


def _narrowed(work: _Work, option: str, references: tuple[Reference, ...]) -> _Work:
    """The same work for one value of an option: "Color: Red"."""
    options = "; ".join(filter(None, (option, work.wording.options)))
    wording = work.wording.model_copy(update={"options": cut(options, MAX_OPTIONS_CHARS)})
    return work.model_copy(update={"wording": wording, "references": references})


def _brief(work: _Work, studio: Studio, scene: Scene, slot: int, key: str) -> Brief:
    title, output_format = work.wording.title, studio.images.output_format
    return Brief(
        key=key,
        slot=slot,
        scene=scene.full_id,
        scene_title=scene.title,
        prompt=words.prompt(studio.template, work.wording, scene, work.category, max_chars=studio.max_prompt_chars),
        references=work.references,
        style_image=_style_image(studio),
        model=studio.model,
        aspect_ratio=studio.images.aspect_ratio,
        resolution=studio.resolution,
        output_format=output_format,
        price_microusd=studio.price_microusd,
        alt=_alt(f"{title} {scene.alt}", studio.alt_suffix),
        file_name=naming.file_name(
            title, handle=work.product.handle, scene=scene.full_id, key=key, output_format=output_format
        ),
    )


def _alt(words: str, suffix: str) -> str:
    """
    >>> _alt("Oak table in a kitchen", "(made with AI)")
    'Oak table in a kitchen (made with AI)'
    """
    suffix = " ".join(suffix.split())
    room = MAX_ALT_CHARS - len(suffix) - 1
    return f"{cut(words, room)} {suffix}" if suffix else cut(words, MAX_ALT_CHARS)


def _category(product: Product, studio: Studio, wanted: str) -> Category:
    library = studio.library
    found = library.category(wanted or recognise(product, library)) or library.category(GENERIC)
    return found or library.categories[0]


def _wished(studio: Studio, ask: Ask) -> Scene | None:
    if not ask.scene:
        return None
    if ask.scene in studio.prompts.scenes_off:
        raise Rejected(f"The scene “{ask.scene}” is switched off in prompts.scenes_off.")
    return studio.library.expect_scene(ask.scene)


def _note(*notes: str) -> str:
    """The settings' note and the person's, as one."""
    each = [clean_words(note, words.MAX_NOTE_CHARS).rstrip(".") for note in notes]
    return cut(". ".join(note for note in each if note), words.MAX_NOTE_CHARS)


def _wording(product: Product, studio: Studio, facts: Facts, category: Category, *, note: str) -> words.Wording:
    kind = facts.kind or category.title
    return words.Wording(
        title=facts.title or kind,
        kind=kind,
        options=facts.options,
        size=facts.size,
        facts=facts.description,
        note=note,
        **words.house_style(studio.prompts.style),
    )


def _references(product: Product, studio: Studio, ask: Ask) -> tuple[Reference, ...]:
    photos = (photo for photo in merchants_photos(product, ask) if is_usable(photo))
    found = [Reference(media_id=photo.id, url=photo.reference_url or photo.url or "") for photo in photos]
    return tuple(found[: studio.max_references])


def _style_image(studio: Studio) -> Reference | None:
    style = studio.prompts.style
    return Reference(media_id=style.image_id or style.image, url=style.image) if style.image else None


def _recipe(work: _Work, studio: Studio, ask: Ask) -> str:
    """Hash of all that decides how the pictures look, so that nothing else can cause a purchase."""
    scenes = [*work.scenes, *([work.wished] if work.wished else [])]
    style_image = _style_image(studio)
    return _digest(
        {
            "references": [reference.media_id for reference in work.references],
            "words": work.wording.model_dump(exclude={"has_style_image"}),
            "category": [work.category.title, work.category.rules],
            "scenes": sorted(scene.model_dump_json() for scene in scenes),
            "wished": ask.scene or "",
            "template": [studio.template, words.KEEP, words.DO_NOT_ADD, words.NO_PEOPLE],
            "model": studio.model,
            "aspect_ratio": studio.images.aspect_ratio,
            "resolution": studio.resolution,
            "output_format": studio.images.output_format,
        }
        | ({"style_image": [style_image.media_id, words.STYLE_IMAGE]} if style_image else {})
        | ({"test": True} if ask.trigger is Trigger.TEST else {})  # what was not there before stays out of old recipes
    )


def _quoted(wording: words.Wording) -> str:
    parts = (wording.title, wording.kind, wording.options, wording.size, wording.facts)
    return " · ".join(part for part in parts if part)


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
