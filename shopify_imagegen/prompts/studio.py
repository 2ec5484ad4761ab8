"""What stays the same for every product of this process: settings, scenes and words, read and checked once."""

from __future__ import annotations

from pathlib import Path

from shopify_imagegen.errors import ConfigError
from shopify_imagegen.models import Product, Value
from shopify_imagegen.prompts import words
from shopify_imagegen.prompts.keywords import fold
from shopify_imagegen.prompts.library import Library, load
from shopify_imagegen.settings import (
    ImagesSection,
    OverrideSection,
    PromptsSection,
    Settings,
    TriggerSection,
    microusd,
)


class Studio(Value):
    """Everything about a picture that does not depend on the product."""

    library: Library
    template: str  #: of the prompt, checked
    images: ImagesSection = ImagesSection()
    trigger: TriggerSection = TriggerSection()
    prompts: PromptsSection = PromptsSection()
    alt_suffix: str = ""  #: behind each alt text
    per_image_microusd: int  #: the most that one picture may cost
    model: str
    resolution: str
    price_microusd: int  #: what the provider is expected to charge for one
    max_references: int  #: of the product's own photos
    max_prompt_chars: int = words.MAX_PROMPT_CHARS


def open_studio(settings: Settings, *, max_references: int, max_prompt_chars: int) -> Studio:
    """Read the scenes and the template that the settings name, and check them against each other.

    Args:
        max_references: photos that the provider takes in one call.
        max_prompt_chars: that the provider takes.

    Raises:
        ConfigError: with every problem, by key.
    """
    library = load(settings.prompts.scenes_dir)
    limit = min(max_prompt_chars, words.MAX_PROMPT_CHARS)
    template = _template(settings.prompts.template)
    words.check(template, library, settings.prompts.style, max_chars=limit)
    _check_names(settings.prompts, library)
    chosen = settings.provider.chosen
    return Studio(
        library=library,
        template=template,
        images=settings.images,
        trigger=settings.trigger,
        prompts=settings.prompts,
        alt_suffix=settings.disclosure.alt_suffix,
        per_image_microusd=microusd(settings.budget.per_image_usd),
        model=chosen.model,
        resolution=chosen.resolution,
        price_microusd=_price_microusd(settings),
        max_references=min(_room(max_references, settings.prompts), settings.images.max_references),
        max_prompt_chars=limit,
    )


def override(prompts: PromptsSection, product: Product) -> OverrideSection:
    """What the settings want different for this product; a tag says more than a type."""
    found = [section for name, section in sorted(prompts.by_tag.items()) if fold(name) in set(map(fold, product.tags))]
    found += [section for name, section in sorted(prompts.by_type.items()) if fold(name) in types_of(product)]
    return OverrideSection(
        category=next((each.category for each in found if each.category), ""),
        scenes=next((each.scenes for each in found if each.scenes), ()),
        note=next((each.note for each in found if each.note), ""),
    )


def types_of(product: Product) -> set[str]:
    """The product type and the last step of the taxonomy, folded for comparison."""
    return {fold(product.product_type), fold(product.category.rpartition(">")[2])} - {""}


def _room(max_references: int, prompts: PromptsSection) -> int:
    """For the product's own photos, beside the style image. Raises: ConfigError when there is none."""
    room = max_references - bool(prompts.style.image)
    if room < 1:
        raise ConfigError("prompts.style.image: this provider takes one picture only, and that is the product's")
    return room


def _template(path: Path | None) -> str:
    if path is None:
        return words.packaged_template()
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"prompts.template: {path} cannot be read as UTF-8 text: {error}") from None


def _price_microusd(settings: Settings) -> int:
    chosen, name = settings.provider.chosen, settings.provider.name
    try:
        return microusd(chosen.prices_usd[chosen.resolution])
    except KeyError:
        key = f"provider.{name}.prices_usd"
        raise ConfigError(f"{key}: has no price for {chosen.resolution}, the resolution in use") from None


def _check_names(prompts: PromptsSection, library: Library) -> None:
    """A misspelt scene would be silently absent from every picture; so it is an error."""
    problems = [*_unknown_scenes("prompts.scenes_off", prompts.scenes_off, library)]
    for table, sections in (("by_type", prompts.by_type), ("by_tag", prompts.by_tag)):
        for name, section in sections.items():
            key = f"prompts.{table}.{name}"
            problems += _unknown_scenes(f"{key}.scenes", section.scenes, library)
            problems += _unknown_category(f"{key}.category", section.category, library)
    if problems:
        raise ConfigError("\n".join(problems))


def _unknown_scenes(key: str, wanted: tuple[str, ...], library: Library) -> list[str]:
    missing = [each for each in wanted if library.scene(each) is None]
    return [f"{key}: there is no scene {each}{library.like(each)}" for each in missing]


def _unknown_category(key: str, wanted: str, library: Library) -> list[str]:
    if not wanted or library.category(wanted):
        return []
    return [f"{key}: there is no category {wanted}; there are {', '.join(each.id for each in library.categories)}"]
