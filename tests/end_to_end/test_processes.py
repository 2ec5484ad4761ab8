"""`serve`, `web` and `worker` as processes: what dies comes back, what is told to stop stops, nothing stays behind."""

import os
import signal
import subprocess

import pytest

from tests.end_to_end.house import opened, wait_for


@pytest.fixture
def house(tmp_path):
    """An installation without a store; nothing runs yet."""
    with opened(tmp_path) as house:
        yield house


@pytest.fixture
def serving(house):
    house.start("serve")
    return house


@pytest.fixture(scope="module")
def steady(tmp_path_factory):
    """A `serve` for the tests that leave it running."""
    with opened(tmp_path_factory.mktemp("steady")) as house:
        house.start("serve")
        yield house


def children(pid):
    """Process ids below *pid*, at any depth."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = dict(map(int, line.split()) for line in listed.splitlines())
    found, ring = set(), {pid}
    while ring := {child for child, parent in parents.items() if parent in ring} - found:
        found |= ring
    return found


def role_of(pid):
    done = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return next((role for role in ("worker", "web", "serve") if f"shopify_imagegen {role}" in done.stdout), None)


def running(role, house):
    """The first process of that role below `serve`."""
    below = sorted(children(house.processes["serve"].pid))
    return next((pid for pid in below if role_of(pid) == role), None)


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False).stdout[:1] == b"Z"


@pytest.mark.parametrize("role", ["web", "worker"])
def test_a_role_that_is_killed_comes_back(steady, role):
    """kill -9 of either: `serve` starts it again, and the port is free for it."""
    before = running(role, steady)

    os.kill(before, signal.SIGKILL)

    wait_for(lambda: running(role, steady) not in (None, before), 15, steady.log)
    wait_for(steady.is_listening, 15, steady.log)
    assert "a process ended by itself and is started again" in steady.log()
    assert "cannot listen" not in steady.log()


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_serve_stops_with_all_it_started(serving, signal_number):
    """Exit code 0, no traceback, no orphan."""
    below = children(serving.processes["serve"].pid)
    assert len(below) >= 3, "web, its server process, worker"

    assert 0 == serving.stop("serve", signal_number, limit_s=20)

    wait_for(lambda: all(map(is_gone, below)), 5, "orphans are gone")
    assert "Traceback" not in serving.log()


def test_nothing_outlives_a_killed_serve(serving):
    """kill -9 of the parent: its roles end too, or the next `serve` would find the port taken."""
    below = children(serving.processes["serve"].pid)

    serving.kill("serve")

    wait_for(lambda: all(map(is_gone, below)), 20, "orphans are gone")


def test_a_taken_port_is_said_in_one_line(steady):
    """The most common mistake at start."""
    second = steady.command("serve", "--port", str(steady.port))

    assert 1 == second.returncode
    assert f"Error: cannot listen on 127.0.0.1:{steady.port}: Address already in use" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("role", ["serve", "web", "worker"])
def test_problems_of_the_settings_are_told_once(house, role):
    """By the command itself, with exit code 2; not again and again by each process."""
    env = {"IMAGEGEN__IMAGES__PER_PRODUCT": "many", "IMAGEGEN__SHOPIFY__TIMEOUT_S": "0"}

    done = house.command(role, **env)

    assert 2 == done.returncode
    assert 1 == done.stderr.count("images.per_product")
    assert 1 == done.stderr.count("shopify.timeout_s")
    assert "Traceback" not in done.stderr


def test_web_alone_says_that_no_worker_runs(house):
    """It takes webhooks all the same; /readyz tells which part is missing."""
    house.start("web")

    response = house._http.get(f"{house.url}/readyz")

    assert 503 == response.status_code
    assert "no worker is running" in response.json()["problems"]["worker"]


def test_a_worker_stops_when_asked_twice_in_a_row(house):
    """An impatient supervisor, or a container runtime that repeats itself."""
    worker = house.start("worker")

    worker.send_signal(signal.SIGTERM)

    assert 0 == house.stop("worker", signal.SIGTERM, limit_s=15)
    assert "Traceback" not in house.log()
