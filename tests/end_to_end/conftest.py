"""One installation for most tests, because processes take seconds to start; each test has products of its own."""

import pytest

from shopify_imagegen.sandbox.server import running
from tests.end_to_end.door import SHOP, Door
from tests.end_to_end.house import QUICK, in_use, opened


@pytest.fixture(scope="session")
def everyday(tmp_path_factory):
    """`serve`, with a store."""
    with opened(tmp_path_factory.mktemp("everyday")) as house:
        house.shop = house.add_shop()
        house.start("serve")
        yield house


@pytest.fixture
def house(everyday):
    with in_use(everyday, "serve"):
        yield everyday


@pytest.fixture(scope="session")
def shed():
    """A sandbox in this process, for doors."""
    with running(QUICK) as sandbox:
        yield sandbox


@pytest.fixture
def door(shed, tmp_path):
    """A house of its own, which the sandbox's store has installed; without faults of the test before."""
    shed.store.shop(SHOP).installed = True
    shed.faults.clear()
    shed.tokens.regrant(SHOP, shed.store.rules.scopes)
    door = Door(shed, tmp_path)
    yield door
    door.close()
