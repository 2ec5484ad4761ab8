"""What is ordered in these tests."""

import pytest

from tests.fakes import brief


@pytest.fixture
def order():
    return brief()
