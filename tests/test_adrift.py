"""Found again: work that the engine's table says is ours, and that no thread of ours does."""

import pytest

from shopify_imagegen.adrift import ADRIFT_AFTER_S, Adrift


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def adrift(clock):
    return Adrift(monotonic=clock)


def test_work_that_nobody_does_is_found_after_a_while(adrift, clock):
    """A claim whose thread never began would stay begun for ever."""
    assert set() == adrift.among(["job-1"])

    clock.now = ADRIFT_AFTER_S

    assert {"job-1"} == adrift.among(["job-1"])


def test_work_in_hand_is_left_alone(adrift, clock):
    """Given back while it runs, it would run twice."""
    with adrift.doing("job-1"):
        adrift.among(["job-1"])
        clock.now = 10 * ADRIFT_AFTER_S

        assert set() == adrift.among(["job-1"])


def test_work_that_runs_twice_here_runs_until_both_have_ended(adrift, clock):
    """A resumed job and its stale thread, side by side."""
    adrift.among(["job-1"])
    with adrift.doing("job-1"):
        with adrift.doing("job-1"):
            pass
        adrift.among(["job-1"])
        clock.now = 10 * ADRIFT_AFTER_S

        assert set() == adrift.among(["job-1"])


def test_a_moment_without_a_thread_is_no_drifting(adrift, clock):
    """Between the claim and the thread, and between the thread's end and its record, there is always a moment."""
    adrift.among(["job-1"])
    with adrift.doing("job-1"):
        adrift.among(["job-1"])
    clock.now = ADRIFT_AFTER_S

    assert set() == adrift.among(["job-1"])


def test_work_that_ended_is_forgotten(adrift, clock):
    """An id may come back: a job that is taken up again."""
    adrift.among(["job-1"])
    adrift.among([])
    clock.now = ADRIFT_AFTER_S

    assert set() == adrift.among(["job-1"])
