"""The order of the stages, as durable workflows: each job ends in a named state, whatever its stages say."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from typing import Any

from dbos import DBOS

from shopify_imagegen import hurry
from shopify_imagegen.models import (
    GO_ON,
    BackfillRollbackRequested,
    GenerateRequested,
    ImageApproved,
    JobState,
    Outcome,
    RegenerateRequested,
    RollbackRequested,
    Trigger,
)
from shopify_imagegen.stages import Parked, Said, Stages, Stopped, Unlooked, bug
from shopify_imagegen.steps import ProcessEnds
from shopify_imagegen.turns import place
from shopify_imagegen.workflow.durably import LATER_S, Durably, wait_s
from shopify_imagegen.workflow.queues import LOOKS, Queues

logger = logging.getLogger(__name__)

RESULT_POLL_S, BULK_POLL_S = 0.2, 1.0  # of a paid call that a job waits for; a backfill has other jobs meanwhile


class Order:
    """The workflows. The engine keeps their names and arguments with the work in flight.

    Args:
        unlooked: told when a look at a product has failed for good.
        start: has a job run: its id, its shop, its trigger.
    """

    def __init__(
        self,
        stages: Stages,
        *,
        unlooked: Unlooked,
        queues: Queues,
        start: Callable[[str, str, str], None],
        steps: Durably,
    ) -> None:
        self._stages = stages
        self._unlooked = unlooked
        self._queues = queues
        self._start = start
        self._steps = steps

    @property
    def workflows(self) -> tuple[Callable[..., Any], ...]:
        """What the engine registers, each under the name of its method."""
        jobs, decisions = (self.make, self.again, self.buy), (self.approve, self.roll_back, self.roll_back_all)
        return (self.look, self.ask, *jobs, *decisions, self.tell)

    # The workflows. Nothing outside a step may depend on time or chance.

    def look(self, shop: str, product_id: str) -> str | None:
        """A product changed: look at it, and make its pictures if it shall have some."""
        found = self._steps.patiently("look", lambda: self._stages.look(shop, product_id))
        if found["next"] != "go_on":
            self._steps.surely("unlooked", lambda: self._unlooked(shop, product_id, found["reason"]))
            return None
        job_id: str | None = found["value"]
        if job_id:
            self._start(job_id, shop, Trigger.NEW_LISTING)
        return job_id

    def ask(self, arrival_id: str, shop: str, request: dict[str, Any]) -> None:
        """A person wants pictures of a product: plan them, make them, and write the answer down."""
        kinds: dict[str, type[GenerateRequested | RegenerateRequested]]
        kinds = {"generate_requested": GenerateRequested, "regenerate_requested": RegenerateRequested}
        wish = kinds[request["kind"]].model_validate(request)
        found = self._steps.patiently("ask", lambda: list(self._stages.ask(shop, wish)))
        job_id, reason = found["value"] or (None, found["reason"])
        if job_id:
            self._start(job_id, shop, wish.trigger)
        self._steps.surely("answer", lambda: self._stages.answer(arrival_id, job_id, reason))

    def make(self, job_id: str) -> None:
        """The line: buy, inspect, stamp, stage, then review or attach."""
        self._named(job_id, lambda: self._run_line(job_id))

    def again(self, job_id: str, refused: bool) -> None:
        """The line once more, for a job that rests: each picture goes on where it is."""

        def once_more() -> None:
            try:
                self._steps.surely("reopen", lambda: self._stages.reopen(job_id, refused=refused))
            except Stopped:
                self._move(job_id, JobState.GENERATING)  # seen to move, even if it ends in the words of last time
                raise
            self._run_line(job_id)

        self._named(job_id, once_more)

    def buy(self, image_id: str) -> Said:
        """One paid call, behind the provider's concurrency and rate limits."""
        with hurry.first():
            said = self._steps.alone(lambda: self._stages.buy(image_id))
            if said["bug"]:  # the ledger knows whether the call had left: this time it only says what became of it
                said = self._steps.alone(lambda: self._stages.buy(image_id))
        return said

    def approve(self, image_id: str, arrival_id: str = "", shop: str = "", wish: dict[str, Any] | None = None) -> None:
        """A person lets one picture into the shop window. Work of an earlier version came without the *wish*."""
        approved = ImageApproved.model_validate(wish) if wish else None
        if approved:
            said = self._steps.patiently("approve", lambda: self._stages.approve(shop, approved))
            job_id = (
                self._steps.surely("job_of", lambda: self._stages.job_of(image_id)) if said["next"] == "go_on" else None
            )
            self._steps.surely("answer", lambda: self._stages.answer(arrival_id, job_id, said["reason"]))
            if job_id is None:
                return
        try:
            self._attach([image_id])
        except Parked as parked:
            reason = str(parked)
            self._steps.surely("give_up", lambda: self._stages.give_up(image_id, reason))
        self._finish(lambda: self._stages.job_of(image_id))

    def tell(self, job_id: str) -> None:
        """Shopify Flow hears of a job's end; nobody waits for it, and in the end it goes without."""
        for usual_s in LATER_S[:3]:
            if self._steps.once("tell", lambda: self._stages.tell(job_id))["next"] != "later":
                return
            self._steps.sleep(usual_s)
        self._steps.once("tell", lambda: self._stages.tell(job_id))

    def roll_back(self, arrival_id: str, shop: str, wish: dict[str, Any]) -> None:
        """Pictures are taken back, product by product; one that cannot be now does not hold up the others."""
        wanted = RollbackRequested.model_validate(wish)
        products = self._steps.patiently("products_of", lambda: dict(self._stages.products_of(shop, wanted)))
        said = [products["reason"]] if products["next"] != "go_on" else []
        for product_id, image_ids in (products["value"] or {}).items():
            undo = functools.partial(self._stages.roll_back, shop, product_id, image_ids, wanted)
            done = self._steps.patiently("roll_back", undo)
            said.append(done["value"] or done["reason"])
        self._steps.surely("answer", lambda: self._stages.answer(arrival_id, None, "\n".join(said)))

    def roll_back_all(self, arrival_id: str, shop: str, wish: dict[str, Any]) -> None:
        """A whole backfill is taken back, a few products a step."""
        wanted = BackfillRollbackRequested.model_validate(wish)
        after: int | None = 0
        while after is not None:
            some = functools.partial(self._stages.roll_back_some, shop, wanted, after)
            said = self._steps.patiently("roll_back_some", some)
            after = said["value"]
        if said["next"] != "go_on":
            self._steps.surely("stop_rolling_back", lambda: self._stages.stop_rolling_back(wanted, said["reason"]))
        self._steps.surely("answer", lambda: self._stages.answer(arrival_id, None, said["reason"]))

    # Their pieces

    def _named(self, job_id: str, work: Callable[[], None]) -> None:
        """Do the job's *work*; however it ends, the job says so."""
        try:
            work()
        except Parked as parked:
            self._move(job_id, JobState.PAUSED, str(parked))
        except Stopped as stopped:
            self._move(job_id, JobState.FAILED, str(stopped))
        except Exception as error:
            if self._steps.is_closed:
                raise ProcessEnds from error  # the engine is being taken apart around us
            logger.exception("a job stopped at a bug", extra={"action": "job_failed", "job": job_id})
            self._move(job_id, JobState.FAILED, bug(error))

    def _run_line(self, job_id: str) -> None:
        trigger, image_ids, turn = self._steps.surely("pictures", lambda: self._pictures(job_id))
        poll_s = BULK_POLL_S if trigger == Trigger.BACKFILL else RESULT_POLL_S
        places = {image_id: place(trigger, turn + at) for at, image_id in enumerate(image_ids)}
        bought = self._buy_all(places, poll_s)
        staged = [image_id for image_id in bought if self._staged(image_id, job_id if image_id == bought[0] else None)]
        self._attach(staged, unless=lambda: self._stages.wants_review(job_id))
        self._finish(lambda: job_id)

    def _finish(self, job: Callable[[], str]) -> None:
        """The job's end; where it is news, somebody else tells it."""
        news = self._steps.surely("finish", lambda: self._ended(job()))
        if news:
            shop, job_id = news
            self._queues.put(LOOKS, "tell", f"tell:{DBOS.workflow_id}", shop, Trigger.BACKFILL, job_id)

    def _ended(self, job_id: str) -> list[str] | None:
        shop = self._stages.finish(job_id)
        return [shop, job_id] if shop else None

    def _pictures(self, job_id: str) -> list[Any]:
        self._stages.move_job(job_id, JobState.GENERATING)
        trigger, image_ids = self._stages.pictures(job_id)
        return [trigger, list(image_ids), self._queues.calls_beside(job_id)]

    def _buy_all(self, places: Mapping[str, int], poll_s: float) -> list[str]:
        """Buy all pictures side by side; try those again whose purchase certainly did not happen.

        Args:
            places: image id -> its place among the paid calls.
            poll_s: between looks at what has become of a call.
        """
        said: dict[str, Said] = {}
        waiting = list(places)
        for attempt, usual_s in enumerate((*LATER_S, None)):
            said |= self._bought({image_id: places[image_id] for image_id in waiting}, attempt, poll_s)
            _go_on_unless_parked(*said.values())
            waiting = [image_id for image_id in waiting if said[image_id]["next"] == "later"]
            if not waiting or usual_s is None:
                break
            self._steps.sleep(max(wait_s(said[image_id], usual_s) for image_id in waiting))
        for image_id in places:
            self._give_up_unless(said[image_id], image_id)
        return [image_id for image_id in places if said[image_id]["next"] == "go_on"]

    def _bought(self, places: Mapping[str, int], attempt: int, poll_s: float) -> dict[str, Said]:
        handles = {}
        for image_id, priority in places.items():
            work_id = f"buy:{DBOS.workflow_id}:{image_id}:{attempt}"
            handles[image_id] = self._queues.put_call(work_id, image_id, priority)
        return {image_id: handle.get_result(polling_interval_sec=poll_s) for image_id, handle in handles.items()}

    def _staged(self, image_id: str, job_id: str | None) -> bool:
        """Make a bought picture fit, and put it into the Files. With its first picture a *job_id* is publishing."""
        said = self._steps.patiently("prepare", lambda: self._prepared(image_id, job_id))
        _go_on_unless_parked(said)
        self._give_up_unless(said, image_id)
        return bool(said["next"] == "go_on")

    def _prepared(self, image_id: str, job_id: str | None) -> Outcome:
        if job_id:
            self._stages.move_job(job_id, JobState.PUBLISHING)
        return self._stages.prepare(image_id)

    def _attach(self, image_ids: list[str], *, unless: Callable[[], bool] = lambda: False) -> None:
        """Put them on their product, *unless* they wait for a person."""
        said = self._steps.patiently("attach", lambda: GO_ON if unless() else self._stages.attach(image_ids))
        _go_on_unless_parked(said)
        for image_id in image_ids if said["next"] != "go_on" else ():
            self._steps.surely("give_up", functools.partial(self._stages.not_attached, image_id, said["reason"]))

    def _give_up_unless(self, said: Said, image_id: str) -> None:
        """A picture whose step did not go on shall say why; one that says it already is left as it is."""
        if said["next"] != "go_on":
            self._steps.surely("give_up", lambda: self._stages.give_up(image_id, said["reason"]))

    def _move(self, job_id: str, state: JobState, reason: str = "") -> None:
        self._steps.surely("move_job", lambda: self._stages.move_job(job_id, state, reason))


def _go_on_unless_parked(*said: Said) -> None:
    """Raises: Parked."""
    for each in said:
        if each["next"] == "park":
            raise Parked(each["reason"])
