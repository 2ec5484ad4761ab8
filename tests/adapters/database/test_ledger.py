"""The ledger's state machine, its ceilings, and its bytes."""

from functools import partial

import pytest
import sqlalchemy as sa

from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.errors import Conflict, NotFound, Unavailable
from shopify_imagegen.models import PurchaseState

from .story import JPEG, OTHER_SHOP, PRICE, ceilings, committed, counted, key, purchase, receipt, rendering, statements

KEY = key(1)


@pytest.fixture
def ledger(database, clock):
    return SqlLedger(database, clock)


WAYS = {
    "nothing": [],
    "reserved": ["reserve"],
    "sent": ["reserve", "sent"],
    "sold": ["reserve", "sent", "sold"],
    "paid": ["reserve", "sent", "paid"],
    "lost": ["reserve", "sent", "sold", "lost"],
    "refused": ["reserve", "sent", "refused"],
    "unknown": ["reserve", "sent", "unknown"],
}

# what each action makes of each state; None: it is refused, and nothing changes
TABLE = {
    "reserve": {"nothing": "reserved", "refused": "reserved"},
    "sent": {"reserved": "sent"},
    "not_begun": {"reserved": "reserved", "sent": "reserved", "sold": "reserved"},
    "sold": {"reserved": "sent", "sent": "sent", "sold": "sent", "unknown": "sent"},
    "paid": dict.fromkeys(["reserved", "sent", "sold", "paid", "lost", "refused", "unknown"], "paid"),
    "lost": dict.fromkeys(["reserved", "sent", "sold", "lost", "unknown"], "paid"),
    "refused": dict.fromkeys(["reserved", "sent", "sold", "refused", "unknown"], "refused"),
    "unknown": dict.fromkeys(["reserved", "sent", "sold", "unknown"], "unknown"),
}


def act(ledger, action, number=1):
    return {
        "reserve": partial(ledger.reserve, purchase(number), ceilings()),
        "sent": partial(ledger.sent, key(number)),
        "not_begun": partial(ledger.not_begun, key(number)),
        "sold": partial(ledger.sold, key(number), receipt()),
        "paid": partial(ledger.paid, key(number), rendering(), spare_microusd=PRICE),
        "lost": partial(ledger.lost, key(number), "gone"),
        "refused": partial(ledger.refused, key(number), "no"),
        "unknown": partial(ledger.unknown, key(number), "silence"),
    }[action]()


@pytest.mark.parametrize("action", TABLE)
def test_each_state_allows_what_the_table_says_and_refuses_the_rest(ledger, database, action):
    """A wrong step is either money lost or a picture bought twice."""
    for number, (state, way) in enumerate(WAYS.items(), start=1):
        for step in way:
            act(ledger, step, number)
        before = ledger.find(key(number))

        if (after := TABLE[action].get(state)) is None:
            with pytest.raises((Conflict, NotFound)):
                act(ledger, action, number)
            assert before == ledger.find(key(number)), f"{action} on {state}"
        else:
            act(ledger, action, number)
            assert after == ledger.find(key(number)).state, f"{action} on {state}"
        assert counted(database) == committed(database), f"{action} on {state}"


def test_a_paid_purchase_has_cost_bytes_and_time(ledger, clock):
    """What the provider charged is what counts, not what was expected."""
    for step in ("reserve", "sent", "sold"):
        act(ledger, step)
    ledger.paid(KEY, rendering(cost=55_000), spare_microusd=PRICE)

    found = ledger.find(KEY)
    assert (55_000, "req-1", None, clock.now) == (
        found.cost_microusd,
        found.request_id,
        found.receipt,
        found.settled_at,
    )
    assert ledger.read(KEY) == JPEG


def test_a_provider_that_names_no_cost_is_booked_at_the_expected_price(ledger, database):
    """A silent bill is not a free picture."""
    act(ledger, "reserve")
    act(ledger, "sent")
    ledger.paid(KEY, rendering(cost=None), spare_microusd=70_000)

    assert ledger.find(KEY).cost_microusd == 70_000
    assert set(committed(database).values()) == {70_000}


