"""The database goes away under a running installation: webhooks get 503, work pauses, and both go on by themselves.

Five seconds in `make test`; `make chaos` takes thirty-five.
"""

import contextlib
import os
import sqlite3
import time
from collections import Counter

import pytest

from tests.end_to_end.house import opened, wait_for

AWAY_S = float(os.environ.get("OUTAGE_S", "5"))
BACK_WITHIN_S = 60 + AWAY_S  # DBOS waits twice as long after each try
SESSIONS = "select pid from pg_stat_activity where application_name = 'shopify-imagegen'"

pytestmark = pytest.mark.timeout(120 + 4 * AWAY_S)


@pytest.fixture
def town(build):
    """Two webs, two workers, a store."""
    town = build(IMAGEGEN__IMAGES__PER_PRODUCT="1")
    town.shop = town.add_shop()
    town.open(webs=2, workers=2)
    return town


def answers(house):
    """How often each status came back to the store; None for a connection that was cut or timed out."""
    with house.sandbox.store.lock:
        return Counter(
            each.status for delivery in house.sandbox.store.webhooks.deliveries.values() for each in delivery.attempts
        )


def until_repeated(house, status, limit_s=20):
    """The store has got that answer to more than one delivery."""
    wait_for(lambda: answers(house)[status] > 1, limit_s, lambda: answers(house))


def bought(house):
    wait_for(lambda: house.bill()["count"] > 0, 30, house.log)


def away(seconds):
    """Let the outage last; the store goes on trying."""
    time.sleep(seconds)


def assert_all_is_well(house, products):
    """All jobs ended as if nothing had been: one purchase, one picture each."""
    jobs = [house.done_job(product, BACK_WITHIN_S) for product in products]
    house.until_idle(BACK_WITHIN_S)

    assert {"published": len(products)} == Counter(job["state"] for job in jobs), [job["reason"] for job in jobs]
    assert len(products) == house.bill()["count"] == sum(len(house.ours(product)) for product in products)
    assert {} == house.bill()["bought_twice"]
    assert "a bug" not in house.log()


def test_a_server_that_is_away_pauses_everything_and_loses_nothing(town, stopped, postgres):
    """A failover, a restart, a full disk: the store repeats its webhooks, the workers wait."""
    products = [town.add_product(town.shop) for _ in range(6)]
    bought(town)

    stopped()
    products += [town.add_product(town.shop) for _ in range(3)]
    until_repeated(town, 503)
    late = [town.start_worker(2), town.start_web(2)]  # a deployment at the wrong time
    away(AWAY_S)
    assert "worker started" not in (town.folder / late[0].log).read_text()
    postgres.start()

    assert_all_is_well(town, products)
    assert {200, 503} == answers(town).keys()
    assert [None] * 6 == [process.poll() for process in town.processes.values()]
    assert "took over" not in town.log(), "a worker that only lost its session is not dead"
    wait_for(lambda: "worker started" in (town.folder / late[0].log).read_text(), 30, town.log)


def test_sessions_that_end_in_the_middle_lose_nothing(town):
    """A network that drops connections: at any statement, at any commit, whether it was heard of or not."""
    products = [town.add_product(town.shop) for _ in range(8)]
    bought(town)

    for _ in range(20):
        town.rows(f"select pg_terminate_backend(pid) from ({SESSIONS}) as sessions")
        away(0.3)

    assert_all_is_well(town, products)
    assert [None] * 4 == [process.poll() for process in town.processes.values()]


def test_a_locked_file_pauses_everything_and_loses_nothing(tmp_path):
    """SQLite: a backup that holds our files. The web says so within the five seconds that Shopify gives it."""
    with opened(tmp_path, IMAGEGEN__IMAGES__PER_PRODUCT="1") as house, contextlib.ExitStack() as locks:
        shop = house.add_shop()
        house.start("serve")
        products = [house.add_product(shop) for _ in range(4)]
        bought(house)

        for name in ("imagegen.db", "imagegen.engine.db"):
            other = locks.enter_context(
                contextlib.closing(sqlite3.connect(tmp_path / name, isolation_level=None, timeout=30))
            )
            other.execute("begin immediate")
        products += [house.add_product(shop) for _ in range(3)]
        until_repeated(house, 503)
        away(AWAY_S)
        locks.close()

        assert_all_is_well(house, products)
        assert {200, 503} == answers(house).keys()
        assert "started again" not in house.log()
