"""Steps that last: a finished one is remembered, one that says `later` waits and runs again, within limits."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from dbos import DBOS
from dbos import error as engine_errors

from shopify_imagegen import trail
from shopify_imagegen.stages import Said, Stopped, outcome
from shopify_imagegen.steps import Steps

LATER_S = (5, 30, 120, 480, 1800)  # waits before a step is tried again; then it is given up, with its reason
LONGEST_LATER_S = 3600  # of one such wait, whatever a neighbour's Retry-After says


class Durably:
    """Runs the steps of this process. A step never raises: what went wrong is its outcome.

    Args:
        steps: of this process; closed when it stops.
        waits: factor on the waits before a step is tried again; whoever tests them has no hours.
    """

    def __init__(self, steps: Steps, *, waits: float) -> None:
        self._steps = steps
        self._waits = waits

    def surely(self, name: str, stage: Callable[[], Any]) -> Any:
        """A step that the workflow cannot go on without. Raises: Stopped."""
        said = self.patiently(name, stage)
        if said["next"] != "go_on":
            raise Stopped(said["reason"])
        return said["value"]

    def patiently(self, name: str, stage: Callable[[], Any]) -> Said:
        """Run a step; while it says `later`, wait durably and run it again, within limits."""
        for usual_s in LATER_S:
            said = self.once(name, stage)
            if said["next"] != "later":
                return said
            self.sleep(wait_s(said, usual_s))
        return self.once(name, stage)

    def once(self, name: str, stage: Callable[[], Any]) -> Said:
        counted = functools.partial(self._counted, stage)
        try:
            said: Said = DBOS.run_step({"name": name}, counted)
        except engine_errors.DBOSUnexpectedStepError:  # an older version of the workflow, with another order of steps,
            return counted()  # has come by here; steps are idempotent by our own keys, so this one runs unrecorded
        return said

    def alone(self, stage: Callable[[], Any]) -> Said:
        """The only step of a workflow: the workflow's own end is its record."""
        return self._counted(stage)

    def _counted(self, stage: Callable[[], Any]) -> Said:
        with self._steps, trail.following(job_of(DBOS.workflow_id or "")):
            return outcome(stage)

    @property
    def is_closed(self) -> bool:
        """Whether this process begins no other step."""
        return self._steps.is_closed

    def sleep(self, seconds: float) -> None:
        DBOS.sleep(seconds * self._waits)


def job_of(work_id: str) -> str:
    """The key that all lines about one job share.

    >>> job_of("buy:job:nice-lamps.myshopify.com:7:63470ca049a7:609480cd:0")
    'job:nice-lamps.myshopify.com:7:63470ca049a7'
    """
    if not work_id.startswith("buy:"):
        return work_id
    return work_id.removeprefix("buy:").rsplit(":", 2)[0]


def wait_s(said: Said, usual_s: float) -> float:
    """How long to wait before a step that said `later` is run again."""
    return min(LONGEST_LATER_S, max(usual_s, said["retry_after_s"] or 0))
