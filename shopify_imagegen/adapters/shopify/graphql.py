"""The one way to Shopify's Admin GraphQL API: reads are repeated, writes only when they certainly took no effect."""

from __future__ import annotations

import functools
import logging
import re
import threading
from collections.abc import Sequence
from typing import Any, Protocol

import httpx

from shopify_imagegen.adapters.http import our_errors, patience
from shopify_imagegen.adapters.shopify import answers
from shopify_imagegen.adapters.shopify.admin_api import Client
from shopify_imagegen.adapters.shopify.pacing import Pacing
from shopify_imagegen.errors import BadCredentials, NoAnswer, NotSent, RateLimited, Temporary, TokenRefused
from shopify_imagegen.ports import Sleep

logger = logging.getLogger(__name__)

MUTATION = re.compile(r"\s*mutation\b")
REFUSED = "Shopify refuses our token for {shop}; install the app again or give it a new token"
CONNECT_S = 5.0
REPEATABLE = {"StagedUploads", "FileDelete"}  # writes of which a second one changes nothing
HARMLESS = (RateLimited, NotSent)  # after these a write may be sent again: it was never looked at


class Token(Protocol):
    """Where the shops' access tokens come from."""

    def __call__(self, shop: str, *, refused: str | None = None) -> str:
        """Raises: BadCredentials, ShopClosed, Temporary, NoAnswer."""


class Admin:
    """Sends documents to any shop's Admin API.

    Args:
        client: without a token of its own; each request carries its shop's.
        base_url: "https://{shop}", or the sandbox's.
        scopes: that the app asks for; named when Shopify says that one is missing.
    """

    def __init__(
        self,
        client: httpx.Client,
        *,
        base_url: str,
        api_version: str,
        timeout_s: float,
        scopes: Sequence[str],
        token: Token,
        pacing: Pacing,
        sleep: Sleep,
        attempts: int = 6,
    ) -> None:
        self._client = client
        self._base_url = base_url
        self._version = api_version
        self._timeout = httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s))
        self._scopes = scopes
        self._token = token
        self._pacing = pacing
        patient = functools.partial(
            patience, attempts=attempts, total_s=120.0, first_wait_s=0.5, longest_wait_s=30.0, sleep=sleep
        )
        self._reading = patient(on=(Temporary, NoAnswer))
        self._writing = patient(on=HARMLESS)
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def to(self, shop: str) -> Client:
        """The generated client, speaking to one shop: `admin.to(shop).job_status(id)`."""
        return Client(functools.partial(self._send, shop))

    def _send(self, shop: str, document: str, operation: str, variables: dict[str, Any]) -> dict[str, Any]:
        writes = bool(MUTATION.match(document))
        patient = self._writing if writes and operation not in REPEATABLE else self._reading
        request = {"query": document, "operationName": operation, "variables": variables}
        return patient(lambda: self._ask(shop, request, writes=writes))

    def _ask(self, shop: str, request: dict[str, Any], *, writes: bool) -> dict[str, Any]:
        with self._pacing.turn(shop, request["operationName"]) as turn:
            response = self._post(shop, request)
            self._notice_version(response)
            found = answers.body(response, writes=writes)
            turn.cost = answers.cost(found)
        return answers.data(found, writes=writes, scopes=self._scopes)

    def _post(self, shop: str, request: dict[str, Any]) -> httpx.Response:
        """Send, and once more with a new token if the first is refused: a 401 comes before any work."""
        token = self._token(shop)
        response = self._post_as(token, shop, request)
        if response.status_code != 401:
            return response
        renewed = self._token(shop, refused=token)
        if renewed == token:
            raise TokenRefused(REFUSED.format(shop=shop))
        response = self._post_as(renewed, shop, request)
        if response.status_code == 401:
            raise BadCredentials(REFUSED.format(shop=shop))  # it was granted just now: this is not the store's leaving
        return response

    def _post_as(self, token: str, shop: str, request: dict[str, Any]) -> httpx.Response:
        url = f"{self._base_url.replace('{shop}', shop)}/admin/api/{self._version}/graphql.json"
        headers = {"x-shopify-access-token": token, "accept": "application/json"}
        with our_errors("Shopify"):
            return self._client.post(url, json=request, headers=headers, timeout=self._timeout)

    def _notice_version(self, response: httpx.Response) -> None:
        """A version past its end is silently answered by the oldest one that still lives."""
        answered = response.headers.get("x-shopify-api-version", self._version)
        with self._lock:
            new = answered != self._version and answered not in self._told
            self._told.add(answered)
        if new:
            extra = {"action": "version_differs", "asked": self._version, "answered": answered}
            logger.warning("Shopify answers as another API version; check shopify.api_version", extra=extra)
