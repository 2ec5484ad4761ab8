"""The border where what httpx and a neighbour's statuses say becomes ours, and the one place that repeats calls."""

from __future__ import annotations

import contextlib
import logging
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
import tenacity

from shopify_imagegen.errors import (
    BadCredentials,
    BadInput,
    ImagegenError,
    MissingScope,
    NoAnswer,
    NotFound,
    NotSent,
    Permanent,
    RateLimited,
    Rejected,
    Unavailable,
)
from shopify_imagegen.ports import Sleep, T
from shopify_imagegen.settings import LOOPBACK

logger = logging.getLogger(__name__)

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
RATE_LIMITS = {429, 430}
USUAL: Mapping[int, type[ImagegenError]] = {
    400: BadInput,
    401: BadCredentials,
    403: MissingScope,
    404: NotFound,
    408: Unavailable,
    422: BadInput,
}
STORAGE_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")  # of the XML that cloud storage refuses with
WHO_ASKS = {"user-agent": "shopify-imagegen"}  # a store's or a neighbour's log names the app, not the library
SAID_CHARS = 300  # of a neighbour's words in our message


@contextlib.contextmanager
def our_errors(service: str) -> Iterator[None]:
    """Re-raise what httpx raises as one of ours, keeping the cause."""
    try:
        yield
    except NEVER_LEFT as error:
        raise NotSent(f"{service} could not be reached: {error!r}") from error
    except httpx.LocalProtocolError:
        # its text would quote the header, and the header is the token
        raise Permanent(f"a request to {service} could not be written: a header has forbidden characters") from None
    except httpx.RequestError as error:
        raise NoAnswer(f"{service} did not answer: {error!r}") from error


def check(
    service: str,
    response: httpx.Response,
    *,
    unsure: bool,
    table: Mapping[int, type[ImagegenError]] = USUAL,
) -> None:
    """Let a 2xx pass, and raise for every other status.

    Args:
        unsure: whether a 5xx may have taken effect all the same: True for a write (NoAnswer), False for a read
            (Unavailable).
        table: what the neighbour means by a status below 500; what it does not name is `Permanent`.

    Raises:
        RateLimited: 429 and 430, with the neighbour's Retry-After.
        ImagegenError: as the table and *unsure* say.
    """
    if response.is_success:
        return
    message = f"{service} answered {response.status_code}{said(response)}"
    if response.status_code in RATE_LIMITS:
        raise RateLimited(message, retry_after_s=retry_after_s(response.headers))
    if response.status_code >= 500:
        raise NoAnswer(message) if unsure else Unavailable(message)
    raise table.get(response.status_code, Permanent)(message)


def said(response: httpx.Response) -> str:
    """The neighbour's own words, made short; of a storage's XML its code; a page for browsers is only named."""
    if response.is_redirect:
        return f": go to {urlsplit(response.headers['location']).netloc or 'another path'}"
    text = " ".join(_told(response).split())
    if not text:
        return ""
    if text.startswith("<"):
        code = STORAGE_CODE.search(text)
        return f": {code[1]}" if code else ": an HTML page"
    return f": {text[:SAID_CHARS]}"


def _told(response: httpx.Response) -> str:
    """The text of the usual JSON around one sentence, `{"errors": "Locked"}`; of everything else the whole."""
    try:
        match response.json():
            case {"errors": str(sentence)} | {"error": str(sentence)}:
                return sentence
    except ValueError:
        pass
    return response.text


def retry_after_s(headers: httpx.Headers) -> float | None:
    """Seconds that a Retry-After header asks for; None if it is missing or senseless.

    A date is measured from the answer's own Date, so that our clock need not agree with the neighbour's.
    """
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value, headers.get("date", ""))
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_until(date: str, answered: str) -> float:
    until = _parsed(date)
    if until is None:
        return math.nan
    return (until - (_parsed(answered) or datetime.now(UTC))).total_seconds()


def _parsed(date: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(date)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def safe(url: str) -> str:
    """The address, if it is https, or http on loopback, and carries no password.

    Raises:
        Rejected: with the reason; the query, which may be a signature, is not quoted.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise Rejected("an address is not a URL") from None
    if host and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)) and "@" not in parts.netloc:
        return url
    raise Rejected(f"an address is not https: {parts.scheme or '?'}://{host or '?'}/…")


class Patient:
    """Takes a call without arguments, and returns what it returns or raises what it raised last (`ports.Patience`)."""

    def __init__(self, retrying: tenacity.Retrying) -> None:
        self._retrying = retrying

    def __call__(self, call: Callable[[], T]) -> T:
        return self._retrying(call)


def patience(
    *,
    on: tuple[type[Exception], ...],
    attempts: int,
    total_s: float,
    first_wait_s: float,
    longest_wait_s: float,
    sleep: Sleep = time.sleep,
) -> Patient:
    """A way to repeat a call that is safe to repeat.

    Args:
        on: the errors after which the call may be repeated. There is no default: only the caller knows.
        attempts: calls in all, the first included.
        total_s: no wait is begun that would end later than this after the first call began.
        first_wait_s: grows twofold each time, with up to as much jitter; `RateLimited` may name its own.
        longest_wait_s: of any single wait, the neighbour's included.

    """
    backoff = tenacity.wait_exponential_jitter(multiplier=first_wait_s, max=longest_wait_s, jitter=first_wait_s)
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(on),
        wait=lambda state: min(longest_wait_s, _asked_s(state) or backoff(state)),
        stop=lambda state: state.attempt_number >= attempts or _end_of_wait_s(state) > total_s,
        sleep=sleep,
        before_sleep=_log_wait,
        reraise=True,
    )

    return Patient(retrying)


def _asked_s(state: tenacity.RetryCallState) -> float | None:
    error = _error(state)
    return error.retry_after_s if isinstance(error, RateLimited) else None


def _end_of_wait_s(state: tenacity.RetryCallState) -> float:
    """When the coming wait would end. A sleep that is handed in may not be one that clocks notice."""
    return max(state.seconds_since_start or 0.0, state.idle_for) + state.upcoming_sleep


def _log_wait(state: tenacity.RetryCallState) -> None:
    extra = {"action": "waited", "wait_s": round(state.upcoming_sleep, 2), "attempt": state.attempt_number}
    logger.info("will ask again: %s", _error(state), extra=extra)


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
