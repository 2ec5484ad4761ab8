"""Which jobs Shopify Flow was told of, in the audit: a job's last word on it counts (`ports.Told`)."""

from __future__ import annotations

import sqlalchemy as sa

from shopify_imagegen.adapters.database import audit
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import audit as rows
from shopify_imagegen.adapters.database.tables import jobs
from shopify_imagegen.models import Job
from shopify_imagegen.ports import Clock

SENT, NOT_SENT = "job_told_flow", "job_not_told_flow"


class SqlTold:
    """Each call is one commit, and of two at once the second sees the first."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def claim(self, job: Job) -> bool:
        with self._database.write() as connection:
            connection.execute(sa.select(jobs.c.id).where(jobs.c.id == job.id).with_for_update())
            if self._last_word(connection, job) == SENT:
                return False
            audit.note(connection, job, SENT, at=self._clock(), detail={})
        return True

    def release(self, job: Job) -> None:
        with self._database.write() as connection:
            audit.note(connection, job, NOT_SENT, at=self._clock(), detail={})

    @staticmethod
    def _last_word(connection: sa.Connection, job: Job) -> str | None:
        mine = sa.and_(rows.c.shop == job.shop, rows.c.at >= job.created_at, rows.c.job_id == job.id)  # by their index
        words = rows.c.action.in_((SENT, NOT_SENT))
        return connection.scalar(sa.select(rows.c.action).where(mine, words).order_by(rows.c.id.desc()).limit(1))
