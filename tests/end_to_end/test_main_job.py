"""The main job, and what must not set it off: over real processes, real HTTP and the sandbox."""

import base64
import hashlib
import hmac

import httpx
import pytest

AI_MARK = b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


@pytest.fixture(scope="module")
def lamp(everyday):
    """A product that got its pictures, and what it was before: two photos of the merchant's."""
    product = everyday.add_product(everyday.shop, photos=2, announce=False)
    product.before = everyday.originals(product)
    with everyday.sandbox.store.lock:
        store = everyday.sandbox.store
        store.announce(store.shop(everyday.shop), ["products/create", "products/update"], product)
    everyday.done_job(product)
    return product


def test_a_new_product_gets_its_lifestyle_photos(house, lamp):
    """The product. Nobody clicks anything."""
    job = house.job(lamp)

    assert ("published", "2 lifestyle photos on the product.") == (job["state"], job["reason"])
    assert 2 == len(house.ours(lamp))


def test_promise_always_marked_as_made_by_ai(house, lamp):
    """Every picture carries the IPTC mark, in the bytes that the store serves, and has its record."""
    shop = house.sandbox.store.shop(house.shop)
    served = [httpx.get(house.sandbox.store.cdn_url(shop, file)).content for file in house.ours(lamp)]
    told = house.rows("select action from audit where product_id = ?", lamp.gid)

    assert [True, True] == [AI_MARK in content for content in served]
    assert {"image_bought", "image_staged", "image_published"} <= {row["action"] for row in told}


def test_promise_never_touch_an_original(house, lamp):
    """Their bytes, names, texts and places are as they were; ours come behind them."""
    assert lamp.before == house.originals(lamp)
    assert [original[0] for original in lamp.before] == [file.id for file in lamp.media[:2]]


def test_our_own_echo_buys_nothing(house, lamp):
    """Our pictures change the product, and Shopify tells us so."""
    updates = [each for each in house.sandbox.store.webhooks.deliveries.values() if each.topic == "products/update"]

    assert len(updates) > 1, "there was an echo to be ignored"
    assert 1 == len(house.jobs_of(lamp))
    assert 2 == len(house.purchases(lamp))


def test_price_and_tags_buy_nothing(house, lamp):
    """An ERP that touches every product at night must not cost a cent."""
    lamp.variants[0].price = "19.00"
    house.edit(house.shop, lamp, tags=["sale"])
    house.edit(house.shop, lamp, vendor="Another vendor")
    house.until_idle()

    assert 0 == house.bought()


def test_a_late_stale_payload_buys_nothing(house, lamp):
    """The payload is a hint; the product as it is now decides."""
    house.fault("webhook.stale", topic="products/update", seconds=0.3)

    house.edit(house.shop, lamp, title="Brass lamp, renamed")
    house.until_struck()
    house.until_idle()

    assert 0 == house.bought()


def test_no_secret_is_in_the_log(house, lamp):
    """Logs are kept, shipped and read by many."""
    secrets = ["sandbox-client-secret", "sandbox-key", *house.sandbox.tokens._tokens]

    assert 3 <= len(secrets)
    assert "picture published" in house.log()
    assert [] == [secret for secret in secrets if secret in house.log()]


def test_promise_never_pay_twice_for_one_delivery_sent_twice(house):
    """Shopify repeats a delivery whose answer it missed."""
    house.fault("webhook.duplicate", topic="products/create")
    product = house.add_product(house.shop)

    house.done_job(product)
    house.until_idle()

    assert 2 == house.bought()
    assert 1 == len(house.jobs_of(product))


def test_promise_never_pay_twice_for_one_event_under_two_delivery_ids(house):
    """Two subscriptions, or Shopify's own doubt: another webhook id, the same event."""
    house.fault("webhook.twin", topic="products/create")
    product = house.add_product(house.shop)

    house.done_job(product)
    house.until_idle()

    assert 2 == house.bought()
    assert 1 == len(house.jobs_of(product))


def test_deliveries_out_of_order_are_one_job(house):
    """The update overtakes the create; the worker reads the product itself."""
    house.fault("webhook.late", topic="products/create", seconds=1.5)
    product = house.add_product(house.shop)

    house.done_job(product)
    house.until_idle()

    assert 2 == house.bought()
    assert 1 == len(house.jobs_of(product))


def test_a_product_without_photos_waits_for_its_first(house):
    """Half of the merchants save the product first. Promise 4: until then it is in a named state."""
    product = house.add_product(house.shop, photos=0)
    house.until_idle()
    assert "no_photos" == house.state(product)[0]
    assert "first one you add" in house.state(product)[1]

    house.add_photo(house.shop, product)

    assert "published" == house.done_job(product)["state"]
    assert 2 == len(house.ours(product))


def test_a_burst_of_edits_is_one_job(house):
    """A merchant saves ten times while the listing takes shape."""
    product = house.add_product(house.shop)
    for number in range(10):
        house.edit(house.shop, product, description_html=f"<p>Draft {number}</p>")

    house.done_job(product)
    house.until_idle()

    assert 1 == len(house.jobs_of(product))
    assert 2 == house.bought()


def test_an_edit_of_an_old_product_buys_nothing(house):
    """What was listed before the app is not new."""
    product = house.add_product(house.shop, announce=False)
    with house.sandbox.store.lock:
        product.created_at = product.created_at.replace(year=product.created_at.year - 1)

    house.edit(house.shop, product, title="Brass lamp, better title")
    house.until_idle()

    assert "not_new" == house.state(product)[0]
    assert 0 == house.bought()


def test_the_tag_no_ai_images_always_wins(house):
    """The merchant's word for a single product."""
    product = house.add_product(house.shop, tags=["No-AI-Images", "brass"])

    house.until_idle()

    assert "opted_out" == house.state(product)[0]
    assert 0 == house.bought()


def test_promise_never_silent_about_a_product_that_gets_nothing(house):
    """A named state and a sentence, also for a draft."""
    product = house.add_product(house.shop, status="DRAFT")

    house.until_idle()

    state, reason = house.state(product)
    assert "status" == state
    assert "The product is draft; lifestyle photos are made once it is active." == reason


def test_a_refused_reference_takes_the_other_way_in(house):
    """Shops where Shopify refuses file references for images."""
    house.fault("files.refuse_reference")
    product = house.add_product(house.shop)

    job = house.done_job(product)

    assert "published" == job["state"]
    assert 2 == len(house.ours(product))
    assert 2 == house.bought()


def test_throttling_is_waited_out(house):
    """Shopify's cost bucket is empty: later, not never, and not twice."""
    house.fault("shopify.throttled", times=3)
    product = house.add_product(house.shop)

    assert "published" == house.done_job(product)["state"]
    assert 2 == len(house.ours(product))
    assert [] == house.sandbox.faults.active()


def test_a_forged_webhook_is_refused(house):
    """Anyone can reach this address; only Shopify can sign."""
    body = b'{"id": 1, "admin_graphql_api_id": "gid://shopify/Product/1"}'
    headers = {
        "x-shopify-topic": "products/create",
        "x-shopify-shop-domain": house.shop,
        "x-shopify-webhook-id": "forged",
        "x-shopify-hmac-sha256": signed(body, "not the secret"),
    }

    assert 401 == httpx.post(f"{house.url}/webhooks", content=body, headers=headers).status_code
    headers["x-shopify-hmac-sha256"] = signed(body, "sandbox-client-secret")
    assert 200 == httpx.post(f"{house.url}/webhooks", content=body, headers=headers).status_code


def signed(body, secret):
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
