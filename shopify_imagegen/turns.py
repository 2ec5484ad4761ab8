"""Who goes first: a person before a new listing before a backfill, and shops in turns. Lower numbers go first."""

from __future__ import annotations

from shopify_imagegen.models import Trigger

PRIORITY = {Trigger.PERSON: 1, Trigger.FLOW: 1, Trigger.TEST: 1, Trigger.NEW_LISTING: 2, Trigger.BACKFILL: 10}
MOST_TURNS = 1000  # that are told apart


def place(trigger: str, turn: int) -> int:
    """Where a paid call stands in its queue.

    A shop's first call goes before every other shop's second, so that nobody waits behind a flood.

    Args:
        turn: how many calls of the same shop wait or run already.

    >>> place("new_listing", 0), place("new_listing", 7), place("person", 7)
    (2000, 2007, 1007)
    """
    return PRIORITY[Trigger(trigger)] * MOST_TURNS + min(turn, MOST_TURNS - 1)
