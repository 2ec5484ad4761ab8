"""Jobs and their pictures. Each change of a picture and its audit row are one commit."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database import audit, begun, shelf
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import images, jobs, our_media, purchases, spool
from shopify_imagegen.errors import NotFound
from shopify_imagegen.models import (
    FINAL_JOB_STATES,
    RESTING_JOB_STATES,
    Image,
    ImageState,
    Job,
    JobState,
    Plan,
    PurchaseState,
    Trigger,
)
from shopify_imagegen.ports import Clock

COUNTS_AS_SHOWN = (
    ImageState.PLANNED,
    ImageState.BOUGHT,
    ImageState.UNKNOWN,
    ImageState.STAGED,
    ImageState.PUBLISHED,
    ImageState.REJECTED,
    ImageState.FAILED,
    ImageState.ROLLED_BACK,
)
End = tuple[JobState, str]  #: how a job ended, and why, for a merchant
OURS = sa.select(our_media.c.media_id).where(
    our_media.c.shop == sa.bindparam("shop"), our_media.c.product_id == sa.bindparam("product_id")
)
UNSPOOL = sa.delete(spool).where(spool.c.key == sa.bindparam("wanted"))
WITH_JOB = images.join(jobs, jobs.c.id == images.c.job_id)
MADE_ONCE = (Trigger.NEW_LISTING, Trigger.TEST)  # asked for again, they are the job that made them
JOB = sa.select(jobs).where(jobs.c.id == sa.bindparam("job_id"))  # built once: that takes longer than running them
IMAGES = sa.select(images).where(images.c.job_id == sa.bindparam("job_id")).order_by(images.c.slot)


def counts_as_shown() -> sa.ColumnElement[bool]:
    """Pictures that a product has, or would have: a test picture is none of them until it is put on the product."""
    is_test = sa.and_(jobs.c.trigger == Trigger.TEST, images.c.state != ImageState.PUBLISHED)
    return sa.and_(images.c.state.in_(COUNTS_AS_SHOWN), ~is_test)


class SqlJobs:
    """Keeps `ports.Jobs`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._claimed = database.insert(our_media).on_conflict_do_nothing()
        self._begun = database.insert(jobs).on_conflict_do_nothing().returning(*jobs.c)
        self._adopted = {states: begun.adopting(database, states) for states in begun.ADOPTABLE}

    def begin(self, job: Job, plan: Plan) -> Job:
        with self._database.write() as connection:
            self._database.one_at_a_time(connection, f"{job.shop} {job.product_id}")
            job_id, running = begun.numbered(connection, job)
            if job.trigger in MADE_ONCE and (made := begun.made_by(connection, plan, begun.adoptable(job.trigger))):
                job_id, running = made, True
            new = None if running else self._new(connection, job.model_copy(update={"id": job_id}), plan)
        return new or self.job(job_id)

    def job(self, job_id: str) -> Job:
        with self._database.read() as connection:
            row = connection.execute(JOB, {"job_id": job_id}).mappings().first()
        if row is None:
            raise NotFound(f"there is no job {job_id}")
        return Job.model_validate(dict(row))

    def move(self, job_id: str, state: JobState, reason: str = "", *, when: Collection[JobState] | None = None) -> Job:
        with self._database.write() as connection:
            moved = self._moved(connection, job_id, state, reason, when)
        return moved or self.job(job_id)

    def end(
        self, job_id: str, ending: Callable[[Sequence[Image]], End], *, when: Collection[JobState] | None = None
    ) -> tuple[Job, tuple[Image, ...]]:
        with self._database.write() as connection:
            self._database.one_at_a_time(connection, job_id)
            made = _images(connection, job_id)
            moved = self._moved(connection, job_id, *ending(made), when)
        return moved or self.job(job_id), made

    def images(self, job_id: str) -> tuple[Image, ...]:
        with self._database.read() as connection:
            return _images(connection, job_id)

    def image(self, image_id: str) -> Image:
        with self._database.read() as connection:
            return shelf.expect(connection, image_id)

    def some(self, image_ids: Sequence[str]) -> tuple[Image, ...]:
        with self._database.read() as connection:
            return shelf.some(connection, image_ids)

    def move_image(
        self,
        image_id: str,
        state: ImageState,
        reason: str = "",
        *,
        when: Collection[ImageState] | None = None,
        by: str = "app",
        keeps_bytes: bool = True,
        **fields: object,
    ) -> Image:
        now = self._clock()
        with self._database.write() as connection:
            values = {"state": state, "reason": reason, "updated_at": now, **fields}
            image = shelf.moved(connection, image_id, values, when=when)
            if not keeps_bytes:
                connection.execute(UNSPOOL, {"wanted": image_id})
            if image.file_id and "file_id" in fields:
                self._claim(connection, image, image.file_id)
            detail = {"reason": reason} | {name: value for name, value in fields.items() if value is not None}
            audit.note(connection, image, f"image_{state}", at=now, detail=detail, actor=by)
        return image

    def our_media(self, shop: str, product_id: str) -> frozenset[str]:
        with self._database.read() as connection:
            return frozenset(connection.scalars(OURS, {"shop": shop, "product_id": product_id}))

    def claim(self, image_id: str, media_id: str) -> None:
        image = self.image(image_id)
        with self._database.write() as connection:
            self._claim(connection, image, media_id)

    def active(self, shop: str, product_id: str) -> Job | None:
        mine = sa.and_(jobs.c.shop == shop, jobs.c.product_id == product_id, jobs.c.state.not_in(FINAL_JOB_STATES))
        mine = sa.and_(mine, jobs.c.trigger != Trigger.TEST)  # nothing of the product waits for a test
        query = sa.select(jobs).where(mine).order_by(jobs.c.created_at.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return Job.model_validate(dict(row)) if row else None

    def shown(self, shop: str, product_id: str) -> int:
        mine = sa.and_(images.c.shop == shop, images.c.product_id == product_id, counts_as_shown())
        with self._database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(WITH_JOB).where(mine)) or 0

    def in_state(self, state: ImageState, *, shop: str | None) -> tuple[Image, ...]:
        """Pictures in that state, oldest first."""
        query = sa.select(images).where(images.c.state == state).order_by(images.c.created_at, images.c.slot)
        if shop:
            query = query.where(images.c.shop == shop)
        with self._database.read() as connection:
            return tuple(Image.model_validate(dict(row)) for row in connection.execute(query).mappings())

    def history(self, image_id: str) -> list[dict[str, Any]]:
        """The picture's audit rows, oldest first."""
        with self._database.read() as connection:
            return audit.history(connection, image_id)

    def recent(self, *, shop: str | None, limit: int) -> tuple[Job, ...]:
        query = sa.select(jobs).order_by(jobs.c.created_at.desc()).limit(limit)
        if shop:
            query = query.where(jobs.c.shop == shop)
        with self._database.read() as connection:
            return tuple(Job.model_validate(dict(row)) for row in connection.execute(query).mappings())

    def stopped(self, *, since: datetime) -> tuple[Job, ...]:
        keeps_some = jobs.c.id.in_(sa.select(images.c.job_id).where(_KEPT))
        left_behind = sa.and_(jobs.c.state.in_(RESTING_JOB_STATES), keeps_some)
        stopped = sa.or_(jobs.c.state == JobState.PAUSED, sa.and_(jobs.c.created_at >= since, left_behind))
        with self._database.read() as connection:
            rows = connection.execute(sa.select(jobs).where(stopped).order_by(jobs.c.updated_at)).mappings()
            return tuple(Job.model_validate(dict(row)) for row in rows)

    def short_of_budget(self, *, since: datetime) -> tuple[Job, ...]:
        later = jobs.alias("later")
        overtaken = sa.and_(
            later.c.shop == jobs.c.shop,
            later.c.product_id == jobs.c.product_id,
            later.c.created_at > jobs.c.created_at,
            later.c.trigger != Trigger.TEST,
        )
        short = sa.and_(
            jobs.c.created_at >= since,
            jobs.c.trigger == Trigger.NEW_LISTING,
            jobs.c.state.in_(RESTING_JOB_STATES),
            jobs.c.id.in_(sa.select(images.c.job_id).where(images.c.state == ImageState.OVER_BUDGET)),
            ~sa.exists().where(overtaken),
        )
        with self._database.read() as connection:
            rows = connection.execute(sa.select(jobs).where(short).order_by(jobs.c.updated_at)).mappings()
            return tuple(Job.model_validate(dict(row)) for row in rows)

    def _new(self, connection: sa.Connection, job: Job, plan: Plan) -> Job | None:
        """Record the job with its pictures; None: there is one of that id."""
        row = connection.execute(self._begun, job.model_dump()).mappings().first()
        if row is None:
            return None
        detail = {"trigger": job.trigger, "recipe": job.recipe, "pictures": len(plan.briefs)}
        audit.note(connection, job, f"job_{job.state}", at=job.created_at, detail=detail)
        for brief in plan.briefs:
            self._adopt(connection, begun.planned(job, brief), begun.adoptable(job.trigger))
        return Job.model_validate(dict(row))

    def _adopt(self, connection: sa.Connection, image: dict[str, Any], states: tuple[ImageState, ...]) -> None:
        """Give the picture to its new job; one that is there already, only in one of these states."""
        row = connection.execute(self._adopted[states], image).mappings().first()
        if row is not None:
            adopted = Image.model_validate(dict(row))
            detail = {"scene": adopted.brief.scene, "price_microusd": adopted.brief.price_microusd}
            audit.note(connection, adopted, "image_planned", at=adopted.created_at, detail=detail)

    def _moved(
        self, connection: sa.Connection, job_id: str, state: JobState, reason: str, when: Collection[JobState] | None
    ) -> Job | None:
        """The job in its new state; None where it is in none of the states *when*, or is so already."""
        now = self._clock()
        values = {"wanted": job_id, "to": state, "why": reason, "at": now}
        row = connection.execute(_change(tuple(when) if when is not None else None), values).mappings().first()
        if row is None:
            return None
        job = Job.model_validate(dict(row))
        audit.note(connection, job, f"job_{state}", at=now, detail={"reason": reason})
        return job

    def _claim(self, connection: sa.Connection, image: Image, media_id: str) -> None:
        row = {"shop": image.shop, "media_id": media_id, "product_id": image.product_id, "image_id": image.id}
        connection.execute(self._claimed, row)


