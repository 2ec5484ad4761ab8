"""Which job the lines of this thread belong to: one key through everything that is logged on its way."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_JOB: ContextVar[str] = ContextVar("job", default="")


@contextlib.contextmanager
def following(job: str) -> Iterator[None]:
    """Everything logged inside belongs to *job*."""
    before = _JOB.set(job)
    try:
        yield
    finally:
        _JOB.reset(before)


def current() -> str:
    """The job that is being followed here; "" for none."""
    return _JOB.get()
