"""The door over the real house, with a stand-in for the house."""

import importlib
import sys
from types import SimpleNamespace

from shopify_imagegen.buckets import Buckets
from shopify_imagegen.settings import parse
from tests.webhooks.conftest import FakeInbox, classic_headers
from webhooks.signature import sign

ADMIN = SimpleNamespace(blueprints=lambda house: (), asking_shop=lambda: "")


def test_the_server_s_app_uses_the_house_s_secrets_inbox_and_readiness(monkeypatch):
    """A door that forgets the old secret refuses an hour of deliveries after a rotation."""
    env = {"IMAGEGEN__SHOPIFY__CLIENT_SECRET": "new", "IMAGEGEN__SHOPIFY__OLD_CLIENT_SECRET": "old"}
    house = SimpleNamespace(
        settings=parse("", env),
        inbox=FakeInbox(),
        ready=lambda: {"database": "away"},
        readings=dict,
        wishes=None,
        consent=None,
        installing=SimpleNamespace(consented=None),
        visitors=Buckets(per_minute=60, at_once=60),
    )
    wiring = SimpleNamespace(open_house=lambda **_: house)
    monkeypatch.setitem(sys.modules, "shopify_imagegen.wiring", wiring)
    monkeypatch.setitem(sys.modules, "shopify_imagegen.admin", ADMIN)
    monkeypatch.delitem(sys.modules, "webhooks.wsgi", raising=False)
    client = importlib.import_module("webhooks.wsgi").app.test_client()
    del sys.modules["webhooks.wsgi"]  # the next to import it gets the real house

    body = b'{"id": 7}'
    for number, secret in enumerate(["new", "old"]):
        ids = {"X-Shopify-Webhook-Id": str(number), "X-Shopify-Hmac-Sha256": sign(body, secret).decode()}
        client.post("/webhooks", data=body, headers=classic_headers("products/create") | ids)

    assert {"0", "1"} == house.inbox.arrivals.keys()
    assert {"database": "away"} == client.get("/readyz").json["problems"]
