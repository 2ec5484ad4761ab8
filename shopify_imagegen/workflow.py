"""The order of the stages, as durable workflows. The only module that knows the engine, DBOS Transact.

A finished step can run again after a crash, so every step is idempotent by our own keys: the ledger for money, file
names and read-back for writes. The engine gives order, queues and persistence.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID

from shopify_imagegen.errors import ImagegenError, NoAnswer, RateLimited, Temporary
from shopify_imagegen.models import GenerateRequested, JobState, Outcome, Trigger

logger = logging.getLogger(__name__)

VERSION = (
    "1"  # of the workflows' shape: jobs of another version are not picked up, so it changes with the order of steps
)
LIVE, BUY = "live", "generate"
JOBS_AT_ONCE, JOBS_OF_A_SHOP_AT_ONCE = 16, 4
POLL_S = 0.2
CHECKPOINT_S = 1  # what the engine may need to write down a step that has ended
PRIORITY = {Trigger.PERSON: 1, Trigger.FLOW: 1, Trigger.NEW_LISTING: 2, Trigger.BACKFILL: 10}
LATER_S = (5, 30, 120, 480, 1800)  # waits before a step is tried again; then it is given up, with its reason


class Stages(Protocol):
    """What is done, one step each; every one may run again without a second effect."""

    def look(self, shop: str, product_id: str) -> str | None: ...

    def ask(self, shop: str, request: GenerateRequested) -> tuple[str | None, str]: ...

    def answer(self, arrival_id: str, job_id: str | None, reason: str) -> None: ...

    def pictures(self, job_id: str) -> tuple[str, Sequence[str]]:
        """The job's trigger and the ids of its pictures."""

    def buy(self, image_id: str) -> Outcome: ...

    def inspect(self, image_id: str) -> Outcome: ...

    def stamp(self, image_id: str) -> Outcome: ...

    def stage(self, image_id: str) -> Outcome: ...

    def give_up(self, image_id: str, reason: str) -> None: ...

    def attach(self, image_ids: Sequence[str]) -> Outcome: ...

    def wants_review(self) -> bool: ...

    def job_of(self, image_id: str) -> str: ...

    def move_job(self, job_id: str, state: JobState, reason: str = "") -> None: ...

    def finish(self, job_id: str) -> None: ...


