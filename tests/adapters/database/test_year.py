"""A year of load, pruned every day: what is dropped is as large as its days; what is kept grows by what was bought."""

from datetime import timedelta

import sqlalchemy as sa

from shopify_imagegen.adapters.database.inbox import SqlInbox
from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.prune import SqlPrune
from shopify_imagegen.adapters.database.tables import deliveries, spool
from shopify_imagegen.models import ImageState
from shopify_imagegen.prune import BYTES_FOR, DELIVERIES_FOR, Prune

from .racers import arrival
from .story import PRICE, brief, ceilings, job, key, plan, purchase, rendering

DAYS = 365
DELIVERIES_A_DAY = 6


def count(database, table):
    with database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table))


def test_a_year_of_load_leaves_a_bounded_database(database, clock):
    """An installation that nobody looks after must not fill its disk."""
    inbox, ledger, jobs = SqlInbox(database, clock), SqlLedger(database, clock), SqlJobs(database, clock)
    prune = Prune(rows=SqlPrune(database), workflows=None, clock=clock)
    most = {"deliveries": 0, "pictures": 0}
    jobs.begin(job(), plan(*(brief(number, slot=number) for number in range(DAYS))))

    for day in range(DAYS):
        for number in range(DELIVERIES_A_DAY):
            inbox.record(arrival(day * DELIVERIES_A_DAY + number))
            inbox.done(f"delivery-{day * DELIVERIES_A_DAY + number}", "will be looked at")
        ledger.reserve(purchase(day), ceilings())
        ledger.sent(key(day))
        ledger.paid(key(day), rendering(), spare_microusd=PRICE)
        jobs.move_image(key(day), ImageState.PUBLISHED)
        clock.go_on(days=1)
        prune.run()
        most["deliveries"] = max(most["deliveries"], count(database, deliveries))
        most["pictures"] = max(most["pictures"], count(database, spool))

    assert most["deliveries"] <= DELIVERIES_A_DAY * (DELIVERIES_FOR / timedelta(days=1) + 1)
    assert most["pictures"] <= BYTES_FOR / timedelta(days=1) + 1
    assert most["deliveries"] > 0 < most["pictures"]
