"""Backfills and their products. Every change says where it starts from, so that of two workers one makes it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database import backfill_rows as rows
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import backfill_items, backfills
from shopify_imagegen.errors import Conflict
from shopify_imagegen.models import Backfill, BackfillState, Item, ItemState
from shopify_imagegen.ports import Clock

PAGE = 500
PLANNING, PLANNED, ROLLING_BACK = BackfillState.PLANNING, BackfillState.PLANNED, BackfillState.ROLLING_BACK


class SqlBackfills:
    """Keeps `ports.Backfills`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    # backfills

    def create(self, backfill: Backfill) -> Backfill:
        with self._database.write() as connection:
            insert = self._database.insert(backfills).values(backfill.model_dump())
            connection.execute(insert.on_conflict_do_nothing())
        return self.find(backfill.id)

    def find(self, backfill_id: str) -> Backfill:
        """Raises: NotFound."""
        with self._database.read() as connection:
            return rows.expect(connection, backfill_id)

    def all(
        self, *, shop: str | None = None, states: Collection[BackfillState] = (), limit: int = 50
    ) -> list[Backfill]:
        """The latest first."""
        query = sa.select(*rows.COLUMNS).order_by(backfills.c.created_at.desc(), backfills.c.id).limit(limit)
        if shop:
            query = query.where(backfills.c.shop == shop)
        if states:
            query = query.where(backfills.c.state.in_(states))
        with self._database.read() as connection:
            return [Backfill.model_validate(dict(row)) for row in connection.execute(query).mappings()]

    def move(
        self, backfill_id: str, before: Collection[BackfillState], after: BackfillState, **fields: Any
    ) -> Backfill:
        """Raises: NotFound; Conflict when it is in none of the states *before*."""
        values = {"state": after, "updated_at": self._clock(), **fields}
        mine = sa.and_(backfills.c.id == backfill_id, backfills.c.state.in_(before))
        with self._database.write() as connection:
            moved = connection.execute(sa.update(backfills).where(mine).values(values)).rowcount == 1
            found = rows.expect(connection, backfill_id)
            if not moved:
                raise Conflict(f"{backfill_id} is {found.state}, so it cannot become {after}")
            rows.note(connection, found, f"backfill_{after}", at=values["updated_at"])
        return found

    def open(self) -> list[Backfill]:
        """Those in which something may be left to do: running, paused, or ended with products under way."""
        with self._database.read() as connection:
            return [Backfill.model_validate(dict(row)) for row in connection.execute(rows.OPEN).mappings()]

    def rest(self, backfill_id: str, after: BackfillState, **fields: Any) -> bool:
        """Move one that runs, or was cancelled, to *after* if each of its products rests. False: one does not.

        In one transaction, behind the lock that `retry` takes too: no product is put back into line meanwhile.
        """
        values = {"state": after, "updated_at": self._clock(), **fields}
        with self._database.write() as connection:
            found = rows.locked(connection, backfill_id)
            may = found.state in (BackfillState.RUNNING, BackfillState.CANCELLED) and found.ended_at is None
            if not may or connection.scalar(sa.select(rows.stirs(found))):
                return False
            connection.execute(sa.update(backfills).where(backfills.c.id == backfill_id).values(values))
            if after != found.state:
                rows.note(connection, found, f"backfill_{after}", at=values["updated_at"])
        return True

    def say(self, backfill_id: str, reason: str) -> None:
        """Write down what a running one waits for."""
        news = {"backfill_id": backfill_id, "said": reason}
        with self._database.read() as connection:  # nearly always it says so already: that needs no turn to write
            if not connection.scalar(rows.HAS_NEWS, news):
                return
        with self._database.write() as connection:
            connection.execute(rows.SAY, news)

    # planning

    def take_planning(self, backfill_id: str, planner: str, *, silent_since: datetime) -> bool:
        """Whether *planner* is the one who plans it now; what another had planned is dropped."""
        idle = sa.or_(backfills.c.planner.in_(("", planner)), backfills.c.updated_at < silent_since)
        mine = sa.and_(backfills.c.id == backfill_id, backfills.c.state == PLANNING, idle)
        values = {"planner": planner, "updated_at": self._clock()}
        with self._database.write() as connection:
            taken = connection.execute(sa.update(backfills).where(mine).values(values)).rowcount == 1
            if taken:
                connection.execute(sa.delete(backfill_items).where(backfill_items.c.backfill_id == backfill_id))
        return taken

    def add(self, backfill_id: str, planner: str, items: Sequence[Item]) -> None:
        """More of its products. Raises: Conflict when somebody else plans it now."""
        with self._database.write() as connection:
            rows.still_mine(connection, backfill_id, planner, updated_at=self._clock())
            if items:
                connection.execute(sa.insert(backfill_items), [rows.packed(item) for item in items])

    def freeze(self, backfill_id: str, planner: str, **totals: Any) -> Backfill:
        """The plan is complete. Raises: Conflict when somebody else plans it now."""
        now = self._clock()
        with self._database.write() as connection:
            values = {"state": PLANNED, "planned_at": now, "updated_at": now, **totals}
            rows.still_mine(connection, backfill_id, planner, **values)
            found = rows.expect(connection, backfill_id)
            rows.note(connection, found, "backfill_planned", at=now)
        return found

    def break_off(self, backfill_id: str, planner: str, reason: str) -> None:
        """The plan will not be completed. Raises: Conflict when somebody else plans it now."""
        now = self._clock()
        with self._database.write() as connection:
            values = {"state": BackfillState.CANCELLED, "reason": reason, "updated_at": now, "ended_at": now}
            rows.still_mine(connection, backfill_id, planner, **values)
            rows.note(connection, rows.expect(connection, backfill_id), "backfill_cancelled", at=now)

    # taking back

    def take_back(
        self, backfill_id: str, holder: str, before: Collection[BackfillState], *, silent_since: datetime
    ) -> bool:
        """Whether *holder* is the one who takes it back now. Raises: NotFound."""
        now = self._clock()
        silent = sa.or_(backfills.c.planner.in_(("", holder)), backfills.c.updated_at < silent_since)
        mine = sa.and_(backfills.c.state.in_(before), sa.or_(backfills.c.state != ROLLING_BACK, silent))
        values = {"state": ROLLING_BACK, "planner": holder, "updated_at": now, "reason": ""}
        with self._database.write() as connection:
            found = rows.locked(connection, backfill_id)
            taken = sa.update(backfills).where(backfills.c.id == backfill_id, mine).values(values)
            if connection.execute(taken).rowcount != 1:
                return False
            if found.state != ROLLING_BACK:
                rows.note(connection, found, f"backfill_{ROLLING_BACK}", at=now)
        return True

    def taken_back(self, backfill_id: str, holder: str, **fields: Any) -> bool:
        """Name its end. False: somebody else takes it back now."""
        now = self._clock()
        held = sa.and_(backfills.c.state == ROLLING_BACK, backfills.c.planner == holder)
        values = {"state": BackfillState.ROLLED_BACK, "planner": "", "updated_at": now, **fields}
        with self._database.write() as connection:
            ended = sa.update(backfills).where(backfills.c.id == backfill_id, held).values(values)
            if connection.execute(ended).rowcount != 1:
                return False
            rows.note(connection, rows.expect(connection, backfill_id), f"backfill_{BackfillState.ROLLED_BACK}", at=now)
        return True

    # products

    def items(
        self, backfill_id: str, *, states: Collection[ItemState] = (), words: bool = True, after: int = 0
    ) -> Iterator[Item]:
        """In the order of the plan, read in pages. *words*: with their plans; *after*: behind that number."""
        while page := self._page(backfill_id, states, after, words):
            yield from page
            after = page[-1].number

    def claim(self, backfill_id: str, limit: int) -> list[Item]:
        """The next products of a running backfill, for the caller alone."""
        return self._claim(backfill_id, limit, rows.waits(backfill_id))

    def reclaim(self, backfill_id: str, limit: int, *, stale_before: datetime) -> list[Item]:
        """Those that were claimed before then, by a worker that must have died; for the caller alone. Of any state."""
        vanished = rows.vanished(backfill_id, stale_before)
        with self._database.read() as connection:  # there are hardly ever any: nobody shall wait for a turn to write
            if not connection.scalar(sa.select(sa.exists().where(vanished))):
                return []
        return self._claim(backfill_id, limit, vanished)

    def settle(self, item: Item, state: ItemState, **fields: Any) -> bool:
        """Where a claimed product stands now. False: another worker has claimed it meanwhile."""
        mine = sa.and_(
            backfill_items.c.backfill_id == item.backfill_id,
            backfill_items.c.number == item.number,
            backfill_items.c.state == ItemState.CLAIMED,
            backfill_items.c.claimed_at == item.claimed_at,
        )
        values = {"state": state, "claimed_at": None, **rows.packed_fields(fields)}
        with self._database.write() as connection:
            return connection.execute(sa.update(backfill_items).where(mine).values(values)).rowcount == 1

    def leave(self, backfill_id: str, *, why: str, reason: str) -> int:
        """Take what has not begun out of the backfill, for good. Returns how many products."""
        mine = sa.and_(backfill_items.c.backfill_id == backfill_id, backfill_items.c.state == ItemState.PLANNED)
        values = {"state": ItemState.LEFT, "why": why, "reason": reason}
        with self._database.write() as connection:
            return connection.execute(sa.update(backfill_items).where(mine).values(values)).rowcount

    def remark(self, item: Item, *, why: str, reason: str) -> None:
        """Write down what became of a product behind its job's end; "" for nothing more."""
        mine = sa.and_(backfill_items.c.backfill_id == item.backfill_id, backfill_items.c.number == item.number)
        if (why, reason) != (item.why, item.reason):
            with self._database.write() as connection:
                connection.execute(sa.update(backfill_items).where(mine).values(why=why, reason=reason))

    def retry(self, backfill_id: str) -> int:
        """Put the products that failed back in line; one that is done runs again, in the same commit."""
        with self._database.write() as connection:
            rows.locked(connection, backfill_id)
            failed = sa.update(backfill_items).where(rows.failed(backfill_id))
            in_line = {"state": ItemState.PLANNED, "why": "", "reason": "", "claimed_at": None}
            products = connection.execute(failed.values(in_line)).rowcount
            if products:
                done = sa.and_(backfills.c.id == backfill_id, backfills.c.state == BackfillState.DONE)
                again = {"state": BackfillState.RUNNING, "reason": "", "ended_at": None, "updated_at": self._clock()}
                connection.execute(sa.update(backfills).where(done).values(again))
        return products

    def _claim(self, backfill_id: str, limit: int, which: sa.ColumnElement[bool]) -> list[Item]:
        now = self._clock()
        with self._database.write() as connection:
            numbers = connection.scalars(rows.free(limit, which)).all()
            mine = sa.and_(backfill_items.c.backfill_id == backfill_id, backfill_items.c.number.in_(numbers))
            values = {"state": ItemState.CLAIMED, "claimed_at": now}
            claimed = sa.update(backfill_items).where(mine).values(values).returning(*backfill_items.c)
            found = connection.execute(claimed).mappings().all() if numbers else []
        return sorted((rows.item(row) for row in found), key=lambda item: item.number)

    def _page(self, backfill_id: str, states: Collection[ItemState], after: int, words: bool) -> list[Item]:
        columns = [each for each in backfill_items.c if words or each.name != "plan"]
        mine = sa.and_(backfill_items.c.backfill_id == backfill_id, backfill_items.c.number > after)
        query = sa.select(*columns).where(mine).order_by(backfill_items.c.number).limit(PAGE)
        if states:
            query = query.where(backfill_items.c.state.in_(states))
        with self._database.read() as connection:
            return [rows.item(row) for row in connection.execute(query).mappings()]
