"""getimg.ai, version 2: one call of its SDK buys one picture. Nothing is repeated here.

The SDK repeats calls that may have been charged (connection errors, every 5xx); so it is told not to: `max_retries=0`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import getimg
import httpx

from shopify_imagegen.adapters.http import retry_after_s
from shopify_imagegen.adapters.providers.prices import PriceList, microusd, per_image
from shopify_imagegen.errors import (
    BadCredentials,
    BadInput,
    ImagegenError,
    Moderated,
    NoAnswer,
    NoFunds,
    NotCollected,
    NotSent,
    RateLimited,
    Unavailable,
)
from shopify_imagegen.models import MICRO_PER_USD, Brief, Capabilities, Receipt, Rendering
from shopify_imagegen.ports import Downloads
from shopify_imagegen.settings import GetimgSection

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
UNWRITABLE = (httpx.LocalProtocolError, UnicodeError)  # its text quotes the header, which is the key
MODERATION = re.compile(r"moderat|safety|content.policy|policy.violation", re.IGNORECASE)
MAX_PICTURE_BYTES = 25_000_000
MAX_PROMPT_CHARS = 4096  # not in the SDK's types; the API page says so, read 2026-11-22
ASK_TIMEOUT = httpx.Timeout(4.0)  # of questions that cost nothing; planning waits for them
MAX_REFERENCES = 10  # of gpt-image-2, seed page; /v2/models has the number per model


class Getimg:
    """Keeps `ports.ImageProvider`.

    Args:
        http_client: of the SDK, which makes its own without it.
    """

    name = "getimg"
    max_references = MAX_REFERENCES
    max_prompt_chars = MAX_PROMPT_CHARS

    def __init__(
        self, settings: GetimgSection, downloads: Downloads, *, http_client: httpx.Client | None = None
    ) -> None:
        self._downloads = downloads
        self._key = settings.api_key.get_secret_value().strip()
        self._model = settings.model
        self._prices = PriceList(self._ask_prices)
        self._api = getimg.GetimgAI(
            api_key=self._key,
            base_url=settings.base_url,
            timeout=httpx.Timeout(settings.timeout_s, connect=5.0),
            max_retries=0,
            http_client=http_client,
        )

    def render(self, brief: Brief, references: Sequence[bytes], *, on_receipt: Callable[[Receipt], None]) -> Rendering:
        answer = self._ask(lambda: self._api.images.with_raw_response.generate(**request(brief, references)))
        receipt = parse(answer)
        on_receipt(receipt)
        try:
            return self.collect(receipt)
        except ImagegenError as error:
            raise NotCollected(f"bought, and not fetched yet: {error}") from error

    def collect(self, receipt: Receipt) -> Rendering:
        """See `ports.ImageProvider`. The API key does not go to the download address."""
        image = self._downloads.get(receipt.url, max_bytes=MAX_PICTURE_BYTES)
        return Rendering(
            image=image,
            mime=receipt.mime,
            cost_microusd=receipt.cost_microusd,
            request_id=receipt.request_id,
        )

    def quote(self, resolution: str) -> int | None:
        """What a picture costs now; see `ports.ImageProvider`."""
        return self._prices.of(resolution)

    def capabilities(self) -> Capabilities:
        """What the model can do; see `ports.ImageProvider`."""
        return capabilities(self._model, _object(self._show_model()))

    def balance(self) -> int | None:
        """The prepaid money that is left; see `ports.ImageProvider`."""
        answer = self._ask(lambda: self._api.billing.with_raw_response.retrieve_balance(timeout=ASK_TIMEOUT))
        return microusd_left(_object(answer).get("balance"))

    def costs(self, start: datetime, end: datetime) -> dict[str, int]:
        """What the provider charged on each UTC day from *start* to *end*, in micro-dollars."""
        answer = self._ask(
            lambda: self._api.billing.with_raw_response.list_costs(
                start=start.isoformat(), end=end.isoformat(), timeout=ASK_TIMEOUT
            )
        )
        days = _object(answer).get("data")
        return {
            str(day["date"])[:10]: microusd_left(day.get("cost")) or 0
            for day in (days if isinstance(days, list) else ())
            if isinstance(day, dict) and day.get("date")
        }

    def _ask_prices(self) -> dict[str | None, int]:
        pricing = _object(self._show_model()).get("pricing")
        return per_image(pricing.get("rates")) if isinstance(pricing, dict) else {}

    def _show_model(self) -> httpx.Response:
        return self._ask(lambda: self._api.models.with_raw_response.retrieve(self._model, timeout=ASK_TIMEOUT))

    def _ask(self, call: Callable[[], Any]) -> httpx.Response:
        """What the API answered with 2xx; everything else as one of our errors."""
        if not self._key:
            raise BadCredentials("provider.getimg.api_key is not set.")
        try:
            response: httpx.Response = call().http_response
        except getimg.GetimgAIError as error:
            quotes_the_key = isinstance(error.__cause__, UNWRITABLE)
            raise ours(error) from (None if quotes_the_key else error)
        return response


def request(brief: Brief, references: Sequence[bytes]) -> dict[str, Any]:
    """The arguments of one call, as the SDK names them. References go as data URLs: no fetcher stands between."""
    return {
        "model": brief.model,
        "prompt": brief.prompt,
        "aspect_ratio": brief.aspect_ratio,
        "resolution": brief.resolution,
        "output_format": brief.output_format,
        "images": [{"url": data_url(reference)} for reference in references],
    }


def data_url(image: bytes) -> str:
    mime = "image/png" if image.startswith(b"\x89PNG") else "image/jpeg"
    return f"data:{mime};base64,{base64.b64encode(image).decode()}"


def parse(response: httpx.Response) -> Receipt:
    """Read a 200 answer by ourselves: the SDK lets anything pass as its type.

    Raises:
        NoAnswer: it cannot be read; the picture was probably charged.
    """
    try:
        body = response.json()
        picture = body["data"][0]
        return Receipt(
            url=picture["url"],
            mime=picture.get("mime_type") or "",
            cost_microusd=microusd((body.get("usage") or {}).get("total_cost")),
            request_id=str(body.get("id") or ""),
            expires_at=_moment(picture.get("deletes_at")),
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise NoAnswer(f"getimg answered 200 with something unreadable ({type(error).__name__})") from error


def capabilities(model: str, shown: Mapping[str, Any]) -> Capabilities:
    """What the page of a model says; what it says in another form than we know counts as not said."""
    references = shown.get("supported_references")
    photos = references.get("reference_image") if isinstance(references, dict) else None
    return Capabilities(
        model=model,
        aspect_ratios=_words(shown.get("supported_aspect_ratios")),
        resolutions=_words(shown.get("supported_resolutions")),
        references=photos if isinstance(photos, int) else None,
    )


def _words(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def microusd_left(usd: object) -> int | None:
    """An account's money, which may be large or overdrawn, in micro-dollars.

    >>> microusd_left("50.00"), microusd_left("-0.12"), microusd_left(None)
    (50000000, -120000, None)
    """
    try:
        amount = Decimal(str(usd))
    except InvalidOperation:
        return None
    return int(amount * MICRO_PER_USD) if amount.is_finite() else None


def ours(error: getimg.GetimgAIError) -> ImagegenError:
    """The SDK's errors, told apart by one question: can we have been charged?"""
    if isinstance(error, getimg.APIConnectionError):  # its timeouts too
        if isinstance(error.__cause__, NEVER_SENT):
            return NotSent(f"getimg could not be reached: {error.__cause__!r}")
        if isinstance(error.__cause__, UNWRITABLE):
            return BadCredentials("provider.getimg.api_key has characters that cannot be sent.")
        return NoAnswer(f"getimg did not answer ({type(error.__cause__ or error).__name__})")
    if isinstance(error, getimg.APIStatusError):
        return of_status(error.response)
    return NoAnswer(f"getimg's answer could not be read ({type(error).__name__})")


