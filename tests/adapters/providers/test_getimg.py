"""getimg.ai: every provider's cases over its SDK, its receipts, and its prices."""

import json
from datetime import UTC, datetime
from typing import ClassVar

import httpx
import pytest

from shopify_imagegen.adapters.providers.getimg import Getimg, microusd_left, own_words, parse, request
from shopify_imagegen.errors import NoAnswer, NotCollected, Rejected, Unavailable
from shopify_imagegen.models import Capabilities
from shopify_imagegen.settings import GetimgSection
from tests.cases import KEY, ProviderCases, Wire
from tests.fakes import FakeDownloads, packshot, scene

URL = "https://downloads.example/req-1/0?exp=1&sig=2"
SOLD = {
    "id": "req-1",
    "model": "gpt-image-2",
    "status": "completed",
    "data": [{"url": URL, "mime_type": "image/jpeg", "deletes_at": "2026-11-22T12:00:00Z"}],
    "usage": {"billable_unit": "image", "quantity": 1, "unit_price": 0.06, "total_cost": 0.06},
}


def error(message, code=""):
    return {"error": {"message": message, "code": code}}


class TestGetimg(ProviderCases):
    http = httpx
    sold = (200, SOLD)
    balance = (200, {"balance": "12.50", "currency": "USD"})
    left_microusd = 12_500_000
    refusals: ClassVar = {
        "moderated": (400, error("Your request was rejected by the safety system.", "moderation_blocked")),
        "bad input": (400, error("aspect_ratio must be one of …", "invalid_request")),
        "no funds": (402, error("Insufficient balance.", "insufficient_balance")),
        "bad key": (401, error(f"Invalid API key {KEY}.", "unauthorized")),
        "forbidden": (403, f"<html>{KEY}</html>"),
        "rate limited": (429, error("Rate limit exceeded.", "rate_limit")),
        "failed": (500, error("Something went wrong.", "internal_error")),
    }

    def make(self, client, key=KEY):
        downloads = FakeDownloads()
        downloads.pages[URL] = scene()
        return Getimg(GetimgSection(api_key=key), downloads, http_client=client)


@pytest.fixture
def wire():
    return Wire(httpx)


@pytest.fixture
def downloads():
    downloads = FakeDownloads()
    downloads.pages[URL] = scene()
    return downloads


@pytest.fixture
def provider(wire, downloads):
    return Getimg(GetimgSection(api_key=KEY), downloads, http_client=wire.client())


def test_the_receipt_comes_before_the_picture(wire, provider, downloads, order):
    """A crash in between must find it written down."""
    wire.answer = (200, SOLD)
    downloads.pages[URL] = Unavailable("503")
    receipts = []

    with pytest.raises(NotCollected):
        provider.render(order, [packshot()], on_receipt=receipts.append)

    (receipt,) = receipts
    assert (URL, 60_000, "req-1") == (receipt.url, receipt.cost_microusd, receipt.request_id)
    assert datetime(2026, 11, 22, 12, tzinfo=UTC) == receipt.expires_at


def test_a_sold_picture_is_fetched_by_its_receipt_without_the_api(wire, provider):
    """No request to the API can buy it again."""
    receipt = parse(httpx.Response(200, json=SOLD))

    assert scene() == provider.collect(receipt).image
    assert [] == wire.requests


def test_an_expired_picture_is_lost_for_good(provider, downloads):
    """The address answers 403: trying again is useless."""
    downloads.pages[URL] = Rejected("403")

    with pytest.raises(Rejected):
        provider.collect(parse(httpx.Response(200, json=SOLD)))


def test_references_go_as_data_urls_in_their_order(order):
    """The main photo first; no fetcher stands between that could see another picture."""
    images = request(order, [packshot(), b"\x89PNG and so on"])["images"]

    assert ["data:image/jpeg;base64,", "data:image/png;base64,"] == [
        each["url"].partition(",")[0] + "," for each in images
    ]


def test_the_wire_carries_only_what_the_vendor_knows(wire, provider, order):
    """An unknown field is a 400, for every picture."""
    wire.answer = (200, SOLD)
    provider.render(order, [packshot()], on_receipt=lambda _: None)

    sent = json.loads(wire.requests[0].content)
    assert {"model", "prompt", "aspect_ratio", "resolution", "output_format", "images"} == set(sent)


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        ({"total_cost": 0.06}, 60_000),
        ({"total_cost": "0.12"}, 120_000),
        ({"total_cost": None}, None),
        ({"total_cost": "NaN"}, None),
        ({"total_cost": -1}, None),
        ({"total_cost": 1e30}, None),
        (None, None),
        ({}, None),
    ],
)
def test_what_it_cost_is_read_or_not_known(usage, cost):
    """The SDK lets anything pass as its type; what makes no sense is not a price."""
    assert cost == parse(httpx.Response(200, json=SOLD | {"usage": usage})).cost_microusd


