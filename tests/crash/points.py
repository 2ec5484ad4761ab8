"""Where a worker shall die, and what must follow. Pure: read from the diary of a life, never listed by hand."""

from collections import defaultdict
from dataclasses import dataclass

from tests.crash.life import PICTURES, PRICE_MICROUSD

MONEY_AND_PICTURES = ("ledger", "provider", "media", "step")  # ports of which each call is a point in `make test`
SALE = "http.POST-images-api-images-generations"


def all_points(*diaries):
    """The moments that every life passes. Beside the work, where threads repeat themselves, only the first ones."""
    shared = set.intersection(*(set(map(str, diary)) for diary in diaries))
    return [moment for moment in diaries[0] if str(moment) in shared and (moment.in_step or moment.number == 1)]


def distinct(points):
    """Every state that the world passes through, and every call from both sides; but no state again and again."""
    chosen = [point for point in points if not point.in_step]
    covered = {(point.call, point.side) for point in chosen}
    for moments in _states([point for point in points if point.in_step]):
        new = [each for each in moments if (each.call, each.side) not in covered] or moments[:1]
        covered |= {(each.call, each.side) for each in new}
        chosen += new
    return chosen


def _states(points):
    """Moments in a row between which nothing happens outside: no call has ended there, and nothing was written."""
    state, before = [], None
    for point in points:
        is_end = point.side == "after" and (point.port == "step" or (before and before.call == point.call))
        if is_end and state:
            yield state
            state = []
        state.append(point)
        before = point
    yield state


def representative(points):
    """Of money and pictures each call, from alternating sides; of the other ports one before and one after."""
    chosen = []
    for port, calls in _by_port(points).items():
        names = list(calls) if port in MONEY_AND_PICTURES else _ends(list(calls))
        for at, name in enumerate(names):
            sides = [each for each in calls[name] if each.side == ("before", "after")[at % 2]]
            chosen.append(sides[-1 if at % 4 > 1 else 0])
    return chosen


def _by_port(points):
    ports = defaultdict(lambda: defaultdict(list))
    for point in points:
        ports[point.port][point.call].append(point)
    return ports


def _ends(names):
    """The first and the last; twice the same, if there is but one."""
    return [names[0], names[-1]]


@dataclass(frozen=True)
class Doubt:
    """What the ledger cannot know after the deaths: pictures that were perhaps charged, and those that were."""

    unknown: int
    charged: int


def doubt(*diaries):
    """What the dead leave in doubt: a paid call that had been announced, and whose receipt was not written down."""
    unknown = charged = 0
    for diary in diaries:
        ended = [moment.call for moment in diary if moment.side == "after"]
        sold = ended.count("ledger.sold")
        unknown += ended.count("ledger.sent") - sold
        charged += ended.count(SALE) - sold
    return Doubt(unknown, charged)


def expected(doubt):
    """The end of the story, in the words of `Life.seen`."""
    published = PICTURES - doubt.unknown
    state = {PICTURES: "published", 0: "nothing_published"}.get(published, "partly_published")
    return {
        "sold": published + doubt.charged,
        "sold twice": 0,
        "files": published,
        "on the product": published,
        "twice on the product": 0,
        "originals first, as they were": True,
        "strangers": 0,
        "books": _counts(paid=published, unknown=doubt.unknown),
        "pictures": _counts(published=published, unknown=doubt.unknown),
        "jobs": [state],
        "spooled": 0,
        "counted": PICTURES * PRICE_MICROUSD,
    }


def may_follow(diary):
    """Every end that is right after these deaths; one only, when the last worker died in the thread that works."""
    if diary and diary[-1].in_step:
        return [expected(doubt(diary))]
    return [expected(Doubt(*each)) for each in ((0, 0), (1, 0), (1, 1))]


def _counts(**counts):
    return {name: count for name, count in counts.items() if count}
