"""A store comes by opening the app, gets its pictures, and leaves in the middle of a job: with the real processes."""

import itertools
import time

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


def test_a_store_that_is_back_before_we_hear_of_its_leaving_goes_on(house, shop):
    """Its uninstall is told when it has a new token already: that token stays, and nothing is bought again."""
    opens_the_app(house, shop)
    product = house.add_product(shop)
    assert "published" == house.done_job(product)["state"]
    before = tokens(house, shop)

    house.fault("webhook.dropped", topic="app/uninstalled", shop=shop)
    uninstall_app(house.sandbox.store, house.sandbox.tokens, shop)
    next_second_begins()
    house.sandbox.store.shop(shop).installed = True
    wait_for(lambda: is_connected_anew(house, shop, before), 20, lambda: tokens(house, shop))
    after = tokens(house, shop)
    told_again(house, shop, "app/uninstalled")
    house.edit(shop, product, title="A lamp of another name")
    new = house.add_product(shop)

    assert "published" == house.done_job(new)["state"]
    house.until_idle()
    assert (["active"], after) == (state(house, shop), tokens(house, shop))
    assert 4 == house.bought()
    assert 1 == len(house.jobs_of(product))


def test_a_store_whose_leaving_we_never_heard_of_is_erased_when_shopify_asks(house, shop):
    """Shopify tries for four hours; our machine was away for five."""
    opens_the_app(house, shop)
    product = house.add_product(shop)
    assert "published" == house.done_job(product)["state"]

    house.fault("webhook.dropped", topic="app/uninstalled", shop=shop)
    uninstall_app(house.sandbox.store, house.sandbox.tokens, shop)
    store = house.sandbox.store
    store.announce_body(store.shop(shop), ["shop/redact"], {"shop_domain": shop})
    wait_for(lambda: state(house, shop) == [], 20, lambda: state(house, shop))

    assert [] == house.jobs_of(product)
    assert 2 == house.bought()


def next_second_begins():
    """Session tokens count in whole seconds; within the same one as the uninstall, Shopify would be asked for long."""
    began = int(time.time())
    wait_for(lambda: int(time.time()) > began, 5, "the next second")


def tokens(house, shop):
    """How many tokens the store has had, lost ones counted twice."""
    return [row["token_version"] for row in house.rows("select token_version from shops where domain = ?", shop)]


def is_connected_anew(house, shop, before):
    """After one page that finds the old token void and one that brings the new one."""
    headers = {"Authorization": f"Bearer {session_token(shop, **CLIENT)}"}
    httpx.get(f"{house.url}/products", headers=headers, timeout=20, trust_env=False)
    kept = house.rows("select token_sealed from shops where domain = ?", shop)[0]["token_sealed"]
    return tokens(house, shop) != before and kept is not None


def told_again(house, shop, topic):
    """What the sandbox did not send at first; acted on."""
    deliveries = house.sandbox.store.webhooks.deliveries
    dropped = [each for each in deliveries.values() if (each.shop, each.topic) == (shop, topic)][-1]
    house.sandbox.store.webhooks.resend(dropped.id)
    query = "select 1 from deliveries where id = ? and done_at is not null"
    wait_for(lambda: house.rows(query, dropped.webhook_id), 30, lambda: house.rows("select * from deliveries"))
