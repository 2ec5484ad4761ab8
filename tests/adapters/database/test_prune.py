"""What nobody will ask for again goes; what was paid for, or waits, stays."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shopify_imagegen.adapters.database.backfill_rows import packed
from shopify_imagegen.adapters.database.backfills import SqlBackfills
from shopify_imagegen.adapters.database.inbox import SqlInbox
from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.prune import VERSIONS_KEPT, SqlPrune
from shopify_imagegen.adapters.database.shop_settings import SqlShopSettings
from shopify_imagegen.adapters.database.tables import backfill_items
from shopify_imagegen.adapters.database.workers import SqlWorkers
from shopify_imagegen.models import Backfill, ImageState, Item, PurchaseState

from .racers import arrival
from .story import JPEG, NOW, OTHER_SHOP, PRICE, SHOP, brief, ceilings, job, key, plan, purchase, rendering

DAY = timedelta(days=1)


@pytest.fixture
def prune(database, monkeypatch):
    monkeypatch.setattr("shopify_imagegen.adapters.database.drop.BATCH", 3)
    monkeypatch.setattr("shopify_imagegen.adapters.database.drop.BYTES_BATCH", 2)
    monkeypatch.setattr("shopify_imagegen.adapters.database.prune.WORDS_BATCH", 2)
    return SqlPrune(database)


def test_old_deliveries_that_are_done_go_in_batches(database, clock, prune):
    """Those that wait stay however old they are: each is somebody's new product."""
    inbox = SqlInbox(database, clock)
    for number in range(10):
        inbox.record(arrival(number))
    for number in range(8):
        inbox.done(f"delivery-{number}", "will be looked at")
    clock.go_on(days=30)
    inbox.record(arrival(99))
    inbox.done("delivery-99", "will be looked at")

    assert prune.deliveries(NOW + DAY) == 8
    assert prune.deliveries(NOW + DAY) == 0
    assert ["delivery-8", "delivery-9"] == [each.id for each in inbox.waiting(10)]
    assert inbox.record(arrival(99)) is False


def test_bytes_go_when_the_store_has_the_picture_or_does_not_want_it(database, clock, prune):
    """A bought picture whose publishing failed is never thrown away."""
    ledger, jobs = SqlLedger(database, clock), SqlJobs(database, clock)
    states = list(ImageState)
    jobs.begin(job(), plan(*(brief(number, slot=number) for number in range(len(states)))))
    for number, state in enumerate(states):
        ledger.reserve(purchase(number), ceilings())
        ledger.sent(key(number))
        ledger.paid(key(number), rendering(), spare_microusd=PRICE)
        jobs.move_image(key(number), state)
    assert prune.spool(NOW) == 0

    dropped = prune.spool(NOW + DAY)

    gone = {state for number, state in enumerate(states) if ledger.read(key(number)) is None}
    assert gone == {"staged", "published", "rejected", "replaced", "rolled_back", "unfit"}
    assert dropped == len(gone)
    assert {PurchaseState.PAID} == {ledger.find(key(number)).state for number in range(len(states))}


def test_bytes_without_a_picture_stay(database, clock, prune):
    """Nobody knows what they are for; they were paid for."""
    ledger = SqlLedger(database, clock)
    ledger.reserve(purchase(1), ceilings())
    ledger.sent(key(1))
    ledger.paid(key(1), rendering(), spare_microusd=PRICE)

    assert prune.spool(NOW + DAY) == 0
    assert ledger.read(key(1)) == JPEG


def test_heartbeats_of_workers_long_gone_go(database, clock, prune):
    """Each start of a worker has a new id."""
    workers = SqlWorkers(database, clock)
    for number in range(7):
        workers.beat(f"old-{number}")
    clock.go_on(days=2)
    workers.beat("new")

    assert prune.heartbeats(NOW + DAY) == 7
    assert workers.alive() == 1


def test_a_shop_keeps_its_newest_settings_however_old_and_all_of_the_last_months(database, clock, prune):
    """A way back to a style that was good; but a program that saves each minute must not fill the disk."""
    saved = SqlShopSettings(database, clock)
    for version in range(VERSIONS_KEPT + 7):
        saved.save(SHOP, {"images": {"per_product": 1 + version % 4}}, by="Ann", version=version)
    for version in range(3):
        saved.save(OTHER_SHOP, {}, by="Ben", version=version)
    assert prune.settings(NOW) == 0

    assert prune.settings(NOW + DAY) == 7
    assert prune.settings(NOW + DAY) == 0
    assert [VERSIONS_KEPT + 7, 8] == [saved.history(SHOP)[at].version for at in (0, -1)]
    assert 3 == len(saved.history(OTHER_SHOP))
    assert VERSIONS_KEPT + 8 == saved.save(SHOP, {}, by="Ann", version=VERSIONS_KEPT + 7).version


def a_backfill(database, clock, state, **fields):
    """Of five products, with their words; it came to rest now."""
    rows, backfill_id = SqlBackfills(database, clock), f"bf-{state}"
    usual = {"id": backfill_id, "shop": SHOP, "state": state, "created_at": NOW, "updated_at": clock()}
    rows.create(Backfill(**usual | fields))
    same = {"backfill_id": backfill_id, "product_id": "p", "product_title": "x", "state": "begun"}
    items = [Item(number=each, plan=plan(brief(1)), **same) for each in range(1, 6)]
    with database.write() as connection:
        connection.execute(sa.insert(backfill_items), [packed(item) for item in items])
    return rows, backfill_id


@pytest.mark.parametrize("state", ["planned", "cancelled", "planning"])
def test_a_plan_that_was_never_started_goes_with_its_products(database, clock, prune, state):
    """A catalogue of 100,000 products planned every week is a million rows in a season."""
    rows, backfill_id = a_backfill(database, clock, state)
    assert 0 == prune.plans(NOW)

    assert 1 == prune.plans(NOW + DAY)
    assert ([], []) == (rows.all(), list(rows.items(backfill_id)))


@pytest.mark.parametrize("state", ["running", "paused", "done", "rolled_back"])
def test_a_backfill_that_was_started_stays(database, clock, prune, state):
    """Its ceiling, its totals and what became of each product are the ledger's facts."""
    rows, backfill_id = a_backfill(database, clock, state, started_at=NOW, ended_at=NOW, ceiling_microusd=PRICE)

    assert 0 == prune.plans(NOW + DAY)
    over = state in ("done", "rolled_back")
    assert (5 if over else 0) == prune.words(NOW + DAY)
    assert 0 == prune.words(NOW + DAY)
    assert [None if over else plan(brief(1))] * 5 == [item.plan for item in rows.items(backfill_id)]
    assert [PRICE] == [each.ceiling_microusd for each in rows.all()]
