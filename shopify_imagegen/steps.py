"""Count the steps that run, so that a process can stop between them: once closed, none begins."""

from __future__ import annotations

import threading


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
        """Begin a step. Once closed, wait for the end of the process: the next one goes on from here."""
        with self._changed:
            if not self._closed:
                self._running += 1
                return
        _until_the_process_ends()

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def sleep(self, seconds: float) -> None:
        """Wait within a step. Once closed the step counts as ended and stays here: a wait is a safe place to die.

        Only for waits that a crash may cut: nothing that was paid for is in the caller's hands.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._closed, seconds * self._waits):
                return
            self._running -= 1
            self._changed.notify_all()
        _until_the_process_ends()

    def close(self, timeout_s: float) -> bool:
        """Begin no other step; True when those that run have ended within *timeout_s*."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._running == 0, timeout_s)


def _until_the_process_ends() -> None:
    threading.Event().wait()