@pytest.mark.parametrize("moment", ["2026-11-22T12:00:00Z", "2026-11-22T13:00:00+01:00", "2026-11-22T12:00:00"])
def test_the_end_of_a_download_has_a_time_zone(moment):
    """It is compared with our clock, which has one."""
    body = SOLD | {"data": [SOLD["data"][0] | {"deletes_at": moment}]}

    assert datetime(2026, 11, 22, 12, tzinfo=UTC) == parse(httpx.Response(200, json=body)).expires_at


@pytest.mark.parametrize("url", [None, 7, {}])
def test_a_sale_without_an_address_is_unknown(url):
    """It was charged, and nothing can be fetched."""
    with pytest.raises(NoAnswer):
        parse(httpx.Response(200, json=SOLD | {"data": [{"url": url}]}))


@pytest.mark.parametrize("body", ["", "[]", '{"error": "no"}', '{"error": {}}', "null"])
def test_only_its_own_error_body_counts_as_its_own(body):
    """A gateway may speak JSON too."""
    assert ("", None) == own_words(httpx.Response(500, text=body))


# Prices


def model(*rates):
    return (200, {"id": "gpt-image-2", "pricing": {"currency": "USD", "rates": list(rates)}})


def rate(price, resolution="1K", unit="image"):
    return {"billable_unit": unit, "resolution": resolution, "sound": None, "unit_price": price}


@pytest.mark.parametrize(
    ("answer", "price"),
    [
        (model(rate("0.06"), rate("0.12", "2K")), 60_000),
        (model(rate("0.065", None)), 65_000),
        (model(rate("0.065", None), rate("0.07")), 70_000),
        (model(), None),
        (model(rate("0.12", "2K")), None),
        (model(rate("0")), None),
        (model(rate("free")), None),
        (model(rate("0.06", unit="second")), None),
        ((200, {"pricing": None}), None),
        ((200, "<html>"), None),
        ((500, error("no")), None),
        ((401, error("no")), None),
        (httpx.ReadTimeout("silence"), None),
    ],
    ids=["own", "any", "own first", "none", "other", "zero", "words", "unit", "null", "html", "500", "401", "silence"],
)
def test_the_price_is_what_the_models_endpoint_says(wire, provider, answer, price):
    """Empty rates are not free, and no answer is no price: the settings say it then."""
    wire.answer = answer

    assert price == provider.quote("1K")


def test_the_price_is_remembered_for_an_hour(wire, provider):
    """Planning a thousand products asks once."""
    now_s = [0.0]
    provider._prices._monotonic = lambda: now_s[0]
    wire.answer = model(rate("0.06"))
    assert [60_000] * 3 == [provider.quote("1K") for _ in range(3)]

    wire.answer = model(rate("0.07"))
    now_s[0] = 3599
    assert 60_000 == provider.quote("1K")
    now_s[0] = 3601

    assert 70_000 == provider.quote("1K")
    assert 2 == len(wire.requests)


def test_a_silent_price_list_is_not_asked_at_every_plan(wire, provider):
    """It may take seconds each time; what was known stays known."""
    now_s = [0.0]
    provider._prices._monotonic = lambda: now_s[0]
    wire.answer = model(rate("0.06"))
    provider.quote("1K")
    now_s[0] = 4000
    wire.answer = httpx.ReadTimeout("silence")

    assert [60_000] * 3 == [provider.quote("1K") for _ in range(3)]
    assert 2 == len(wire.requests)


def test_planning_never_waits_long_for_a_price(wire, provider):
    """Seconds, not the five minutes of a picture."""
    wire.answer = model()
    provider.quote("1K")

    assert max(wire.requests[0].extensions["timeout"].values()) <= 5


def test_what_the_model_can_do_is_read_from_its_page(wire, provider):
    """`doctor` compares it with the settings."""
    page = {"supported_aspect_ratios": ["1:1"], "supported_resolutions": ["1K"], "supported_references": {}}
    wire.answer = (200, page | {"supported_references": {"reference_image": 10}})

    expected = Capabilities(model="gpt-image-2", aspect_ratios=("1:1",), resolutions=("1K",), references=10)
    assert expected == provider.capabilities()


@pytest.mark.parametrize("page", [{}, {"supported_resolutions": "1K", "supported_references": [3]}])
def test_what_the_page_does_not_say_as_expected_is_not_known(wire, provider, page):
    """A changed page must not make a good set-up look broken."""
    wire.answer = (200, page)

    assert Capabilities(model="gpt-image-2") == provider.capabilities()


def test_the_costs_of_each_day_can_be_compared_with_the_ledger(wire, provider):
    """By UTC day, in micro-dollars."""
    days = [{"date": "2026-11-21", "cost": 0.18}, {"date": "2026-11-22T00:00:00Z", "cost": 0}, "odd"]
    wire.answer = (200, {"currency": "USD", "data": days, "total_cost": 0.18})

    found = provider.costs(datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC))

    assert {"2026-11-21": 180_000, "2026-11-22": 0} == found


@pytest.mark.parametrize(("said", "left"), [("50.00", 50_000_000), ("-0.1", -100_000), ("", None), (None, None)])
def test_a_balance_may_be_overdrawn(said, left):
    """What is not a number is not known."""
    assert left == microusd_left(said)
