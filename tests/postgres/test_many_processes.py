"""Promises 1, 2 and 4 with three workers and two webs on PostgreSQL, while workers are killed at random.

Forty seconds in `make test`; `make chaos` takes five minutes. The same seed kills in the same order.
"""

import base64
import os
import random
import re
import time
from collections import Counter

import pytest

from tests.end_to_end.house import OURS, photo
from tests.postgres.town import Sampler

LOAD_S = float(os.environ.get("CHAOS_S", "40"))
SEED = int(os.environ.get("CHAOS_SEED", "20261122"))
WORKERS, WEBS, SHOPS = 3, 2, 3
MOST_PER_S = 1.2  # products
MOST_AT_ONCE = 20  # products that have not ended: what a slow machine can do within the minute
KILL_EVERY_S = (1.5, 5.0)
BACK_AFTER_S = (0.2, 2.0)
WITHIN_S = 60  # of the last kill
PRICE_MICROUSD = 60_000
POOLS = WORKERS * (8 + 7 + 1) + WEBS * 8  # ours, the engine's, the lease: docs/architecture.md
ENDED = ("published", "nothing_published")
MARK = re.compile(r"-lsp([0-9a-f]+)")


class Chaos:
    """Makes products, the first shop's twice as often, and kills workers; `run` returns when the last one is back."""

    def __init__(self, town, shops, *, seed):
        self.town, self.shops = town, shops
        self.chance = random.Random(seed)
        self.products = []  #: (product, the ids and names of its photos)
        self.kills = 0
        self._back_at = {}  # worker -> when it starts again

    def run(self, load_s):
        end = time.monotonic() + load_s
        next_kill = time.monotonic() + 3
        while (now := time.monotonic()) < end:
            self._restart(now)
            if now >= next_kill and not self._back_at:
                self._kill(now)
                next_kill = now + self.chance.uniform(*KILL_EVERY_S)
            if self._going() < MOST_AT_ONCE:
                self._add_product()
            time.sleep(self.chance.uniform(0, 2 / MOST_PER_S))  # the pace of the load, not a wait for anything
        self._restart(float("inf"))

    def until_broke(self, pictures):
        """More products for the first shop than it has money for, if the load was too small for that."""
        for _ in range(pictures + 3 - len(self.town.sandbox.store.shop(self.shops[0]).products)):
            self._add_product(self.shops[0])

    def _going(self):
        ended = "select count(*) as jobs from jobs where state = any(?)"
        return len(self.products) - self.town.rows(ended, list(ENDED))[0]["jobs"]

    def _add_product(self, shop=None):
        shop = shop or self.shops[self.chance.choice([0, 0, *range(len(self.shops))])]
        product = self.town.add_product(shop, photos=self.chance.choice([1, 1, 2]))
        self.products.append((product, [original[:2] for original in self.town.originals(product)]))

    def _kill(self, now):
        number = self.chance.randrange(WORKERS)
        self.town.kill(f"worker-{number}")
        self.kills += 1
        self._back_at[number] = now + self.chance.uniform(*BACK_AFTER_S)

    def _restart(self, now):
        for number in [number for number, at in self._back_at.items() if at <= now]:
            del self._back_at[number]
            self.town.start_worker(number)


@pytest.mark.timeout(LOAD_S + 240)
def test_promises_hold_while_workers_are_killed_at_random(build):
    """Every product ends in a named state; each picture is bought, stored and shown once; no budget is passed."""
    pictures_a_day = max(4, round(LOAD_S / 5))
    town = build(
        IMAGEGEN__IMAGES__PER_PRODUCT="1",
        IMAGEGEN__BUDGET__PER_DAY_USD=str(pictures_a_day * PRICE_MICROUSD / 1_000_000),
        IMAGEGEN__TRIGGER__STORM_THRESHOLD="100000",
    )
    shops = [town.add_shop() for _ in range(SHOPS)]
    town.open(webs=WEBS, workers=WORKERS)
    chaos = Chaos(town, shops, seed=SEED)

    with Sampler(town) as sampler:
        chaos.run(LOAD_S)
        last_kill = time.monotonic()
        chaos.until_broke(pictures_a_day)
        town.until_idle(WITHIN_S)
        took_s = time.monotonic() - last_kill

    told = {"products": len(chaos.products), "kills": chaos.kills, "idle after s": round(took_s, 1)}
    told |= {"most connections": sampler.connections, "states": states(town), "bill": town.bill()["count"]}
    print(told)
    assert_all_ended(town, chaos.products)
    assert_money_is_right(town, sampler, pictures_a_day * PRICE_MICROUSD)
    for shop in shops:
        assert_one_file_a_picture(town, shop)
    for product, originals in chaos.products:
        assert_gallery_is_right(town, product, originals)
    assert_no_secret_is_in_the_engine(town)
    assert chaos.kills > LOAD_S / 15
    assert 0 < sampler.connections <= POOLS
    assert "Traceback" not in town.log()


