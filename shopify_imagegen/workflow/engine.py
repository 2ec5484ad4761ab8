"""The engine in this process: started, asked for work from outside, taking over from the dead, stopped."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from dbos import DBOS, DBOSConfig

from shopify_imagegen.adrift import Adrift
from shopify_imagegen.models import (
    BackfillRollbackRequested,
    GenerateRequested,
    ImageApproved,
    Job,
    RegenerateRequested,
    RollbackRequested,
    Trigger,
)
from shopify_imagegen.places import Places, share
from shopify_imagegen.stages import Stages, Unlooked
from shopify_imagegen.steps import Steps
from shopify_imagegen.workflow.durably import Durably
from shopify_imagegen.workflow.order import Order
from shopify_imagegen.workflow.queues import BULK, LOOKS, Queues, queue_of

VERSION = "1"  # of the workflows' shape: jobs of another version are not picked up; new with the order of steps
CHECKPOINT_S = 1  # what the engine may need to write down a step that has ended
UNENDED = ["PENDING", "ENQUEUED", "DELAYED"]
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
PRUNE_BATCH = 500

P = ParamSpec("P")
R = TypeVar("R")


def put_to_last(method: Callable[Concatenate[Engine, P], None]) -> Callable[Concatenate[Engine, P], None]:
    """For work that is asked for from outside: when it is accepted, a power cut does not undo it."""

    @functools.wraps(method)
    def run(self: Engine, /, *args: P.args, **kwargs: P.kwargs) -> None:
        with self.border():
            method(self, *args, **kwargs)
            self.flush()

    return run


def at_the_border(method: Callable[Concatenate[Engine, P], R]) -> Callable[Concatenate[Engine, P], R]:
    """For what is asked of the engine from outside: a database that is away is told as one of our errors."""

    @functools.wraps(method)
    def run(self: Engine, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.border():
            return method(self, *args, **kwargs)

    return run


class Engine:
    """Runs the workflows in this process. Keeps `dispatch.Starter`.

    Args:
        unlooked: told when a look at a product has failed for good.
        steps: of this process; closed when it stops.
        database: the engine's own SQLAlchemy engine, made in this process.
        flush: makes what was committed there last. Steps do without: one that a power cut makes the engine forget is
            run again, as after a crash. What is asked from outside must not be forgotten.
        border: turns that database's errors into ours.
        executor_id: of this process start; never used by another.
        places: of this process; how many there are depends on how many workers there are.
        concurrency: paid calls at once, of all workers.
        requests_per_minute: of paid calls, of all workers.
        waits: factor on the waits before a step is tried again; whoever tests them has no hours.
    """

    def __init__(
        self,
        stages: Stages,
        *,
        unlooked: Unlooked,
        steps: Steps,
        database: Any,
        flush: Callable[[], None] = lambda: None,
        border: Callable[[], AbstractContextManager[None]],
        executor_id: str,
        places: Places,
        concurrency: int,
        requests_per_minute: int,
        waits: float = 1.0,
    ) -> None:
        self._steps = steps
        self.flush = flush
        self.border = border
        self._executor_id = executor_id
        self._adrift = Adrift()
        self._places, self._concurrency = places, concurrency
        self._queues = Queues(concurrency=concurrency, requests_per_minute=requests_per_minute)
        self._order = Order(
            stages,
            unlooked=unlooked,
            queues=self._queues,
            start=self.make,
            steps=Durably(steps, waits=waits),
        )
        self._config = DBOSConfig(
            name="shopify-imagegen",
            system_database_engine=database,
            application_version=VERSION,
            executor_id=executor_id,
            log_level="WARNING",
            use_listen_notify=False,
        )

    @at_the_border
    def start(self) -> None:
        DBOS(config=self._config)
        workflows = {each.__name__: self._registered(each) for each in self._order.workflows}
        DBOS.launch()
        self._queues.open(workflows)

    def stop(self, *, grace_s: float) -> bool:
        """Let the steps that run now finish, begin no other. True if they did within *grace_s*.

        What is not finished stays in the database, and goes on when a worker starts.
        """
        finished = self._steps.close(grace_s)
        DBOS.destroy(workflow_completion_timeout_sec=CHECKPOINT_S, destroy_registry=True)
        return finished

    @put_to_last
    def look(self, work_id: str, shop: str, product_id: str) -> None:
        self._queues.put(LOOKS, "look", work_id, shop, Trigger.NEW_LISTING, shop, product_id)

    @put_to_last
    def ask(self, arrival_id: str, shop: str, request: GenerateRequested | RegenerateRequested) -> None:
        wish = request.model_dump(mode="json")
        self._queues.put(LOOKS, "ask", f"ask:{arrival_id}", shop, request.trigger, arrival_id, shop, wish)

    @put_to_last
    def approve(self, arrival_id: str, shop: str, wish: ImageApproved) -> None:
        work_id, approved = f"approve:{arrival_id}", wish.model_dump(mode="json")
        self._queues.put(LOOKS, "approve", work_id, shop, Trigger.PERSON, wish.image_id, arrival_id, shop, approved)

    @put_to_last
    def roll_back(self, arrival_id: str, shop: str, wish: RollbackRequested) -> None:
        work_id, wanted = f"roll_back:{arrival_id}", wish.model_dump(mode="json")
        self._queues.put(LOOKS, "roll_back", work_id, shop, Trigger.PERSON, arrival_id, shop, wanted)

    @put_to_last
    def roll_back_all(self, arrival_id: str, shop: str, wish: BackfillRollbackRequested) -> None:
        work_id, wanted = f"roll_back_all:{arrival_id}", wish.model_dump(mode="json")
        self._queues.put(BULK, "roll_back_all", work_id, shop, Trigger.BACKFILL, arrival_id, shop, wanted)

    @put_to_last
    def make(self, job_id: str, shop: str, trigger: str) -> None:
        """Run a job. Asking for one that runs, or has run, changes nothing."""
        self._queues.put(queue_of(trigger), "make", job_id, shop, trigger, job_id)

    @put_to_last
    def again(self, work_id: str, job: Job, *, refused: bool) -> None:
        """Take up a job that rests. *refused*: pictures that were not bought, too."""
        self._queues.put(queue_of(job.trigger), "again", work_id, job.shop, job.trigger, job.id, refused)

    @at_the_border
    def busy_executors(self) -> set[str]:
        """The ids of processes, living or dead, that have work begun."""
        self._queues.settle()
        begun = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {workflow.executor_id for workflow in begun if workflow.executor_id} - {self._executor_id}

    @at_the_border
    def divide(self, rank: int, workers: int) -> None:
        """Take this worker's share of the provider's places.

        Args:
            rank: zero-based, among the *workers*.
        """
        self._places.change(share(self._concurrency, rank=rank, workers=workers))
        self._queues.divide(workers)

    @at_the_border
    def take_over(self, dead_executor: str) -> int:
        """Put a dead process's begun work back into its queues. Doing it twice is harmless."""
        self._queues.quicken()
        return len(DBOS._recover_pending_workflows([dead_executor]))  # private in 3.4.0: the version is pinned

    @at_the_border
    def resume_adrift(self) -> list[str]:
        """Put work that we had begun, and that an outage took out of our hands, back into its queues."""
        mine = DBOS.list_workflows(status="PENDING", executor_id=self._executor_id, load_input=False, load_output=False)
        queues = {workflow.workflow_id: workflow.queue_name for workflow in mine}
        adrift = sorted(self._adrift.among(queues))
        for work_id in adrift:
            DBOS.resume_workflow(work_id, queue_name=queues[work_id])
        return adrift

    @at_the_border
    def without_workflow(self, job_ids: Iterable[str]) -> set[str]:
        """Those of the jobs that were never started."""
        wanted = list(job_ids)
        if not wanted:
            return set()
        known = DBOS.list_workflows(workflow_ids=wanted, load_input=False, load_output=False)
        return set(wanted) - {workflow.workflow_id for workflow in known}

    @at_the_border
    def prune(self, before: datetime) -> int:
        """Drop the workflows that ended before then; our own tables keep what they led to. Returns how many."""
        dropped = 0
        while ended := DBOS.list_workflows(
            status=ENDED, completed_before=before.isoformat(), limit=PRUNE_BATCH, load_input=False, load_output=False
        ):
            DBOS.delete_workflows([workflow.workflow_id for workflow in ended])
            dropped += len(ended)
        return dropped

    @at_the_border
    def forget(self, shop: str) -> int:
        """Drop the ended work of a store that has left: should it come back, its ids must be free. Returns how many."""
        dropped, work = 0, work_of(shop)
        while ended := DBOS.list_workflows(
            status=ENDED, workflow_id_prefix=work, limit=PRUNE_BATCH, load_input=False, load_output=False
        ):
            DBOS.delete_workflows([workflow.workflow_id for workflow in ended])
            dropped += len(ended)
        return dropped

    @at_the_border
    def is_at_work(self, shop: str) -> bool:
        """Whether work of a store is begun or queued: a paid call may be under way."""
        work = work_of(shop)
        found = DBOS.list_workflows(
            status=UNENDED, workflow_id_prefix=work, limit=1, load_input=False, load_output=False
        )
        return bool(found)

    def _registered(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """A bound method as the plain function that the engine registers. Its name is kept with the work in flight."""

        def run(*args: Any) -> Any:
            with self._adrift.doing(str(DBOS.workflow_id)):
                return method(*args)

        run.__name__ = run.__qualname__ = method.__name__
        return DBOS.workflow(name=method.__name__)(run)


def work_of(shop: str) -> list[str]:
    """How the ids of a store's work begin; a paid call's id has its job's in it."""
    jobs = [f"job:{shop}:", f"again:job:{shop}:"]
    return [f"look:{shop}:", *jobs, *(f"{kind}:{job}" for kind in ("buy", "tell") for job in jobs)]
