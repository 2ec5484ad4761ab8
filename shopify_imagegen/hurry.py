"""How long the request in hand may still wait for a neighbour: a person would rather see a gap than wait for it."""

from __future__ import annotations

import time
from contextvars import ContextVar

_UNTIL: ContextVar[float | None] = ContextVar("until", default=None)


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
