"""Webhooks: signed, retried, repeated, late, as Shopify sends them."""

import base64
import hashlib
import hmac
import json

import pytest

from shopify_imagegen.sandbox.shop.delivery import signature

from .client import data_url, eventually


def bodies(received):
    return [json.loads(body) for _, body in received]


def ids(received, header="X-Shopify-Webhook-Id"):
    return [headers[header] for headers, _ in received]


def deliveries(shop, topic="products/create"):
    return [
        each for each in shop.control("GET", "deliveries").json() if (each["shop"], each["topic"]) == (shop.shop, topic)
    ]


def test_the_signature_is_what_openssl_says():
    """printf '{"id":1}' | openssl dgst -sha256 -hmac sandbox-client-secret -binary | openssl base64"""
    assert "jUlCQeLmYo9FTI2JDUJqn/xP6UeWxVoP7aCfvuJCMZo=" == signature(b'{"id":1}', "sandbox-client-secret")


def test_a_new_product_is_announced(installed, app):
    """Everything the app reads of a delivery is there, and signed."""
    product = installed.add_product("Öl lamp", tags=["a", "b"], photos=[data_url()])
    ((headers, body),) = eventually(lambda: app.of("products/create"))
    sent = json.loads(body)

    digest = hmac.new(b"sandbox-client-secret", body, hashlib.sha256).digest()
    assert base64.b64encode(digest).decode() == headers["X-Shopify-Hmac-Sha256"]
    assert installed.shop == headers["X-Shopify-Shop-Domain"]
    assert "2026-10" == headers["X-Shopify-Api-Version"]
    assert headers["X-Shopify-Triggered-At"].endswith("Z")
    assert (product["id"], product["gid"]) == (sent["id"], sent["admin_graphql_api_id"])
    assert ("Öl lamp", "active", "a, b") == (sent["title"], sent["status"], sent["tags"])
    assert ["UPLOADED"] == [media["status"] for media in sent["media"]]
    assert [] == sent["images"]


def test_one_cause_has_one_event_id(installed, app):
    """products/create comes with a products/update of the same event; their webhook ids differ."""
    installed.add_product()
    eventually(lambda: app.of("products/create") and app.of("products/update"))

    assert 1 == len(set(ids(app.received, "X-Shopify-Event-Id")))
    assert 2 == len(set(ids(app.received)))


def test_every_media_change_comes_back(installed, app):
    """The loop risk: the app's own writes are announced too, more than once."""
    product, file = installed.add_product(), installed.ready_file()
    eventually(lambda: app.of("products/update"))
    app.received.clear()
    installed.update(file, referencesToAdd=[product["gid"]])
    installed.update(file, alt="A lamp")
    installed.update(file, referencesToRemove=[product["gid"]])

    eventually(lambda: len(app.of("products/update")) == 3)
    galleries = [[media["alt"] for media in body["media"]] for body in bodies(app.received)]
    assert sorted([[None], ["A lamp"], []], key=str) == sorted(galleries, key=str)


def test_a_photo_that_becomes_ready_is_an_update(installed, app):
    """There is no webhook for "media ready" but this one."""
    installed.add_product(photos=[data_url()])

    eventually(lambda: any(body["images"] for body in bodies(app.of("products/update"))))


def test_a_deleted_product_is_its_id_alone(installed, app):
    """As in the real payload."""
    product = installed.add_product()
    installed.control("DELETE", f"shops/{installed.shop}/products/{product['id']}")

    ((_, body),) = eventually(lambda: app.of("products/delete"))
    assert {"id": product["id"]} == json.loads(body)


@pytest.mark.parametrize("status", [302, 401, 500])
def test_a_failure_is_retried_with_the_same_id(installed, app, status):
    """The id is what the app tells repetitions by; a redirect is a failure."""
    installed.control("POST", "app", json={"url": app.url, "topics": ["products/create"]})
    app.statuses = [status, status]
    installed.add_product()

    (delivery,) = eventually(lambda: [each for each in deliveries(installed) if each["state"] == "delivered"])
    assert [status, status, 200] == [attempt["status"] for attempt in delivery["attempts"]]
    assert 1 == len(set(ids(app.received)))
    assert 1 == len({body for _, body in app.received})


def test_nobody_listening_is_recorded(start, connect):
    """Retries go on while the app is down; the attempts say why."""
    shop = connect(start(webhook_retry_base_s=0.0001))
    shop.control("POST", "app", json={"url": "http://127.0.0.1:9", "topics": ["products/create"]})
    shop.add_product()

    (delivery,) = eventually(lambda: [each for each in deliveries(shop) if each["state"] == "given up"])
    assert 9 == len(delivery["attempts"])
    assert "ConnectError" in delivery["attempts"][0]["error"]


def test_a_silent_app_is_a_timeout(start, connect, app):
    """Shopify waits five seconds in all; this one less."""
    shop = connect(start(webhook_total_s=0.05, webhook_retry_base_s=30.0))
    shop.control("POST", "app", json={"url": app.url, "topics": ["products/create"]})
    app.delay_s = 0.3
    shop.add_product()

    (attempt,) = eventually(lambda: deliveries(shop)[0]["attempts"])
    assert "ReadTimeout" in attempt["error"]


def test_an_api_subscription_ends_after_its_failures(start, connect):
    """Facts 3.1: it has to be made again; a declared one stays."""
    shop = connect(start(webhook_retry_base_s=0.0001))
    shop.data("Subscribe", topic="PRODUCTS_CREATE", sub={"uri": "http://127.0.0.1:9/webhooks"})
    shop.add_product()

    eventually(lambda: not shop.data("Subscriptions")["nodes"])


