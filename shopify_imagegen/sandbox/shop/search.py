"""Shopify's search syntax: terms, AND, OR, NOT, brackets. Pure; what a term means is the caller's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

TOKEN = re.compile(
    r"""\s*(?:(?P<bracket>[()])
    |(?P<not>-|NOT\s+)?
     (?:(?P<field>[A-Za-z_][\w.]*):)?
     (?P<compare>>=|<=|>|<)?
     (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s()"']+)))""",
    re.VERBOSE,
)


class BadSearch(ValueError):
    """The query cannot be read; the message shows where."""


@dataclass(frozen=True)
class Term:
    """One condition. `field` is None for plain words."""

    field: str | None
    compare: str  #: "", ">", ">=", "<" or "<="
    value: str

    @property
    def values(self) -> list[str]:
        """The alternatives of `status:active,draft`."""
        return [value for value in self.value.split(",") if value]


Matches = Callable[[Term], bool]
Token = tuple[str, Term | None, bool]  # what it is, its term, negated


def predicate(query: str | None, matches: Matches) -> bool:
    """Whether *query* holds, given what each of its terms says. An empty query holds.

    >>> predicate("status:active AND NOT tag:'sold out'", lambda term: term.field == "status")
    True

    Raises:
        BadSearch: a quote or a bracket is not closed.
    """
    tokens = tokenize(query or "")
    holds = _either(tokens, matches) if tokens else True
    if tokens:
        raise BadSearch(f"unexpected {tokens[0][0]!r} in {query!r}")
    return holds


def terms(query: str | None) -> list[Term]:
    """Every term of *query*, in order."""
    return [term for _, term, _ in tokenize(query or "") if term is not None]


def tokenize(query: str) -> list[Token]:
    tokens, at = [], 0
    text = query.rstrip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise BadSearch(f"cannot read {text[at:]!r}")
        tokens.append(_token(found))
        at = found.end()
    return tokens


def _token(found: re.Match[str]) -> Token:
    if found["bracket"]:
        return found["bracket"], None, False
    bare = found["bare"]
    if bare in ("AND", "OR") and not found["field"]:
        return bare, None, False
    value = next(text for text in (found["double"], found["single"], bare) if text is not None)
    return "term", Term(found["field"], found["compare"] or "", value), bool(found["not"])


def _either(tokens: list[Token], matches: Matches) -> bool:
    holds = _both(tokens, matches)
    while tokens and tokens[0][0] == "OR":
        tokens.pop(0)
        holds = _both(tokens, matches) or holds
    return holds


def _both(tokens: list[Token], matches: Matches) -> bool:
    holds = _one(tokens, matches)
    while tokens and tokens[0][0] not in ("OR", ")"):
        if tokens[0][0] == "AND":
            tokens.pop(0)
        holds = _one(tokens, matches) and holds
    return holds


def _one(tokens: list[Token], matches: Matches) -> bool:
    kind, term, negated = tokens.pop(0) if tokens else ("end", None, False)
    if term is not None:
        return matches(term) != negated
    if kind != "(":
        raise BadSearch(f"unexpected {kind!r}")
    holds = _either(tokens, matches)
    if not tokens or tokens.pop(0)[0] != ")":
        raise BadSearch("a bracket is not closed")
    return holds
