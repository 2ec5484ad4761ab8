"""OpenAI's `images.edit`: the same model family as getimg's, another account. Its SDK repeats nothing here either.

The SDK speaks httpx2, whose exceptions are not httpx's.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx
import httpx2
import openai

from shopify_imagegen.adapters.http import retry_after_s
from shopify_imagegen.errors import (
    BadCredentials,
    BadInput,
    ImagegenError,
    Moderated,
    NoAnswer,
    NoFunds,
    NotSent,
    RateLimited,
    Rejected,
    Unavailable,
)
from shopify_imagegen.models import Brief, Receipt, Rendering
from shopify_imagegen.settings import OpenAISection

NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
UNWRITABLE = (httpx2.LocalProtocolError, UnicodeError)  # its text quotes the header, which is the key
ASK_TIMEOUT = httpx2.Timeout(4.0)  # of a question that costs nothing
NO_FUNDS = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
MIMES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
MICROUSD_PER_TOKEN = {"text": 5.0, "image": 8.0, "output": 30.0}  # gpt-image-2, read 2026-11-22; cached input is less
EDGES_PX = {  # edges are multiples of 16; 2K squares are beyond what OpenAI calls reliable
    "1K": {"1:1": (1024, 1024), "2:3": (1024, 1536), "4:3": (1280, 960), "4:5": (1024, 1280), "16:9": (1536, 864)},
    "2K": {"1:1": (2048, 2048), "2:3": (1360, 2048), "4:3": (2048, 1536), "4:5": (2048, 2560), "16:9": (2048, 1152)},
}
WIDE = {"1K": (2016, 864), "2K": (2688, 1152)}  # 21:9


class OpenAI:
    """Keeps `ports.ImageProvider`.

    Args:
        http_client: of the SDK, which makes its own without it.
    """

    name = "openai"
    max_references = 16
    max_prompt_chars = 32_000

    def __init__(self, settings: OpenAISection, *, http_client: httpx2.Client | None = None) -> None:
        self._quality = settings.quality
        self._model = settings.model
        self._key = settings.api_key.get_secret_value().strip()
        self._api = openai.OpenAI(
            api_key=self._key or "none",  # the SDK refuses an empty one at once, we when it is used
            base_url=settings.base_url,
            timeout=httpx2.Timeout(settings.timeout_s, connect=5.0),
            max_retries=0,
            http_client=http_client,
        )

    def render(self, brief: Brief, references: Sequence[bytes], *, on_receipt: Callable[[Receipt], None]) -> Rendering:
        """See `ports.ImageProvider`. The answer is the picture itself, so *on_receipt* is not called."""
        arguments = request(brief, references, quality=self._quality)
        return parse(brief, self._ask(lambda: self._api.images.with_raw_response.edit(**arguments)))

    def costs(self, start: datetime, end: datetime) -> None:
        """OpenAI tells costs to administrators' keys only."""

    def collect(self, receipt: Receipt) -> Rendering:
        raise Rejected("OpenAI answers with the picture itself; there is nothing to fetch later")

    def quote(self, resolution: str) -> None:
        """OpenAI has no prices to ask for; see `provider.openai.prices_usd`."""

    def capabilities(self) -> None:
        """OpenAI says no more of a model than that it is there."""

    def balance(self) -> None:
        """OpenAI does not tell its balance; but it says whether the key is good."""
        self._ask(lambda: self._api.models.with_raw_response.retrieve(self._model, timeout=ASK_TIMEOUT))

    def _ask(self, call: Callable[[], Any]) -> Any:
        """What the API answered with 2xx; everything else as one of our errors."""
        if not self._key:
            raise BadCredentials("provider.openai.api_key is not set.")
        try:
            return call().http_response
        except openai.OpenAIError as error:
            quotes_the_key = isinstance(error.__cause__, UNWRITABLE)
            raise ours(error) from (None if quotes_the_key else error)


