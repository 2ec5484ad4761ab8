"""Why something is as it is, in the reader's language. `words/reasons/` has the record's sentence and how to say it.

The record is English, and older than any page: a reason is known by its sentence. `{names}` in it stand for anything;
`{why}`, `{reason}` and `{which}` for another one, which is said in the same language; an amount is written as
that language does. What nobody has catalogued, such as the words of a provider, stays as it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

from shopify_imagegen.admin.numbers import localised

NAME = re.compile(r"\{(\w+)\}")
NESTED = ("why", "reason", "which")  # that a sentence may have in it
END = re.compile(r"(?<=\.) ")
REMEMBERED = 2_000


@lru_cache(maxsize=REMEMBERED)
def said(language: str, reason: str) -> str:
    """The reason in one of the catalogue's languages; sentence by sentence where it is made of several.

    >>> said("de", "Taken off the product. It stays in the store's Files.")
    'Vom Produkt genommen. Es bleibt in den Dateien des Shops.'
    >>> said("de", "Not bought: the moon is full")
    'Nicht gekauft: the moon is full'
    """
    whole = _found(language, reason)
    if whole is not None or ". " not in reason:
        return reason if whole is None else whole
    return " ".join(_found(language, each) or each for each in END.split(reason))


def _found(language: str, reason: str) -> str | None:
    for pattern, words in _catalogue(language):
        match = pattern.fullmatch(reason)
        if match:
            named = {name: _inner(language, name, text) for name, text in match.groupdict().items()}
            return words.rstrip(".").format_map(named) + named["stop"]
    return None


def _inner(language: str, name: str, text: str) -> str:
    return said(language, text) if name in NESTED else localised(language, text)


@cache
def sentences(language: str) -> Mapping[str, str]:
    """The catalogue as its file has it."""
    file = resources.files("shopify_imagegen.admin") / "words" / "reasons" / f"{language}.toml"
    return {str(name): str(words) for name, words in tomllib.loads(file.read_text(encoding="utf-8")).items()}


@cache
def _catalogue(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """What says most comes first: "{service} answered {said}" would fit many."""
    ordered = sorted(sentences(language).items(), key=lambda pair: -len(NAME.sub("", pair[0])))
    return tuple((_pattern(sentence), words) for sentence, words in ordered)


def _pattern(sentence: str) -> re.Pattern[str]:
    """With or without its full stop: what is put into another sentence has none."""
    parts = NAME.split(sentence.rstrip("."))
    text = "".join(re.escape(part) if at % 2 == 0 else f"(?P<{part}>.+?)" for at, part in enumerate(parts))
    return re.compile(rf"{text}(?P<stop>\.?)", re.DOTALL)
