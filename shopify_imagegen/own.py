"""What a shop may set for itself, laid over the settings file. Pure: the file's values stay the defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from shopify_imagegen.errors import ConfigError
from shopify_imagegen.settings import Settings
from shopify_imagegen.settings_source import wrongs

Document = Mapping[str, Any]  #: a part of the settings: {"images": {"per_product": 3}}

LONGEST = 32_000  # characters of a document
ANY = frozenset[str]()
MAY: Mapping[str, frozenset[str]] = {  # section -> its keys; ANY: all of them
    "images": frozenset({"per_product", "aspect_ratio", "per_variant_option", "link_variants"}),
    "trigger": ANY,
    "publish": ANY,
    "disclosure": ANY,
    "budget": frozenset({"per_image_usd", "per_day_usd", "per_month_usd"}),  # the others are the operator's purse
    "prompts": frozenset({"style", "scenes_off", "by_type", "by_tag"}),  # the others are files of the machine
}


def tailored(settings: Settings, document: Document) -> Settings:
    """The settings of a shop.

    Args:
        document: what the shop has set; a table of names (`prompts.by_tag`) and a list replace the file's.

    Raises:
        ConfigError: with every problem by key, and no value quoted.
    """
    problems = _not_theirs(document) or _too_long(document)
    if problems:
        raise ConfigError("\n".join(problems))
    try:
        own = Settings(**_laid_over(settings, document))
    except ValidationError as error:
        raise ConfigError("\n".join(sorted(f"{key}: {said}" for key, said in wrongs(error)))) from None
    problems = _over_the_files(settings, own)
    if problems:
        raise ConfigError("\n".join(problems))
    return own


def own_part(settings: Settings) -> dict[str, Any]:
    """All that a shop may set, with its values: a document that changes nothing."""
    shown = settings.model_dump(mode="json", include=set(MAY))
    return {
        section: {key: value for key, value in shown[section].items() if not keys or key in keys}
        for section, keys in MAY.items()
    }


def _not_theirs(document: Document) -> list[str]:
    problems = [f"{name}: is not for a shop to set" for name in document if name not in MAY]
    for name, keys in MAY.items():
        given = document.get(name, {})
        if not isinstance(given, Mapping):
            problems.append(f"{name}: must be a table of keys")
        elif keys:
            problems += [f"{name}.{key}: is not for a shop to set" for key in given if key not in keys]
    return sorted(problems)


def _over_the_files(settings: Settings, own: Settings) -> list[str]:
    """A shop may spend less than the one who pays for all of them has set, never more."""
    limits = [(key, getattr(settings.budget, key), getattr(own.budget, key)) for key in sorted(MAY["budget"])]
    return [
        f"budget.{key}: at most {limit:f}, as the settings file says" for key, limit, wish in limits if wish > limit
    ]


def _too_long(document: Document) -> list[str]:
    """Every version is kept, and read with the page."""
    size = len(json.dumps(document, default=str))
    return [f"all together: {size:,} characters; at most {LONGEST:,} are kept"] if size > LONGEST else []


def _laid_over(section: BaseModel, document: Document) -> dict[str, Any]:
    """The section's values with the document's over them; what is no section of its own is replaced whole."""
    values = {name: getattr(section, name) for name in type(section).model_fields}
    for key, given in document.items():
        below = values.get(key)
        deeper = isinstance(below, BaseModel) and isinstance(given, Mapping)
        values[key] = _laid_over(below, given) if deeper else given  # type: ignore[arg-type]
    return values
