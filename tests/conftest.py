"""What many tests begin with, and what every test leaves as it found it."""

import logging

import pytest

from tests.fakes import World


@pytest.fixture(autouse=True)
def _the_process_logs_as_before():
    """A command sets up logging for its process; in this one other tests follow, which read what is logged."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.fixture
def open_world(tmp_path):
    """Makes worlds, with the options of `World`; they are closed when the test is over."""
    worlds = []

    def make(**options):
        worlds.append(World(tmp_path, **options))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


@pytest.fixture
def world(open_world):
    return open_world()
