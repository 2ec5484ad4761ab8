"""Every fault, once and for good: a named state in the end, nothing bought twice, no paid picture thrown away."""

import pytest

from shopify_imagegen.models import ImageState, JobState, SkipReason
from tests.end_to_end.house import ROOT
from tests.faults import report
from tests.faults.cases import CASES, FOR_GOOD, ONE_BY_ONE, SIDE_BY_SIDE, STRIKING

pytestmark = pytest.mark.timeout(900)

PLAYS = [(case.name, strikes) for case in [*SIDE_BY_SIDE, *ONE_BY_ONE] for strikes in case.strikes]
NAMED = {*JobState, *SkipReason, "failed", "shop_paused"}
SPEAKS_FOR_ITSELF = {"published", "staged", "bought", "planned"}
LOST = {  # paid for, and there is no picture to be used, or no place for it
    "Picture is not an image",
    "Picture is truncated",
    "Picture has the wrong size",
    "Picture is blank",
    "Picture is the merchant's own photo",
    "Picture is a decompression bomb",
    "Download address over before the download",
    "Our file deleted before it is attached",
    "Product deleted while its picture is bought",
    "Product deleted before its picture is attached",
    "All photos deleted meanwhile",
    "Product reaches its media limit meanwhile",
}


@pytest.fixture(params=PLAYS, ids=[f"{name} {strikes}" for name, strikes in PLAYS])
def one(request, played):
    """One case, played once or for good."""
    return next(each for each in played if (each.case.name, each.strikes) == request.param)


def test_every_fault_of_the_sandbox_is_played():
    """A fault that is added to the sandbox needs an answer of ours."""
    played = {case.fault for case in CASES} | {case.moment[0] for case in CASES if case.moment}

    assert set() == set(STRIKING) - played


def test_it_struck(one):
    """A fault that never happened proves nothing."""
    assert one.fault is None or one.fault.struck


def test_promise_never_silent(one):
    """The product is in a named state with a reason, and each of its pictures too."""
    for found in filter(None, (one.first, one.then)):
        assert found.state in NAMED
        assert found.reason
        assert [] == [state for state, reason in found.images if not reason and state not in SPEAKS_FOR_ITSELF]


def test_promise_never_pay_twice(one):
    """One product, one picture, one sale: in the provider's own books, whatever was repeated."""
    assert one.last.sold <= 1
    assert one.last.files <= 1
    assert one.last.shown <= 1


def test_the_ledger_agrees_with_the_bill(one):
    """To the cent; where it is not known whether we were charged, we count it."""
    for found in filter(None, (one.first, one.then)):
        assert found.ledger_microusd >= found.bill_microusd
        assert found.ledger_microusd == found.bill_microusd or found.ledger["unknown"]
        assert not found.ledger["reserved"]
        assert not found.ledger["sent"]


def test_promise_never_touch_an_original(one):
    """Their bytes, names, texts and order are as the merchant left them."""
    assert one.before == one.after


def test_a_paid_picture_is_used_when_the_fault_is_over(one):
    """It may wait for hours; it is never thrown away, and never bought again instead."""
    if not one.first.ledger["paid"] + one.first.ledger["sold"]:
        pytest.skip("nothing was paid for with certainty")
    published = (ImageState.PUBLISHED, "")
    assert (one.last.images == [published]) == (one.case.name not in LOST)
    assert one.last.shown == (one.case.name not in LOST)


def test_what_strikes_once_is_overcome(one):
    """What a neighbour gets over in a second must not need a person."""
    if one.strikes == FOR_GOOD or not one.case.fault.startswith(("shopify.", "webhook.", "staged.")):
        pytest.skip("strikes for good, or where trying again may cost money")
    assert "published" == one.first.state


def test_a_store_that_turns_us_away_is_paused(played):
    """One sentence on the store, and everything waits: no purchase, and the paid picture is kept."""
    revoked = [each for each in played if each.case.fault in ("shopify.401", "shopify.402", "shopify.423")]
    for_good = [each for each in revoked if each.strikes == FOR_GOOD]

    assert {"paused", "shop_paused"} == {each.first.state for each in for_good}
    assert all("The store is paused." in each.first.reason for each in for_good)
    assert {"published"} == {each.last.state for each in revoked}
    assert [1, 1, 1] == [each.first.kept for each in for_good if each.first.sold]


def test_a_provider_that_turns_us_away_pauses_the_jobs(played):
    """A bad key or an empty balance: one message, nothing is burnt through, and it goes on by itself."""
    turned_away = [each for each in played if each.case.fault in ("images.401", "images.402")]

    assert ["paused", "paused"] == [each.first.state for each in turned_away if each.strikes == FOR_GOOD]
    assert {"published"} == {each.last.state for each in turned_away}


def test_nothing_was_bought_twice_in_all(bills):
    """By the provider's own memory of prompts and photos."""
    assert [{}, {}] == [bill["bought_twice"] for bill in bills]


def test_the_table_says_what_happened(played):
    """docs/faults.md is written from a run: `make faults` writes it again."""
    assert (ROOT / "docs" / "faults.md").read_text() == report.page(played)
