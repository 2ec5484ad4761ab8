"""`serve` keeps its roles alive, and does not hide that one of them cannot live."""

import signal
from typing import ClassVar

import pytest

from shopify_imagegen import supervise
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.supervise import DEATHS, RESTART_AFTER_S, WITHIN_S, Child, run_together


class FakeProcess:
    """A process that lives until it is told, or until its hour has come."""

    begun: ClassVar = []

    def __init__(self, arguments, **_):
        self.arguments, self.returncode, self.heard = arguments, None, []
        self.deaf = False
        FakeProcess.begun.append(self)

    def poll(self):
        return self.returncode

    def send_signal(self, number):
        self.heard.append(number)
        if number == signal.SIGKILL or not self.deaf:
            self.returncode = -number


@pytest.fixture
def time(monkeypatch):
    """A clock that sleeping moves; `at` says what happens then."""

    class Time:
        now, at = 1000.0, {}

        def monotonic(self):
            return self.now

        def sleep(self, seconds):
            self.now += seconds
            for moment in sorted(self.at):
                if moment <= self.now:
                    self.at.pop(moment)()

    time = Time()
    time.at = {}
    FakeProcess.begun = []
    monkeypatch.setattr(supervise, "time", time)
    monkeypatch.setattr(supervise.subprocess, "Popen", FakeProcess)
    return time


@pytest.fixture
def signals(monkeypatch):
    """Send ourselves a signal, without one."""
    handlers = {}
    monkeypatch.setattr(supervise.signal, "signal", handlers.__setitem__)
    return lambda number: handlers[number](number, None)


ROLES = {"worker": ["worker"], "web": ["web", "--port", "8000"]}


def test_each_role_is_one_of_our_commands(time, signals):
    """By `python -m`, so that it is the same program; and it knows that it has a parent."""
    time.at[1001] = lambda: signals(signal.SIGTERM)

    run_together(ROLES, grace_s=10)

    assert [["worker", "--with-parent"], ["web", "--port", "8000", "--with-parent"]] == [
        process.arguments[3:] for process in FakeProcess.begun
    ]


def test_a_role_that_dies_is_started_again(time, signals):
    """After a moment, so that what held its port can let go."""
    time.at[1001] = lambda: setattr(FakeProcess.begun[0], "returncode", 1)
    time.at[1005] = lambda: signals(signal.SIGTERM)

    run_together(ROLES, grace_s=10)

    assert ["worker", "web", "worker"] == [process.arguments[3] for process in FakeProcess.begun]


def test_a_role_that_cannot_live_ends_serve(time, signals):
    """A loop of restarts looks like a service that runs; and the other role must not stay behind."""

    def doom(number=0):
        FakeProcess.begun[-1].returncode = 1
        time.at[time.now + RESTART_AFTER_S + 1] = doom

    time.at[1001] = doom
    with pytest.raises(ImagegenError, match="web ended again and again"):
        run_together(ROLES, grace_s=10)

    assert DEATHS == len([process for process in FakeProcess.begun if process.arguments[3] == "web"])
    assert [signal.SIGTERM] == FakeProcess.begun[0].heard


def test_deaths_over_a_long_time_are_forgiven(time):
    """A machine that runs for a year sees a worker die now and then."""
    child = Child(["worker"], role="worker")

    for _ in range(3 * DEATHS):
        child.process.returncode = -9
        child.look()
        time.now += WITHIN_S / (DEATHS - 1)
        child.look()

    assert child.process.returncode is None


def test_a_role_that_does_not_stop_is_killed_in_the_end(time, signals):
    """Stopping is bounded."""
    time.at[1001] = lambda: (setattr(FakeProcess.begun[0], "deaf", True), signals(signal.SIGTERM))

    run_together(ROLES, grace_s=10)

    deaf, other = FakeProcess.begun
    assert [signal.SIGTERM, signal.SIGKILL] == deaf.heard
    assert [signal.SIGTERM] == other.heard
    assert 1011 <= time.now <= 1013


def test_a_second_ctrl_c_does_not_wait(time, signals):
    """Somebody knows what they do."""
    time.at[1001] = lambda: (setattr(FakeProcess.begun[0], "deaf", True), signals(signal.SIGINT))
    time.at[1003] = lambda: signals(signal.SIGINT)

    run_together(ROLES, grace_s=100)

    assert time.now < 1005
    assert signal.SIGKILL in FakeProcess.begun[0].heard