def test_an_answer_after_unknown_is_taken(ledger, database):
    """A worker that was taken for dead may still bring the picture; it is paid for and must not be thrown away."""
    for step in ("reserve", "sent", "unknown", "paid"):
        act(ledger, step)

    found = ledger.find(KEY)
    assert (PurchaseState.PAID, None) == (found.state, found.reason)
    assert ledger.read(KEY) == JPEG


def test_the_same_sale_told_twice_is_one_sale(ledger, database):
    """A commit whose answer was lost is repeated; the second time must change nothing."""
    for step in ("reserve", "sent", "paid"):
        act(ledger, step)
    ledger.drop(KEY)
    act(ledger, "paid")

    assert set(committed(database).values()) == {PRICE}
    assert ledger.read(KEY) is None


def test_a_second_sale_under_one_key_is_counted_and_shown(ledger, database, caplog):
    """It must never happen; if it does, the money is gone all the same and has to be seen."""
    for step in ("reserve", "sent", "paid"):
        act(ledger, step)
    ledger.paid(KEY, rendering(request_id="req-2", image=b"other"), spare_microusd=PRICE)

    second = ledger.find(f"{KEY}:1")
    assert (PurchaseState.PAID, "req-2", PRICE) == (second.state, second.request_id, second.cost_microusd)
    assert set(committed(database).values()) == {2 * PRICE}
    assert counted(database) == committed(database)
    assert ledger.read(KEY) == JPEG
    assert "a picture was sold twice" in caplog.text


def test_a_lost_picture_costs_what_its_receipt_says(ledger, database):
    """The receipt is the provider's word; without one the expected price stays spent."""
    act(ledger, "reserve")
    act(ledger, "sent")
    ledger.sold(KEY, receipt(cost=50_000, request_id="req-9"))
    act(ledger, "lost")

    found = ledger.find(KEY)
    assert (50_000, "req-9", "gone") == (found.cost_microusd, found.request_id, found.reason)
    assert set(committed(database).values()) == {50_000}


def test_a_lost_picture_that_arrives_after_all_is_kept(ledger, database):
    """It was paid for."""
    for step in ("reserve", "sent", "sold", "lost", "paid"):
        act(ledger, step)

    assert ledger.read(KEY) == JPEG
    assert ledger.find(KEY).reason is None
    assert set(committed(database).values()) == {PRICE}


def test_a_refused_purchase_reserved_again_starts_clean(ledger, database):
    """Yesterday's refusal must not colour, or double, today's reservation."""
    for step in ("reserve", "sent", "refused", "reserve"):
        act(ledger, step)

    found = ledger.find(KEY)
    assert (PurchaseState.RESERVED, None, None, None) == (
        found.state,
        found.reason,
        found.cost_microusd,
        found.settled_at,
    )
    assert set(committed(database).values()) == {PRICE}


def test_money_given_back_after_midnight_goes_back_to_the_day_it_came_from(ledger, database, clock):
    """Otherwise every refusal at midnight would make tomorrow's budget larger."""
    act(ledger, "reserve")
    clock.go_on(days=1)
    act(ledger, "refused")

    assert committed(database) == {}


@pytest.mark.parametrize("tight", ["day", "month", "all_day", "all_month"])
def test_the_ceiling_without_room_is_named_and_nothing_is_counted(ledger, database, tight):
    """Any one of four ceilings stops a purchase, and a stopped purchase leaves no trace in the other three."""
    limits = ceilings(**{tight: 2 * PRICE - 1})
    assert ledger.reserve(purchase(1), limits) is None
    before = committed(database)

    full = ledger.reserve(purchase(2), limits)

    assert full == next(each for each in limits if each.limit_microusd == 2 * PRICE - 1)
    assert before == committed(database)
    assert ledger.find(key(2)) is None


def test_a_ceiling_is_used_up_to_the_last_micro_dollar(ledger):
    """Exactly at the ceiling is within it."""
    limits = ceilings(day=2 * PRICE)

    assert [None, None, "full"] == [ledger.reserve(purchase(n), limits) and "full" for n in (1, 2, 3)]


