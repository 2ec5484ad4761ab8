"""One webhook on its way: what is sent, how it is signed, what came back of each attempt."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from shopify_imagegen.sandbox.shop.loopback import is_loopback

API_VERSION = "2026-10"


def signature(body: bytes, secret: str) -> str:
    """Base64 of the HMAC-SHA256 of *body*, keyed with the app's client secret."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@dataclass(frozen=True)
class Attempt:
    """One POST: the status that came back, or why none did."""

    at: datetime
    status: int | None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass
class Delivery:
    """One event for one subscription; the same webhook id on every attempt."""

    id: int
    shop: str
    topic: str
    uri: str
    webhook_id: str
    event_id: str
    triggered_at: datetime
    body: bytes
    hmac_sha256: str
    subscription_id: int
    name: str | None = None
    state: str = "waiting"  #: waiting, delivered, given up, dropped
    attempts: list[Attempt] = field(default_factory=list)

    def headers(self) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "shopify-imagegen-sandbox",
            "X-Shopify-Topic": self.topic,
            "X-Shopify-Hmac-Sha256": self.hmac_sha256,
            "X-Shopify-Shop-Domain": self.shop,
            "X-Shopify-API-Version": API_VERSION,
            "X-Shopify-Webhook-Id": self.webhook_id,
            "X-Shopify-Event-Id": self.event_id,
            "X-Shopify-Triggered-At": self.triggered_at.isoformat().replace("+00:00", "Z"),
        }
        return headers | ({"X-Shopify-Name": self.name} if self.name else {})

    def snapshot(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "shop": self.shop,
            "topic": self.topic,
            "uri": self.uri,
            "webhook_id": self.webhook_id,
            "event_id": self.event_id,
            "triggered_at": self.triggered_at.isoformat(),
            "state": self.state,
            "attempts": [
                {"at": attempt.at.isoformat(), "status": attempt.status, "error": attempt.error}
                for attempt in self.attempts
            ],
            "body": json.loads(self.body),
        }


def post(client: httpx.Client, delivery: Delivery, at: datetime) -> Attempt:
    """Send *delivery* once. Redirects are not followed: to Shopify a 3xx is a failure."""
    if not is_loopback(delivery.uri):
        return Attempt(at, None, "not sent: the sandbox talks to this machine only")
    try:
        response = client.post(delivery.uri, content=delivery.body, headers=delivery.headers())
    except httpx.HTTPError as error:
        return Attempt(at, None, repr(error))
    return Attempt(at, response.status_code)
