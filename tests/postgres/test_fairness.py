"""One shop's flood does not keep another shop's new listing waiting: measured in paid calls, and in seconds."""

import statistics

import pytest

from tests.end_to_end.house import wait_for

FLOOD = 60  # products of one shop, two pictures each
CALLS_PER_MINUTE, CALL_S = 60, 1.0
LISTINGS = 3
WITHIN_S = 10  # from the listing to its paid call, on a machine that has other things to do


@pytest.mark.timeout(240)
def test_a_flood_of_one_shop_lets_another_shop_pass(build):
    """A merchant imports a catalogue; another lists one lamp, and looks at the clock."""
    town = build(
        IMAGEGEN__PROVIDER__GETIMG__REQUESTS_PER_MINUTE=str(CALLS_PER_MINUTE), IMAGEGEN__BUDGET__PER_DAY_USD="100"
    )
    importer, other = town.add_shop(), town.add_shop()
    town.open(webs=1, workers=2)
    town._http.post(f"{town.sandbox.base_url}/images-api/bank", json={"latency_s": CALL_S}).raise_for_status()
    for _ in range(FLOOD):
        town.add_product(importer)
    wait_for(lambda: town.bill()["count"] > 5, 60, town.log)

    waited = [until_called(town, town.add_product(other)) for _ in range(LISTINGS)]

    print(waited)
    assert len(town.rows("select 1 from jobs where shop = ?", importer)) > town.bill()["count"] / 2, "still a flood"
    assert statistics.median(each["calls of others"] for each in waited) <= 1
    assert max(each["seconds"] for each in waited) < WITHIN_S


def until_called(town, product):
    """From its job to its first paid call: how long, and how many calls of others were begun meanwhile."""
    call = wait_for(lambda: times(town, "purchases", product), 60, town.log)
    job = times(town, "jobs", product)
    between = "select count(*) as calls from purchases where product_id <> ? and created_at between ? and ?"
    others = town.rows(between, product.gid, job, call)[0]["calls"]
    town.done_job(product, 60)
    return {"seconds": (call - heard(town, product)).total_seconds(), "calls of others": others}


def times(town, table, product):
    return town.rows(f"select min(created_at) as at from {table} where product_id = ?", product.gid)[0]["at"]


def heard(town, product):
    """When its first delivery reached us."""
    query = "select min(received_at) as at from deliveries where intent ->> 'product_id' = ?"
    return town.rows(query, product.gid)[0]["at"]
