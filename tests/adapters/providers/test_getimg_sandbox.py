"""getimg over real HTTP against the sandbox's image API: each fault of it is the right error and the right bill."""

from datetime import UTC, datetime

import httpx
import pytest

from shopify_imagegen import quality
from shopify_imagegen.adapters.downloads import Downloads
from shopify_imagegen.adapters.providers.getimg import Getimg
from shopify_imagegen.errors import (
    BadCredentials,
    BadInput,
    Moderated,
    NoAnswer,
    NoFunds,
    NotCollected,
    RateLimited,
    Rejected,
    Unavailable,
)
from shopify_imagegen.sandbox.server import running
from shopify_imagegen.settings import GetimgSection
from tests.fakes import packshot
from tests.sandbox.client import eventually

NOT_BILLED = {
    "images.400": BadInput,
    "images.401": BadCredentials,
    "images.402": NoFunds,
    "images.429": RateLimited,
    "images.500_own": Unavailable,
    "images.moderation": Moderated,
    "images.reset_before": NoAnswer,  # from here it looks like the next ones
}
BILLED_AND_LOST = ("images.502_gateway", "images.hang", "images.reset_after_billing", "images.bad_json", "images.html")
BILLED_AND_UNFIT = (
    "images.not_an_image",
    "images.truncated",
    "images.wrong_size",
    "images.blank",
    "images.copy",
    "images.bomb",
)


@pytest.fixture(scope="module")
def sandbox():
    with running() as sandbox:
        httpx.post(f"{sandbox.base_url}/images-api/bank", json={"latency_s": 0}).raise_for_status()
        yield sandbox


@pytest.fixture
def client():
    with httpx.Client() as client:
        yield client


@pytest.fixture
def provider(sandbox, client):
    sandbox.faults.clear()
    downloads = Downloads(client, sleep=lambda _: None)
    settings = GetimgSection(api_key="sk_sandbox", base_url=f"{sandbox.base_url}/images-api", timeout_s=30)
    return Getimg(settings, downloads)


@pytest.fixture
def billed(sandbox):
    """How much more than at the beginning of the test was billed."""

    def count():
        return httpx.get(f"{sandbox.base_url}/images-api/bank").json()["count"]

    before = count()
    return lambda: count() - before


def buy(provider, order, *, receipts=None):
    return provider.render(order, [packshot()], on_receipt=(receipts if receipts is not None else []).append)


def test_a_picture_is_bought_and_can_be_fetched_again(provider, order, billed):
    """The receipt is good for a second download, which costs nothing."""
    receipts = []
    rendering = buy(provider, order, receipts=receipts)

    assert rendering.image == provider.collect(receipts[0]).image
    assert (60_000, 1) == (rendering.cost_microusd, billed())
    assert quality.inspect(rendering.image, aspect_ratio="4:5", resolution="1K", references=[packshot()]).fit


@pytest.mark.parametrize("fault", NOT_BILLED)
def test_what_is_not_billed_is_told_apart(sandbox, provider, order, billed, fault):
    """The money is given back, or the next attempt is free."""
    sandbox.faults.set(fault, times=1)

    with pytest.raises(NOT_BILLED[fault]) as caught:
        buy(provider, order)

    assert NOT_BILLED[fault] is type(caught.value)
    assert 0 == billed()


@pytest.mark.parametrize("fault", BILLED_AND_LOST)
def test_what_is_billed_and_lost_is_unknown_and_sent_once(sandbox, client, order, billed, fault):
    """One sale on the bill, not the SDK's usual six."""
    sandbox.faults.clear()
    sandbox.faults.set(fault, times=1, seconds=2)
    settings = GetimgSection(api_key="sk_sandbox", base_url=f"{sandbox.base_url}/images-api", timeout_s=0.5)

    with pytest.raises(NoAnswer):
        buy(Getimg(settings, Downloads(client)), order)

    eventually(billed)  # a busy machine bills after our half second
    assert 1 == billed()


@pytest.mark.parametrize("fault", BILLED_AND_UNFIT)
def test_what_is_billed_and_unfit_arrives_and_is_refused_by_inspection(sandbox, provider, order, billed, fault):
    """It was paid for, so it is kept; it just does not reach the shop window."""
    sandbox.faults.set(fault, times=1)

    picture = buy(provider, order).image

    verdict = quality.inspect(picture, aspect_ratio="4:5", resolution="1K", references=[packshot()])
    assert (False, True, 1) == (verdict.fit, bool(verdict.reason), billed())


def test_an_address_that_has_expired_is_lost_for_good(sandbox, provider, order, billed):
    """It was sold, the receipt says when its time was over, and no try brings it back."""
    receipts = []
    sandbox.faults.set("images.expired", times=1)

    with pytest.raises(NotCollected):
        buy(provider, order, receipts=receipts)

    assert receipts[0].expires_at <= datetime.now(UTC)
    with pytest.raises(Rejected):
        provider.collect(receipts[0])
    assert 1 == billed()


def test_a_refused_download_leaves_the_receipt(sandbox, provider, order, billed):
    """It was sold: the receipt fetches it later."""
    receipts = []
    sandbox.faults.set("images.download_403", times=1)

    with pytest.raises(NotCollected):
        buy(provider, order, receipts=receipts)

    assert provider.collect(receipts[0]).image
    assert 1 == billed()


def test_a_slow_picture_is_waited_for(sandbox, provider, order, billed):
    """Slow is not lost."""
    sandbox.faults.set("images.slow", times=1, seconds=0.3)

    assert buy(provider, order).image
    assert 1 == billed()


def test_every_fault_of_the_image_api_is_played_here(sandbox):
    """A new one must get its error and its bill."""
    from shopify_imagegen.sandbox.faults import KNOWN

    played = {*NOT_BILLED, *BILLED_AND_LOST, *BILLED_AND_UNFIT, "images.download_403", "images.expired", "images.slow"}
    assert {name for name in KNOWN if name.startswith("images.")} == played


def test_prices_and_balance_come_from_the_api(sandbox, provider):
    """The real wire format of both, read by the real SDK."""
    assert (60_000, 120_000) == (provider.quote("1K"), provider.quote("2K"))
    assert isinstance(provider.balance(), int)