def test_shops_share_only_the_ceilings_of_all(ledger):
    """One shop's spending must not stop another, except where all of them together are limited."""
    assert ledger.reserve(purchase(1), ceilings(day=PRICE, all_day=2 * PRICE)) is None
    other = purchase(2, shop=OTHER_SHOP)
    assert ledger.reserve(other, ceilings(OTHER_SHOP, day=PRICE, all_day=2 * PRICE)) is None

    full = ledger.reserve(purchase(3, shop="third"), ceilings("third", day=PRICE, all_day=2 * PRICE))

    assert full.scope == "all"


def test_a_purchase_over_an_expected_price_is_counted_in_full(ledger, database):
    """The provider charged more than it had said: the books say what is true, and the next reservation is refused."""
    limits = ceilings(day=2 * PRICE)
    ledger.reserve(purchase(1), limits)
    ledger.sent(KEY)
    ledger.paid(KEY, rendering(cost=3 * PRICE), spare_microusd=PRICE)

    assert set(committed(database).values()) == {3 * PRICE}
    assert ledger.reserve(purchase(2), limits) is not None


def test_bytes_can_be_replaced_and_dropped(ledger):
    """Stamping replaces them; the store's having them drops them."""
    for step in ("reserve", "sent", "paid"):
        act(ledger, step)
    ledger.replace(KEY, b"stamped")
    assert ledger.read(KEY) == b"stamped"

    ledger.drop(KEY)

    assert ledger.read(KEY) is None


def test_sent_again_after_a_lost_answer_is_the_same_sent(ledger, database, monkeypatch):
    """The database went away during the commit of `sent`, and had made it: the call has not left, so it may now."""
    act(ledger, "reserve")
    lose_the_answer(monkeypatch, database)
    with pytest.raises(Unavailable):
        ledger.sent(KEY)
    monkeypatch.undo()
    assert ledger.find(KEY).state == PurchaseState.SENT

    ledger.sent(KEY)

    with pytest.raises(Conflict):
        ledger.sent(KEY)


def lose_the_answer(monkeypatch, database):
    """The commit is made, and then the connection breaks."""
    commit = database.engine.dialect.do_commit

    def lost(connection):
        commit(connection)
        raise sa.exc.OperationalError("COMMIT", None, Exception("server closed the connection"))

    monkeypatch.setattr(database.engine.dialect, "do_commit", lost)


def test_a_refused_step_says_where_the_purchase_stands(ledger):
    """The worker that was too late reads it in its log, and so do we."""
    for step in ("reserve", "sent", "unknown"):
        act(ledger, step)

    with pytest.raises(Conflict, match=f"^purchase {KEY} is unknown, so it cannot become sent$"):
        act(ledger, "sent")
    with pytest.raises(NotFound, match=f"^there is no purchase {key(2)}$"):
        act(ledger, "sent", 2)


def test_a_sale_is_written_down_in_few_statements(ledger, database):
    """All workers wait for each of them: they are made within the one turn to write."""
    act(ledger, "reserve", 2)

    assert ["INSERT purchases", "UPDATE budgets"] == statements(database, ledger.reserve, purchase(), ceilings())
    assert ["UPDATE purchases"] == statements(database, ledger.sent, KEY)
    selling = statements(database, ledger.paid, KEY, rendering(), spare_microusd=PRICE)
    assert ["SELECT purchases", "UPDATE purchases", "INSERT spool"] == selling
    assert ["SELECT purchases", "UPDATE purchases", "UPDATE budgets"] == statements(
        database, ledger.refused, key(2), "no"
    )


def test_words_that_no_database_keeps_are_made_harmless(ledger):
    """A provider's message with a NUL or half an emoji must not lose the settlement."""
    act(ledger, "reserve")
    ledger.refused(KEY, "no\0 \ud83d lamp")

    assert ledger.find(KEY).reason == "no ? lamp"
