"""What the terms of a search mean for products and for files. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from graphql import GraphQLError

from shopify_imagegen.sandbox.shop.search import BadSearch, Term, predicate, terms
from shopify_imagegen.sandbox.shop.state import File, Product

COMPARE = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
Test = Callable[[Any, Term], bool]


def _is(attribute: str) -> Test:
    """Equality without case; `*` at the end matches any rest, a comma lists alternatives."""
    return lambda item, term: any(_alike(str(getattr(item, attribute) or ""), value) for value in term.values)


def _any_is(attribute: str) -> Test:
    return lambda item, term: any(_alike(each, term.value) for each in getattr(item, attribute))


def _contains(attribute: str) -> Test:
    return lambda item, term: term.value.rstrip("*").lower() in str(getattr(item, attribute)).lower()


def _compared(read: Callable[[Any], Any], parse: Callable[[str], Any]) -> Test:
    def test(item: Any, term: Term) -> bool:
        value = read(item)
        if not term.compare:
            return any(value == parse(each) for each in term.values)
        wanted = parse(term.value)
        return bool(COMPARE[term.compare](value, wanted))

    return test


def _date(attribute: str) -> Test:
    return _compared(lambda item: getattr(item, attribute).replace(microsecond=0), _moment)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadSearch(f"{text!r} is not a date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(text: str) -> int:
    tail = text.rpartition("/")[2]
    if not tail.isdecimal():
        raise BadSearch(f"{text!r} is not an id")
    return int(tail)


def _alike(value: str, pattern: str) -> bool:
    value, pattern = value.lower(), pattern.lower()
    return value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern


def _filename(file: File, term: Term) -> bool:
    """The whole base name, with or without its extension."""
    return any(_alike(name, term.value) for name in (file.filename, PurePosixPath(file.filename).stem))


def _product_words(product: Product, term: Term) -> bool:
    text = " ".join([product.title, product.vendor, product.product_type, *product.tags]).lower()
    return term.value.rstrip("*").lower() in text


def _file_words(file: File, term: Term) -> bool:
    return term.value.rstrip("*").lower() in f"{file.filename} {file.alt}".lower()


ID = _compared(lambda item: item.id, _number)

PRODUCT_TERMS: Mapping[str | None, Test] = {
    None: _product_words,
    "id": ID,
    "status": _is("status"),
    "title": _contains("title"),
    "handle": _is("handle"),
    "vendor": _is("vendor"),
    "product_type": _is("product_type"),
    "tag": _any_is("tags"),
    "created_at": _date("created_at"),
    "updated_at": _date("updated_at"),
}

FILE_TERMS: Mapping[str | None, Test] = {
    None: _file_words,
    "id": ID,
    "status": _is("status"),
    "filename": _filename,
    "media_type": _is("media_content_type"),
    "created_at": _date("created_at"),
    "updated_at": _date("updated_at"),
}


def select(items: list[Any], query: str | None, tests: Mapping[str | None, Test]) -> list[Any]:
    """Those of *items* for which *query* holds; a field that is not known is left out of the query.

    Raises:
        GraphQLError: the query cannot be read.
    """

    def holds(item: Any) -> bool:
        return predicate(query, lambda term: tests[term.field](item, term) if term.field in tests else True)

    try:
        predicate(query, lambda _: True)  # an empty shop reads the query too
        return [item for item in items if holds(item)]
    except BadSearch as error:
        raise GraphQLError(f"Invalid search query: {error}", extensions={"code": "BAD_REQUEST"}) from error


def unknown_fields(query: str | None, tests: Mapping[str | None, Test]) -> list[str]:
    """The fields of *query* that a search would leave out."""
    try:
        return [str(term.field) for term in terms(query) if term.field not in tests]
    except BadSearch:
        return []
