"""The worker role: dispatch what arrived, run the workflows, take over from the dead, stop gently."""

from __future__ import annotations

import contextlib
import gc
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple, Protocol

from shopify_imagegen.dispatch import Dispatcher
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.models import Job, JobState
from shopify_imagegen.ports import Clock
from shopify_imagegen.steps import ProcessEnds
from shopify_imagegen.workflow import Engine

logger = logging.getLogger(__name__)

IDLE_S = 0.25  # between looks for work when there was none
BEAT_S = 2  # between heartbeats, and between looks for dead workers
STOP_POLL_S = 0.1
SWITCH_S = 0.002  # Python's own 5 ms let who holds a lock of the database wait ten times for threads that compute
FORGOTTEN_AFTER_S = 20  # a planned job that long without a workflow: a crash came in between
FORGOTTEN_AMONG = 1000  # the latest jobs


class Leases(Protocol):
    def hold(self, worker_id: str) -> None: ...

    def is_dead(self, worker_id: str) -> bool: ...


class Heartbeats(Protocol):
    def beat(self, worker_id: str) -> None: ...

    def leave(self, worker_id: str) -> None: ...

    def rank(self, worker_id: str) -> tuple[int, int]: ...


class RecentJobs(Protocol):
    def recent(self, *, shop: str | None, limit: int) -> tuple[Job, ...]: ...


class Chore(NamedTuple):
    """Something to be done now and then; safe to do in several workers, and to die in."""

    name: str
    work: Callable[[], int]  #: returns how much there was to do; when there was some, it is done again at once
    every_s: float


class Worker:
    """One worker process. `run` returns after `stop`.

    Args:
        chores: done beside the rest, each in its own time.
    """

    def __init__(
        self,
        worker_id: str,
        *,
        engine: Engine,
        dispatcher: Dispatcher,
        leases: Leases,
        heartbeats: Heartbeats,
        jobs: RecentJobs,
        chores: Sequence[Chore] = (),
        clock: Clock,
    ) -> None:
        self._id = worker_id
        self._engine = engine
        self._dispatcher = dispatcher
        self._leases = leases
        self._heartbeats = heartbeats
        self._jobs = jobs
        self._chores = chores
        self._clock = clock
        self._stopping = threading.Event()

    def run(self, *, grace_s: float) -> None:
        """Work until told to stop; then let running steps finish, for at most *grace_s*."""
        try:
            with _quick_switches():
                self._run(grace_s)
        finally:
            gc.unfreeze()

    def _run(self, grace_s: float) -> None:
        self._leases.hold(self._id)
        self._engine.start()
        gc.freeze()  # what is loaded by now stays: looking through it would stop all threads for a tenth of a second
        logger.info("worker started", extra={"action": "worker_started", "worker": self._id})
        threads = [
            threading.Thread(target=self._repeat, args=(self._dispatcher.run_once, IDLE_S), name="dispatcher"),
            threading.Thread(target=self._repeat, args=(self._live, BEAT_S), name="heartbeat"),
            threading.Thread(target=self._repeat, args=(self._start_forgotten, FORGOTTEN_AFTER_S), name="forgotten"),
        ]
        for chore in self._chores:  # a chore may be cut short at any moment: a stop does not wait for it
            args = (chore.work, chore.every_s)
            threading.Thread(target=self._repeat, args=args, name=chore.name, daemon=True).start()
        for thread in threads:
            thread.start()
        while not self._stopping.is_set():  # not wait(): `stop` may come from a signal handler in this very thread,
            time.sleep(STOP_POLL_S)  # and would then wait for a lock that wait() holds
        for thread in threads:
            thread.join()
        finished = self._engine.stop(grace_s=grace_s)
        self._heartbeats.leave(self._id)
        words = "worker stopped" if finished else "worker stopped before a running step had finished"
        logger.info(words, extra={"action": "worker_stopped", "worker": self._id})

    def stop(self) -> None:
        self._stopping.set()

    def _live(self) -> int:
        self._heartbeats.beat(self._id)
        self._engine.divide(*self._heartbeats.rank(self._id))
        for other in sorted(self._engine.busy_executors()):
            if self._leases.is_dead(other):
                taken = self._engine.take_over(other)
                self._heartbeats.leave(other)  # its places are free
                fields = {"action": "took_over", "worker": other, "workflows": taken}
                logger.warning("took over the work of a worker that died", extra=fields)
        for work_id in self._engine.resume_adrift():
            logger.warning("begun work was adrift; it goes on", extra={"action": "resumed", "work": work_id})
        return 0

    def _start_forgotten(self) -> int:
        """Start the jobs that a look had written down when it died, before it could start them."""
        before = self._clock() - timedelta(seconds=FORGOTTEN_AFTER_S)
        recent = self._jobs.recent(shop=None, limit=FORGOTTEN_AMONG)
        planned = {job.id: job for job in recent if job.state == JobState.PLANNED and job.updated_at < before}
        for job_id in sorted(self._engine.without_workflow(planned)):
            logger.warning("starting a job that a crash had left behind", extra={"action": "found", "job": job_id})
            self._engine.make(job_id, planned[job_id].shop, planned[job_id].trigger)
        return 0

    def _repeat(self, work: Callable[[], int], pause_s: float) -> None:
        """Do *work* again and again; pause when there was nothing to do, or when a neighbour is away."""
        said = ""
        while not self._stopping.is_set():
            try:
                done, said = work(), ""
            except ProcessEnds:
                return
            except ImagegenError as error:
                done, said = 0, _once(said, f"the worker waits: {error}")
            except Exception:
                logger.exception("the worker stumbled over a bug, and goes on", extra={"action": "worker_bug"})
                done = 0
            if not done:
                self._stopping.wait(pause_s)


@contextlib.contextmanager
def _quick_switches() -> Iterator[None]:
    """Have this process's threads take turns ten times as often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _once(said: str, words: str) -> str:
    """Log what was not said just now: an outage is one line, not four a second."""
    if words != said:
        logger.warning(words, extra={"action": "worker_waits"})
    return words
