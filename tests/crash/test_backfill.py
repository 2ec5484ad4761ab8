"""A backfill whose every process is killed, in the middle of each thing that it does: the totals are those without."""

import json
import subprocess
import sys

import pytest

from tests.end_to_end.house import ROOT, opened, wait_for

PRODUCTS, PICTURES, PRICE = 8, 16, 60_000
PLENTY = {f"IMAGEGEN__BUDGET__{name}_USD": "1000" for name in ("PER_DAY", "PER_MONTH", "ALL_PER_DAY", "ALL_PER_MONTH")}
LIMIT_S = 240  # of a busy machine
HUNG_S = 300  # longer than anybody lives here

pytestmark = pytest.mark.timeout(1200)


@pytest.fixture
def house(tmp_path):
    with opened(tmp_path, **PLENTY, IMAGEGEN__SWEEP__EVERY_S="86400") as house:
        yield house


@pytest.fixture
def shop(house):
    return house.add_shop()


@pytest.fixture
def products(house, shop):
    return [house.add_product(shop, announce=False) for _ in range(PRODUCTS)]


def killed_within(house, operation, *command):
    """kill -9 of a command of the terminal, in the middle of that question to the store."""
    house.fault("shopify.hang", operation=operation, seconds=HUNG_S)
    process = subprocess.Popen(
        [sys.executable, "-m", "shopify_imagegen", *command],
        env=house.environment(),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    house.until_struck(LIMIT_S)
    process.kill()
    process.wait(timeout=LIMIT_S)


def worker_killed_within_it(house):
    """The same of the worker; afterwards another one works."""
    house.until_struck(LIMIT_S)
    house.kill("worker")
    house.start("worker")


def state(house, backfill_id):
    (found,) = house.rows("select state, reason, ended_at from backfills where id = ?", backfill_id)
    return found


def rests(house, backfill_id, *states):
    wait_for(lambda: state(house, backfill_id)["state"] in states, LIMIT_S, lambda: news(house, backfill_id))


def news(house, backfill_id):
    return state(house, backfill_id), house.json("backfill", "status", backfill_id), house.log()[-3000:]


def items(house, backfill_id):
    rows = house.rows("select state, count(*) as n from backfill_items where backfill_id = ? group by 1", backfill_id)
    return {row["state"]: row["n"] for row in rows}


def done(house, *command):
    result = house.command("backfill", *command)
    assert 0 == result.returncode, result.stderr
    return result


def adds_up(house, backfill_id):
    """The bill, the ledger, the ceiling and the report; only a call that a kill cut may be in doubt."""
    bill, report = house.bill(), house.json("backfill", "report", backfill_id)
    unknown = house.rows("select 1 from purchases where state = 'unknown'")
    paid = round(float(report["paid_usd"]) * 1_000_000)

    assert {} == bill["bought_twice"]
    assert report["committed_microusd"] == report["ledger_microusd"] <= PICTURES * PRICE
    assert report["committed_microusd"] == sum(product["cost_microusd"] for product in report["products"])
    assert paid <= bill["count"] * PRICE <= paid + len(unknown) * PRICE
    return report, len(unknown)


def test_killed_in_the_middle_of_everything(house, shop, products):
    """Planning, feeding, buying, pausing and taking back; in the end it has cost and made what it would have anyway."""
    before = {product.gid: house.originals(product) for product in products}
    killed_within(house, "CataloguePage", "backfill", "plan", "--json")
    ((backfill_id, planned),) = [tuple(row.values()) for row in house.rows("select id, state from backfills")]
    assert "planning" == planned
    house.start("worker")
    wait_for(lambda: "planned" == state(house, backfill_id)["state"], LIMIT_S, lambda: news(house, backfill_id))
    assert {"planned": PRODUCTS} == items(house, backfill_id)

    house.fault("shopify.hang", operation="ProductForPlan", seconds=HUNG_S, times=2)
    done(house, "start", backfill_id, "--yes")
    worker_killed_within_it(house)
    wait_for(lambda: house.bill()["count"] >= 2, LIMIT_S, lambda: news(house, backfill_id))

    house.kill("worker")
    done(house, "pause", backfill_id)
    house.start("worker")
    house.kill("worker")
    house.start("worker")
    done(house, "resume", backfill_id)
    rests(house, backfill_id, "done")
    report, unknown = adds_up(house, backfill_id)
    assert {"begun": PRODUCTS} == items(house, backfill_id)
    assert PICTURES == report["pictures_ready"] + unknown

    killed_while_it_is_taken_back(house, backfill_id)
    assert [] == [product.gid for product in products if house.ours(product)]
    assert before == {product.gid: house.originals(product) for product in products}
    adds_up(house, backfill_id)


def killed_while_it_is_taken_back(house, backfill_id):
    """First the terminal, which only looks on; then the worker."""
    killed_within(house, "ProductMedia", "backfill", "rollback", backfill_id, "--yes")
    house.kill("worker")
    house.start("worker")
    rests(house, backfill_id, "rolled_back")
    assert "" == state(house, backfill_id)["reason"]


def test_killed_in_the_middle_of_a_cancellation(house, shop, products):
    """What was bought is used, the rest never begun, nothing stays claimed: within minutes it is over and adds up."""
    backfill_id = house.json("backfill", "plan")["id"]
    house.start("worker")
    house.fault("shopify.hang", operation="ProductForPlan", seconds=HUNG_S, times=2)
    done(house, "start", backfill_id, "--yes")
    house.until_struck(LIMIT_S)
    house.kill("worker")
    done(house, "cancel", backfill_id)
    house.start("worker")
    house.kill("worker")
    house.start("worker")

    wait_for(lambda: state(house, backfill_id)["ended_at"], LIMIT_S, lambda: news(house, backfill_id))
    assert {"begun", "left"} >= set(items(house, backfill_id))
    report, _ = adds_up(house, backfill_id)
    assert "cancelled" == report["state"]


def test_a_rollback_without_a_worker_goes_on_when_it_is_run_again(house, shop, products):
    """The terminal does it then, and is killed in the middle."""
    backfill_id = house.json("backfill", "plan")["id"]
    house.start("worker")
    done(house, "start", backfill_id, "--yes")
    rests(house, backfill_id, "done")
    house.stop("worker")
    killed_within(house, "ProductMedia", "backfill", "rollback", backfill_id, "--yes")
    assert "rolling_back" == state(house, backfill_id)["state"]

    again = json.loads(done(house, "rollback", backfill_id, "--json").stdout)
    assert ([], []) == (again["kept"], again["unfinished"])
    assert [] == [product.gid for product in products if house.ours(product)]
    adds_up(house, backfill_id)
