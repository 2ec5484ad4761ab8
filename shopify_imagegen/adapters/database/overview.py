"""What the pages show of a store (`ports.Overview`). Reads only; each list is one query, or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import audit, images, jobs, purchases, watched
from shopify_imagegen.models import (
    Candidate,
    Deed,
    Failure,
    Image,
    ImageState,
    JobState,
    Stage,
    Standing,
    Tally,
    Trigger,
)

STAGE_OF = {
    JobState.PLANNED: Stage.WORKING,
    JobState.GENERATING: Stage.WORKING,
    JobState.PUBLISHING: Stage.WORKING,
    JobState.PAUSED: Stage.WORKING,
    JobState.AWAITING_REVIEW: Stage.WAITING,
    JobState.PARTLY_PUBLISHED: Stage.FAILED,
    JobState.NOTHING_PUBLISHED: Stage.FAILED,
    JobState.FAILED: Stage.FAILED,
}  # a job that is published or cancelled says nothing: the pictures on the product do
UNDONE = (ImageState.REFUSED, ImageState.OVER_BUDGET, ImageState.UNFIT, ImageState.FAILED)
FAILURES_READ = 2000  # pictures; a store with more has one cause for most of them
SHOWN_OF_A_FAILURE = 5


class SqlOverview:
    """Keeps `ports.Overview`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tally(self, shop: str) -> Tally:
        on_products = sa.and_(images.c.shop == shop, images.c.state == ImageState.PUBLISHED)
        pictures = sa.select(sa.func.count(), sa.func.count(images.c.product_id.distinct())).where(on_products)
        latest = _latest(shop).subquery()
        by_state = sa.select(latest.c.state, sa.func.count()).group_by(latest.c.state)
        with self._database.read() as connection:
            published, products = connection.execute(pictures).one()
            waiting = connection.scalar(sa.select(sa.func.count()).select_from(_WITH_JOB).where(_waits(shop))) or 0
            stages = {Stage.PUBLISHED: products}
            for state, count in connection.execute(by_state):
                stage = STAGE_OF.get(JobState(state))
                if stage:
                    stages[stage] = stages.get(stage, 0) + count
        return Tally(pictures=published, products=products, waiting=waiting, stages=stages)

    def products(self, shop: str, stage: Stage, *, offset: int, limit: int) -> tuple[str, ...]:
        if stage == Stage.PUBLISHED:
            query = _published(shop).order_by(sa.func.max(images.c.updated_at).desc(), images.c.product_id)
        else:
            states = [state for state, its in STAGE_OF.items() if its == stage]
            latest = _latest(shop).subquery()
            query = sa.select(latest.c.product_id).where(latest.c.state.in_(states))
            query = query.order_by(latest.c.updated_at.desc(), latest.c.product_id)
        with self._database.read() as connection:
            return tuple(connection.scalars(query.offset(offset).limit(limit)))

    def standings(self, shop: str, product_ids: Sequence[str]) -> Mapping[str, Standing]:
        if not product_ids:
            return {}
        with self._database.read() as connection:
            latest = connection.execute(_latest(shop).where(jobs.c.product_id.in_(product_ids))).mappings().all()
            counts = connection.execute(_counts(shop, product_ids)).all()
            heard = connection.execute(_heard(shop, product_ids)).all()
        job_of = {row["product_id"]: row for row in latest}
        count_of = {row.product_id: row for row in counts}
        reason_of = {row.product_id: row.reason for row in heard if row.state != "job"}
        return {each: _standing(each, job_of.get(each), count_of.get(each), reason_of) for each in product_ids}

    def waiting(self, shop: str, *, offset: int = 0, limit: int = 50) -> tuple[Candidate, ...]:
        return self._candidates(_waits(shop), images.c.created_at, images.c.job_id, images.c.slot, span=(offset, limit))

    def candidate(self, shop: str, image_id: str) -> Candidate | None:
        mine = sa.and_(images.c.id == image_id, images.c.shop == shop)
        return next(iter(self._candidates(mine, images.c.id)), None)

    def of_product(self, shop: str, product_id: str) -> tuple[Candidate, ...]:
        mine = sa.and_(images.c.shop == shop, images.c.product_id == product_id)
        return self._candidates(mine, images.c.created_at.desc(), images.c.slot)

    def failures(self, shop: str) -> tuple[Failure, ...]:
        columns = images.c.state, images.c.reason, images.c.job_id, images.c.product_id, jobs.c.product_title
        query = sa.select(*columns).select_from(_WITH_JOB).where(images.c.shop == shop, images.c.state.in_(UNDONE))
        query = query.where(images.c.job_id.in_(sa.select(_latest(shop).subquery().c.id)))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(images.c.updated_at.desc()).limit(FAILURES_READ)).all()
        groups: dict[tuple[str, str], list[Any]] = {}
        for row in rows:
            groups.setdefault((row.state, row.reason), []).append(row)
        return tuple(_failure(*key, group) for key, group in groups.items())

    def activity(self, shop: str, *, before: int | None, limit: int, product_id: str | None = None) -> tuple[Deed, ...]:
        title = sa.func.coalesce(jobs.c.product_title, "").label("product_title")
        query = sa.select(audit, title).select_from(_DEEDS).where(audit.c.shop == shop)
        if before is not None:
            moment = sa.select(audit.c.at).where(audit.c.id == before).scalar_subquery()
            query = query.where(sa.or_(audit.c.at < moment, sa.and_(audit.c.at == moment, audit.c.id < before)))
        if product_id:
            query = query.where(audit.c.product_id == product_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(audit.c.at.desc(), audit.c.id.desc()).limit(limit)).mappings()
            return tuple(Deed.model_validate({name: row[name] for name in Deed.model_fields}) for row in rows)

    def _candidates(
        self, condition: sa.ColumnElement[bool], *order: Any, span: tuple[int, int] = (0, 200)
    ) -> tuple[Candidate, ...]:
        query = sa.select(images, jobs.c.product_title, jobs.c.state.label("job_state"), purchases.c.cost_microusd)
        query = query.select_from(_WITH_JOB.outerjoin(purchases, purchases.c.key == images.c.id)).where(condition)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(*order).offset(span[0]).limit(span[1])).mappings().all()
        return tuple(_candidate(row) for row in rows)


