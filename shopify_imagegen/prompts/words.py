"""The words of a prompt: a merchant edits the template, but gets no code and cannot leave the product unprotected."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shopify_imagegen.errors import ConfigError, Rejected
from shopify_imagegen.models import Value
from shopify_imagegen.prompts.characters import cut
from shopify_imagegen.prompts.facts import (
    MAX_KIND_CHARS,
    MAX_OPTIONS_CHARS,
    MAX_SIZE_CHARS,
    MAX_TITLE_CHARS,
)
from shopify_imagegen.prompts.library import Category, Library, Scene
from shopify_imagegen.settings import StyleSection

MAX_PROMPT_CHARS = 4_096
MAX_NOTE_CHARS = 300
MAX_STYLE_CHARS = 200
MAX_AVOID_CHARS = 300

KEEP = (
    "KEEP THE PRODUCT EXACTLY AS IN THE IMAGES: same shape, proportions, parts, number of pieces, materials, finish and"
    " colours; same logo and label text, letter for letter, in the same place. Do not restyle, recolour, open, add or"
    " remove parts. Only the surroundings are new."
)
DO_NOT_ADD = (
    "DO NOT ADD: other products or packaging, extra text, captions, price tags, watermarks, frames, logos other than"
    " those on the product"
)
NO_PEOPLE = "people, faces or hands"


STYLE_IMAGE = (
    "THE LAST IMAGE IS A STYLE REFERENCE, NOT THE PRODUCT: take from it only the light, the colours and the mood. No"
    " object, person, place or text that can be seen in it may appear in the picture."
)
ALL_SHOW_IT, ALL_BUT_ONE_SHOW_IT = "The attached images all show", "The attached images, all but the last, show"


class Wording(Value):
    """All that a prompt is made of, but its scene. Equal values make equal prompts."""

    title: str
    kind: str
    options: str = ""
    size: str = ""
    facts: str = ""
    note: str = ""
    look: str = ""
    palette: str = ""
    house_mood: str = ""
    avoid: str = ""
    people: bool = False  #: whether people may be seen
    has_style_image: bool = False  #: whether the last image that is sent shows a style

    @property
    def keep(self) -> str:
        return f"{KEEP} {STYLE_IMAGE}" if self.has_style_image else KEEP

    @property
    def do_not_add(self) -> str:
        parts = [DO_NOT_ADD, *([] if self.people else [NO_PEOPLE]), *([self.avoid] if self.avoid else [])]
        return f"{', '.join(parts)}."


def house_style(style: StyleSection) -> dict[str, Any]:
    """The style settings as fields of a `Wording`."""
    return {
        "look": _phrase(style.look),
        "palette": _phrase(style.palette),
        "house_mood": _phrase(style.mood),
        "avoid": cut(", ".join(style.avoid), MAX_AVOID_CHARS),
        "people": style.people == "allowed",
        "has_style_image": bool(style.image),
    }


def packaged_template() -> str:
    return (resources.files("shopify_imagegen.prompts") / "templates" / "prompt.j2").read_text(encoding="utf-8")


def prompt(template: str, wording: Wording, scene: Scene, category: Category, *, max_chars: int) -> str:
    """Write the prompt of one picture.

    Args:
        template: Jinja2, run in a sandbox.
        max_chars: facts are shortened until it fits; nothing else ever is.

    Raises:
        Rejected: it is too long without any facts. `check` at start-up makes this impossible.
    """
    written = _rendered(template, wording, scene, category)
    while len(written) > max_chars and wording.facts:
        wording = wording.model_copy(update={"facts": _shorter(wording.facts, len(written) - max_chars)})
        written = _rendered(template, wording, scene, category)
    if len(written) > max_chars:
        raise Rejected(f"The prompt is longer than {max_chars} characters even without product facts.")
    return written


def check(template: str, library: Library, style: StyleSection, *, max_chars: int) -> None:
    """Try a template with the longest words of every scene.

    Raises:
        ConfigError: it does not work, reaches for code, is too long, or leaves out what protects the product.
    """
    wording = _longest(style)
    for category in library.categories:
        for scene in category.scenes:
            written = _tried(lambda c=category, s=scene: _rendered(template, wording, s, c))  # type: ignore[misc]
            _insist(written, wording, category, where=scene.full_id, max_chars=max_chars)


def _tried(render: Callable[[], str]) -> str:
    try:
        return render()
    except TemplateError as error:
        raise ConfigError(f"prompts.template: {type(error).__name__}: {error}") from None
    except Exception as error:  # a template is a merchant's program: whatever it raises is wrong with the template
        raise ConfigError(f"prompts.template: cannot be used: {type(error).__name__}: {error}") from error


def _insist(written: str, wording: Wording, category: Category, *, where: str, max_chars: int) -> None:
    musts = {"keep": wording.keep, "do_not_add": wording.do_not_add, "rules": category.rules, "title": wording.title}
    missing = [name for name, words in musts.items() if _one_line(words) not in _one_line(written)]
    if missing:
        raise ConfigError(f"prompts.template: must print {' and '.join(f'{{{{ {name} }}}}' for name in missing)}")
    if len(written) > max_chars:
        raise ConfigError(
            f"prompts.template: with {where} it has {len(written)} characters; at most {max_chars} are sold"
        )


def _rendered(template: str, wording: Wording, scene: Scene, category: Category) -> str:
    values: Mapping[str, object] = {
        **wording.model_dump(exclude={"people", "has_style_image"}),
        **scene.model_dump(exclude={"id", "category", "title", "alt"}),
        "scene_title": scene.title,
        "category": category.title,
        "rules": category.rules,
        "keep": wording.keep,
        "do_not_add": wording.do_not_add,
    }
    text = _compiled(template).render(values)
    if wording.has_style_image:  # the template's own words stay as they are: they are part of every recipe
        text = text.replace(ALL_SHOW_IT, ALL_BUT_ONE_SHOW_IT)
    return re.sub(r"\n{2,}", "\n", re.sub(r"[ \t]+", " ", text)).strip()


def _longest(style: StyleSection) -> Wording:
    """As long as cleaning lets each field become, but without facts."""
    return Wording(
        title="T" * MAX_TITLE_CHARS,
        kind="K" * MAX_KIND_CHARS,
        options="O" * MAX_OPTIONS_CHARS,
        size="S" * MAX_SIZE_CHARS,
        note="N" * MAX_NOTE_CHARS,
        facts="F",
        **house_style(style),
    )


def _phrase(text: str) -> str:
    """Styles go into the prompt as they stand, but one full stop is enough."""
    return cut(" ".join(text.split()), MAX_STYLE_CHARS).rstrip(".")


def _shorter(facts: str, by_chars: int) -> str:
    return cut(facts, max(0, len(facts) - by_chars))


def _one_line(text: str) -> str:
    return " ".join(text.split())


class _Sandbox(ImmutableSandboxedEnvironment):
    """No Python, no loaders, no ranges, no multiplied strings: a template can only arrange words."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: object, operator: str, left: object, right: object) -> Any:
        raise SecurityError(f"the operator {operator} is not available in a prompt template")


FILTERS = {
    "capitalize",
    "default",
    "first",
    "join",
    "last",
    "length",
    "lower",
    "replace",
    "title",
    "trim",
    "truncate",
    "upper",
}


@lru_cache(maxsize=8)
def _compiled(template: str) -> Template:
    sandbox = _Sandbox(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    sandbox.globals.clear()
    sandbox.filters = {name: function for name, function in sandbox.filters.items() if name in FILTERS}
    return sandbox.from_string(template)
