"""Jobs and their pictures. Each change of a picture and its audit row are one commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database import audit, shelf
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import images, jobs, our_media, purchases, spool
from shopify_imagegen.errors import NotFound
from shopify_imagegen.models import (
    FINAL_JOB_STATES,
    RESTING_JOB_STATES,
    Brief,
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
WITH_JOB = images.join(jobs, jobs.c.id == images.c.job_id)
UNDER_WAY = (JobState.PLANNED, JobState.GENERATING, JobState.PUBLISHING)
BUYABLE_AGAIN = (ImageState.REFUSED, ImageState.OVER_BUDGET)
MADE_ONCE = (Trigger.NEW_LISTING, Trigger.TEST)  # asked for again, they are the job that made them
JOB = sa.select(jobs).where(jobs.c.id == sa.bindparam("job_id"))  # built once: that takes longer than running them
IMAGES = sa.select(images).where(images.c.job_id == sa.bindparam("job_id")).order_by(images.c.slot)
A_PERSONS = (Trigger.PERSON, Trigger.FLOW)  # who asks for a rolled back picture gets it put back; it was paid for


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

    def begin(self, job: Job, plan: Plan) -> Job:
        with self._database.write() as connection:
            self._database.one_at_a_time(connection, f"{job.shop} {job.product_id}")
            job_id, running = _numbered(connection, job)
            if job.trigger in MADE_ONCE and (made := _made_by(connection, plan, _adoptable(job.trigger))):
                job_id, running = made, True
            numbered = job.model_copy(update={"id": job_id})
            insert = self._database.insert(jobs).values(numbered.model_dump()).on_conflict_do_nothing()
            if not running and connection.scalar(insert.returning(jobs.c.id)):
                detail = {"trigger": job.trigger, "recipe": job.recipe, "pictures": len(plan.briefs)}
                audit.note(connection, numbered, f"job_{job.state}", at=job.created_at, detail=detail)
                for brief in plan.briefs:
                    self._adopt(connection, _planned(numbered, brief), _adoptable(job.trigger))
        return self.job(job_id)

    def job(self, job_id: str) -> Job:
        with self._database.read() as connection:
            row = connection.execute(JOB, {"job_id": job_id}).mappings().first()
        if row is None:
            raise NotFound(f"there is no job {job_id}")
        return Job.model_validate(dict(row))

    def move(self, job_id: str, state: JobState, reason: str = "", *, when: Collection[JobState] | None = None) -> Job:
        now = self._clock()
        may = sa.and_(
            jobs.c.state.in_(when) if when is not None else sa.true(),
            sa.or_(jobs.c.state != state, jobs.c.reason != reason),
        )
        update = sa.update(jobs).where(jobs.c.id == job_id, may).values(state=state, reason=reason, updated_at=now)
        with self._database.write() as connection:
            row = connection.execute(update.returning(*jobs.c)).mappings().first()
            if row is not None:
                audit.note(connection, Job(**row), f"job_{state}", at=now, detail={"reason": reason})
        return self.job(job_id) if row is None else Job(**row)

    def images(self, job_id: str) -> tuple[Image, ...]:
        with self._database.read() as connection:
            rows = connection.execute(IMAGES, {"job_id": job_id}).mappings()
            return tuple(Image.model_validate(dict(row)) for row in rows)

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
        **fields: object,
    ) -> Image:
        now = self._clock()
        columns = {name: value for name, value in fields.items() if name != "content"}
        with self._database.write() as connection:
            values = {"state": state, "reason": reason, "updated_at": now, **columns}
            image = shelf.moved(connection, image_id, values, when=when)
            if "content" in fields:
                shelf.respool(connection, image_id, fields["content"])
            if image.file_id and "file_id" in fields:
                self._claim(connection, image, image.file_id)
            detail = {"reason": reason} | {name: value for name, value in columns.items() if value is not None}
            audit.note(connection, image, f"image_{state}", at=now, detail=detail, actor=by)
        return image

    def our_media(self, shop: str, product_id: str) -> frozenset[str]:
        mine = sa.and_(our_media.c.shop == shop, our_media.c.product_id == product_id)
        with self._database.read() as connection:
            return frozenset(connection.scalars(sa.select(our_media.c.media_id).where(mine)))

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

    def _adopt(self, connection: sa.Connection, image: dict[str, Any], states: Sequence[ImageState]) -> None:
        """Give the picture to its new job; one that is there already, only in one of these states."""
        insert = self._database.insert(images).values(image)
        adopt = insert.on_conflict_do_update(
            index_elements=["id"], set_=image, where=images.c.state.in_(states)
        ).returning(*images.c)
        row = connection.execute(adopt).mappings().first()
        if row is not None:
            adopted = Image.model_validate(dict(row))
            detail = {"scene": adopted.brief.scene, "price_microusd": adopted.brief.price_microusd}
            audit.note(connection, adopted, "image_planned", at=adopted.created_at, detail=detail)

    def _claim(self, connection: sa.Connection, image: Image, media_id: str) -> None:
        row = {"shop": image.shop, "media_id": media_id, "product_id": image.product_id, "image_id": image.id}
        connection.execute(self._claimed, row)


def _numbered(connection: sa.Connection, job: Job) -> tuple[str, bool]:
    """The id for a new job of this recipe, and whether it is that of a job to be waited for.

    Two looks at the same moment may plan two recipes, when the product was edited in between: the first one counts.
    """
    product = sa.and_(jobs.c.shop == job.shop, jobs.c.product_id == job.product_id)  # their index; a prefix has none
    columns = jobs.c.id, jobs.c.state, jobs.c.trigger
    rows = connection.execute(sa.select(*columns).where(product).order_by(jobs.c.created_at)).all()
    same = [row for row in rows if row.id == job.id or row.id.startswith(job.id + ":")]
    running = [row.id for row in same if row.state not in FINAL_JOB_STATES]
    others = [row for row in rows if row.state in UNDER_WAY and Trigger.TEST not in (row.trigger, job.trigger)]
    running += [row.id for row in others]
    if running:
        return str(running[-1]), True
    return (f"{job.id}:{len(same) + 1}" if same else job.id), False


def _made_by(connection: sa.Connection, plan: Plan, adoptable: Sequence[ImageState]) -> str | None:
    """The job that has all of these pictures already, where none of them can be taken from it."""
    keys = [brief.key for brief in plan.briefs]
    made = sa.and_(images.c.id.in_(keys), images.c.state.not_in(adoptable))
    owners = connection.scalars(sa.select(images.c.job_id).where(made).order_by(images.c.slot)).all()
    return str(owners[-1]) if keys and len(owners) == len(keys) else None


def _adoptable(trigger: Trigger) -> Sequence[ImageState]:
    """What a job may take from earlier ones: what was not bought; and for a person, what was taken back."""
    return (*BUYABLE_AGAIN, ImageState.ROLLED_BACK) if trigger in A_PERSONS else BUYABLE_AGAIN


def _planned(job: Job, brief: Brief) -> dict[str, Any]:
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
