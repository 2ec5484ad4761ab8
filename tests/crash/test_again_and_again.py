"""One worker after the other dies, each at a moment that chance has picked, also while it takes over from the dead."""

import random
import signal

import pytest

from tests.crash import diary, points
from tests.end_to_end.house import wait_for

FEWEST, MOST = 3, 6  # deaths
LINES = (20, 250)  # of its diary, until a worker dies
SEEDS = (8, 15)  # their workers die in the paid call, while they look, stage and take over


def test_worker_after_worker_dies(yard):
    """A machine that is short of memory kills every worker that starts; the last one must find it all in order."""

    def wrong(nursery, seed):
        return wrong_after_many_deaths(yard, nursery, seed)

    assert [[], []] == list(yard.side_by_side(wrong, SEEDS))


def wrong_after_many_deaths(yard, nursery, seed):
    """What is not as it must be in the end; nothing, if all is well."""
    chance = random.Random(seed)
    life = yard.life()
    try:
        product = life.add_product()
        life.deliver(product)
        deaths = die_often(life, nursery, product, chance)
        life.worker(nursery)
        life.until_done(product)
        pages = [diary.read(page) for page in life.diaries[:deaths]]
        seen = life.seen(product)
        fine = seen in right(pages) and deaths >= FEWEST
        return [] if fine else [deaths, seen, right(pages), *(str(page[-1]) for page in pages)]
    finally:
        life.close()


def die_often(life, nursery, product, chance):
    """How many workers have died, one after the other, before one came to the end."""
    for deaths in range(MOST):
        worker = life.worker(nursery, until=f"event {chance.randrange(*LINES)}")
        wait_for(lambda worker=worker: worker.poll() is not None or life.is_done(product), 60, lambda: life.log)
        if worker.poll() is None:
            return deaths
        assert -signal.SIGKILL == worker.poll(), life.log[-3000:]
    return MOST


def right(pages):
    """The ends that may follow: exact, unless a worker died beside the work, in the middle of who knows what."""
    least = points.doubt(*pages)
    most = sum(not page[-1].in_step for page in pages if page)
    unknown = range(least.unknown, min(points.PICTURES, least.unknown + most) + 1)
    return [points.expected(points.Doubt(each, charged)) for each in unknown for charged in range(each + 1)]


@pytest.mark.parametrize("deaths", [[], ["aside"], ["step"]], ids=["none", "beside the work", "in the work"])
def test_only_what_nobody_could_know_may_be_in_doubt(deaths):
    """The yardstick itself: without a death beside the work, there is one right end."""
    pages = [[diary.Moment("watch.due", "before", 1, each == "step")] for each in deaths]

    assert (1 + 2 * (deaths == ["aside"])) == len(right(pages))
