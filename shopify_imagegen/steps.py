"""Count the steps that run, so that a process can stop between them: once closed, none begins."""

from __future__ import annotations

import threading


class ProcessEnds(BaseException):
    """This process begins no other step. Not an Exception: nobody may take it for a failure, or write it down."""


class Steps:
    """The steps of this process. `with steps:` is one of them.

    Args:
        waits: factor on the waits within a step; whoever tests them has no hours.
    """

    def __init__(self, *, waits: float = 1.0) -> None:
        self._waits = waits
        self._changed = threading.Condition()
        self._running = 0
        self._closed = False

    def __enter__(self) -> None:
        """Begin a step.

        Raises:
            ProcessEnds: closed; the next process goes on from here.
        """
        with self._changed:
            if self._closed:
                raise ProcessEnds
            self._running += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def sleep(self, seconds: float) -> None:
        """Wait within a step; a wait is a safe place to die.

        Only for waits that a crash may cut: nothing that was paid for is in the caller's hands.

        Raises:
            ProcessEnds: closed; the step runs again in the next process.
        """
        with self._changed:
            if self._changed.wait_for(lambda: self._closed, seconds * self._waits):
                raise ProcessEnds

    @property
    def is_closed(self) -> bool:
        return self._closed

    def close(self, timeout_s: float) -> bool:
        """Begin no other step; True when those that run have ended within *timeout_s*."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._running == 0, timeout_s)
