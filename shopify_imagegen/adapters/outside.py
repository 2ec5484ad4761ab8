"""Looks at public addresses for `doctor`: what answers there, and what its clock says."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from shopify_imagegen.adapters.guard import guarded_client
from shopify_imagegen.adapters.http import our_errors, safe
from shopify_imagegen.errors import Rejected
from shopify_imagegen.models import Seen

LOOK_S = 4.0
READ_BYTES = 4_000


class Outside:
    """Keeps `ports.Outside`."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def look(self, url: str) -> Seen:
        began = time.monotonic()
        try:
            with our_errors(httpx.URL(url).host), self._client.stream("GET", safe(url)) as response:
                text = _beginning(response)
        except httpx.InvalidURL:
            raise Rejected("an address is not a URL") from None
        took_s = time.monotonic() - began
        return Seen(status=response.status_code, text=text, date=_date(response), took_s=took_s)


def connect(*, loopback: bool) -> Outside:
    return Outside(guarded_client(loopback=loopback, timeout_s=LOOK_S))


def _beginning(response: httpx.Response) -> str:
    read = b""
    for piece in response.iter_raw(READ_BYTES):
        read += piece
        if len(read) >= READ_BYTES:
            break
    return read[:READ_BYTES].decode("utf-8", "replace")


def _date(response: httpx.Response) -> datetime | None:
    try:
        moment = parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