def _images(connection: sa.Connection, job_id: str) -> tuple[Image, ...]:
    rows = connection.execute(IMAGES, {"job_id": job_id}).mappings()
    return tuple(Image.model_validate(dict(row)) for row in rows)


@functools.lru_cache
def _change(when: tuple[JobState, ...] | None) -> sa.Executable:
    """The statement that moves a job, built once."""
    to = sa.bindparam("to", type_=jobs.c.state.type)
    why = sa.bindparam("why", type_=jobs.c.reason.type)
    may = jobs.c.state.in_(when) if when is not None else sa.true()
    differs = sa.or_(jobs.c.state != to, jobs.c.reason != why)
    update = sa.update(jobs).where(jobs.c.id == sa.bindparam("wanted"), may, differs)
    return update.values(state=to, reason=why, updated_at=sa.bindparam("at")).returning(*jobs.c)


_RECEIPT = sa.and_(purchases.c.state == PurchaseState.SENT, purchases.c.receipt.is_not(None))
_IN_SPOOL = sa.exists().where(spool.c.key == images.c.id)
_SOLD = sa.exists().where(purchases.c.key == images.c.id, _RECEIPT)
_STILL_THERE = sa.or_(images.c.file_id.is_not(None), _IN_SPOOL, _SOLD)
_LATE = (ImageState.UNKNOWN, ImageState.REFUSED)  # so it was written down; then its worker, taken for dead, brought it
_KEPT = sa.or_(  # bought, not published, and still to be had: from Files, from the spool, or by its receipt
    images.c.state == ImageState.BOUGHT,
    sa.and_(images.c.state == ImageState.FAILED, _STILL_THERE),
    sa.and_(images.c.state.in_(_LATE), _IN_SPOOL),
)
