"""The stand-in image API, asked by the vendor's own SDK over real HTTP."""

import base64
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import getimg
import httpx
import pytest
from flask import Flask
from PIL import Image
from werkzeug.serving import make_server

from shopify_imagegen.sandbox.faults import KNOWN, Faults
from shopify_imagegen.sandbox.image_api import Bank, blueprint
from shopify_imagegen.sandbox.image_api.models import LANDSCAPE_PX, RATIOS, size_px
from shopify_imagegen.sandbox.stock import photo

from .client import eventually

PROMPT = "A product photograph.\nSCENE: a sunlit kitchen counter.\nKEEP THE PRODUCT as it is."
SMALL = "4:3"  # the smallest picture for sale: 1024 x 768


@contextmanager
def serving(api):
    """The blueprint on a free port of the loopback; gives its address."""
    app = Flask(__name__)
    app.register_blueprint(api, url_prefix="/images-api")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/images-api"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


@pytest.fixture(scope="module")
def line():
    """One server for the whole module: (address, blueprint, faults)."""
    faults = Faults()
    api = blueprint(faults, bank=Bank(latency_s=0))
    with serving(api) as address:
        yield address, api, faults


@pytest.fixture
def api(line):
    """The blueprint with a clean bill and no faults."""
    line[2].clear()
    line[1].bank.reset()
    return line[1]


@pytest.fixture
def faults(line, api):
    return line[2]


