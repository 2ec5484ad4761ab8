"""The order of the stages, as durable workflows. The only module that knows the engine, DBOS Transact.

A finished step can run again after a crash, so every step is idempotent by our own keys: the ledger for money, file
names and read-back for writes. The engine gives order, queues and persistence. A step never raises: what went wrong is
its outcome, so that a bug ends in a named state like everything else.
"""

from __future__ import annotations

import functools
import logging
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from dbos import DBOS, DBOSConfig, Queue, SetEnqueueOptions, SetWorkflowID

from shopify_imagegen import trail
from shopify_imagegen.adrift import Adrift
from shopify_imagegen.models import (
    GenerateRequested,
    ImageApproved,
    Job,
    JobState,
    Outcome,
    RegenerateRequested,
    RollbackRequested,
    Trigger,
)
from shopify_imagegen.pulse import CALM_S, Pulse
from shopify_imagegen.stages import Parked, Said, Stages, Stopped, Unlooked, bug, outcome
from shopify_imagegen.steps import ProcessEnds, Steps
from shopify_imagegen.turns import PRIORITY, place

logger = logging.getLogger(__name__)

VERSION = "1"  # of the workflows' shape: jobs of another version are not picked up; new with the order of steps
LOOKS, JOBS, BULK, CALLS = "looks", "jobs", "bulk", "calls"  # queues: questions, jobs, backfills' jobs, paid calls
LOOKS_AT_ONCE, JOBS_AT_ONCE, OF_A_SHOP_AT_ONCE = 8, 16, 4
RESULT_POLL_S = 0.2  # of a paid call that a job waits for
CHECKPOINT_S = 1  # what the engine may need to write down a step that has ended
LATER_S = (5, 30, 120, 480, 1800)  # waits before a step is tried again; then it is given up, with its reason
LONGEST_LATER_S = 3600  # of one such wait, whatever a neighbour's Retry-After says

ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
PRUNE_BATCH = 500

