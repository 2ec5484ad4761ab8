"""Promises 1, 2 and 4 when processes die or are told to stop: the bill, the files and the product's media are right."""

import signal

import pytest

from tests.end_to_end.house import in_use, opened, wait_for

LONG_S = 20  # how long a neighbour is silent: longer than the test takes to kill the worker


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """An installation whose web role runs all the time; its worker is killed and started by the tests."""
    env = {"IMAGEGEN__IMAGES__PER_PRODUCT": "1"}
    with opened(tmp_path_factory.mktemp("workshop"), **env) as house:
        house.shop = house.add_shop()
        house.start("web")
        yield house


@pytest.fixture
def house(workshop):
    with in_use(workshop, "worker"):
        yield workshop


def restarted_after_kill(house):
    house.kill("worker")
    house.sandbox.faults.clear()
    house.start("worker")


KILLS = {
    "while the product is read": ("shopify.hang", {"operation": "ProductForPlan"}),
    "while a staged upload is asked for": ("shopify.hang", {"operation": "StagedUploads"}),
    "after fileCreate took effect": ("shopify.hang", {"operation": "FileCreate"}),
    "while a file is waited for": ("shopify.hang", {"operation": "FilesById"}),
    "after the picture was attached": ("shopify.hang", {"operation": "FileUpdate"}),
    "while the gallery is read back": ("shopify.hang", {"operation": "ProductMedia"}),
}


@pytest.mark.parametrize(("fault", "params"), KILLS.values(), ids=KILLS.keys())
def test_promise_never_pay_twice_when_the_worker_is_killed(house, fault, params):
    """kill -9, then another worker: one purchase, one file, one medium, and the job ends well."""
    house.fault(fault, seconds=LONG_S, **params)
    product = house.add_product(house.shop)
    house.until_struck()

    restarted_after_kill(house)

    assert "published" == house.done_job(product)["state"]
    assert 1 == house.bought()
    assert 1 == len(house.files_of_ours(house.shop, product))
    assert 1 == len(house.ours(product))


@pytest.mark.parametrize("fault", ["images.slow", "images.hang"], ids=["before the sale", "after the sale"])
def test_promise_never_pay_twice_when_the_worker_is_killed_in_the_paid_call(house, fault):
    """Nobody can know whether it was charged: it counts as spent, is shown, and is not bought again."""
    title = f"Desk lamp for {fault}"  # the call of the killed worker before this one may still be with the sandbox
    house.fault(fault, seconds=8, prompt=title)  # the kill must fall into the call, on a slow machine too
    product = house.add_product(house.shop, title=title)
    house.until_struck()

    restarted_after_kill(house)

    job = house.done_job(product)
    assert "nothing_published" == job["state"]
    assert ["unknown"] == [image["state"] for image in job["images"]]
    assert "whether the provider charged for it is not known" in job["reason"]
    assert ["unknown"] == [row["state"] for row in house.purchases(product)]
    wait_for(lambda: house.bought() == 1, 30, "the sandbox bills in its own time")


def test_sigterm_lets_a_paid_call_finish(house):
    """A redeploy in the middle of a picture: it is kept, and what comes after goes on in the next worker."""
    house.fault("images.slow", seconds=2)
    product = house.add_product(house.shop)
    house.until_struck()

    assert 0 == house.stop("worker")
    assert ["paid"] == [row["state"] for row in house.purchases(product)]
    house.start("worker")

    assert "published" == house.done_job(product)["state"]
    assert 1 == house.bought()


def test_sigterm_does_not_wait_for_waits(house):
    """A step that only waits for Shopify holds up no redeploy; it waits on in the next worker."""
    house.fault("shopify.throttled", times=200)
    product = house.add_product(house.shop)
    wait_for(lambda: house.sandbox.faults.active()[0]["struck"], 20, "a throttle")

    assert 0 == house.stop("worker", limit_s=8)
    house.sandbox.faults.clear()
    house.start("worker")

    assert "published" == house.done_job(product)["state"]


def test_work_goes_on_after_a_restart(house):
    """Webhooks that came while no worker ran."""
    house.stop("worker")
    products = [house.add_product(house.shop) for _ in range(3)]
    wait_for(house.all_delivered, 10, "the deliveries on record")

    house.start("worker")

    assert ["published"] * 3 == [house.done_job(product)["state"] for product in products]
    assert 3 == house.bought()


def test_another_worker_takes_over(house):
    """A machine that never comes back: a living worker sees its lock free, and takes its work within seconds."""
    house.fault("shopify.hang", operation="FileCreate", seconds=LONG_S)
    product = house.add_product(house.shop)
    house.until_struck()
    dying = house.processes.pop("worker")
    house.start("worker")

    dying.send_signal(signal.SIGKILL)
    dying.wait(10)

    assert "published" == house.done_job(product, limit_s=20)["state"]
    assert (1, 1) == (house.bought(), len(house.files_of_ours(house.shop, product)))
    assert "took over the work of a worker that died" in house.log()