def states(town):
    return Counter(row["state"] for row in town.rows("select state from images"))


def assert_all_ended(town, products):
    """Each product has one job, and it says how it ended."""
    jobs = town.rows("select product_id, state, reason from jobs")

    assert Counter(product.gid for product, _ in products) == Counter(job["product_id"] for job in jobs)
    assert [] == [job for job in jobs if job["state"] not in ENDED or not job["reason"]]


def assert_money_is_right(town, sampler, limit_microusd):
    """What was billed is in the ledger, once; the busiest shop has spent its budget and no more, at any moment."""
    bought = Counter(row["state"] for row in town.rows("select state from purchases"))
    bill = town.bill()
    spent = town.rows(
        "select shop, sum(coalesce(cost_microusd, reserved_microusd)) as microusd from purchases "
        "where state in ('paid', 'unknown') group by shop"
    )

    assert {} == bill["bought_twice"]
    assert bought["paid"] <= bill["count"] <= bought["paid"] + bought["unknown"]
    assert {"paid", "refused", "unknown"} >= bought.keys()
    assert sampler.looks > LOAD_S / 2
    most = max(most for budget, most in sampler.committed.items() if is_of_a_shop_today(*budget))
    assert limit_microusd == most, "the budget of the busiest shop ran out, and was not passed at any look"
    committed = {(row["scope"], row["period"]): row["committed_microusd"] for row in town.rows("select * from budgets")}
    days = {scope: most for (scope, period), most in committed.items() if most and is_of_a_shop_today(scope, period)}
    assert {f"shop:{row['shop']}": row["microusd"] for row in spent} == days
    assert states(town)["over_budget"] > 0


def is_of_a_shop_today(scope, period):
    """Not of all shops, and not of the month."""
    return scope.startswith("shop:") and len(period) == len("2026-11-22")


def assert_one_file_a_picture(town, shop):
    with town.sandbox.store.lock:
        names = [file.filename for file in town.sandbox.store.shop(shop).files.values() if OURS in file.filename]
    files = [MARK.search(name)[1] for name in names]
    stored = town.rows("select id from images where shop = ? and state in ('staged', 'published')", shop)

    assert [] == [mark for mark, count in Counter(files).items() if count > 1]
    assert len(stored) == len(files)


def assert_no_secret_is_in_the_engine(town):
    """Its tables hold pickles, which nobody reads before they are shared: ids only, no token, key or picture."""
    columns = "select inputs as kept from workflow_status union all select output from operation_outputs"
    kept = [base64.b64decode(row["kept"]) for row in town.rows(columns) if row["kept"]]
    secrets = (b"sandbox-client-secret", b"sandbox-key", b"shpat_")

    assert len(kept) > len(town.rows("select 1 from jobs")) > 0
    assert [] == [each for each in kept if any(secret in each for secret in secrets)]
    assert max(map(len, kept)) < 4096


def assert_gallery_is_right(town, product, originals):
    """The merchant's photos, the same bytes in the same order, ours behind them, each once."""
    with town.sandbox.store.lock:
        names = [file.filename for file in product.gallery]
    wanted = town.rows("select id from images where product_id = ? and state = 'published'", product.gid)

    assert originals == [original[:2] for original in town.originals(product)]
    assert [name for _, name in originals] == names[: len(originals)]
    assert [as_uploaded(name) for _, name in originals] == [original[3] for original in town.originals(product)]
    assert len(wanted) == len({name for name in names if OURS in name}) == len(names) - len(originals)


def as_uploaded(name):
    """The bytes of a photo that a House made: "lamp-12-0.jpg"."""
    _, number, at = name.removesuffix(".jpg").split("-")
    return photo(seed=int(number) * 10 + int(at))
