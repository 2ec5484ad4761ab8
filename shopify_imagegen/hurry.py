"""Who is in a hurry: how long the request in hand may still wait for a neighbour, and whose writing goes first.

A person would rather see a gap than wait; a paid call holds one of the provider's few places until it is settled.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar

_UNTIL: ContextVar[float | None] = ContextVar("until", default=None)
_FIRST: ContextVar[bool] = ContextVar("first", default=False)


def within(seconds: float) -> None:
    """From now on, waits of this thread end within *seconds*; until `over`."""
    _UNTIL.set(time.monotonic() + seconds)


def over() -> None:
    """Nobody waits for this thread any more."""
    _UNTIL.set(None)


def left_s() -> float | None:
    """Seconds that are left to wait, 0 when none are; None where nobody is in a hurry."""
    until = _UNTIL.get()
    return None if until is None else max(0.0, until - time.monotonic())


@contextlib.contextmanager
def first() -> Iterator[None]:
    """What is written inside goes before what others of this process wait to write."""
    before = _FIRST.set(True)
    try:
        yield
    finally:
        _FIRST.reset(before)


def goes_first() -> bool:
    """Whether this thread's writing does."""
    return _FIRST.get()
