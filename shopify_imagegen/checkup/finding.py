"""What a check has found, and the verdict over all findings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from shopify_imagegen.counts import counted
from shopify_imagegen.models import Value

State = Literal["ok", "warning", "failed"]


class Finding(Value):
    """One thing that was looked at."""

    check: str  #: "database"
    about: str = ""  #: a store's domain
    state: State
    said: str  #: one line
    todo: str = ""  #: what mends it; "" when nothing is to be done


def ok(check: str, said: str, *, about: str = "") -> Finding:
    return Finding(check=check, about=about, state="ok", said=said)


def warning(check: str, said: str, todo: str, *, about: str = "") -> Finding:
    """Works, or may work; a person should look."""
    return Finding(check=check, about=about, state="warning", said=said, todo=todo)


def failed(check: str, said: str, todo: str, *, about: str = "") -> Finding:
    """Does not work."""
    return Finding(check=check, about=about, state="failed", said=said, todo=todo)


def verdict(findings: Sequence[Finding]) -> State:
    """The worst state of all."""
    states = {each.state for each in findings}
    return "failed" if "failed" in states else "warning" if "warning" in states else "ok"


def summary(findings: Sequence[Finding]) -> str:
    """One line for people.

    >>> summary([ok("disk", "100 GB free")])
    'All is well: 1 check.'
    """
    broken = sum(each.state == "failed" for each in findings)
    doubtful = sum(each.state == "warning" for each in findings)
    if broken:
        return f"{broken} of {counted(len(findings), 'check')} failed. Mend these first, then run doctor again."
    if doubtful:
        return f"It works; {doubtful} of {counted(len(findings), 'check')} would like your attention."
    return f"All is well: {counted(len(findings), 'check')}."
