"""The story of these tests: somebody knocks at the door, and the inbox remembers who was let in."""

import json
from pathlib import Path

import pytest

from webhooks.app import create_app
from webhooks.signature import sign

SECRET = "shpss_test_current"
OLD_SECRET = "shpss_test_old"
SHOP = "nice-lamps.myshopify.com"
SAMPLES = Path(__file__).parent / "samples"


class FakeInbox:
    """Keeps arrivals by id. Queue what goes wrong in `errors`."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.arrivals = {}

    def record(self, arrival):
        if self.errors:
            raise self.errors.pop(0)
        if arrival.id in self.arrivals:
            return False
        self.arrivals[arrival.id] = arrival
        return True


def sample(topic):
    """The body of the recorded delivery of *topic*, as bytes."""
    return (SAMPLES / f"{topic.replace('/', '_')}.json").read_bytes()


def classic_headers(topic):
    """What Shopify sends with a webhook, the signature aside."""
    return {
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "X-Shopify-Event-Id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
        "X-Shopify-Triggered-At": "2026-11-22T15:00:02.123456789Z",
        "Content-Type": "application/json",
    }


def events_headers(entity, action):
    """What Shopify sends with an Events delivery, the signature aside."""
    return {
        "shopify-topic": entity,
        "shopify-action": action,
        "shopify-handle": "product_content",
        "shopify-shop-domain": SHOP,
        "shopify-api-version": "2026-10",
        "shopify-webhook-id": "e-0001",
        "shopify-triggered-at": "2026-11-22T15:00:02Z",
    }


def door(inbox, *, ready=dict, secrets=(SECRET, OLD_SECRET), **parts):
    """A client of an app with this inbox."""
    return create_app(secrets=secrets, inbox=inbox, ready=ready, **parts).test_client()


@pytest.fixture
def inbox():
    return FakeInbox()


@pytest.fixture
def knock(inbox):
    """Deliver a signed webhook; a header given as None is left out."""
    client = door(inbox)

    def deliver(topic="products/create", body=None, secret=SECRET, headers=(), path="/webhooks", base=None):
        content = sample(topic) if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        signature = {"X-Shopify-Hmac-Sha256": sign(content, secret).decode()}
        all_headers = signature | (base or classic_headers(topic)) | dict(headers)
        kept = {name: value for name, value in all_headers.items() if value is not None}
        return client.post(path, data=content, headers=kept)

    deliver.client = client
    return deliver