class Engine:
    """Runs the workflows in this process. Keeps `dispatch.Starter`.

    Args:
        database: the engine's own SQLAlchemy engine, made in this process.
        executor_id: of this process start; never used by another.
        concurrency: paid calls at once, of all workers.
        requests_per_minute: of paid calls, of all workers.
    """

    def __init__(
        self, stages: Stages, *, database: Any, executor_id: str, concurrency: int, requests_per_minute: int
    ) -> None:
        self._stages = stages
        self._executor_id = executor_id
        self._concurrency = concurrency
        self._period_s = 60 / requests_per_minute
        self._steps = _Steps()
        self._workflows: dict[str, Callable[..., Any]] = {}
        self._config = DBOSConfig(
            name="shopify-imagegen",
            system_database_engine=database,
            application_version=VERSION,
            executor_id=executor_id,
            log_level="WARNING",
            use_listen_notify=False,
        )

    def start(self) -> None:
        DBOS(config=self._config)
        for workflow in (self._look, self._ask, self._make, self._buy, self._approve):
            name = workflow.__name__.strip("_")
            self._workflows[name] = DBOS.workflow(name=name)(_plain(workflow))
        DBOS.launch()
        DBOS.register_queue(
            LIVE,
            worker_concurrency=JOBS_AT_ONCE,
            partition_concurrency=JOBS_OF_A_SHOP_AT_ONCE,
            polling_interval_sec=POLL_S,
            on_conflict="always_update",
        )
        DBOS.register_queue(
            BUY,
            global_concurrency=self._concurrency,
            worker_concurrency=self._concurrency,
            limiter={"limit": 1, "period": self._period_s},
            polling_interval_sec=min(POLL_S, self._period_s),
            on_conflict="always_update",
        )

    def stop(self, *, grace_s: float) -> bool:
        """Let the steps that run now finish, begin no other. True if they did within *grace_s*.

        What is not finished stays in the database, and goes on when a worker starts.
        """
        finished = self._steps.close(grace_s)
        DBOS.destroy(workflow_completion_timeout_sec=CHECKPOINT_S, destroy_registry=True)
        return finished

    def look(self, work_id: str, shop: str, product_id: str) -> None:
        self._enqueue("look", work_id, shop, Trigger.NEW_LISTING, shop, product_id)

    def ask(self, arrival_id: str, shop: str, request: GenerateRequested) -> None:
        wish = request.model_dump(mode="json")
        self._enqueue("ask", f"ask:{arrival_id}", shop, request.trigger, arrival_id, shop, wish)

    def approve(self, work_id: str, shop: str, image_id: str) -> None:
        self._enqueue("approve", work_id, shop, Trigger.PERSON, image_id)

    def busy_executors(self) -> set[str]:
        """The ids of processes, living or dead, that have work begun."""
        begun = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {workflow.executor_id for workflow in begun if workflow.executor_id} - {self._executor_id}

    def take_over(self, dead_executor: str) -> int:
        """Put a dead process's begun work back into its queues. Doing it twice is harmless."""
        return len(DBOS._recover_pending_workflows([dead_executor]))  # private in 3.4.0: the version is pinned

    def _enqueue(self, name: str, work_id: str, shop: str, trigger: str, *args: Any) -> Any:
        options = SetEnqueueOptions(queue_partition_key=shop, priority=PRIORITY[Trigger(trigger)])
        with SetWorkflowID(work_id), options:
            return DBOS.enqueue_workflow(LIVE, self._workflows[name], *args)

    # The workflows. Nothing outside a step may depend on time or chance.

    def _look(self, shop: str, product_id: str) -> str | None:
        """A product changed: look at it, and make its pictures if it shall have some."""
        found = self._patiently("look", lambda: self._stages.look(shop, product_id))
        job_id = found.get("value")
        if job_id:
            self._enqueue("make", job_id, shop, Trigger.NEW_LISTING, job_id)
        return str(job_id or found["reason"])

    def _ask(self, arrival_id: str, shop: str, request: dict[str, Any]) -> None:
        """A person wants pictures of a product: plan them, make them, and write the answer down."""
        wish = GenerateRequested.model_validate(request)
        found = self._patiently("ask", lambda: list(self._stages.ask(shop, wish)))
        job_id, reason = found.get("value") or (None, found["reason"])
        if job_id:
            self._enqueue("make", job_id, shop, wish.trigger, job_id)
        self._step("answer", lambda: self._stages.answer(arrival_id, job_id, reason))

    def _make(self, job_id: str) -> None:
        """The line: buy, inspect, stamp, stage, then review or attach."""
        try:
            trigger, image_ids = self._step("pictures", lambda: self._pictures(job_id))
            bought = self._bought(job_id, trigger, image_ids)
            self._move(job_id, JobState.PUBLISHING)
            staged = [image_id for image_id in bought if self._staged(image_id)]
            if not self._step("wants_review", self._stages.wants_review):
                self._attached(staged)
            self._step("finish", lambda: self._stages.finish(job_id))
        except Exception as error:
            logger.exception("job stopped by a bug", extra={"action": "job_failed", "job": job_id})
            self._move(job_id, JobState.FAILED, f"Stopped by an error of the program: {error!r}")

    def _buy(self, image_id: str) -> dict[str, Any]:
        """One paid call, behind the provider's concurrency and rate limits."""
        outcome: dict[str, Any] = self._step("buy", lambda: _outcome(lambda: self._stages.buy(image_id)))
        return outcome

    def _approve(self, image_id: str) -> None:
        """A person lets one staged picture into the shop window."""
        self._attached([image_id])
        self._step("finish", lambda: self._stages.finish(self._stages.job_of(image_id)))

    # Their pieces

    def _pictures(self, job_id: str) -> list[Any]:
        self._stages.move_job(job_id, JobState.GENERATING)
        trigger, image_ids = self._stages.pictures(job_id)
        return [trigger, list(image_ids)]

    def _bought(self, job_id: str, trigger: str, image_ids: Sequence[str]) -> list[str]:
        """Buy all pictures side by side; try those again whose purchase certainly did not happen."""
        bought, waiting = [], list(image_ids)
        reasons: dict[str, str] = {}
        for attempt, wait_s in enumerate((*LATER_S, None)):
            handles = {image_id: self._enqueue_buy(job_id, image_id, attempt, trigger) for image_id in waiting}
            results = {image_id: handle.get_result(polling_interval_sec=POLL_S) for image_id, handle in handles.items()}
            bought += [image_id for image_id in waiting if results[image_id]["next"] == "go_on"]
            waiting = [image_id for image_id in waiting if results[image_id]["next"] == "later"]
            reasons = {image_id: results[image_id]["reason"] for image_id in waiting}
            if not waiting or wait_s is None:
                break
            DBOS.sleep(max([wait_s, *(results[image_id]["retry_after_s"] or 0 for image_id in waiting)]))
        for image_id in waiting:
            self._give_up(image_id, reasons[image_id])
        return [image_id for image_id in image_ids if image_id in bought]

    def _enqueue_buy(self, job_id: str, image_id: str, attempt: int, trigger: str) -> Any:
        with (
            SetWorkflowID(f"buy:{job_id}:{image_id}:{attempt}"),
            SetEnqueueOptions(priority=PRIORITY[Trigger(trigger)]),
        ):
            return DBOS.enqueue_workflow(BUY, self._workflows["buy"], image_id)

    def _staged(self, image_id: str) -> bool:
        for name in ("inspect", "stamp", "stage"):
            stage: Callable[[str], Outcome] = getattr(self._stages, name)
            outcome = self._patiently(name, lambda stage=stage: stage(image_id))  # type: ignore[misc]
            if outcome["next"] == "later":
                self._give_up(image_id, outcome["reason"])
            if outcome["next"] != "go_on":
                return False
        return True

    def _attached(self, image_ids: list[str]) -> None:
        outcome = self._patiently("attach", lambda: self._stages.attach(image_ids))
        if outcome["next"] != "go_on":
            for image_id in image_ids:
                self._give_up(image_id, outcome["reason"])

    def _give_up(self, image_id: str, reason: str) -> None:
        self._step("give_up", lambda: self._stages.give_up(image_id, reason))

    def _move(self, job_id: str, state: JobState, reason: str = "") -> None:
        self._step("move_job", lambda: self._stages.move_job(job_id, state, reason))

    def _patiently(self, name: str, stage: Callable[[], Any]) -> dict[str, Any]:
        """Run a step; while it says `later`, wait durably and run it again, within limits."""
        for wait_s in (*LATER_S, None):
            outcome: dict[str, Any] = self._step(name, lambda: _outcome(stage))
            if outcome["next"] != "later" or wait_s is None:
                break
            DBOS.sleep(max(wait_s, outcome["retry_after_s"] or 0))
        return outcome

    def _step(self, name: str, run: Callable[[], Any]) -> Any:
        def counted() -> Any:
            with self._steps:
                return run()

        return DBOS.run_step({"name": name}, counted)


