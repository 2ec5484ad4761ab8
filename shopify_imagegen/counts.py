"""A number and what it counts, as English has it. Pure."""

from __future__ import annotations


def counted(count: int, thing: str, things: str = "") -> str:
    """*things*: the plural, where an "s" does not make it.

    >>> counted(1, "picture"), counted(0, "picture"), counted(1200, "delivery", "deliveries")
    ('1 picture', '0 pictures', '1,200 deliveries')
    """
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"