P = ParamSpec("P")
R = TypeVar("R")


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
        border: turns that database's errors into ours.
        executor_id: of this process start; never used by another.
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
        border: Callable[[], AbstractContextManager[None]],
        executor_id: str,
        concurrency: int,
        requests_per_minute: int,
        waits: float = 1.0,
    ) -> None:
        self._stages = stages
        self._unlooked = unlooked
        self._steps = steps
        self.border = border
        self._executor_id = executor_id
        self._adrift = Adrift()
        self._concurrency = concurrency
        self._requests_per_minute = requests_per_minute
        self._waits = waits
        self._workflows: dict[str, Callable[..., Any]] = {}
        self._queues: list[Queue] = []
        self._pulse = Pulse(self._poll_every)
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
        decisions = (self._approve, self._roll_back)
        for workflow in (self._look, self._ask, self._make, self._again, self._buy, *decisions, self._tell):
            name = workflow.__name__.strip("_")
            self._workflows[name] = DBOS.workflow(name=name)(self._plain(workflow))
        DBOS.launch()
        self._register(LOOKS, worker_concurrency=LOOKS_AT_ONCE, partition_concurrency=OF_A_SHOP_AT_ONCE)
        self._register(JOBS, worker_concurrency=JOBS_AT_ONCE, partition_concurrency=OF_A_SHOP_AT_ONCE)
        paid, bulk = self._concurrency, bulk_at_once(self._concurrency)
        self._register(BULK, worker_concurrency=bulk, partition_worker_concurrency=bulk)
        self._register(CALLS, global_concurrency=paid, worker_concurrency=paid, limiter=pace(self._requests_per_minute))

    def stop(self, *, grace_s: float) -> bool:
        """Let the steps that run now finish, begin no other. True if they did within *grace_s*.

        What is not finished stays in the database, and goes on when a worker starts.
        """
        finished = self._steps.close(grace_s)
        DBOS.destroy(workflow_completion_timeout_sec=CHECKPOINT_S, destroy_registry=True)
        return finished

    @at_the_border
    def look(self, work_id: str, shop: str, product_id: str) -> None:
        self._pulse.quicken()
        self._enqueue(LOOKS, "look", work_id, shop, Trigger.NEW_LISTING, shop, product_id)

    @at_the_border
    def ask(self, arrival_id: str, shop: str, request: GenerateRequested | RegenerateRequested) -> None:
        self._pulse.quicken()
        wish = request.model_dump(mode="json")
        self._enqueue(LOOKS, "ask", f"ask:{arrival_id}", shop, request.trigger, arrival_id, shop, wish)

    @at_the_border
    def approve(self, arrival_id: str, shop: str, wish: ImageApproved) -> None:
        self._pulse.quicken()
        work_id, approved = f"approve:{arrival_id}", wish.model_dump(mode="json")
        self._enqueue(LOOKS, "approve", work_id, shop, Trigger.PERSON, wish.image_id, arrival_id, shop, approved)

    @at_the_border
    def roll_back(self, arrival_id: str, shop: str, wish: RollbackRequested) -> None:
        self._pulse.quicken()
        work_id, wanted = f"roll_back:{arrival_id}", wish.model_dump(mode="json")
        self._enqueue(LOOKS, "roll_back", work_id, shop, Trigger.PERSON, arrival_id, shop, wanted)

    @at_the_border
    def make(self, job_id: str, shop: str, trigger: str) -> None:
        """Run a job. Asking for one that runs, or has run, changes nothing."""
        self._pulse.quicken()  # between two polls of a second, a backfill's provider would stand idle for half of one
        self._enqueue(_queue_of(trigger), "make", job_id, shop, trigger, job_id)

    @at_the_border
    def again(self, work_id: str, job: Job, *, refused: bool) -> None:
        """Take up a job that rests. *refused*: pictures that were not bought, too."""
        self._pulse.quicken()
        self._enqueue(_queue_of(job.trigger), "again", work_id, job.shop, job.trigger, job.id, refused)

    @at_the_border
    def busy_executors(self) -> set[str]:
        """The ids of processes, living or dead, that have work begun."""
        self._pulse.settle()
        begun = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {workflow.executor_id for workflow in begun if workflow.executor_id} - {self._executor_id}

    @at_the_border
    def take_over(self, dead_executor: str) -> int:
        """Put a dead process's begun work back into its queues. Doing it twice is harmless."""
        self._pulse.quicken()
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
        dropped = 0
        ours = [f"job:{shop}:", f"look:{shop}:", f"again:job:{shop}:", f"tell:job:{shop}:"]
        while ended := DBOS.list_workflows(
            status=ENDED, workflow_id_prefix=ours, limit=PRUNE_BATCH, load_input=False, load_output=False
        ):
            DBOS.delete_workflows([workflow.workflow_id for workflow in ended])
            dropped += len(ended)
        return dropped

    def _register(self, name: str, **limits: Any) -> None:
        queue = DBOS.register_queue(name, polling_interval_sec=CALM_S, on_conflict="always_update", **limits)
        self._queues.append(queue)

    def _poll_every(self, interval_s: float) -> None:
        for queue in self._queues:
            queue.set_polling_interval_sec(interval_s)

    def _enqueue(self, queue: str, name: str, work_id: str, shop: str, trigger: str, *args: Any) -> None:
        options = SetEnqueueOptions(queue_partition_key=shop, priority=PRIORITY[Trigger(trigger)])
        with SetWorkflowID(work_id), options:
            DBOS.enqueue_workflow(queue, self._workflows[name], *args)

    def _plain(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """A bound method as the plain function that the engine registers."""

        def run(*args: Any) -> Any:
            with self._adrift.doing(str(DBOS.workflow_id)):
                return method(*args)

        run.__name__ = run.__qualname__ = method.__name__.strip("_")
        return run

    # The workflows. Nothing outside a step may depend on time or chance.

    def _look(self, shop: str, product_id: str) -> str | None:
        """A product changed: look at it, and make its pictures if it shall have some."""
        found = self._patiently("look", lambda: self._stages.look(shop, product_id))
        if found["next"] != "go_on":
            self._surely("unlooked", lambda: self._unlooked(shop, product_id, found["reason"]))
            return None
        job_id: str | None = found["value"]
        if job_id:
            self.make(job_id, shop, Trigger.NEW_LISTING)
        return job_id

    def _ask(self, arrival_id: str, shop: str, request: dict[str, Any]) -> None:
        """A person wants pictures of a product: plan them, make them, and write the answer down."""
        kinds: dict[str, type[GenerateRequested | RegenerateRequested]]
        kinds = {"generate_requested": GenerateRequested, "regenerate_requested": RegenerateRequested}
        wish = kinds[request["kind"]].model_validate(request)
        found = self._patiently("ask", lambda: list(self._stages.ask(shop, wish)))
        job_id, reason = found["value"] or (None, found["reason"])
        if job_id:
            self.make(job_id, shop, wish.trigger)
        self._surely("answer", lambda: self._stages.answer(arrival_id, job_id, reason))

    def _make(self, job_id: str) -> None:
        """The line: buy, inspect, stamp, stage, then review or attach."""
        try:
            self._run_line(job_id)
        except Parked as parked:
            self._move(job_id, JobState.PAUSED, str(parked))
        except Stopped as stopped:
            self._move(job_id, JobState.FAILED, str(stopped))
        except Exception as error:
            if self._steps.is_closed:
                raise ProcessEnds from error  # the engine is being taken apart around us
            logger.exception("a job stopped at a bug", extra={"action": "job_failed", "job": job_id})
            self._move(job_id, JobState.FAILED, bug(error))

    def _again(self, job_id: str, refused: bool) -> None:
        """The line once more, for a job that rests: each picture goes on where it is."""
        self._surely("reopen", lambda: self._stages.reopen(job_id, refused=refused))
        self._make(job_id)

    def _buy(self, image_id: str) -> Said:
        """One paid call, behind the provider's concurrency and rate limits."""
        said = self._try("buy", lambda: self._stages.buy(image_id))
        if said["bug"]:  # the ledger knows whether the call had left: this time it only says what became of it
            said = self._try("buy", lambda: self._stages.buy(image_id))
        return said

    def _approve(self, image_id: str, arrival_id: str = "", shop: str = "", wish: dict[str, Any] | None = None) -> None:
        """A person lets one picture into the shop window. Work of an earlier version came without the *wish*."""
        approved = ImageApproved.model_validate(wish) if wish else None
        if approved:
            said = self._patiently("approve", lambda: self._stages.approve(shop, approved))
            job_id = self._surely("job_of", lambda: self._stages.job_of(image_id)) if said["next"] == "go_on" else None
            self._surely("answer", lambda: self._stages.answer(arrival_id, job_id, said["reason"]))
            if job_id is None:
                return
        try:
            self._attach([image_id])
        except Parked as parked:
            reason = str(parked)
            self._surely("give_up", lambda: self._stages.give_up(image_id, reason))
        self._finish(lambda: self._stages.job_of(image_id))

    def _tell(self, job_id: str) -> None:
        """Shopify Flow hears of a job's end; nobody waits for it, and in the end it goes without."""
        for wait_s in LATER_S[:3]:
            if self._try("tell", lambda: self._stages.tell(job_id))["next"] != "later":
                return
            self._sleep(wait_s)
        self._try("tell", lambda: self._stages.tell(job_id))

    def _roll_back(self, arrival_id: str, shop: str, wish: dict[str, Any]) -> None:
        """Pictures are taken back, product by product; one that cannot be now does not hold up the others."""
        wanted = RollbackRequested.model_validate(wish)
        products = self._patiently("products_of", lambda: dict(self._stages.products_of(shop, wanted)))
        said = [products["reason"]] if products["next"] != "go_on" else []
        for product_id, image_ids in (products["value"] or {}).items():
            undo = functools.partial(self._stages.roll_back, shop, product_id, image_ids, wanted)
            done = self._patiently("roll_back", undo)
            said.append(done["value"] or done["reason"])
        self._surely("answer", lambda: self._stages.answer(arrival_id, None, "\n".join(said)))

    # Their pieces

    def _run_line(self, job_id: str) -> None:
        trigger, image_ids, turn = self._surely("pictures", lambda: self._pictures(job_id))
        bought = self._buy_all({image_id: place(trigger, turn + at) for at, image_id in enumerate(image_ids)})
        self._move(job_id, JobState.PUBLISHING)
        staged = [image_id for image_id in bought if self._stage(image_id)]
        if not self._surely("wants_review", lambda: self._stages.wants_review(job_id)):
            self._attach(staged)
        self._finish(lambda: job_id)

    def _finish(self, job: Callable[[], str]) -> None:
        """The job's end; where it is news, somebody else tells it."""
        news = self._surely("finish", lambda: self._ended(job()))
        if news:
            shop, job_id = news
            self._enqueue(LOOKS, "tell", f"tell:{DBOS.workflow_id}", shop, Trigger.BACKFILL, job_id)

    def _ended(self, job_id: str) -> list[str] | None:
        shop = self._stages.finish(job_id)
        return [shop, job_id] if shop else None

    def _pictures(self, job_id: str) -> list[Any]:
        self._stages.move_job(job_id, JobState.GENERATING)
        trigger, image_ids = self._stages.pictures(job_id)
        return [trigger, list(image_ids), self._calls_of_its_shop(job_id)]

    def _calls_of_its_shop(self, job_id: str) -> int:
        """How many paid calls of the same shop wait or run now. Ids tell: "buy:job:lamps.myshopify.com:…"."""
        calls = DBOS.list_workflows(
            queue_name=CALLS, status=["ENQUEUED", "PENDING"], load_input=False, load_output=False
        )
        shop = ":".join(job_id.split(":")[:2])
        return sum(f":{shop}:" in call.workflow_id for call in calls)

    def _buy_all(self, places: Mapping[str, int]) -> list[str]:
        """Buy all pictures side by side; try those again whose purchase certainly did not happen.

        Args:
            places: image id -> its place among the paid calls.
        """
        said: dict[str, Said] = {}
        waiting = list(places)
        for attempt, wait_s in enumerate((*LATER_S, None)):
            said |= self._bought({image_id: places[image_id] for image_id in waiting}, attempt)
            _go_on_unless_parked(*said.values())
            waiting = [image_id for image_id in waiting if said[image_id]["next"] == "later"]
            if not waiting or wait_s is None:
                break
            self._sleep(max(_wait_s(said[image_id], wait_s) for image_id in waiting))
        for image_id in places:
            self._give_up_unless(said[image_id], image_id)
        return [image_id for image_id in places if said[image_id]["next"] == "go_on"]

    def _bought(self, places: Mapping[str, int], attempt: int) -> dict[str, Said]:
        handles = {}
        for image_id, priority in places.items():
            options = SetEnqueueOptions(priority=priority)
            with SetWorkflowID(f"buy:{DBOS.workflow_id}:{image_id}:{attempt}"), options:
                handles[image_id] = DBOS.enqueue_workflow(CALLS, self._workflows["buy"], image_id)
        return {image_id: handle.get_result(polling_interval_sec=RESULT_POLL_S) for image_id, handle in handles.items()}

    def _stage(self, image_id: str) -> bool:
        """Make a bought picture fit, and put it into the store's Files."""
        for name in ("inspect", "stamp", "stage"):
            stage: Callable[[str], Outcome] = getattr(self._stages, name)
            said = self._patiently(name, functools.partial(stage, image_id))
            _go_on_unless_parked(said)
            self._give_up_unless(said, image_id)
            if said["next"] != "go_on":
                return False
        return True

    def _attach(self, image_ids: list[str]) -> None:
        said = self._patiently("attach", lambda: self._stages.attach(image_ids))
        _go_on_unless_parked(said)
        for image_id in image_ids:
            self._give_up_unless(said, image_id)

    def _give_up_unless(self, said: Said, image_id: str) -> None:
        """A picture whose step did not go on shall say why; one that says it already is left as it is."""
        if said["next"] != "go_on":
            self._surely("give_up", lambda: self._stages.give_up(image_id, said["reason"]))

    def _move(self, job_id: str, state: JobState, reason: str = "") -> None:
        self._surely("move_job", lambda: self._stages.move_job(job_id, state, reason))

    def _surely(self, name: str, stage: Callable[[], Any]) -> Any:
        """A step that the workflow cannot go on without. Raises: Stopped."""
        said = self._patiently(name, stage)
        if said["next"] != "go_on":
            raise Stopped(said["reason"])
        return said["value"]

    def _patiently(self, name: str, stage: Callable[[], Any]) -> Said:
        """Run a step; while it says `later`, wait durably and run it again, within limits."""
        for wait_s in LATER_S:
            said = self._try(name, stage)
            if said["next"] != "later":
                return said
            self._sleep(_wait_s(said, wait_s))
        return self._try(name, stage)

    def _sleep(self, seconds: float) -> None:
        DBOS.sleep(seconds * self._waits)

    def _try(self, name: str, stage: Callable[[], Any]) -> Said:
        job = job_of(DBOS.workflow_id or "")

        def counted() -> Said:
            with self._steps, trail.following(job):
                return outcome(stage)

        said: Said = DBOS.run_step({"name": name}, counted)
        return said


def bulk_at_once(concurrency: int) -> int:
    """Jobs of backfills that a worker runs at once: while some wait for their pictures, others put theirs in the store.

    >>> bulk_at_once(3), bulk_at_once(32)
    (8, 64)
    """
    return max(8, 2 * concurrency)


def _queue_of(trigger: str) -> str:
    """Backfills have a queue to themselves: however full it is, a new listing's job begins at once."""
    return BULK if trigger == Trigger.BACKFILL else JOBS


def job_of(work_id: str) -> str:
    """The key that all lines about one job share.

    >>> job_of("buy:job:nice-lamps.myshopify.com:7:63470ca049a7:609480cd:0")
    'job:nice-lamps.myshopify.com:7:63470ca049a7'
    """
    if not work_id.startswith("buy:"):
        return work_id
    return work_id.removeprefix("buy:").rsplit(":", 2)[0]


def pace(requests_per_minute: int) -> dict[str, float]:
    """The limit as small batches, one a poll or one at a time, so that a person never waits behind a whole minute's.

    >>> pace(15), pace(600)
    ({'limit': 1, 'period': 4.0}, {'limit': 10, 'period': 1.0})
    """
    limit = max(1, math.floor(requests_per_minute * CALM_S / 60))
    return {"limit": limit, "period": limit * 60 / requests_per_minute}


def _wait_s(said: Said, usual_s: float) -> float:
    return min(LONGEST_LATER_S, max(usual_s, said["retry_after_s"] or 0))


def _go_on_unless_parked(*said: Said) -> None:
    """Raises: Parked."""
    for each in said:
        if each["next"] == "park":
            raise Parked(each["reason"])
