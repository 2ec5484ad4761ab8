"""What a person may say when a plan is started: a ceiling, hours of the day, what becomes of products that changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shopify_imagegen.admin.language import Words
from shopify_imagegen.admin.pages.reach import reached
from shopify_imagegen.backfills.hours import hours
from shopify_imagegen.budget import amount_usd
from shopify_imagegen.errors import BadInput
from shopify_imagegen.models import Value
from shopify_imagegen.settings import microusd

MOST_CHARACTERS = 40


class Tried(Value):
    """A start that was not understood: what was typed, and what is wrong with it, by field."""

    backfill_id: str
    typed: Mapping[str, str]
    problems: Mapping[str, str]


class Zones:
    """The time zones of stores, each asked for once: a page tells which clock is meant. A start asks anew."""

    def __init__(self, ask: Callable[[str], str]) -> None:
        self._ask = ask
        self._known: dict[str, str] = {}

    def of(self, shop: str) -> str:
        """ "Europe/Berlin"; "" when the store cannot be asked now."""
        if shop not in self._known and (found := reached(lambda: self._ask(shop))):
            self._known[shop] = found
        return self._known.get(shop, "")


def read(form: Mapping[str, str], words: Words) -> tuple[dict[str, Any], dict[str, str]]:
    """What `Backfilling.start` takes, and what is wrong with the form, by field.

    >>> from shopify_imagegen.admin.language import words
    >>> read({"max_usd": "12,50", "hours": "22-6", "skip_changed": "on"}, words("de"))
    ({'max_microusd': 12500000, 'within': '22-06', 'on_change': 'skip'}, {})
    >>> read({"hours": "at night"}, words("en"))[1]
    {'hours': "'at night': hours look like 22-06, from the first to the second, 0 to 24"}
    """
    wanted: dict[str, Any] = {}
    problems: dict[str, str] = {}
    readers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "max_usd": ("max_microusd", lambda text: microusd(amount_usd(words.typed(text))) if text else None),
        "hours": ("within", hours),
    }
    for field, (name, reader) in readers.items():
        try:
            wanted[name] = reader(typed(form, field))
        except BadInput as error:
            problems[field] = str(error)
    wanted["on_change"] = "skip" if "skip_changed" in form else "replan"
    return wanted, problems


def tried(backfill_id: str, form: Mapping[str, str], problems: Mapping[str, str]) -> Tried:
    fields = {field: typed(form, field) for field in ("max_usd", "hours")}
    fields |= {"skip_changed": "on"} if "skip_changed" in form else {}
    return Tried(backfill_id=backfill_id, typed=fields, problems=problems)


def typed(form: Mapping[str, str], field: str) -> str:
    return form.get(field, "").strip()[:MOST_CHARACTERS]
