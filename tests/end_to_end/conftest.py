"""One installation for most tests, because processes take seconds to start; each test has products of its own."""

import pytest

from tests.end_to_end.house import opened


@pytest.fixture(scope="session")
def everyday(tmp_path_factory):
    """`serve`, with a store."""
    with opened(tmp_path_factory.mktemp("everyday")) as house:
        house.shop = house.add_shop()
        house.start("serve")
        yield house


@pytest.fixture
def house(everyday):
    """The everyday installation, without faults of the test before, and calm."""
    everyday.sandbox.faults.clear()
    everyday.until_idle()
    before = everyday.bill()["count"]
    everyday.bought = lambda: everyday.bill()["count"] - before
    yield everyday
    assert {} == everyday.bill()["bought_twice"]
    assert "Traceback" not in everyday.log()
