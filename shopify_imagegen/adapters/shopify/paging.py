"""A list that Shopify hands out page by page, read to its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from shopify_imagegen.errors import Unavailable

Node_co = TypeVar("Node_co", covariant=True)
Node = TypeVar("Node")


class PageInfo(Protocol):
    """Where a page ends."""

    @property
    def has_next_page(self) -> bool: ...

    @property
    def end_cursor(self) -> str | None: ...


class Page(Protocol[Node_co]):
    """One page of a GraphQL connection."""

    @property
    def nodes(self) -> Sequence[Node_co]: ...

    @property
    def page_info(self) -> PageInfo: ...


def whole(page: Callable[[str | None], Page[Node]], *, pages: int, what: str) -> list[Node]:
    """Everything that is on the pages of a list.

    Args:
        page: asks for the page behind a cursor; None means the first.
        pages: more than there can be.
        what: is read, for the message.

    Raises:
        Unavailable: there is always another page.
    """
    found: list[Node] = []
    after = None
    for _ in range(pages):
        answer = page(after)
        found += answer.nodes
        after = answer.page_info.end_cursor
        if not answer.page_info.has_next_page:
            return found
    raise Unavailable(f"{what} has no end")