def test_subscriptions_are_made_and_listed(installed, app):
    """Declared ones are not in the list, as at Shopify."""
    sub = {"uri": f"{app.url}/webhooks", "name": "by-api"}
    made = installed.data("Subscribe", topic="PRODUCTS_DELETE", sub=sub)["webhookSubscription"]

    (listed,) = installed.data("Subscriptions")["nodes"]
    assert {"id": made["id"], "topic": "PRODUCTS_DELETE", "uri": sub["uri"]} == listed
    assert installed.data("Subscribe", topic="PRODUCTS_DELETE", sub=sub)["userErrors"]


def test_include_fields_hold_back_repetitions(shop, app):
    """Without `media` and `updated_at` Shopify swallows the echoes of our own writes."""
    subscription = {"topics": ["products/update"], "include_fields": ["id", "title"]}
    app.shop = shop.shop
    shop.control("POST", "app", json={"url": app.url, "subscriptions": [subscription]})
    product, file = shop.add_product("Oak lamp"), shop.ready_file()
    shop.update(file, referencesToAdd=[product["gid"]])
    shop.data("UpdateProduct", product={"id": product["gid"], "title": "Elm lamp"})

    eventually(lambda: len(app.received) == 2)
    assert {"Oak lamp", "Elm lamp"} == {body["title"] for body in bodies(app.received)}
    assert [{"id", "title"}] * 2 == [set(body) for body in bodies(app.received)]


def test_a_filter_is_equality_of_fields(shop, app):
    """Case-sensitive; a field that is not there never matches."""
    subscriptions = [
        {"topics": ["products/create"], "filter": filter, "name": filter}
        for filter in ("status:active", "status:ACTIVE", "colour:red")
    ]
    app.shop = shop.shop
    shop.control("POST", "app", json={"url": app.url, "subscriptions": subscriptions})
    shop.add_product()

    assert 1 == len(deliveries(shop))
    assert ["status:active"] == ids(eventually(lambda: app.received), "X-Shopify-Name")


def test_a_duplicate_has_the_same_id(sandbox, installed, app):
    """Delivered twice at once: one of them must win in the app's table."""
    sandbox.faults.set("webhook.duplicate", times=1, topic="products/create")
    installed.add_product()

    eventually(lambda: len(app.of("products/create")) == 2)
    assert 1 == len(set(ids(app.of("products/create"))))


def test_a_twin_has_another_id_and_the_same_event(sandbox, installed, app):
    """The webhook id does not catch this one; the event id does."""
    sandbox.faults.set("webhook.twin", times=1, topic="products/create")
    installed.add_product()

    received = eventually(lambda: len(app.of("products/create")) == 2 and app.of("products/create"))
    assert (2, 1) == (len(set(ids(received))), len(set(ids(received, "X-Shopify-Event-Id"))))


def test_a_stale_body_comes_late(sandbox, installed, app):
    """A payload is never to be trusted: the newest delivery may hold the oldest news."""
    product = installed.add_product("Old title")
    eventually(lambda: app.of("products/update"))
    sandbox.faults.set("webhook.stale", times=1, shop=installed.shop, seconds=0.5)
    installed.data("UpdateProduct", product={"id": product["gid"], "title": "New title"})

    eventually(lambda: len(app.of("products/update")) == 3)
    assert ["Old title", "New title", "Old title"] == [body["title"] for body in bodies(app.of("products/update"))]


def test_a_late_one_is_overtaken(sandbox, installed, app):
    """Order is not guaranteed."""
    sandbox.faults.set("webhook.late", times=1, topic="products/create", seconds=0.5)
    installed.add_product()

    eventually(lambda: len(app.received) == 2)
    assert ["products/update", "products/create"] == ids(app.received, "X-Shopify-Topic")


def test_a_dropped_one_never_comes(sandbox, installed, app):
    """Delivery is not guaranteed; the reconciliation has to find it."""
    sandbox.faults.set("webhook.dropped", times=1, topic="products/create")
    installed.add_product()
    eventually(lambda: app.of("products/update"))

    assert ["dropped"] == [each["state"] for each in deliveries(installed)]
    assert [] == app.of("products/create")


def test_a_delivery_can_be_sent_again(installed, app):
    """By hand, from the browser page: the app must not do the work twice."""
    installed.add_product()
    eventually(lambda: app.of("products/create"))
    (delivery,) = deliveries(installed)
    assert 202 == installed.control("POST", f"deliveries/{delivery['id']}/resend").status_code

    eventually(lambda: len(app.of("products/create")) == 2)
    assert 1 == len(set(ids(app.of("products/create"))))


def test_any_topic_can_be_sent(installed, app):
    """Privacy requests have no cause in a sandbox, but the app must answer them."""
    installed.control("POST", "app", json={"url": app.url, "topics": ["shop/redact"]})
    path = f"shops/{installed.shop}/events"
    installed.control("POST", path, json={"topic": "shop/redact", "payload": {"shop_id": 1}})

    ((_, body),) = eventually(lambda: app.of("shop/redact"))
    assert {"shop_id": 1} == json.loads(body)


def test_nothing_is_sent_to_other_machines(shop):
    """A typo in a URL must not tell the internet of a sandbox."""
    shop.control("POST", "app", json={"url": "http://203.0.113.1", "topics": ["products/create"]})
    shop.add_product()

    attempt, *_ = eventually(lambda: deliveries(shop)[0]["attempts"])
    assert "this machine only" in attempt["error"]