def of_status(response: httpx.Response) -> ImagegenError:
    """What an answer other than 2xx means for us."""
    code, said = own_words(response)
    words = f"getimg: {said or f'HTTP {response.status_code}'}"
    status = response.status_code
    if status == 429:
        return RateLimited(words, retry_after_s=retry_after_s(response.headers))
    if status == 402:
        return NoFunds(f"{words.rstrip('.')}. Top up the balance at getimg.ai; it then goes on by itself.")
    if status in (401, 403):
        return BadCredentials(f"getimg refuses the API key (HTTP {status}). Check provider.getimg.api_key.")
    if status >= 500:
        # its own error body means that it failed and did not charge; a gateway's page may hide a finished picture
        return Unavailable(words) if said is not None else NoAnswer(f"{words} from a gateway")
    if status in (400, 422) and MODERATION.search(f"{code} {said}"):
        return Moderated(f"The provider's safety rules refused this picture ({said}).")
    if status in (408, 409):
        return NoAnswer(words)
    return BadInput(f"{words} (HTTP {status})")


def own_words(response: httpx.Response) -> tuple[str, str | None]:
    """(code, message) of getimg's error body; the message is None if the body is not one."""
    try:
        error = response.json()["error"]
        return str(error.get("code") or ""), str(error["message"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", None


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _object(response: httpx.Response) -> Mapping[str, Any]:
    """The JSON object of an answer that costs nothing to ask for again."""
    try:
        found = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unavailable("getimg answered with something unreadable")
    return found
