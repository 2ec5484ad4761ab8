"""Which products are meant: `status:active tag:summer type:"Table lamps" -has:lifestyle`. Pure.

Every term must hold. What Shopify's search can do is handed to it as well, so that fewer products are read; it may
let through too many, never too few, and every product is checked again here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from shopify_imagegen.errors import BadInput
from shopify_imagegen.models import Product, Value
from shopify_imagegen.prompts.keywords import fold

TOKEN = re.compile(
    r'\s*(?P<not>-)?(?:(?P<name>[A-Za-z_]+):)?(?P<compare>>=|<=|>|<)?(?:"(?P<quoted>[^"]*)"|(?P<bare>\S+))'
)
STATUSES = ("active", "draft", "archived", "unlisted")
HAVES = ("photos", "lifestyle")
NAMES = ("status", "tag", "type", "vendor", "collection", "title", "handle", "created", "updated", "has")
PUSHED = {"tag": "tag", "type": "product_type", "vendor": "vendor", "handle": "handle"}  # ours → Shopify's name
DATES = ("created", "updated")
ONE_DAY = timedelta(days=1)


class Seen(Value):
    """A product, and what the words of a query ask about it besides."""

    product: Product
    has: frozenset[str] = frozenset()  #: of `HAVES`


class Term(Value):
    """One condition."""

    name: str  #: of `NAMES`
    compare: str = ""  #: "", ">", ">=", "<" or "<=", of dates
    values: tuple[str, ...]  #: alternatives
    negated: bool = False

    def holds(self, seen: Seen) -> bool:
        return any(TESTS[self.name](seen, self, value) for value in self.values) != self.negated


class Where(Value):
    """A query that was understood."""

    text: str  #: as it was written
    terms: tuple[Term, ...]

    def holds(self, seen: Seen) -> bool:
        return all(term.holds(seen) for term in self.terms)

    def for_shopify(self) -> str:
        """What Shopify's product search may filter already; "" for everything.

        >>> where('status:active tag:summer -has:lifestyle created:>2026-01-01').for_shopify()
        'status:active tag:"summer" created_at:>=\\'2026-01-02T00:00:00Z\\''
        """
        return " ".join(filter(None, map(_pushed, self.terms)))


def where(text: str) -> Where:
    """Understand a query.

    >>> [term.name for term in where("status:active,draft lamp").terms]
    ['status', 'title']

    Raises:
        BadInput: names the word that is not understood, and what would be.
    """
    terms, at, query = [], 0, text.strip()
    while at < len(query):
        found = TOKEN.match(query, at)
        if found is None or (found["bare"] or "").count('"'):
            raise BadInput(f"{query[at:].strip()!r}: a quote is not closed")
        terms.append(_term(found))
        at = found.end()
    return Where(text=query, terms=tuple(terms))


def _term(found: re.Match[str]) -> Term:
    word, name = found[0].strip(), (found["name"] or "title").lower()
    if name not in NAMES:
        raise BadInput(f"{word!r}: there is no {name}: to search by; there are {', '.join(NAMES)}")
    if found["compare"] and name not in DATES:
        raise BadInput(f"{word!r}: {found['compare']} is for {' and '.join(DATES)} only")
    bare = found["bare"]
    if not found["name"] and bare in ("AND", "OR", "NOT", "(", ")"):
        raise BadInput(
            f"{word!r}: every term must hold; for alternatives write tag:summer,winter, for the opposite -tag:x"
        )
    if not found["name"] and ":" in (bare or ""):
        raise BadInput(f"{word!r}: says nothing after the colon, or before it")
    values = (found["quoted"],) if bare is None else tuple(filter(None, bare.split(",")))
    term = Term(name=name, compare=found["compare"] or "", values=values, negated=bool(found["not"]))
    _check(word, term)
    return term


def _check(word: str, term: Term) -> None:
    """Raises: BadInput."""
    if not term.values or not all(value.strip() for value in term.values):
        raise BadInput(f"{word!r}: says nothing after {term.name}:")
    known = {"status": STATUSES, "has": HAVES}.get(term.name)
    for value in term.values:
        if known and value.lower() not in known:
            raise BadInput(f"{word!r}: {term.name} is one of {', '.join(known)}")
        if term.name in DATES and _day(value) is None:
            raise BadInput(f"{word!r}: {value!r} is not a day like 2026-01-31")


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _span(term: Term, value: str) -> tuple[datetime | None, datetime | None]:
    """The moments that a comparison with a UTC day lets through: from the first, before the second.

    `>` is after that day's end, `<` before its beginning; without a sign it is the day itself.
    """
    start = datetime.fromisoformat(value).replace(tzinfo=UTC)
    end = start + ONE_DAY
    return {
        "": (start, end),
        ">": (end, None),
        ">=": (start, None),
        "<": (None, start),
        "<=": (None, end),
    }[term.compare]


def _in_span(moment: datetime, term: Term, value: str) -> bool:
    start, end = _span(term, value)
    return (start is None or moment >= start) and (end is None or moment < end)


def _is(read: Callable[[Product], str]) -> Callable[[Seen, Term, str], bool]:
    return lambda seen, term, value: fold(read(seen.product)) == fold(value)


def _any_is(read: Callable[[Product], tuple[str, ...]]) -> Callable[[Seen, Term, str], bool]:
    return lambda seen, term, value: fold(value) in set(map(fold, read(seen.product)))


def _has_word(seen: Seen, term: Term, value: str) -> bool:
    """A word of the title begins so; several words in quotes follow each other."""
    return f" {fold(value)}" in f" {fold(seen.product.title)}"


TESTS: dict[str, Callable[[Seen, Term, str], bool]] = {
    "status": _is(lambda product: product.status),
    "type": _is(lambda product: product.product_type),
    "vendor": _is(lambda product: product.vendor),
    "handle": _is(lambda product: product.handle),
    "tag": _any_is(lambda product: product.tags),
    "collection": _any_is(lambda product: product.collections),
    "title": _has_word,
    "created": lambda seen, term, value: _in_span(seen.product.created_at, term, value),
    "updated": lambda seen, term, value: _in_span(seen.product.updated_at, term, value),
    "has": lambda seen, term, value: value.lower() in seen.has,
}


def _pushed(term: Term) -> str:
    """A term in Shopify's words; "" for one that its search cannot do, or not exactly enough to leave anything out."""
    if term.name == "status":
        return f"{'-' if term.negated else ''}status:{','.join(value.lower() for value in term.values)}"
    if term.negated or len(term.values) > 1:
        return ""
    (value,) = term.values
    if term.name in PUSHED:
        return f"{PUSHED[term.name]}:{json.dumps(value, ensure_ascii=False)}" if '"' not in value else ""
    if term.name in DATES:
        start, end = _span(term, value)
        bounds = ((">=", start), ("<", end))
        return " ".join(f"{term.name}_at:{sign}'{at:%Y-%m-%dT%H:%M:%SZ}'" for sign, at in bounds if at)
    return ""
