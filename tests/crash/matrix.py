"""Lives and deaths: a new database, a product, a worker that dies at a point, another worker, and a look at it all."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue

from tests.crash import diary, points
from tests.crash.life import Life, template_of
from tests.crash.nursery import Nursery
from tests.end_to_end.house import wait_for

LANES = 2
TRIES = 6  # to reach a moment that a life may pass otherwise


@dataclass(frozen=True)
class Death:
    """How one point went."""

    point: diary.Moment
    right: list = field(repr=False)  #: each end that is right, as `Life.seen` says it
    seen: dict = field(default_factory=dict)
    problem: str = ""
    seconds: float = 0.0  #: from the restart to the end of the job

    @property
    def outcome(self):
        published = self.seen["on the product"]
        unknown = self.seen["books"].get("unknown", 0)
        if not unknown:
            return "published"
        charged = "charged" if self.seen["sold"] > published else "not charged"
        return f"{published} published, {unknown} unknown ({charged})"


class Yard:
    """The shared sandbox, a template of a database, and lanes that run lives side by side."""

    def __init__(self, sandbox, folder):
        self.sandbox, self.folder = sandbox, folder
        self._lanes = SimpleQueue()
        self._nurseries = [Nursery() for _ in range(LANES)]
        for nursery in self._nurseries:
            self._lanes.put(nursery)

    def prepare(self):
        self.template = template_of(self.sandbox, self._nurseries[0], self.folder / "template")

    def close(self):
        for nursery in self._nurseries:
            nursery.close()

    def life(self, **where):
        """A new life, with its store."""
        template = None if where else self.template
        life = Life(self.sandbox, self.folder / f"life-{time.monotonic_ns()}", template=template, **where)
        life.open_shop()
        return life

    def side_by_side(self, do, items):
        """What *do* returns for each item; it gets a nursery of its own."""

        def in_a_lane(item):
            nursery = self._lanes.get()
            try:
                return do(nursery, item)
            finally:
                self._lanes.put(nursery)

        with ThreadPoolExecutor(LANES) as pool:
            yield from pool.map(in_a_lane, items)

    def recorded(self):
        """The diaries of two lives in which nobody dies."""
        return list(self.side_by_side(self._undisturbed, range(2)))

    def _undisturbed(self, nursery, _):
        life = self.life()
        try:
            product = life.add_product()
            life.deliver(product)
            life.worker(nursery, until="")
            life.until_done(product)
            assert life.seen(product) in points.may_follow([]), life.seen(product)
            return diary.read(life.diaries[0])
        finally:
            life.close()

    def die_at(self, nursery, point):
        """One point of the matrix."""
        for _ in range(TRIES):
            life = self.life()
            try:
                product = life.add_product()
                life.deliver(product)
                death = died(life, nursery, product, point)
            except AssertionError as error:
                return Death(point, [], problem=f"{error}")
            finally:
                life.close()
            if death:
                return death
        return Death(point, [], problem="not reached")


def died(life, nursery, product, point):
    """A worker that dies at *point*, and one that lives. None: the first one never came to that point."""
    mortal = life.worker(nursery, until=str(point))
    wait_for(lambda: mortal.poll() is not None or life.is_done(product), 60, lambda: f"a death\n{life.log[-3000:]}")
    if mortal.poll() is None:
        return None
    assert -signal.SIGKILL == mortal.poll(), life.log[-3000:]
    page = diary.read(life.diaries[0])
    assert str(point) == str(page[-1]), f"died {page[-1]}"
    seconds = restarted(life, nursery, product)
    return Death(page[-1], points.may_follow(page), life.seen(product), seconds=seconds)


def restarted(life, nursery, product):
    """Seconds from the start of another worker to the end of the job."""
    began = time.monotonic()
    life.worker(nursery)
    life.until_done(product)
    return time.monotonic() - began
