"""Where the money went, added up by the database."""

import pytest

from shopify_imagegen.adapters.database.decisions import SqlDecisions
from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.spend import SqlSpend
from shopify_imagegen.budget import Money, Sum
from shopify_imagegen.models import Trigger

from .story import LAMP, NOW, OTHER_SHOP, SHOP, ceilings, committed, job, key, plan, purchase, rendering

TODAY, MONTH = "2026-11-22", "2026-11"
BAG = "gid://shopify/Product/8"
WAYS = {
    "reserved": [],
    "sent": ["sent"],
    "paid": ["sent", "paid"],
    "refused": ["sent", "refused"],
    "unknown": ["sent", "unknown"],
    "written_off": ["sent", "unknown", "write_off"],
    "bought_again": ["sent", "unknown", "buy_again"],
}


@pytest.fixture
def buy(database, clock):
    """Takes a purchase to where the test wants it; each costs its number in micro-dollars."""
    ledger, decisions = SqlLedger(database, clock), SqlDecisions(database, clock)

    def one(number, way="paid", *, cost=None, **fields):
        bought = purchase(number, reserved_microusd=number, **fields)
        assert ledger.reserve(bought, ceilings(bought.shop)) is None
        actions = {
            "sent": lambda: ledger.sent(key(number)),
            "paid": lambda: ledger.paid(key(number), rendering(cost=cost), spare_microusd=number),
            "refused": lambda: ledger.refused(key(number), "no"),
            "unknown": lambda: ledger.unknown(key(number), "silence"),
            "write_off": lambda: decisions.write_off(key(number), by="ana"),
            "buy_again": lambda: decisions.buy_again(key(number), by="ana"),
        }
        for action in WAYS[way]:
            actions[action]()

    return one


def test_money_is_told_apart_by_how_sure_it_is(database, buy):
    """Paid is paid, refused is nothing, and what nobody knows is named as such."""
    for number, way in enumerate(WAYS):
        buy(10**number, way)

    assert SqlSpend(database).total(TODAY) == Money(
        reserved=Sum(purchases=2, microusd=11),
        paid=Sum(purchases=1, microusd=100),
        refused=Sum(purchases=1, microusd=0),
        unknown=Sum(purchases=1, microusd=10_000),
        accepted=Sum(purchases=2, microusd=1_100_000),
    )


def test_the_report_says_what_the_budgets_say(database, buy):
    """Two books of the same money must agree to the micro-dollar."""
    for number, way in enumerate(WAYS):
        buy(10**number, way)

    assert SqlSpend(database).total(TODAY).committed_microusd == committed(database)["all", TODAY]


def test_the_settled_cost_is_what_counts(database, buy):
    """What was set aside is history once the provider has said what it took."""
    buy(60, cost=55)

    assert SqlSpend(database).total(TODAY).paid == Sum(purchases=1, microusd=55)


def test_days_months_and_shops_are_kept_apart(database, buy):
    """The first and the last day belong to the month, the days around it do not."""
    for number, day in enumerate(["2026-10-31", "2026-11-01", "2026-11-22", "2026-11-30", "2026-12-01"]):
        buy(10**number, day=day)
    buy(7, shop=OTHER_SHOP)
    spend = SqlSpend(database)

    assert spend.total(MONTH, shop=SHOP).paid.microusd == 10 + 100 + 1000
    assert spend.total(MONTH).paid.microusd == 10 + 100 + 1000 + 7
    assert spend.total(TODAY).paid.microusd == 107
    assert spend.total("2026-12").paid == Sum(purchases=1, microusd=10_000)
    assert spend.total("2025-01") == Money()


def test_shares_come_largest_first(database, clock, buy):
    """The question is where the most of it went."""
    jobs = SqlJobs(database, clock)
    jobs.begin(job(id="job:1", product_title="Lamp"), plan())
    buy(3, product_id=LAMP, job_id="job:1")
    buy(4, product_id=LAMP, job_id="job:1", trigger=Trigger.BACKFILL)
    buy(50, "unknown", product_id=BAG, job_id="job:2", shop=OTHER_SHOP, trigger=Trigger.BACKFILL)
    spend = SqlSpend(database)

    def shares(grouping, **asked):
        found = spend.by(grouping, MONTH, **asked)
        return [(share.name, share.title, share.money.committed_microusd) for share in found]

    assert shares("shop") == [(OTHER_SHOP, "", 50), (SHOP, "", 7)]
    assert shares("product") == [(BAG, "", 50), (LAMP, "Lamp", 7)]
    assert shares("job") == [("job:2", "", 50), ("job:1", "Lamp", 7)]
    assert shares("trigger") == [("backfill", "", 54), ("new_listing", "", 3)]
    assert shares("trigger", shop=SHOP) == [("backfill", "", 4), ("new_listing", "", 3)]
    assert shares("product", limit=1) == [(BAG, "", 50)]


def test_the_short_report_counts_accepted_money_as_unknown(database, clock, buy):
    """The command line's two lines: written off is not paid, and not gone."""
    for number, way in enumerate(WAYS):
        buy(10**number, way)

    both = {"paid": 100, "reserved": 11, "unknown": 1_110_000}
    assert SqlLedger(database, clock).spend(NOW) == {"day": both, "month": both}
    assert SqlLedger(database, clock).spend(NOW, shop=OTHER_SHOP)["day"] == dict.fromkeys(both, 0)
