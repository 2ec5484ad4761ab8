"""What the engine asks of the line, and how each answer is kept: a step never raises, its trouble is its outcome."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from shopify_imagegen.errors import ImagegenError, NoAnswer, RateLimited, Temporary
from shopify_imagegen.models import (
    BackfillRollbackRequested,
    GenerateRequested,
    ImageApproved,
    JobState,
    Outcome,
    RegenerateRequested,
    RollbackRequested,
)

logger = logging.getLogger(__name__)

Said = dict[str, Any]  #: an `Outcome` as the engine keeps it, with the step's `value`, and whether a `bug` ended it


class Stages(Protocol):
    """What is done, one step each; every one may run again without a second effect."""

    def look(self, shop: str, product_id: str) -> str | None: ...

    def ask(self, shop: str, request: GenerateRequested | RegenerateRequested) -> tuple[str | None, str]: ...

    def answer(self, arrival_id: str, job_id: str | None, reason: str) -> None: ...

    def pictures(self, job_id: str) -> tuple[str, Sequence[str]]:
        """The job's trigger and the ids of its pictures."""

    def buy(self, image_id: str) -> Outcome: ...

    def prepare(self, image_id: str) -> Outcome:
        """Inspected, marked and staged."""

    def give_up(self, image_id: str, reason: str) -> None: ...

    def not_attached(self, image_id: str, reason: str) -> None: ...

    def reopen(self, job_id: str, *, refused: bool) -> None: ...

    def attach(self, image_ids: Sequence[str]) -> Outcome: ...

    def approve(self, shop: str, wish: ImageApproved) -> Outcome: ...

    def products_of(self, shop: str, wish: RollbackRequested) -> Mapping[str, Sequence[str]]:
        """Product id -> which of the wanted pictures are its."""

    def roll_back(self, shop: str, product_id: str, image_ids: Sequence[str], wish: RollbackRequested) -> str:
        """What became of the product's pictures, in words."""

    def roll_back_some(self, shop: str, wish: BackfillRollbackRequested, after: int) -> int | None:
        """The next few products of a backfill behind that number. Returns the last one's; None when it is over."""

    def stop_rolling_back(self, wish: BackfillRollbackRequested, reason: str) -> None: ...

    def wants_review(self, job_id: str) -> bool: ...

    def job_of(self, image_id: str) -> str: ...

    def move_job(self, job_id: str, state: JobState, reason: str = "") -> None: ...

    def finish(self, job_id: str) -> str | None:
        """The shop in which the job's end is news for Shopify Flow; None where it is none."""

    def tell(self, job_id: str) -> None: ...


class Unlooked(Protocol):
    """Writes down that a product could not be looked at."""

    def __call__(self, shop: str, product_id: str, reason: str) -> None: ...


class Stopped(Exception):
    """A step that a job cannot do without has failed for good. The text is the reason, for a merchant."""


class Parked(Exception):
    """Somebody must mend something before the job can go on. The text is the reason, for a merchant."""


def outcome(stage: Callable[[], Any]) -> Said:
    """What a stage said, as the engine keeps it: a small dict. Errors, ours and bugs, become outcomes."""
    try:
        said = stage()
    except (Temporary, NoAnswer) as error:
        wait_s = error.retry_after_s if isinstance(error, RateLimited) else None
        return _kept(Outcome(next="later", reason=str(error), retry_after_s=wait_s))
    except ImagegenError as error:
        return _kept(Outcome(next="stop", reason=str(error)))
    except Exception as error:
        logger.exception("a step stopped at a bug", extra={"action": "step_failed"})
        return _kept(Outcome(next="stop", reason=bug(error)), is_bug=True)
    return _kept(said) if isinstance(said, Outcome) else _kept(Outcome(next="go_on"), value=said)


def bug(error: Exception) -> str:
    """A reason for a merchant. Its text stays in the log: nobody has checked what a bug's message quotes."""
    return f"Stopped by an error of the program ({type(error).__name__}); its log says more."


def _kept(said: Outcome, *, value: object = None, is_bug: bool = False) -> Said:
    return said.model_dump() | {"value": value, "bug": is_bug}
