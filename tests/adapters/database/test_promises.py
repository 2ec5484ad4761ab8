"""The promises on money, with real processes on real databases.

Re-run: `make test ARGS=tests/adapters/database/test_promises.py`
"""

import signal

import pytest

from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.models import PurchaseState

from . import racers
from .story import JPEG, PRICE, SHOP, ceilings, committed, counted, key, purchase


@pytest.mark.parametrize(
    ("tight", "room", "places"),
    [("all_day", 13, 13), ("month", 7, 2 * 7), ("all_month", 1, 1), ("all_month", 25, 25)],
    ids=["today in all", "a month of each of two shops", "one this month in all", "this month in all"],
)
def test_promise_never_over_budget(url, database, tight, room, places):
    """Eight processes race for the last dollar: exactly as many win as there is room for."""
    won = racers.race(racers.buy_five, url, {tight: room * PRICE + PRICE // 2})

    assert places == sum(won)
    assert counted(database) == committed(database)
    assert max(committed(database).values()) == places * PRICE


def test_promise_never_pay_twice_ledger_one_of_eight_reserves(url, database):
    """Eight processes want the same picture: one reserves it and may send the paid call."""
    won = racers.race(racers.buy_the_same, url)

    assert sorted(won) == ["lost"] * 7 + ["won"]
    assert committed(database)[f"shop:{SHOP}", "2026-11-22"] == PRICE


def test_promise_never_pay_twice_ledger_one_of_eight_sends(url, database, clock):
    """A reservation found by eight workers is sent by one."""
    SqlLedger(database, clock).reserve(purchase(1), ceilings())

    won = racers.race(racers.send_the_same, url)

    assert sorted(won) == ["lost"] * 7 + ["won"]


@pytest.mark.parametrize("dying", [racers.DiesBeforeTheBytes, racers.DiesBeforeTheCommit])
def test_bytes_and_settlement_are_one_commit(url, database, clock, dying):
    """kill -9 between the two leaves neither: never paid without the picture, never a picture without its bill."""
    _die(url, dying)

    ledger = SqlLedger(database, clock)
    assert ledger.find(key(1)).state == PurchaseState.SENT
    assert ledger.read(key(1)) is None
    assert counted(database) == committed(database)


def test_what_was_committed_survives_kill_9(url, database, clock):
    """The next process finds the picture and does not buy it again."""
    _die(url, racers.DiesAfterTheCommit)

    ledger = SqlLedger(database, clock)
    assert ledger.find(key(1)).state == PurchaseState.PAID
    assert ledger.read(key(1)) == JPEG


def _die(url, dying):
    process, _pipe = racers.alone(racers.pay_and_die, url, dying)
    process.join(racers.LIMIT_S)
    assert process.exitcode == -signal.SIGKILL
