"""Who may be called: where pictures are fetched from, and the name that we give there."""

from datetime import UTC, datetime

import httpx
import pytest

from shopify_imagegen.adapters import downloads
from shopify_imagegen.errors import Rejected
from shopify_imagegen.models import Receipt
from shopify_imagegen.settings import parse
from shopify_imagegen.wiring import House
from tests.fakes import empty_tables

PICTURE = b"\xff\xd8picture"
HERE = {"IMAGEGEN__SHOPIFY__BASE_URL": "http://127.0.0.1:1", "IMAGEGEN__PROVIDER__GETIMG__BASE_URL": "http://[::1]:1"}


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Opens a house of which every download is answered."""
    answer = httpx.MockTransport(lambda _: httpx.Response(200, content=PICTURE))
    monkeypatch.setattr(downloads, "guarded_client", lambda **_: httpx.Client(transport=answer))
    (tmp_path / "imagegen.db").write_bytes(empty_tables())
    opened = []

    def open_with(env):
        places = {"APP__DATA_DIR": str(tmp_path), "DATABASE__URL": f"sqlite:///{tmp_path}/imagegen.db"}
        opened.append(House(parse("", {f"IMAGEGEN__{key}": value for key, value in places.items()} | env)))
        return opened[-1]

    yield open_with
    for each in opened:
        each.database.close()


def test_a_sold_picture_is_fetched_wherever_the_provider_keeps_it(house):
    """It is paid for. A provider that moves its storage must not cost the merchant every picture until we notice."""
    url = "https://storage.example/picture.jpg?signature=x"
    receipt = Receipt(url=url, mime="image/jpeg", cost_microusd=60_000, request_id="r", expires_at=datetime.now(UTC))
    opened = house({"IMAGEGEN__PROVIDER__GETIMG__API_KEY": "sk_key"})

    assert PICTURE == opened.provider.collect(receipt).image
    with pytest.raises(
        Rejected, match=r"app\.picture_hosts"
    ):  # a product's photo is nobody's promise, and costs nothing
        opened.downloads.get(url, max_bytes=100)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_this_machine_has_three_names(house, host):
    """A stand-in that listens on 127.0.0.1 may well say "localhost" where its photos are."""
    assert PICTURE == house(HERE).downloads.get(f"http://{host}:9/a.jpg", max_bytes=100)


def test_shopify_hears_who_asks(house):
    """A store's support finds our calls by the app's name, not by the name of a library that everybody uses."""
    names = [client.headers["user-agent"] for client in house(HERE).shopify.clients]

    assert ["shopify-imagegen"] * 2 == names
