"""Each call that a worker makes, written down as it happens, so that the page outlives the worker."""

import contextlib
import os
import re
import signal
import threading
from collections import Counter
from dataclasses import dataclass

LINE = re.compile(r"(before|after) (\S+) (\d+) (step|aside)")


@dataclass(frozen=True, order=True)
class Moment:
    """A point in a worker's life: just before, or just after, the n-th call of that name."""

    call: str  #: "ledger.sent", "media.create_file", "step.buy", "http.FileCreate"
    side: str  #: "before" or "after"
    number: int = 1
    in_step: bool = True  #: in the one thread that does the work, not beside it

    def __str__(self):
        return f"{self.side} {self.call} {self.number}"

    @property
    def port(self):
        return self.call.partition(".")[0]


class Diary:
    """Writes, and ends the process when the page says so.

    Args:
        until: the moment to die at, "before ledger.sent 1"; or "event 120", the 120th line; "" for never.
        then: the signal that the process sends itself.
    """

    def __init__(self, path, *, until="", then=signal.SIGKILL):
        self._page = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._until, self._then = until, then
        self._lock = threading.RLock()
        self._counts = Counter()
        self._lines = 0
        self._here = threading.local()

    @contextlib.contextmanager
    def call(self, name):
        """One call, from before to after; also one that raises."""
        with self._lock:
            self._counts[name] += 1
            number = self._counts[name]
        is_step = name.startswith("step.")
        outside = getattr(self._here, "in_step", False)
        self._here.in_step = outside or is_step
        self._note("before", name, number)
        try:
            yield
        finally:
            self._note("after", name, number)
            self._here.in_step = outside

    def _note(self, side, name, number):
        moment = f"{side} {name} {number}"
        with self._lock:  # the order of the lines is the order of time
            os.write(self._page, f"{moment} {'step' if self._here.in_step else 'aside'}\n".encode())
            self._lines += 1
            if self._until in (moment, f"event {self._lines}"):
                os.kill(os.getpid(), self._then)


def read(path):
    """The moments of a page, in order."""
    if not path.exists():
        return []
    found = (LINE.fullmatch(line) for line in path.read_text().splitlines())
    return [Moment(each[2], each[1], int(each[3]), each[4] == "step") for each in found if each]
