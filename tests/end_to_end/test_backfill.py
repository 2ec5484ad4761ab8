"""A backfill with real processes: plan, sample, kill, resume, report, rollback; every total is the ledger's."""

import csv
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from shopify_imagegen.sandbox.image_api import routes

from .house import opened, wait_for

PRODUCTS, PICTURES, PRICE = 10, 20, 60_000
PLENTY = {f"IMAGEGEN__BUDGET__{name}_USD": "1000" for name in ("PER_DAY", "PER_MONTH", "ALL_PER_DAY", "ALL_PER_MONTH")}
LIMIT_S = 240  # of a busy machine


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("backfill"), **PLENTY) as house:
        yield house


pytestmark = pytest.mark.timeout(900)


def row(house, found):
    return house.rows("select state, reason, ended_at from backfills where id = ?", found["id"])[0]


def rested(house, found, state):
    wait_for(lambda: row(house, found)["state"] == state, LIMIT_S, lambda: (row(house, found), house.log()[-2000:]))
    return house.json("backfill", "status", found["id"])


def bought(house):
    return house.bill()["count"]


def test_the_whole_story(house):
    """Plan, sample, kill -9 in the middle, pause, resume, report, rollback: nothing twice, nothing too much."""
    shop = house.add_shop()
    products = [house.add_product(shop, announce=False) for _ in range(PRODUCTS)]
    house.add_product(shop, photos=0, announce=False)
    before = {product.gid: house.originals(product) for product in products}

    found = house.json("backfill", "plan", "--where", "status:active -has:lifestyle")
    assert (PRODUCTS, PICTURES, 1) == (found["products"], found["pictures"], found["skipped"])
    assert PICTURES * PRICE == found["worst_microusd"]
    assert 0 == bought(house)

    house.start("worker")
    assert 0 == house.command("backfill", "start", found["id"], "--sample", "1", "--yes", "--json").returncode
    assert 2 == rested(house, found, "paused")["progress"]["ready"]

    assert 0 == house.command("backfill", "resume", found["id"]).returncode
    wait_for(lambda: bought(house) >= 6, LIMIT_S, lambda: row(house, found))
    house.kill("worker")
    assert 0 == house.command("backfill", "pause", found["id"]).returncode
    house.start("worker")
    assert 0 == house.command("backfill", "resume", found["id"]).returncode
    done = rested(house, found, "done")

    ledger(house, found, done)
    report(house, found)
    taken_back(house, found, products, before)


def ledger(house, found, done):
    """The provider's bill, our ledger and the ceiling say the same; a call cut by the kill may be unknown."""
    bill, money = house.bill(), done["progress"]
    (counted,) = house.rows("select committed_microusd from budgets where scope = ?", f"backfill:{found['id']}")

    assert {} == bill["bought_twice"]
    assert money["committed_microusd"] == counted["committed_microusd"] <= PICTURES * PRICE
    unknown = len(house.rows("select 1 from purchases where state = 'unknown'"))
    assert money["paid_microusd"] <= bill["count"] * PRICE <= money["paid_microusd"] + unknown * PRICE
    assert PICTURES == money["ready"] + unknown


def report(house, found):
    """It adds up to the ledger, to the cent."""
    told = house.json("backfill", "report", found["id"])
    page = Path(house.folder) / "report.html"
    assert 0 == house.command("backfill", "report", found["id"], "--html", "--out", str(page)).returncode

    assert told["committed_microusd"] == told["ledger_microusd"]
    assert told["ledger_microusd"] == sum(product["cost_microusd"] for product in told["products"])
    assert page.read_text().count("-lsp") >= told["pictures_ready"]


def taken_back(house, found, products, before):
    """One command takes all of it off, and leaves every original as it was; a second one at the same time is told so,
    and a worker that dies over it is replaced.
    """
    house.fault("shopify.hang", operation="ProductMedia", seconds=300)
    with ThreadPoolExecutor(1) as terminal:
        coming = terminal.submit(house.command, "backfill", "rollback", found["id"], "--json")
        house.until_struck(LIMIT_S)
        second = house.command("backfill", "rollback", found["id"], "--yes")
        assert (1, True) == (second.returncode, "is being taken back already" in second.stderr), second.stderr
        house.kill("worker")
        house.start("worker")
        done = coming.result()

    assert 0 == done.returncode, done.stderr
    assert [] == json.loads(done.stdout)["unfinished"]
    assert "rolled_back" == row(house, found)["state"]
    assert [] == [product.gid for product in products if house.ours(product)]
    assert before == {product.gid: house.originals(product) for product in products}


def test_a_plan_can_be_seen(house):
    """Words, table and photos of a frozen plan; and what is not understood is named."""
    shop = house.add_shop()
    for _ in range(2):
        house.add_product(shop, announce=False)
    found = house.json("backfill", "plan", "--shop", shop)
    sheet = Path(house.folder) / "sheet.html"

    whole = json.loads(house.command("backfill", "show", found["id"], "--json").stdout)
    assert 2 == len(whole["items"])
    assert all(item["plan"]["briefs"][0]["prompt"] for item in whole["items"])
    assert 3 == len(list(csv.reader(io.StringIO(house.command("backfill", "show", found["id"], "--csv").stdout))))
    assert 0 == house.command("backfill", "contact-sheet", found["id"], str(sheet)).returncode
    assert 2 == sheet.read_text().count("<img")
    assert "[]" == house.command("backfill", "diff", found["id"], "--json").stdout.strip()
    assert "colour:red" in house.command("backfill", "plan", "--shop", shop, "--where", "colour:red").stderr


@pytest.fixture
def slow(monkeypatch):
    """A provider that charges at once and keeps us waiting for the picture, until `let_go`."""
    gate = threading.Event()
    monkeypatch.setattr(routes, "time", SimpleNamespace(sleep=lambda _seconds: gate.wait(LIMIT_S)))
    yield SimpleNamespace(let_go=gate.set)
    gate.set()


def test_what_is_being_bought_while_it_is_cancelled_is_kept(house, slow):
    """The calls that run are paid for: their pictures wait for the merchant's word, and nothing else is bought."""
    if "worker" not in house.processes:
        house.start("worker")
    shop, before = house.add_shop(), bought(house)
    products = [house.add_product(shop, announce=False) for _ in range(4)]
    found = house.json("backfill", "plan", "--shop", shop)
    assert 0 == house.command("backfill", "start", found["id"], "--yes").returncode
    wait_for(lambda: len(under_way(house, shop)) == 3, LIMIT_S, lambda: (row(house, found), house.log()[-2000:]))

    assert 0 == house.command("backfill", "cancel", found["id"], "--keep-candidates").returncode
    kept = under_way(house, shop)
    slow.let_go()
    wait_for(lambda: row(house, found)["ended_at"], LIMIT_S, lambda: (row(house, found), house.log()[-2000:]))

    money = house.json("backfill", "status", found["id"])["progress"]
    assert kept == sorted(each["id"] for each in house.json("review", "list", "--shop", shop))
    assert (3, 0) == (money["images"]["staged"], money["images"].get("published", 0))
    assert 3 * PRICE == money["committed_microusd"] == money["paid_microusd"] == (bought(house) - before) * PRICE
    assert 3 == sum(len(house.files_of_ours(shop, product)) for product in products)
    assert [] == [product.gid for product in products if house.ours(product)]


def under_way(house, shop):
    """The pictures whose paid calls have begun and have no answer."""
    query = "select key from purchases where shop = ? and state = 'sent' order by key"
    return [each["key"] for each in house.rows(query, shop)]
