"""Rows of backfills and their products, within one transaction."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database.tables import audit, backfill_items, backfills, images, jobs
from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import (
    FINAL_JOB_STATES,
    Backfill,
    BackfillState,
    ImageState,
    Item,
    ItemState,
    JobState,
    Plan,
)

COLUMNS = [backfills.c[name] for name in Backfill.model_fields]
FIND = sa.select(*COLUMNS).where(backfills.c.id == sa.bindparam("backfill_id"))
OPEN = (  # something may be left to do; it and the next are asked several times a second, so they are built once
    sa.select(*COLUMNS)
    .where(
        sa.or_(
            backfills.c.state.in_((BackfillState.RUNNING, BackfillState.PAUSED, BackfillState.ROLLING_BACK)),
            sa.and_(backfills.c.state == BackfillState.CANCELLED, backfills.c.ended_at.is_(None)),
        )
    )
    .order_by(backfills.c.created_at)
)
SAYS_OTHERWISE = sa.and_(
    backfills.c.id == sa.bindparam("backfill_id"),
    backfills.c.state == BackfillState.RUNNING,
    backfills.c.reason != sa.bindparam("said"),
)
HAS_NEWS = sa.select(sa.exists().where(SAYS_OTHERWISE))
SAY = sa.update(backfills).where(SAYS_OTHERWISE).values(reason=sa.bindparam("said"))
BUYABLE = (ImageState.REFUSED, ImageState.OVER_BUDGET)
UNFINISHED = (*BUYABLE, ImageState.FAILED)  # pictures that a retry may still bring; unknown ones wait for a decision
TRIED_IN_VAIN = ("no_answer", "stumbled")  # why a product was left that may be tried again
SETTLED = (*FINAL_JOB_STATES, JobState.AWAITING_REVIEW)  # nothing goes on in such a job by itself


def expect(connection: sa.Connection, backfill_id: str) -> Backfill:
    """Raises: NotFound."""
    row = connection.execute(FIND, {"backfill_id": backfill_id}).mappings().first()
    if row is None:
        raise NotFound(f"there is no backfill {backfill_id}; see `shopify-imagegen backfill list`")
    return Backfill.model_validate(dict(row))


def locked(connection: sa.Connection, backfill_id: str) -> Backfill:
    """It, and nobody else changes its state until this transaction ends. Raises: NotFound."""
    connection.execute(sa.select(backfills.c.id).where(backfills.c.id == backfill_id).with_for_update())
    return expect(connection, backfill_id)


def still_mine(connection: sa.Connection, backfill_id: str, planner: str, **values: Any) -> None:
    """Change a backfill that *planner* plans. Raises: Conflict."""
    mine = sa.and_(
        backfills.c.id == backfill_id, backfills.c.planner == planner, backfills.c.state == BackfillState.PLANNING
    )
    if connection.execute(sa.update(backfills).where(mine).values(values)).rowcount != 1:
        raise Conflict(f"{backfill_id} is planned by another process now, or was cancelled")


def note(connection: sa.Connection, backfill: Backfill, action: str, *, at: datetime) -> None:
    """One row in the audit trail."""
    detail = {"backfill": backfill.id, "products": backfill.products, "ceiling_microusd": backfill.ceiling_microusd}
    entry = {"at": at, "shop": backfill.shop, "product_id": "", "actor": "app", "action": action, "detail": detail}
    connection.execute(sa.insert(audit).values(entry))


def packed(item: Item) -> dict[str, Any]:
    """Words repeat themselves from product to product; packed, they take a quarter of the room."""
    return packed_fields(item.model_dump(exclude={"plan"}) | {"plan": item.plan})


def packed_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """The same with a plan, if there is one, as it is kept."""
    plan: Plan | None = fields.get("plan")
    return fields | {"plan": zlib.compress(plan.model_dump_json().encode(), 6)} if plan else fields


def item(row: sa.RowMapping) -> Item:
    fields = dict(row)
    packed_plan = fields.pop("plan", None)
    plan = Plan.model_validate_json(zlib.decompress(packed_plan)) if packed_plan else None
    return Item.model_validate(fields | {"plan": plan})


def waits(backfill_id: str) -> sa.ColumnElement[bool]:
    """A product of a running backfill whose turn has not come."""
    in_sample = sa.or_(backfills.c.sample.is_(None), backfill_items.c.number <= backfills.c.sample)
    running = sa.exists().where(backfills.c.id == backfill_id, backfills.c.state == BackfillState.RUNNING, in_sample)
    mine = backfill_items.c.backfill_id == backfill_id
    return sa.and_(mine, backfill_items.c.state == ItemState.PLANNED, running)


def vanished(backfill_id: str, stale_before: datetime) -> sa.ColumnElement[bool]:
    """A product that was claimed so long ago that its worker must have died."""
    mine = sa.and_(backfill_items.c.backfill_id == backfill_id, backfill_items.c.state == ItemState.CLAIMED)
    return sa.and_(mine, backfill_items.c.claimed_at < stale_before)


def free(limit: int, which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Numbers of the next of *which* products; those that another worker is just claiming are passed by."""
    query = sa.select(backfill_items.c.number).where(which).order_by(backfill_items.c.number).limit(limit)
    return query.with_for_update(skip_locked=True, of=backfill_items)


def in_line(backfill: Backfill) -> sa.ColumnElement[bool]:
    """Its products that wait for their turn, or for their job; of a sample, only those in it."""
    to_come = backfill_items.c.state.in_((ItemState.PLANNED, ItemState.CLAIMED))
    mine = sa.and_(backfill_items.c.backfill_id == backfill.id, to_come)
    return mine if backfill.sample is None else sa.and_(mine, backfill_items.c.number <= backfill.sample)


def not_moved(backfill_id: str | sa.BindParameter[str]) -> sa.ColumnElement[bool]:
    """Products, beside their jobs, whose job is to be taken up again and rests still."""
    mine = sa.and_(backfill_items.c.backfill_id == backfill_id, backfill_items.c.state == ItemState.RETRIED)
    rests = sa.and_(jobs.c.state.in_(SETTLED), jobs.c.updated_at == backfill_items.c.claimed_at)
    return sa.and_(mine, jobs.c.id == backfill_items.c.job_id, rests)


def stirs(backfill: Backfill) -> sa.ColumnElement[bool]:
    """Whether one of its products does not rest."""
    runs = sa.and_(jobs.c.backfill_id == backfill.id, jobs.c.state.not_in(SETTLED))
    return sa.or_(*(sa.exists().where(each) for each in (in_line(backfill), runs, not_moved(backfill.id))))


def failed(backfill_id: str) -> sa.ColumnElement[bool]:
    """Products whose job has ended without all of its pictures, and those that could not be looked at."""
    short = sa.exists().where(images.c.job_id == jobs.c.id, images.c.state.in_(UNFINISHED))
    ended = sa.exists().where(
        jobs.c.id == backfill_items.c.job_id,
        jobs.c.state.in_(FINAL_JOB_STATES),
        sa.or_(jobs.c.state == JobState.FAILED, short),
    )
    coming = sa.exists().where(not_moved(backfill_id)).correlate(backfill_items)
    begun = sa.and_(backfill_items.c.state.in_((ItemState.BEGUN, ItemState.RETRIED)), ended, sa.not_(coming))
    left = sa.and_(backfill_items.c.state == ItemState.LEFT, backfill_items.c.why.in_(TRIED_IN_VAIN))
    return sa.and_(backfill_items.c.backfill_id == backfill_id, sa.or_(begun, left))
