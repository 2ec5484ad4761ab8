"""Global ids: "gid://shopify/Product/8000000000001". Pure."""

from __future__ import annotations

import re

from graphql import GraphQLError

GID = re.compile(r"gid://shopify/(\w+)/([\w-]+)")


def split(gid: str) -> tuple[str, str]:
    """The type and the key of *gid*.

    >>> split("gid://shopify/Product/12")
    ('Product', '12')

    Raises:
        GraphQLError: not a global id.
    """
    found = GID.fullmatch(gid)
    if found is None:
        raise GraphQLError(f"Invalid global id '{gid}'", extensions={"code": "INVALID_GLOBAL_ID"})
    return found[1], found[2]


def number(gid: str, type_name: str) -> int:
    """The number of *gid* when it is a *type_name*; 0, which nothing has, otherwise."""
    kind, key = split(gid)
    return int(key) if kind == type_name and key.isdecimal() else 0
