"""OpenAI's `images.edit`: every provider's cases over its SDK, which speaks httpx2."""

import base64
from typing import ClassVar

import httpx2
import pytest

from shopify_imagegen.adapters.providers.openai import OpenAI, cost_microusd, size
from shopify_imagegen.errors import NoAnswer, Rejected
from shopify_imagegen.models import Receipt
from shopify_imagegen.settings import ImagesSection, OpenAISection
from tests.cases import KEY, ProviderCases, Wire
from tests.fakes import packshot, scene

USAGE = {
    "input_tokens": 1200,
    "input_tokens_details": {"text_tokens": 200, "image_tokens": 1000},
    "output_tokens": 1584,
    "total_tokens": 2784,
}
SOLD = {"created": 1, "data": [{"b64_json": base64.b64encode(scene()).decode()}], "usage": USAGE}


def error(message, code=None, kind="invalid_request_error"):
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


class TestOpenAI(ProviderCases):
    http = httpx2
    sold = (200, SOLD)
    balance = (200, {"id": "gpt-image-2", "object": "model", "created": 1, "owned_by": "openai"})
    left_microusd = None
    refusals: ClassVar = {
        "moderated": (
            400,
            error("Rejected by the safety system.", "moderation_blocked", "image_generation_user_error"),
        ),
        "bad input": (400, error("Invalid size.", "invalid_value")),
        "no funds": (429, error("You exceeded your current quota.", "insufficient_quota")),
        "bad key": (401, error(f"Incorrect API key provided: {KEY}.", "invalid_api_key")),
        "forbidden": (403, error(f"The organization of {KEY} must be verified.")),
        "rate limited": (429, error("Rate limit reached.", "rate_limit_exceeded")),
        "failed": (500, error("The server had an error.", kind="server_error")),
    }

    def make(self, client, key=KEY):
        return OpenAI(OpenAISection(api_key=key), http_client=client)


def test_the_answer_is_the_picture_itself(order):
    """There is no receipt, so a lost answer is a lost picture."""
    wire, receipts = Wire(httpx2), []
    wire.answer = (200, SOLD, {"x-request-id": "req-7"})

    rendering = OpenAI(OpenAISection(api_key=KEY), http_client=wire.client()).render(
        order, [packshot()], on_receipt=receipts.append
    )

    assert (scene(), "image/jpeg", "req-7", 56_520) == (
        rendering.image,
        rendering.mime,
        rendering.request_id,
        rendering.cost_microusd,
    )
    assert [] == receipts


def test_there_is_nothing_to_fetch_later():
    """A receipt of another provider, after a change of settings."""
    receipt = Receipt(url="https://x.example", mime="", cost_microusd=None, request_id="")

    with pytest.raises(Rejected):
        OpenAI(OpenAISection(api_key=KEY)).collect(receipt)


def test_a_picture_that_is_no_base64_is_unknown(order):
    """It was charged all the same."""
    wire = Wire(httpx2)
    wire.answer = (200, {"data": [{"b64_json": "%%%"}]})

    with pytest.raises(NoAnswer):
        OpenAI(OpenAISection(api_key=KEY), http_client=wire.client()).render(
            order, [packshot()], on_receipt=lambda _: None
        )


@pytest.mark.parametrize("ratio", ImagesSection.model_fields["aspect_ratio"].annotation.__args__)
@pytest.mark.parametrize("resolution", ["1K", "2K"])
def test_every_ratio_of_the_settings_has_a_size_that_openai_takes(ratio, resolution):
    """Edges in steps of 16, at most 3840 px, no more than three to one, of the ordered shape."""
    width, height = size(ratio, resolution)
    wanted = int(ratio.split(":")[0]) / int(ratio.split(":")[1])

    assert (0, 0) == (width % 16, height % 16)
    assert max(width, height) <= 3840
    assert 655_360 <= width * height <= 8_294_400
    assert abs(width / height / wanted - 1) <= 0.02


@pytest.mark.parametrize(("usage", "cost"), [(USAGE, 56_520), ({}, None), (None, None), ({"output_tokens": 0}, 0)])
def test_tokens_become_money(usage, cost):
    """What is not counted is not known; the reservation counts then."""
    assert cost == cost_microusd(usage)


def test_there_are_no_prices_to_ask_for():
    """The settings say them."""
    assert OpenAI(OpenAISection(api_key=KEY)).quote("1K") is None
