"""A pause is begun once, said once, and tried by one worker at a time."""

import pytest

from shopify_imagegen.adapters.database.pauses import SqlPauses


@pytest.fixture
def pauses(database, clock):
    return SqlPauses(database, clock)


def test_a_pause_is_begun_once(pauses):
    """The first to meet the empty balance tells the merchant; the other forty do not."""
    assert pauses.find("provider:getimg") is None
    assert [pauses.begin("provider:getimg", "no funds"), pauses.begin("provider:getimg", "bad key")] == [True, False]

    assert pauses.find("provider:getimg").reason == "bad key"
    assert ["provider:getimg"] == [pause.scope for pause in pauses.all()]


def test_a_pause_is_tried_by_one_at_a_time(pauses, clock):
    """Several workers wait for the same thing; one of them asks."""
    pauses.begin("provider:getimg", "no funds")
    assert not pauses.take_turn("provider:getimg", every_s=60)

    clock.go_on(seconds=60)

    assert [True, False] == [pauses.take_turn("provider:getimg", every_s=60) for _ in range(2)]


def test_a_pause_ends(pauses):
    """Mended; the next trouble is a new one."""
    pauses.begin("provider:getimg", "no funds")
    pauses.end("provider:getimg")

    assert pauses.find("provider:getimg") is None
    assert pauses.begin("provider:getimg", "no funds")
