"""Where work waits, how much of it runs at once, and how often the queues are looked at."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from typing import Any

from dbos import DBOS, Queue, SetEnqueueOptions, SetWorkflowID, WorkflowHandle

from shopify_imagegen.models import Trigger
from shopify_imagegen.places import begun_at_once
from shopify_imagegen.pulse import CALM_S, Pulse
from shopify_imagegen.turns import PRIORITY

LOOKS, JOBS, BULK, CALLS = "looks", "jobs", "bulk", "paid"  # queues: questions, jobs, backfills' jobs, paid calls
TILL = "all"  # the one partition of the paid calls: two workers who claim there at the same moment do not get into each
# other's way for longer than a poll; without partitions the engine looks less and less often (DBOS 3.4.0)
LOOKS_AT_ONCE, JOBS_AT_ONCE, OF_A_SHOP_AT_ONCE = 8, 16, 4
LEADS_TO = {LOOKS: (LOOKS, JOBS, CALLS), JOBS: (JOBS, CALLS), BULK: (BULK, CALLS), CALLS: (CALLS,)}  # on work's way
OFTEN_S = {BULK: 0.5, CALLS: 0.15}  # between polls while work comes, where not as usual: a backfill has jobs to spare,
# and beside the provider's places others stand ready (`places`)
SELDOM_S = {BULK: 0.25, CALLS: 0.25}  # when none comes: who starts a backfill looks on while it begins


class Queues:
    """The engine's queues, which all workers share.

    Args:
        concurrency: paid calls at once, of all workers.
        requests_per_minute: of paid calls, of all workers.
    """

    def __init__(self, *, concurrency: int, requests_per_minute: int) -> None:
        self._concurrency = concurrency
        self._begun = begun_at_once(concurrency)
        self._workers = 1
        self._requests_per_minute = requests_per_minute
        self._workflows: Mapping[str, Callable[..., Any]] = {}
        self._pulses: dict[str, Pulse] = {}
        self._queues: dict[str, Queue] = {}

    def open(self, workflows: Mapping[str, Callable[..., Any]]) -> None:
        """Let work run.

        Args:
            workflows: name -> as the engine has registered it.
        """
        self._workflows = workflows
        self._register(LOOKS, worker_concurrency=LOOKS_AT_ONCE, partition_concurrency=OF_A_SHOP_AT_ONCE)
        self._register(JOBS, worker_concurrency=JOBS_AT_ONCE, partition_concurrency=OF_A_SHOP_AT_ONCE)
        paid, bulk = self._begun, bulk_at_once(self._concurrency)
        self._register(BULK, worker_concurrency=bulk, partition_worker_concurrency=bulk)
        pause = pace(self._requests_per_minute)
        self._register(CALLS, worker_concurrency=paid, partition_concurrency=paid, partition_limiter=pause)

    def quicken(self, *names: str) -> None:
        """Work has come to these queues, to all if none is named: look at them often for a while."""
        for name in names or self._pulses:
            self._pulses[name].quicken()

    def settle(self) -> None:
        """To be called now and then: where no work has come for a while, look seldom again."""
        for pulse in self._pulses.values():
            pulse.settle()

    def divide(self, workers: int) -> None:
        """So many workers share the paid calls that may be begun; the engine lets them claim as they come."""
        if workers != self._workers:
            self._workers = workers
            self._queues[CALLS].set_worker_concurrency(math.ceil(self._begun / workers))

    def put(self, queue: str, name: str, work_id: str, shop: str, trigger: str, *args: Any) -> None:
        """Have a workflow run with these *args*. The same id again is the same work."""
        self.quicken(*LEADS_TO[queue])
        options = SetEnqueueOptions(queue_partition_key=shop, priority=PRIORITY[Trigger(trigger)])
        with SetWorkflowID(work_id), options:
            DBOS.enqueue_workflow(queue, self._workflows[name], *args)

    def put_call(self, work_id: str, image_id: str, priority: int) -> WorkflowHandle[Any]:
        """Have one paid call made, in its turn."""
        self.quicken(CALLS)
        with SetWorkflowID(work_id), SetEnqueueOptions(priority=priority, queue_partition_key=TILL):
            return DBOS.enqueue_workflow(CALLS, self._workflows["buy"], image_id)

    def calls_beside(self, job_id: str) -> int:
        """How many paid calls of the same shop wait or run now. Ids tell: "buy:job:lamps.myshopify.com:…"."""
        calls = DBOS.list_workflows(
            queue_name=CALLS, status=["ENQUEUED", "PENDING"], load_input=False, load_output=False
        )
        shop = ":".join(job_id.split(":")[:2])
        return sum(f":{shop}:" in call.workflow_id for call in calls)

    def _register(self, name: str, **limits: Any) -> None:
        calm_s = min(CALM_S, SELDOM_S.get(name, CALM_S))
        queue = DBOS.register_queue(name, polling_interval_sec=calm_s, on_conflict="always_update", **limits)
        self._queues[name] = queue
        self._pulses[name] = Pulse(queue.set_polling_interval_sec, quick_s=OFTEN_S.get(name), calm_s=calm_s)


def is_claiming() -> bool:
    """Whether the engine counts, in this thread, how much more may run (DBOS 3.4.0 calls its threads so)."""
    return threading.current_thread().name.startswith("queue-worker-")


def queue_of(trigger: str) -> str:
    """Backfills have a queue to themselves: however full it is, a new listing's job begins at once."""
    return BULK if trigger == Trigger.BACKFILL else JOBS


def bulk_at_once(concurrency: int) -> int:
    """Jobs of backfills that a worker runs at once: while some wait for their pictures, others put theirs in the store.

    >>> bulk_at_once(3), bulk_at_once(32)
    (9, 96)
    """
    return max(8, 3 * concurrency)


def pace(requests_per_minute: int) -> dict[str, float]:
    """The limit as small batches, one a poll or one at a time, so that a person never waits behind a whole minute's.

    >>> pace(15), pace(600)
    ({'limit': 1, 'period': 4.0}, {'limit': 10, 'period': 1.0})
    """
    limit = max(1, math.floor(requests_per_minute * CALM_S / 60))
    return {"limit": limit, "period": limit * 60 / requests_per_minute}