def request(brief: Brief, references: Sequence[bytes], *, quality: str) -> dict[str, Any]:
    """The arguments of one call. `input_fidelity` is left out: gpt-image-2 refuses it."""
    width, height = size(brief.aspect_ratio, brief.resolution)
    return {
        "model": brief.model,
        "prompt": brief.prompt,
        "image": [(f"image-{number}.jpg", each, "image/jpeg") for number, each in enumerate(references, start=1)],
        "size": f"{width}x{height}",
        "quality": quality,
        "output_format": brief.output_format,
        "n": 1,
    }


def size(aspect_ratio: str, resolution: str) -> tuple[int, int]:
    """Width and height in pixels.

    >>> size("4:5", "1K"), size("3:2", "1K")
    ((1024, 1280), (1536, 1024))
    """
    if aspect_ratio == "21:9":
        return WIDE[resolution]
    edges = EDGES_PX[resolution]
    if aspect_ratio in edges:
        return edges[aspect_ratio]
    height, width = edges[":".join(reversed(aspect_ratio.split(":")))]
    return width, height


def parse(brief: Brief, response: Any) -> Rendering:
    """Read a 200 answer.

    Raises:
        NoAnswer: it cannot be read; the picture was probably charged.
    """
    try:
        body = response.json()
        image = base64.b64decode(body["data"][0]["b64_json"], validate=True)
        cost = cost_microusd(body.get("usage"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, binascii.Error) as error:
        raise NoAnswer(f"openai answered 200 with something unreadable ({type(error).__name__})") from error
    request_id = str(response.headers.get("x-request-id") or "")
    return Rendering(image=image, mime=MIMES[brief.output_format], cost_microusd=cost, request_id=request_id)


def cost_microusd(usage: Mapping[str, Any] | None) -> int | None:
    """What the tokens cost by the price list; None if the answer does not count them.

    >>> cost_microusd({"input_tokens_details": {"text_tokens": 200, "image_tokens": 1000}, "output_tokens": 1584})
    56520
    """
    if not usage or "output_tokens" not in usage:
        return None
    details = usage.get("input_tokens_details") or {}
    tokens: dict[str, float] = {
        "text": details.get("text_tokens", 0),
        "image": details.get("image_tokens", 0),
        "output": usage["output_tokens"],
    }
    return round(sum(MICROUSD_PER_TOKEN[kind] * count for kind, count in tokens.items()))


def ours(error: openai.OpenAIError) -> ImagegenError:
    """The SDK's errors, told apart by one question: can we have been charged?"""
    if isinstance(error, openai.APIConnectionError):
        if isinstance(error.__cause__, NEVER_SENT):
            return NotSent(f"openai could not be reached: {error.__cause__!r}")
        if isinstance(error.__cause__, UNWRITABLE):
            return BadCredentials("provider.openai.api_key has characters that cannot be sent.")
        return NoAnswer(f"openai did not answer ({type(error.__cause__ or error).__name__})")
    if isinstance(error, openai.APIStatusError):
        return of_status(error)
    return NoAnswer(f"openai's answer could not be read ({type(error).__name__})")


def of_status(error: openai.APIStatusError) -> ImagegenError:
    """What an answer other than 2xx means for us."""
    status, code, words = error.status_code, str(error.code or ""), f"openai: {error.message}"
    if code == "moderation_blocked":
        return Moderated(f"The provider's safety rules refused this picture ({error.message}).")
    if code in NO_FUNDS:
        return NoFunds(f"{words.rstrip('.')}. Check the billing page of the OpenAI account; it then goes on by itself.")
    if status == 429:
        return RateLimited(words, retry_after_s=retry_after_s(httpx.Headers(dict(error.response.headers))))
    if status in (401, 403):  # its words quote a part of the key
        return BadCredentials(f"openai refuses the API key (HTTP {status}). Check provider.openai.api_key.")
    if status >= 500:
        # its own error body means that it failed and did not charge; a gateway's page may hide a finished picture
        return Unavailable(words) if _is_its_own(error.response) else NoAnswer(f"openai: HTTP {status} from a gateway")
    return NoAnswer(words) if status in (408, 409) else BadInput(words)


def _is_its_own(response: Any) -> bool:
    try:
        return isinstance(response.json()["error"]["message"], str)
    except (ValueError, KeyError, TypeError):
        return False
