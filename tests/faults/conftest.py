"""The whole table is played once; each test looks at what was found."""

import pytest

from tests.faults import play
from tests.faults.cases import ONE_BY_ONE, SIDE_BY_SIDE
from tests.faults.street import opened_street


@pytest.fixture(scope="session")
def everything(tmp_path_factory):
    """What came of every case, in the order of the table; and the bill of both streets."""
    bills = []
    with opened_street(tmp_path_factory.mktemp("street")) as street:
        played = play.play(street, SIDE_BY_SIDE)
        bills.append(street.bill())
        assert "Traceback" not in street.log()
    with opened_street(tmp_path_factory.mktemp("alley"), IMAGEGEN__SWEEP__EVERY_S="1") as alley:
        for case in ONE_BY_ONE:
            played += play.play_alone(alley, case)
        bills.append(alley.bill())
        assert "Traceback" not in alley.log()
    return played, bills


@pytest.fixture(scope="session")
def played(everything):
    return everything[0]


@pytest.fixture(scope="session")
def bills(everything):
    return everything[1]
