"""Every sentence of the pages, by language. `words/en.toml` and `words/de.toml` hold the same keys.

A value is a sentence with `{names}` to be filled in, or two of them, `one` and `other`, told apart by `count`.
What the record says of a picture or a product, such as why it failed, is in English there: `Words.why` says it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from shopify_imagegen.admin import numbers
from shopify_imagegen.admin.reasons import said

LANGUAGES = {"en": "English", "de": "Deutsch"}  #: code -> its own name; the first is used where none fits
FORMS = {"one", "other"}

Text = str | Mapping[str, str]


class Words:
    """One language's sentences: `words("home.title")`, `words("review.waiting", count=3)`."""

    def __init__(self, language: str, texts: Mapping[str, Text]) -> None:
        self.language = language
        self.texts = texts

    def __call__(self, key: str, *, count: int | None = None, **values: object) -> str:
        """Raises: KeyError: the catalogue has no such sentence."""
        text = self.texts[key]
        if not isinstance(text, str):
            text = text["one" if count == 1 else "other"]
        return text.format(count=self.number(count) if count is not None else "", **values)

    def number(self, count: int) -> str:
        return numbers.number(self.language, count)

    def money(self, microusd: int | None) -> str:
        """An amount as this language writes it; a dash where there is none."""
        return numbers.money(self.language, microusd)

    def typed(self, amount: str) -> str:
        """An amount as somebody typed it in this language, in the form that our readers take."""
        return numbers.typed(self.language, amount)

    def why(self, reason: str) -> str:
        """A recorded reason in this language; as recorded where nobody has catalogued it."""
        return said(self.language, reason)

    def named(self, group: str, name: str) -> str:
        """What a state or an action is called; its own name, in words, where the catalogue does not know it."""
        key = f"{group}.{name}"
        return self(key) if key in self.texts else name.replace("_", " ").capitalize()


def best(asked: str) -> str:
    """The language to use, from a code as Shopify or a browser gives it.

    >>> best("de-AT"), best("fr, de;q=0.8"), best("")
    ('de', 'de', 'en')
    """
    codes = [part.split(";")[0].strip().lower().split("-")[0] for part in asked.split(",")]
    return next((code for code in codes if code in LANGUAGES), next(iter(LANGUAGES)))


@cache
def words(language: str) -> Words:
    """The catalogue of one of `LANGUAGES`."""
    file = resources.files("shopify_imagegen.admin") / "words" / f"{language}.toml"
    return Words(language, dict(_flat(tomllib.loads(file.read_text(encoding="utf-8")))))


def _flat(texts: Mapping[str, object], prefix: str = "") -> list[tuple[str, Text]]:
    """
    >>> _flat({"home": {"title": "Home", "tries": {"one": "{count} try", "other": "{count} tries"}}})[0]
    ('home.title', 'Home')
    """
    found: list[tuple[str, Text]] = []
    for name, value in texts.items():
        if isinstance(value, Mapping) and set(value) != FORMS:
            found += _flat(value, f"{prefix}{name}.")
        else:
            found.append((prefix + name, value if isinstance(value, str) else dict(value)))  # type: ignore[call-overload]
    return found
