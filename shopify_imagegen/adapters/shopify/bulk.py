"""A bulk operation: Shopify writes everything that a query finds into one file, and we download that.

It may fail, stall, be refused while another one runs, or take hours (read 2026-11-22); so it is watched, and whoever
asks for it has another way. What a failed one has written is not used: a product may lack photos in it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from importlib import resources

import httpx

from shopify_imagegen.adapters.http import our_errors
from shopify_imagegen.adapters.shopify.admin_api import BulkStatusBulkOperation
from shopify_imagegen.adapters.shopify.graphql import Admin
from shopify_imagegen.errors import BadInput, ImagegenError, Unavailable
from shopify_imagegen.ports import Sleep

logger = logging.getLogger(__name__)

POLLS_S = (*[1.0] * 10, 5.0)  # waits between looks; the last again and again, as Shopify's own tool does
STALLED_AFTER_S = 180.0  # without another object
UNDER_WAY = {"CREATED", "RUNNING", "CANCELING"}
DOWNLOAD_TIMEOUT_S = 60.0  # without a byte


class Bulk:
    """Runs one query at a time, of any shop.

    Args:
        storage: for the file: it is signed, and carries no token.
        monotonic: seconds; moves on while `sleep` sleeps.
        stalled_after_s: an operation that finds nothing more for so long is given up.
    """

    def __init__(
        self,
        admin: Admin,
        storage: httpx.Client,
        *,
        sleep: Sleep = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        stalled_after_s: float = STALLED_AFTER_S,
    ) -> None:
        self._admin = admin
        self._storage = storage
        self._sleep = sleep
        self._monotonic = monotonic
        self._stalled_after_s = stalled_after_s

    def lines(self, shop: str, search: str) -> Iterator[str]:
        """The file's lines, one JSON object each, while they come in.

        Raises:
            Unavailable: it was refused for now, failed, or stalled. NoAnswer: the file broke off.
        """
        url = self._finished(shop, self._start(shop, inner_query(search)))
        if url:
            yield from self._download(url)

    def _start(self, shop: str, query: str) -> str:
        payload = self._admin.to(shop).bulk_run(query).bulk_operation_run_query
        errors = payload.user_errors if payload else []
        words = "; ".join(error.message for error in errors)
        if any(error.code and error.code.value == "INVALID" for error in errors):
            raise BadInput(f"Shopify refuses the bulk query: {words}")
        started = payload.bulk_operation if payload else None
        if errors or started is None:
            raise Unavailable(f"Shopify starts no bulk operation now: {words or 'it gave none'}")
        return started.id

    def _finished(self, shop: str, operation_id: str) -> str | None:
        """The file's address, once it is complete; None when nothing was found. Raises: Unavailable."""
        watch, at = Watchdog(self._stalled_after_s, self._monotonic), 0
        while True:
            found = self._admin.to(shop).bulk_status(operation_id).bulk_operation
            status = found.status.value if found else "gone"
            if found and status == "COMPLETED":
                return found.url
            if found is None or status not in UNDER_WAY:
                raise Unavailable(f"the bulk operation ended as {status}{_why(found)}")
            if watch.has_stalled(found.object_count):
                self._cancel(shop, operation_id)
                raise Unavailable(f"the bulk operation found nothing more in {self._stalled_after_s:g} s")
            self._sleep(POLLS_S[min(at, len(POLLS_S) - 1)])
            at += 1

    def _cancel(self, shop: str, operation_id: str) -> None:
        """So that the next one may start; whether it works changes nothing for us."""
        try:
            self._admin.to(shop).bulk_cancel(operation_id)
        except ImagegenError as error:
            logger.warning("a stalled bulk operation goes on", extra={"action": "not_cancelled", "why": str(error)})

    def _download(self, url: str) -> Iterator[str]:
        with our_errors("Shopify's storage"), self._storage.stream("GET", url, timeout=DOWNLOAD_TIMEOUT_S) as response:
            if response.status_code != 200:
                raise Unavailable(f"Shopify's storage answers {response.status_code} for the bulk operation's file")
            yield from (line for line in response.iter_lines() if line)


class Watchdog:
    """Barks when a count stands still for too long."""

    def __init__(self, limit_s: float, monotonic: Callable[[], float]) -> None:
        self._limit_s = limit_s
        self._monotonic = monotonic
        self._count = ""
        self._moved_at = monotonic()

    def has_stalled(self, count: str) -> bool:
        if count != self._count:
            self._count, self._moved_at = count, self._monotonic()
        return self._monotonic() - self._moved_at > self._limit_s


def inner_query(search: str) -> str:
    """The query that the operation runs. It may have no variables, so the search is written into it."""
    file = resources.files("shopify_imagegen.adapters.shopify").joinpath("operations/export.graphql")
    document = file.read_text(encoding="utf-8").replace("($query: String!)", "")
    return document.replace("$query", json.dumps(search, ensure_ascii=False))


def _why(found: BulkStatusBulkOperation | None) -> str:
    return f" ({found.error_code.value})" if found and found.error_code else ""
