"""An idle worker costs next to nothing, and a listing does not wait for it to wake up."""

import pytest

from shopify_imagegen import pulse as module
from shopify_imagegen.pulse import QUICK_FOR_S, REMIND_AFTER_S, Pulse


@pytest.fixture
def clock():
    class Clock:
        now = 1000.0

        def __call__(self):
            return self.now

    return Clock()


@pytest.fixture
def beats():
    return []


@pytest.fixture
def pulse(beats, clock):
    return Pulse(beats.append, monotonic=clock)


def test_work_quickens(pulse, beats):
    """At once."""
    pulse.quicken()

    assert [module.QUICK_S] == beats


def test_a_burst_of_work_quickens_once(pulse, beats):
    """Each time is a write to the database."""
    for _ in range(100):
        pulse.quicken()

    assert [module.QUICK_S] == beats


def test_it_calms_down_when_no_work_has_come_for_a_while(pulse, beats, clock):
    """And only once."""
    pulse.quicken()
    clock.now += QUICK_FOR_S + 1
    pulse.settle()
    pulse.settle()

    assert [module.QUICK_S, module.CALM_S] == beats


def test_it_stays_quick_while_work_comes(pulse, beats, clock):
    """A catalogue import lasts for minutes."""
    for _ in range(100):
        clock.now += QUICK_FOR_S - 1
        pulse.quicken()
        pulse.settle()

    assert {module.QUICK_S} == set(beats)


def test_another_worker_may_have_calmed_the_queues(pulse, beats, clock):
    """They are shared: what we said a while ago may not hold any more."""
    pulse.quicken()
    clock.now += REMIND_AFTER_S + 1
    pulse.quicken()

    assert [module.QUICK_S, module.QUICK_S] == beats


def test_an_idle_process_says_nothing(pulse, beats, clock):
    """Nothing came, so there is nothing to take back."""
    clock.now += 1000
    pulse.settle()

    assert [] == beats
