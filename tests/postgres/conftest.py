"""Installations of several processes on a real PostgreSQL, each with a database and a sandbox of its own."""

import contextlib

import pytest

from shopify_imagegen.sandbox.server import running
from tests.adapters.database.conftest import postgres, stopped
from tests.end_to_end.house import QUICK
from tests.postgres.town import Town

__all__ = ["postgres", "stopped"]


@pytest.fixture
def build(postgres, tmp_path):
    """Makes a town that has not opened yet; *env* as for a House. Nothing of it is left running."""
    with contextlib.ExitStack() as stack:

        def make(**env):
            sandbox = stack.enter_context(running(QUICK))
            name = postgres.create()
            stack.callback(postgres.drop, name)
            town = Town(sandbox, tmp_path, postgres.url(name), **env)
            stack.callback(town.close)
            return town

        yield make
