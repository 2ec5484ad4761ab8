"""kill -9 at every call that a worker makes, before it and after it; then the sandbox says what became of it.

Run the whole of it, and write docs/crash-matrix.md anew, with `make crash-matrix`.
"""

import os

import pytest

from tests.crash import points, report
from tests.crash.life import WITHIN_S

WHOLE = os.environ.get("CRASH_MATRIX") == "whole"
PORTS = {"catalog", "downloads", "engine", "http", "inbox", "jobs", "ledger", "line", "media", "provider", "queue"}
PORTS |= {"shops", "step", "watch", "workers"}


@pytest.fixture(scope="module")
def every_point(yard):
    return points.all_points(*yard.recorded())


@pytest.fixture(scope="module")
def chosen(every_point):
    return points.distinct(every_point) if WHOLE else points.representative(every_point)


def test_the_points_cover_every_port_from_both_sides(every_point, chosen):
    """The matrix must not shrink unseen when a part of the house is wired in another way."""
    sides = {port: {each.side for each in chosen if each.port == port} for port in PORTS}

    assert PORTS <= {each.port for each in every_point}
    assert {port: {"before", "after"} for port in PORTS} == sides
    assert 40 <= len(set(chosen))


@pytest.mark.timeout(7200 if WHOLE else 600)
def test_a_worker_may_die_at_any_moment(yard, chosen, subtests):
    """No job lost, nothing doubled, the money known; a picture is in doubt only where nobody could know."""
    deaths = []
    for death in yard.side_by_side(yard.die_at, chosen):
        deaths.append(death)
        with subtests.test(died=str(death.point)):
            assert "" == death.problem
            assert death.seen in death.right
            assert death.seconds < WITHIN_S
    if WHOLE and all(death.seen in death.right for death in deaths):
        report.write(deaths)
    assert report.differences(deaths) == []
