"""Towns, closed when the test is over."""

import pytest

from .town import Town


@pytest.fixture
def open_town(tmp_path):
    towns = []

    def make(**options):
        towns.append(Town(tmp_path, **options))
        return towns[-1]

    yield make
    for town in towns:
        town.close()


@pytest.fixture
def town(open_town):
    return open_town()