class _Steps:
    """Counts the steps that run. Once closed, a new step waits for the end of the process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._closed = False

    def __enter__(self) -> None:
        with self._changed:
            if not self._closed:
                self._running += 1
                return
        threading.Event().wait()  # until the process ends; the workflow goes on in the next one

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def close(self, timeout_s: float) -> bool:
        with self._changed:
            self._closed = True
            return self._changed.wait_for(lambda: self._running == 0, timeout_s)


def _outcome(stage: Callable[[], Any]) -> dict[str, Any]:
    """What a stage said, as the engine keeps it: a small dict. Our own errors become outcomes; bugs stay bugs."""
    try:
        said = stage()
    except RateLimited as error:
        return Outcome(next="later", reason=str(error), retry_after_s=error.retry_after_s).model_dump()
    except (Temporary, NoAnswer) as error:
        return Outcome(next="later", reason=str(error)).model_dump()
    except ImagegenError as error:
        return Outcome(next="stop", reason=str(error)).model_dump()
    if isinstance(said, Outcome):
        return said.model_dump()
    return Outcome(next="go_on").model_dump() | {"value": said}


def _plain(method: Callable[..., Any]) -> Callable[..., Any]:
    """A bound method as the plain function that the engine registers."""

    def run(*args: Any) -> Any:
        return method(*args)

    run.__name__ = run.__qualname__ = method.__name__.strip("_")
    return run
