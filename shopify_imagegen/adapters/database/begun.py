"""How a job begins: its id, and what it takes over from earlier ones. Within the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import images, jobs
from shopify_imagegen.models import FINAL_JOB_STATES, Brief, ImageState, Job, JobState, Plan, Trigger

UNDER_WAY = (JobState.PLANNED, JobState.GENERATING, JobState.PUBLISHING)
BUYABLE_AGAIN = (ImageState.REFUSED, ImageState.OVER_BUDGET)
OR_PUT_BACK = (*BUYABLE_AGAIN, ImageState.ROLLED_BACK)
ADOPTABLE: tuple[tuple[ImageState, ...], ...] = (BUYABLE_AGAIN, OR_PUT_BACK)
A_PERSONS = (Trigger.PERSON, Trigger.FLOW)  # who asks for a rolled back picture gets it put back; it was paid for
PLANNED = ("job_id", "shop", "product_id", "slot", "state", "reason", "brief", "created_at", "updated_at")
OF_PRODUCT = (  # their index; a prefix of the id has none
    sa.select(jobs.c.id, jobs.c.state, jobs.c.trigger)
    .where(jobs.c.shop == sa.bindparam("shop"), jobs.c.product_id == sa.bindparam("product_id"))
    .order_by(jobs.c.created_at)
)


def numbered(connection: sa.Connection, job: Job) -> tuple[str, bool]:
    """The id for a new job of this recipe, and whether it is that of a job to be waited for.

    Two looks at the same moment may plan two recipes, when the product was edited in between: the first one counts.
    """
    rows = connection.execute(OF_PRODUCT, {"shop": job.shop, "product_id": job.product_id}).all()
    same = [row for row in rows if row.id == job.id or row.id.startswith(job.id + ":")]
    running = [row.id for row in same if row.state not in FINAL_JOB_STATES]
    others = [row for row in rows if row.state in UNDER_WAY and Trigger.TEST not in (row.trigger, job.trigger)]
    running += [row.id for row in others]
    if running:
        return str(running[-1]), True
    return (f"{job.id}:{len(same) + 1}" if same else job.id), False


def made_by(connection: sa.Connection, plan: Plan, states: Sequence[ImageState]) -> str | None:
    """The job that has all of these pictures already, where none of them is in one of *states* and can be taken."""
    keys = [brief.key for brief in plan.briefs]
    made = sa.and_(images.c.id.in_(keys), images.c.state.not_in(states))
    owners = connection.scalars(sa.select(images.c.job_id).where(made).order_by(images.c.slot)).all()
    return str(owners[-1]) if keys and len(owners) == len(keys) else None


def adoptable(trigger: Trigger) -> tuple[ImageState, ...]:
    """What a job may take from earlier ones: what was not bought; and for a person, what was taken back."""
    return OR_PUT_BACK if trigger in A_PERSONS else BUYABLE_AGAIN


def adopting(database: Database, states: tuple[ImageState, ...]) -> sa.Executable:
    """The statement that gives a picture, as `planned` has it, to its job; one that is there, only in these states."""
    insert = database.insert(images)
    changed = {name: insert.excluded[name] for name in PLANNED}
    adopt = insert.on_conflict_do_update(index_elements=["id"], set_=changed, where=images.c.state.in_(states))
    return adopt.returning(*images.c)  # type: ignore[no-any-return]  # of either dialect


def planned(job: Job, brief: Brief) -> dict[str, Any]:
    return {
        "id": brief.key,
        "job_id": job.id,
        "shop": job.shop,
        "product_id": job.product_id,
        "slot": brief.slot,
        "state": ImageState.PLANNED,
        "reason": "",
        "brief": brief.model_dump(mode="json"),
        "created_at": job.created_at,
        "updated_at": job.updated_at,
    }
