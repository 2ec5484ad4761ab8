"""Connections: a page of a sorted list, with cursors that survive changes elsewhere in the list. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

from graphql import GraphQLError

MAX_PAGE = 250
Rank = tuple[Any, int]


class HasId(Protocol):
    id: int


Item = TypeVar("Item", bound=HasId)


def connection(
    items: Iterable[Item],
    *,
    sort: Callable[[Item], Any],
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    reverse: bool = False,
    **ignored: object,
) -> dict[str, Any]:
    """One page of *items* as `{nodes, edges, pageInfo}`; equal sort values are told apart by id.

    Raises:
        GraphQLError: neither or both of first and last, a page over 250, a cursor that is not ours.
    """
    limit = _limit(first, last)
    ranked = sorted((((sort(item), item.id), item) for item in items), key=lambda pair: pair[0], reverse=reverse)
    span = _between(ranked, after, before, reverse)
    page = span[:limit] if first is not None else span[-limit:] if limit else []
    more = len(span) > len(page)
    return {
        "nodes": [item for _, item in page],
        "edges": [{"node": item, "cursor": cursor(rank)} for rank, item in page],
        "pageInfo": {
            "hasNextPage": more if first is not None else before is not None,
            "hasPreviousPage": more if first is None else after is not None,
            "startCursor": cursor(page[0][0]) if page else None,
            "endCursor": cursor(page[-1][0]) if page else None,
        },
    }


def cursor(rank: Rank) -> str:
    return base64.b64encode(json.dumps(rank, default=str).encode()).decode()


def _limit(first: int | None, last: int | None) -> int:
    limit = first if first is not None else last
    if limit is None or (first is not None and last is not None):
        raise GraphQLError("you must provide one of first or last")
    if not 0 <= limit <= MAX_PAGE:
        raise GraphQLError(f"first and last are 0 to {MAX_PAGE}")
    return limit


def _between(
    ranked: list[tuple[Rank, Item]], after: str | None, before: str | None, reverse: bool
) -> list[tuple[Rank, Item]]:
    if after is not None:
        low = _read(after)
        ranked = [pair for pair in ranked if (pair[0] < low if reverse else pair[0] > low)]
    if before is not None:
        high = _read(before)
        ranked = [pair for pair in ranked if (pair[0] > high if reverse else pair[0] < high)]
    return ranked


def _read(text: str) -> Rank:
    try:
        value, item_id = json.loads(base64.b64decode(text, validate=True))
    except (ValueError, TypeError, binascii.Error):
        raise GraphQLError(f"Invalid cursor for current pagination sort: {text!r}") from None
    return value, item_id