@pytest.fixture
def client(line, api):
    with getimg.GetimgAI(api_key="sk_sandbox", base_url=line[0], max_retries=0, timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def reference():
    data = base64.b64encode(photo("enamel-kettle", size_px=400)).decode()
    return {"url": f"data:image/jpeg;base64,{data}"}


@pytest.fixture
def buy(client, reference):
    """Buy one small picture."""

    def order(**changes):
        wish = {"model": "gpt-image-2", "prompt": PROMPT, "aspect_ratio": SMALL, "images": [reference]} | changes
        return client.images.generate(**wish)

    return order


def fetched(answer):
    got = httpx.get(answer.data[0].url)
    got.raise_for_status()
    return got


def test_a_picture_is_bought_and_fetched(buy, api):
    """The whole trade, in the vendor's shapes."""
    answer = buy()
    got = fetched(answer)
    image = Image.open(io.BytesIO(got.content))
    image.load()

    assert ("completed", "gpt-image-2") == (answer.status, answer.model)
    assert (1024, 768) == image.size == (answer.data[0].width, answer.data[0].height)
    assert "image/jpeg" == answer.data[0].mime_type == got.headers["content-type"]
    assert answer.data[0].deletes_at > datetime.now(UTC)
    assert ("image", 1, 0.06, 0.06) == tuple(
        getattr(answer.usage, name) for name in ("billable_unit", "quantity", "unit_price", "total_cost")
    )
    assert [answer.id] == [sale.request_id for sale in api.bank.sales]


@pytest.mark.parametrize("output_format", ["png", "webp"])
def test_the_format_is_as_ordered(buy, output_format):
    """A client that asks for PNG checks for PNG."""
    answer = buy(output_format=output_format)

    assert f"image/{output_format}" == answer.data[0].mime_type
    assert output_format.upper() == Image.open(io.BytesIO(fetched(answer).content)).format


def test_the_bill_names_what_was_bought(buy, api):
    """The bill is what tests of "never pay twice" read."""
    buy()
    buy()
    buy(prompt="SCENE: a beach")
    bill = api.bank.snapshot()

    assert (3, "0.18", "49.82") == (bill["count"], bill["total_usd"], bill["balance_usd"])
    assert [2] == list(bill["bought_twice"].values())
    assert PROMPT[:120] == bill["sales"][0]["prompt_start"]
    assert [1, "0.06", "gpt-image-2"] == [bill["sales"][0][name] for name in ("references", "cost_usd", "model")]
    assert "sk_sandbox" not in json.dumps(bill)


def test_two_k_costs_twice_as_much(buy, api, faults):
    """Prices by resolution, as the price list says."""
    faults.set("images.blank", times=1)
    answer = buy(resolution="2K")

    assert (2048, 1536) == (answer.data[0].width, answer.data[0].height)
    assert Decimal("0.12") == api.bank.total_usd


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("resolution", LANDSCAPE_PX)
def test_every_ratio_has_its_pixels(ratio, resolution):
    """Within two percent of the ratio: what a check of the picture allows."""
    width, height = size_px(ratio, resolution)
    across, down = map(int, ratio.split(":"))

    assert width / height == pytest.approx(across / down, rel=0.02)
    assert 0 == width % 16 == height % 16


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"model": "dall-e-2"}, "model"),
        ({"aspect_ratio": "5:7"}, "aspect_ratio"),
        ({"resolution": "8K"}, "resolution"),
        ({"output_format": "gif"}, "output_format"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x" * 4097}, "prompt"),
        ({"images": [{"url": "data:image/gif;base64,AAAA"}]}, "images[0]"),
        ({"images": [{"url": "iVBORw0KGgo="}]}, "images[0]"),
        ({"images": [{"url": "data:image/png;base64,AAAA"}]}, "could not be decoded"),
        ({"images": [{"url": "http://127.0.0.1:1/gone.jpg"}]}, "could not be fetched"),
        ({"images": [{"url": "data:image/png;base64,AAAA"}] * 11}, "at most 10"),
        ({"extra_body": {"seed": 7}}, "seed"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_wrong_order_is_refused_and_free(buy, api, changes, word):
    """A refusal names the field, and nothing is billed."""
    with pytest.raises(getimg.BadRequestError) as refused:
        buy(**changes)

    assert word in refused.value.response.json()["error"]["message"]
    assert [] == api.bank.sales


def test_a_reference_over_ten_mebibytes_is_refused(buy, api):
    """The vendor's limit for one decoded image."""
    big = base64.b64encode(bytes(10 * 1024 * 1024 + 1)).decode()
    with pytest.raises(getimg.BadRequestError, match="10 MiB"):
        buy(images=[{"url": f"data:image/png;base64,{big}"}])

    assert [] == api.bank.sales


def test_a_reference_can_be_an_address(buy, line, reference):
    """The vendor fetches it; the sandbox does so on loopback."""
    url = buy().data[0].url

    assert "completed" == buy(images=[{"url": url}]).status


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer bad-key"}, {"Authorization": "Basic c2s6"}])
def test_a_wrong_key_is_refused(line, headers):
    """Every endpoint but the download asks for it."""
    with httpx.Client(base_url=line[0], headers=headers) as caller:
        paths = ("/v2/models", "/v2/models/gpt-image-2", "/v2/billing/balance", "/v2/billing/costs")
        answers = [caller.get(path) for path in paths] + [caller.post("/v2/images/generations", json={})]

    assert [401] * 5 == [answer.status_code for answer in answers]
    assert {"message", "code"} == set(answers[0].json()["error"])


def test_an_empty_balance_refuses(buy, api):
    """402, as the vendor documents; the last cents are not overdrawn."""
    api.bank.balance_usd = Decimal("0.05")
    with pytest.raises(getimg.APIStatusError) as refused:
        buy()

    assert 402 == refused.value.status_code
    assert Decimal("0.05") == api.bank.balance_usd


def test_two_callers_cannot_spend_the_same_money(line, api, faults):
    """The bank is asked from many threads at once."""
    api.bank.balance_usd = Decimal("0.30")
    faults.set("images.html")  # billed without the work of drawing
    wish = {"model": "gpt-image-2", "prompt": PROMPT}
    headers = {"Authorization": "Bearer sk_sandbox"}

    def buy_one(_):
        return httpx.post(f"{line[0]}/v2/images/generations", json=wish, headers=headers).status_code

    with ThreadPoolExecutor(max_workers=6) as callers:
        answers = sorted(callers.map(buy_one, range(12)))

    assert [200] * 5 + [402] * 7 == answers
    assert (5, Decimal(0)) == (len(api.bank.sales), api.bank.balance_usd)


def test_the_price_list_is_the_vendors_shape(client):
    """Preflight reads ratios, references and prices from here."""
    model = client.models.retrieve("gpt-image-2")

    assert ["gpt-image-2", "seedream-5-lite"] == [each.id for each in client.models.list(type="image")]
    assert "1:1" == model.supported_aspect_ratios[0]
    assert {"reference_image": 10} == model.supported_references
    assert [("1K", "0.06"), ("2K", "0.12")] == [(rate.resolution, rate.unit_price) for rate in model.pricing.rates]
    with pytest.raises(getimg.NotFoundError):
        client.models.retrieve("gpt-image-1")


def test_costs_come_by_day(client, buy):
    """Reconciling compares one's own ledger with these buckets."""
    buy()
    now = datetime.now(UTC)
    costs = client.billing.list_costs(start=now - timedelta(days=2), end=now + timedelta(seconds=1))

    assert [0, 0, 0.06] == [day.cost for day in costs.data]
    assert 0.06 == costs.total_cost
    assert "49.94" == client.billing.retrieve_balance().balance


def test_costs_need_a_time_zone(client):
    """The vendor says so; a naive timestamp is a bug on our side."""
    with pytest.raises(getimg.BadRequestError, match="time zone"):
        client.billing.list_costs(start="2026-11-01T00:00:00", end="2026-11-02T00:00:00")


def test_answers_carry_the_rate_limit(line, client, reference, api):
    """A client may slow down before it is told to."""
    api.limits.per_minute = 1000
    got = client.images.with_raw_response.generate(
        model="gpt-image-2", prompt=PROMPT, aspect_ratio=SMALL, images=[reference]
    )

    assert "1000" == got.headers["x-ratelimit-limit"]
    assert int(got.headers["x-ratelimit-remaining"]) < 1000
    assert int(got.headers["x-ratelimit-reset"]) > 0


def test_the_limit_is_kept(buy, api):
    """Beyond the limit: 429 with the seconds to wait, and no bill."""
    buy()
    before, api.limits.per_minute = api.limits.per_minute, 1
    try:
        with pytest.raises(getimg.RateLimitError) as refused:
            buy()
    finally:
        api.limits.per_minute = before

    assert 1 <= int(refused.value.response.headers["retry-after"]) <= 60
    assert 1 == len(api.bank.sales)


def test_a_forged_download_is_refused(buy):
    """The address is the only key to the picture."""
    url = buy().data[0].url

    assert 403 == httpx.get(url[:-4] + "0000").status_code
    assert 403 == httpx.get(url.replace("exp=1", "exp=9")).status_code
    assert 403 == httpx.get(url.split("?")[0]).status_code


def test_the_bank_can_be_read_and_set_over_http(line, api):
    """For the demo's panel: slow it down, empty it, look at the bill."""
    bank = f"{line[0]}/bank"
    was = httpx.post(bank, json={"latency_s": 0.0, "balance_usd": "1.50"}).json()

    assert "1.50" == was["balance_usd"] == httpx.get(bank).json()["balance_usd"]
    assert 400 == httpx.post(bank, json={"latency_s": "soon"}).status_code


# what goes wrong on wish


FREE = {
    "images.429": (429, "rate_limit"),
    "images.500_own": (500, "internal_error"),
    "images.moderation": (400, "moderation_blocked"),
    "images.400": (400, "invalid_request"),
    "images.401": (401, "unauthorized"),
    "images.402": (402, "insufficient_balance"),
}


@pytest.mark.parametrize("name", FREE)
def test_a_refusal_on_wish_is_free(buy, api, faults, name):
    """Refused before the generation: safe to say that nothing was charged."""
    faults.set(name, times=1)
    with pytest.raises(getimg.APIStatusError) as refused:
        buy()

    assert FREE[name] == (refused.value.status_code, refused.value.response.json()["error"]["code"])
    assert [] == api.bank.sales


def test_a_429_says_how_long_to_wait(buy, faults):
    """The parameter sets Retry-After."""
    faults.set("images.429", times=1, retry_after_s=7)
    with pytest.raises(getimg.RateLimitError) as refused:
        buy()

    assert "7" == refused.value.response.headers["retry-after"]


@pytest.mark.parametrize(
    ("name", "sold"), [("images.reset_before", 0), ("images.reset_after_billing", 1)], ids=["before", "after"]
)
def test_a_cut_connection_may_or_may_not_be_billed(buy, api, faults, name, sold):
    """From the outside both look the same; only the bill knows."""
    faults.set(name, times=1)
    with pytest.raises(getimg.APIConnectionError) as lost:
        buy()

    assert isinstance(lost.value.__cause__, httpx.RemoteProtocolError | httpx.ReadError)
    assert sold == len(api.bank.sales)


def test_a_hang_is_billed_and_outlasts_the_client(buy, client, api, faults):
    """The read timeout strikes after the money is gone."""
    faults.set("images.hang", times=1, seconds=2)
    with pytest.raises(getimg.APITimeoutError):
        buy(timeout=0.4)

    eventually(lambda: api.bank.sales)  # a busy machine bills after those 0.4 s
    assert 1 == len(api.bank.sales)


def test_a_gateway_error_is_billed(buy, api, faults):
    """A 502 from a proxy says nothing about the generation behind it."""
    faults.set("images.502_gateway", times=1)
    with pytest.raises(getimg.InternalServerError) as lost:
        buy()

    assert lost.value.response.headers["content-type"].startswith("text/html")
    assert 1 == len(api.bank.sales)


def test_an_unreadable_answer_is_billed(buy, api, faults):
    """200, but not what was promised: HTML comes back as a plain string, cut JSON as an error."""
    faults.set("images.html", times=1)
    assert isinstance(buy(), str)
    faults.set("images.bad_json", times=1)
    with pytest.raises(json.JSONDecodeError):
        buy()

    assert 2 == len(api.bank.sales)


def test_a_bad_picture_is_billed_like_a_good_one(buy, api, faults):
    """Every kind of spoiled picture, looked at."""
    checks = {
        "images.not_an_image": lambda data: data.startswith(b"<?xml"),
        "images.truncated": lambda data: Image.open(io.BytesIO(data)).size == (1024, 768) and not whole(data),
        "images.wrong_size": lambda data: Image.open(io.BytesIO(data)).size == (1024, 384),
        "images.blank": lambda data: Image.open(io.BytesIO(data)).convert("L").getextrema()[0] >= 126,
        "images.copy": lambda data: whole(data) and Image.open(io.BytesIO(data)).getpixel((2, 2)) == (255, 255, 255),
        "images.bomb": lambda data: len(data) < 4096 and (30_000, 30_000) == png_size(data),
    }
    for name, check in checks.items():
        faults.set(name, times=1)
        assert check(fetched(buy()).content), name

    assert len(checks) == len(api.bank.sales)


def whole(data):
    try:
        Image.open(io.BytesIO(data)).load()
    except OSError:
        return False
    return True


def png_size(data):
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def test_a_download_may_be_refused_once(buy, faults):
    """Fetching again is free and works."""
    answer = buy()
    faults.set("images.download_403", times=1)

    assert [403, 200] == [httpx.get(answer.data[0].url).status_code for _ in range(2)]


def test_a_slow_picture_arrives(buy, api, faults):
    """Slow is not lost."""
    faults.set("images.slow", times=1, seconds=0.3)

    assert "completed" == buy().status


def test_every_known_fault_of_ours_is_taken(buy, faults):
    """A name in the table that nobody takes would be a button without effect."""
    names = sorted(name for name in KNOWN if name.startswith("images."))
    untaken = []
    for name in names:
        faults.clear()
        faults.set(name, times=1, seconds=0)
        try:
            answer = buy()
            httpx.get(answer.data[0].url)
        except (getimg.GetimgAIError, json.JSONDecodeError, AttributeError):
            pass
        untaken += [name] if faults.active() else []

    assert names
    assert [] == untaken
