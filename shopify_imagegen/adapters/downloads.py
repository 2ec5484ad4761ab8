"""Plain GETs of pictures: from known hosts, capped, timed, https only, and without any credentials."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from urllib.parse import urljoin, urlsplit

import httpx

from shopify_imagegen.adapters.guard import guarded_client
from shopify_imagegen.adapters.http import our_errors, patience, retry_after_s, safe
from shopify_imagegen.errors import ImagegenError, NoAnswer, RateLimited, Rejected, Temporary, Unavailable
from shopify_imagegen.ports import Sleep

REDIRECTS = 3
CONNECT_S = 5.0
READ_S = 20.0
# identity: a compressed body could unpack to far more than the cap before we see its size
HEADERS = {"accept": "image/*,*/*;q=0.5", "accept-encoding": "identity"}


def connect(*, hosts: Sequence[str], loopback: bool) -> Downloads:
    """Downloads over a client of their own, which reaches public addresses only.

    Args:
        hosts: "cdn.shopify.com", or "*.shopify.com" for all below it; also after a redirect.
        loopback: whether this machine may be reached too: the sandbox.
    """
    return Downloads(guarded_client(loopback=loopback, timeout_s=READ_S), hosts=hosts)


class Downloads:
    """Fetches pictures from the CDN and from providers.

    Args:
        client: without headers, cookies or authentication of its own.
        hosts: that pictures may come from; "*" takes any.
        total_s: for one attempt, redirects and the whole body included.
    """

    def __init__(
        self,
        client: httpx.Client,
        *,
        hosts: Sequence[str] = ("*",),
        total_s: float = 60.0,
        attempts: int = 4,
        sleep: Sleep = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._hosts = [each.lower() for each in hosts]
        self._total_s = total_s
        self._monotonic = monotonic
        self._patient = patience(
            on=(Temporary,),
            attempts=attempts,
            total_s=2 * total_s,
            first_wait_s=0.5,
            longest_wait_s=10.0,
            sleep=sleep,
        )

    def get(self, url: str, *, max_bytes: int) -> bytes:
        """The body at *url*; asked for again when that may help, since a GET changes nothing.

        Raises:
            Rejected: not there (403, 404, 410), longer than *max_bytes*, or not at a safe address of a known host.
            Temporary: it failed each time.
        """
        return self._patient(lambda: self._once(url, max_bytes))

    def _once(self, url: str, max_bytes: int) -> bytes:
        deadline_s = self._monotonic() + self._total_s
        try:
            with our_errors(name_of(url)):
                return self._follow(url, max_bytes, deadline_s)
        except NoAnswer as error:
            raise Unavailable(str(error)) from error
        except httpx.InvalidURL:
            raise Rejected("an address is not a URL") from None

    def _follow(self, url: str, max_bytes: int, deadline_s: float) -> bytes:
        for _ in range(1 + REDIRECTS):
            timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
            self._check_host(url)
            with self._client.stream("GET", safe(url), headers=HEADERS, timeout=timeout, auth=None) as response:
                if not response.has_redirect_location:
                    refuse(name_of(url), response)
                    return self._body(name_of(url), response, max_bytes, deadline_s)
                url = onward(url, response.headers["location"])
        raise Rejected(f"{name_of(url)} redirects more than {REDIRECTS} times")

    def _check_host(self, url: str) -> None:
        host = httpx.URL(safe(url)).host.lower()
        if not any(fnmatchcase(host, pattern) for pattern in self._hosts):
            raise Rejected(f"{host} is not a host that pictures are fetched from; see app.picture_hosts")

    def _body(self, name: str, response: httpx.Response, max_bytes: int, deadline_s: float) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise Rejected(f"{name} is compressed although we asked for it as it is")
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > max_bytes:
                raise Rejected(f"{name} is larger than {max_bytes:,} bytes")
            if self._monotonic() > deadline_s:
                raise Unavailable(f"{name} did not arrive within {self._total_s:g} s")
        return bytes(body)


def refuse(name: str, response: httpx.Response) -> None:
    """Let a 2xx pass. The body of another status is not read."""
    if response.is_success:
        return
    message = f"{name} answered {response.status_code}"
    if response.status_code == 429:
        raise RateLimited(message, retry_after_s=retry_after_s(response.headers))
    kind: type[ImagegenError] = Unavailable if response.status_code in (408, 425) else Rejected
    raise (Unavailable if response.status_code >= 500 else kind)(message)


def onward(url: str, location: str) -> str:
    """Where a redirect leads. From https it stays https, so that no one can send us to a service on this machine."""
    target = urljoin(url, location)
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
        raise Rejected(f"{name_of(url)} redirects from https to something else")
    return target


def name_of(url: str) -> str:
    """Host and path; the query may be a signature that must not reach a log."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "a picture"
    return f"{parts.hostname}{parts.path}"
