"""A backfill: a frozen plan over many products, and how far it has come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from shopify_imagegen.models.jobs import Image, ImageState, Job
from shopify_imagegen.models.money import Purchase
from shopify_imagegen.models.plans import Plan
from shopify_imagegen.models.value import Value

READY = (ImageState.PUBLISHED, ImageState.STAGED)
FAILED = (ImageState.REFUSED, ImageState.OVER_BUDGET, ImageState.UNKNOWN, ImageState.UNFIT, ImageState.FAILED)

OnChange = Literal["replan", "skip"]  #: what becomes of a product that changed since the plan


class BackfillState(StrEnum):
    """The named states of a backfill."""

    PLANNING = "planning"  #: the catalogue is being read; nothing may be started
    PLANNED = "planned"  #: frozen; costs nothing until it is started
    RUNNING = "running"
    PAUSED = "paused"  #: by a person, or behind its sample; `reason`
    CANCELLED = "cancelled"
    DONE = "done"  #: every product has ended
    ROLLING_BACK = "rolling_back"  #: a worker takes its pictures off the products
    ROLLED_BACK = "rolled_back"  #: that is over; `reason` says what stayed


class ItemState(StrEnum):
    """Where one product of a backfill stands."""

    SKIPPED = "skipped"  #: the plan gives it no pictures; `why` and `reason`
    PLANNED = "planned"  #: waits for its turn
    CLAIMED = "claimed"  #: a worker looks at it now
    BEGUN = "begun"  #: its job runs or has ended: the job says more
    RETRIED = "retried"  #: the same, once more; until its job has moved, `claimed_at` is when that had last moved
    LEFT = "left"  #: not begun after all; `why` and `reason`


class Backfill(Value):
    """One backfill. Its money is a ceiling of its own: no cent more than `ceiling_microusd`."""

    id: str  #: "bf-7f3a12cd"
    shop: str
    state: BackfillState
    reason: str = ""  #: of the state, or what it waits for; for a merchant
    query: str = ""  #: which products, as it was asked
    most: int | None = None  #: products to get pictures at most
    restyle: bool = False  #: also products whose pictures would be made differently now
    products: int = 0  #: that get pictures
    pictures: int = 0
    skipped: int = 0  #: products without
    worst_microusd: int = 0  #: the price of all its pictures
    outdated: int = 0  #: products that are skipped for their pictures, and would get others today
    outdated_microusd: int = 0  #: the price of those
    ceiling_microusd: int = 0  #: what it may spend; set when it is started
    on_change: OnChange = "replan"
    sample: int | None = None  #: only products up to this number, for now
    hours: str = ""  #: of the day in which it buys: "22-06"; "" means always
    time_zone: str = "UTC"  #: that `hours` are in
    keep_candidates: bool = False  #: once cancelled: paid pictures stay in Files and are not put on products
    created_by: str = ""
    created_at: datetime
    updated_at: datetime  #: of its last sign of life while it is being planned
    planned_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


class Item(Value):
    """One product of a backfill."""

    backfill_id: str
    number: int  #: its place in the plan, from 1
    product_id: str
    product_title: str
    handle: str = ""
    state: ItemState
    why: str = ""  #: a `SkipReason`, or "changed", "no_answer"
    reason: str = ""  #: for a merchant
    recipe: str = ""
    pictures: int = 0
    price_microusd: int = 0
    plan: Plan | None = None  #: its pictures with their words, as they were frozen
    job_id: str | None = None
    claimed_at: datetime | None = None


class Change(Value):
    """What is different in the store since a plan."""

    product_id: str
    product_title: str
    change: Literal["changed", "price", "dropped", "ready", "new", "gone"]
    detail: str = ""  #: for a merchant


class Made(Value):
    """What became of one product of a backfill."""

    item: Item
    job: Job | None = None
    images: tuple[Image, ...] = ()
    purchases: tuple[Purchase, ...] = ()  #: of its job, those that were decided on included

    @property
    def committed_microusd(self) -> int:
        """What it counts for against the ceiling: paid, perhaps charged, or set aside."""
        return sum(purchase.counts_microusd for purchase in self.purchases)


class Before(Value):
    """What we have done for a product before."""

    ours: frozenset[str] = frozenset()  #: media ids that are ours, now or in the past
    shown: int = 0  #: pictures of ours that it has or waits for
    busy: bool = False  #: a job of it has not ended
    recipe: str = ""  #: of its latest pictures that were made by themselves; "" for none


class BackfillProgress(Value):
    """How far a backfill has come, in numbers that are cheap to ask for."""

    items: dict[str, int]  #: `ItemState` -> products
    jobs: dict[str, int]  #: `JobState` -> products
    images: dict[str, int]  #: `ImageState` -> pictures
    reasons: dict[str, int]  #: why pictures failed -> how many
    paid_microusd: int = 0
    unknown_microusd: int = 0  #: perhaps charged
    reserved_microusd: int = 0  #: set aside, or being spent now
    bought: int = 0  #: pictures paid for
    bought_lately: int = 0  #: in the last `lately_s` seconds
    lately_s: float = 0.0

    @property
    def committed_microusd(self) -> int:
        """What counts against the ceiling."""
        return self.paid_microusd + self.unknown_microusd + self.reserved_microusd

    @property
    def ready(self) -> int:
        """Pictures on their products, or waiting for a review."""
        return sum(self.images.get(state, 0) for state in READY)

    @property
    def failed(self) -> int:
        """Pictures that will not come by themselves."""
        return sum(self.images.get(state, 0) for state in FAILED)

    @property
    def taken_back(self) -> int:
        return self.images.get(ImageState.ROLLED_BACK, 0)

    @property
    def pictures_per_minute(self) -> float:
        return self.bought_lately * 60 / self.lately_s if self.lately_s else 0.0
