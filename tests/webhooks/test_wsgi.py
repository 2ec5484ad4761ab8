"""The door over the real house, as the web server gets it."""

import importlib
import sys

import pytest

from shopify_imagegen import hurry, wiring
from shopify_imagegen.errors import Unavailable
from shopify_imagegen.settings import parse
from shopify_imagegen.wiring import House
from shopify_imagegen.wiring.neighbours import impatient
from tests.fakes import empty_tables
from tests.webhooks.conftest import classic_headers
from webhooks.signature import sign


@pytest.fixture
def house(tmp_path):
    (tmp_path / "imagegen.db").write_bytes(empty_tables())
    env = {
        "IMAGEGEN__APP__DATA_DIR": str(tmp_path),
        "IMAGEGEN__DATABASE__URL": f"sqlite:///{tmp_path}/imagegen.db",
        "IMAGEGEN__SHOPIFY__CLIENT_SECRET": "new",
        "IMAGEGEN__SHOPIFY__OLD_CLIENT_SECRET": "old",
    }
    house = House(parse("", env))
    yield house
    house.database.close()


@pytest.fixture
def client(house, monkeypatch):
    monkeypatch.setattr(wiring, "open_house", lambda **_: house)
    monkeypatch.delitem(sys.modules, "webhooks.wsgi", raising=False)
    yield importlib.import_module("webhooks.wsgi").app.test_client()
    del sys.modules["webhooks.wsgi"]  # the next to import it gets a house of its own


def test_the_servers_door_takes_webhooks_of_both_secrets(client, house):
    """One that forgets the old secret refuses an hour of deliveries after a rotation."""
    body = b'{"id": 7}'
    for number, secret in enumerate(["new", "old"]):
        ids = {"X-Shopify-Webhook-Id": str(number), "X-Shopify-Hmac-Sha256": sign(body, secret).decode()}
        client.post("/webhooks", data=body, headers=classic_headers("products/create") | ids)

    assert ["0", "1"] == [arrival.id for arrival in house.inbox.waiting(10)]


def test_it_says_what_is_not_ready(client):
    """A load balancer must see that nobody works here."""
    assert ["worker"] == list(client.get("/readyz").json["problems"])


def test_a_slow_shopify_is_given_up_within_seconds(monkeypatch):
    """The web role's threads are everybody's: a worker's patience there would keep every store's webhooks waiting."""
    naps = []
    monkeypatch.setattr("time.sleep", naps.append)
    impatient(0.5)

    with pytest.raises(Unavailable, match="try again in a moment"):
        impatient(30)
    hurry.within(0.4)
    with pytest.raises(Unavailable, match="try again in a moment"):
        impatient(0.5)
    hurry.over()
    assert [0.5] == naps