_DEEDS = audit.outerjoin(jobs, jobs.c.id == audit.c.job_id)
_WITH_JOB = images.join(jobs, jobs.c.id == images.c.job_id)


def _waits(shop: str) -> sa.ColumnElement[bool]:
    """Pictures that a person must decide on; on its way to the product a picture is staged for a moment too."""
    in_review = jobs.c.state == JobState.AWAITING_REVIEW
    return sa.and_(images.c.shop == shop, images.c.state == ImageState.STAGED, in_review)


def _latest(shop: str) -> sa.Select[Any]:
    """The latest job of each product; one that only tried a style says nothing of it."""
    later = jobs.alias("later")
    newer = sa.or_(
        later.c.created_at > jobs.c.created_at,
        sa.and_(later.c.created_at == jobs.c.created_at, later.c.id > jobs.c.id),
    )
    same = sa.and_(
        later.c.shop == jobs.c.shop, later.c.product_id == jobs.c.product_id, later.c.trigger != Trigger.TEST
    )
    mine = sa.and_(jobs.c.shop == shop, jobs.c.trigger != Trigger.TEST)
    return sa.select(jobs).where(mine, ~sa.exists().where(same, newer))


def _published(shop: str) -> sa.Select[tuple[str]]:
    on_products = sa.and_(images.c.shop == shop, images.c.state == ImageState.PUBLISHED)
    return sa.select(images.c.product_id).where(on_products).group_by(images.c.product_id)


def _counts(shop: str, product_ids: Sequence[str]) -> sa.Select[Any]:
    mine = sa.and_(images.c.shop == shop, images.c.product_id.in_(product_ids))
    published = sa.func.count().filter(images.c.state == ImageState.PUBLISHED).label("published")
    waiting = sa.func.count().filter(_waits(shop)).label("waiting")
    query = sa.select(images.c.product_id, published, waiting).select_from(_WITH_JOB)
    return query.where(mine).group_by(images.c.product_id)


def _heard(shop: str, product_ids: Sequence[str]) -> sa.Select[Any]:
    mine = sa.and_(watched.c.shop == shop, watched.c.product_id.in_(product_ids))
    return sa.select(watched.c.product_id, watched.c.state, watched.c.reason).where(mine)


def _standing(product_id: str, job: sa.RowMapping | None, counts: Any, reasons: Mapping[str, str]) -> Standing:
    published, waiting = (counts.published, counts.waiting) if counts else (0, 0)
    on_it = Stage.PUBLISHED if published else None
    if job is None:
        return Standing(product_id=product_id, stage=on_it, reason=reasons.get(product_id, ""), published=published)
    return Standing(
        product_id=product_id,
        title=job["product_title"],
        stage=STAGE_OF.get(job["state"], on_it),
        reason=job["reason"],
        job_id=job["id"],
        job_state=job["state"],
        published=published,
        waiting=waiting,
        at=job["updated_at"],
    )


def _candidate(row: sa.RowMapping) -> Candidate:
    return Candidate(
        image=Image.model_validate({name: row[name] for name in Image.model_fields}),
        product_title=row["product_title"],
        job_state=row["job_state"],
        cost_microusd=row["cost_microusd"],
    )


def _failure(state: str, reason: str, rows: Sequence[Any]) -> Failure:
    products = dict.fromkeys((row.product_id, row.product_title) for row in rows)
    return Failure(
        state=ImageState(state),
        reason=reason,
        pictures=len(rows),
        jobs=tuple(dict.fromkeys(row.job_id for row in rows)),
        products=tuple(products)[:SHOWN_OF_A_FAILURE],
    )
