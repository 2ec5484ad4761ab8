"""The whole table is played once; each test looks at what was found."""

import pytest

from tests.faults.play import play_everything


@pytest.fixture(scope="session")
def everything(tmp_path_factory):
    return play_everything(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="session")
def played(everything):
    """What came of every case, in the order of the table."""
    return everything[0]


@pytest.fixture(scope="session")
def bills(everything):
    """Of both streets."""
    return everything[1]
