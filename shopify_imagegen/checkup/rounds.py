"""Run checks side by side: none may raise, and none may keep the others waiting."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from shopify_imagegen.checkup.finding import Finding, failed
from shopify_imagegen.errors import ImagegenError

logger = logging.getLogger(__name__)

WITHIN_S = 8.0  # of one check; what takes longer is itself a finding
AT_ONCE = 8
ASK_US = "this is a mistake in the program: please report it with the log lines above"


class Check(NamedTuple):
    """A question to one part."""

    name: str  #: "database"
    ask: Callable[[], Sequence[Finding]]
    about: str = ""  #: a store's domain


def examine(checks: Sequence[Check], *, within_s: float = WITHIN_S) -> Iterator[Finding]:
    """The findings of *checks*, in their order."""
    for start in range(0, len(checks), AT_ONCE):
        asked = [_Asked(check) for check in checks[start : start + AT_ONCE]]
        until = time.monotonic() + within_s
        for each in asked:
            yield from each.findings(until)


class _Asked(threading.Thread):
    """One running check. A thread that hangs is left behind: it ends with the process."""

    def __init__(self, check: Check) -> None:
        super().__init__(name=f"check-{check.name}", daemon=True)
        self._check = check
        self._found: Sequence[Finding] | None = None
        self.start()

    def run(self) -> None:
        self._found = _answered(self._check)

    def findings(self, until: float) -> Sequence[Finding]:
        self.join(max(0.0, until - time.monotonic()))
        if self._found is not None:
            return self._found
        said = "did not answer within some seconds"
        return [failed(self._check.name, said, "try again; if it stays so, look there", about=self._check.about)]


def _answered(check: Check) -> Sequence[Finding]:
    try:
        return check.ask()
    except ImagegenError as error:
        return [failed(check.name, str(error), "mend what it names, then run doctor again", about=check.about)]
    except Exception as error:
        logger.exception("a check met a bug", extra={"action": "check_failed", "check": check.name})
        return [failed(check.name, f"the check itself failed ({type(error).__name__})", ASK_US, about=check.about)]
