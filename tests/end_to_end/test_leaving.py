"""A store comes by opening the app, gets its pictures, and leaves in the middle of a job: with the real processes."""

import itertools

import httpx
import pytest

from shopify_imagegen.sandbox.control import uninstall_app
from shopify_imagegen.sandbox.shop.session_tokens import session_token
from tests.end_to_end.house import wait_for

numbers = itertools.count(1)
CLIENT = {"client_id": "sandbox-client-id", "secret": "sandbox-client-secret"}


@pytest.fixture
def shop(house):
    """A store of its own for each test; the house does not know it yet."""
    domain = f"comes-and-goes-{next(numbers)}.myshopify.com"
    house.sandbox.store.shop(domain)
    return domain


def opens_the_app(house, shop):
    headers = {"Authorization": f"Bearer {session_token(shop, **CLIENT)}"}
    assert 200 == httpx.get(f"{house.url}/", headers=headers, timeout=20, trust_env=False).status_code


def leaves(house, shop):
    """Until the news has been acted on."""
    uninstall_app(house.sandbox.store, house.sandbox.tokens, shop)
    wait_for(lambda: state(house, shop) == ["uninstalled"], 20, lambda: state(house, shop))


def state(house, shop):
    return [row["state"] for row in house.rows("select state from shops where domain = ?", shop)]


def test_a_store_that_leaves_in_the_middle_of_a_job_pays_for_nothing_more(house, shop):
    """The calls that run are paid for; nothing more is bought, and nothing is written into the store."""
    opens_the_app(house, shop)
    assert ["active"] == state(house, shop)
    first = house.add_product(shop)
    assert "published" == house.done_job(first)["state"]

    house.fault("images.slow", times=None, seconds=2)
    before = house.bill()["count"]
    second = house.add_product(shop)
    wait_for(lambda: house.bill()["count"] > before, 30, "a picture is being made")
    leaves(house, shop)
    third = house.add_product(shop)
    house.until_idle()
    house.sandbox.faults.clear()

    assert house.bill()["count"] <= before + 2, "the calls that ran already"
    assert [] == house.ours(second) + house.ours(third)
    ended = house.done_job(second, limit_s=90)  # a refusal that came before the news is noticed within a minute
    assert "nothing_published" == ended["state"]
    assert "not installed" in house.job(second)["reason"]
    assert house.job(third) is None


def test_a_store_that_comes_back_gets_no_picture_twice(house, shop):
    """Between its leaving and its return Shopify has asked us to forget it."""
    opens_the_app(house, shop)
    product = house.add_product(shop)
    assert "published" == house.done_job(product)["state"]

    leaves(house, shop)
    store = house.sandbox.store
    store.announce_body(store.shop(shop), ["shop/redact"], {"shop_domain": shop})
    wait_for(lambda: state(house, shop) == [], 20, lambda: state(house, shop))
    assert [] == house.jobs_of(product)
    store.shop(shop).installed = True
    opens_the_app(house, shop)
    house.edit(shop, product, title="A lamp of another name")
    new = house.add_product(shop)

    assert "published" == house.done_job(new)["state"]
    house.until_idle()
    assert 4 == house.bought()
    assert [] == house.jobs_of(product), "it has its pictures"
