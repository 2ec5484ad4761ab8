"""What every test leaves as it found it."""

import logging

import pytest


@pytest.fixture(autouse=True)
def _the_process_logs_as_before():
    """A command sets up logging for its process; in this one other tests follow, which read what is logged."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
