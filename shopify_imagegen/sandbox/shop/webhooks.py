"""Tell the app what happened: match subscriptions, sign, send in the background, retry, remember."""

from __future__ import annotations

import hashlib
import itertools
import json
import uuid
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx

from shopify_imagegen.sandbox.shop.delivery import Delivery, post, signature
from shopify_imagegen.sandbox.shop.later import Later
from shopify_imagegen.sandbox.shop.search import predicate

if TYPE_CHECKING:
    from shopify_imagegen.sandbox.shop.state import Shop, Subscription
    from shopify_imagegen.sandbox.shop.store import Store

RETRIES = 8  # facts 3.4; Shopify spreads them over 4 hours
REMEMBERED = 2_000  # deliveries, the newest


@dataclass
class App:
    """The one app that all shops here have installed."""

    client_id: str = "sandbox-client-id"
    client_secret: str = "sandbox-client-secret"
    url: str | None = None
    subscriptions: list[Subscription] = field(default_factory=list)  #: declared, for every shop


class Webhooks:
    """The deliveries of every shop. Thread-safe: every change happens under the store's lock."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._later = Later("sandbox-webhooks", workers=8)
        timeout = httpx.Timeout(store.rules.webhook_total_s, connect=store.rules.webhook_connect_s)
        self._client = httpx.Client(timeout=timeout, trust_env=False, verify=False)  # this machine only
        self._ids = itertools.count(1)
        self._before: dict[tuple[str, str, object], bytes] = {}  # shop, topic, product id: the body before
        self._selected: dict[tuple[int, str, object], str] = {}  # subscription, shop, product id: digest of its fields
        self.deliveries: dict[int, Delivery] = {}

    def announce(self, shop: Shop, topic: str, body: dict[str, Any], *, event_id: str) -> None:
        """Send *body* to every subscription of *topic*."""
        with self._store.lock:
            for subscription in [*self._store.app.subscriptions, *shop.subscriptions.values()]:
                if subscription.topic == topic and _wanted(subscription, body):
                    self._prepare(shop, subscription, body, event_id)
            self._before[shop.domain, topic, body.get("id")] = _encode(body)

    def resend(self, delivery_id: int) -> Delivery:
        """Send an old delivery once more, with its own webhook id.

        Raises:
            KeyError: there is no such delivery.
        """
        with self._store.lock:
            delivery = self.deliveries[delivery_id]
            delivery.state = "waiting"
        self._send_after(0.0, delivery)
        return delivery

    def close(self) -> None:
        self._later.close()
        self._client.close()

    def _prepare(self, shop: Shop, subscription: Subscription, body: dict[str, Any], event_id: str) -> None:
        selected = _select(subscription, body)
        if subscription.include_fields and self._is_repetition(shop, subscription, selected, body.get("id")):
            return
        self._dispatch(shop, self._delivery(shop, subscription, _encode(selected), event_id), body.get("id"))

    def _is_repetition(self, shop: Shop, subscription: Subscription, selected: dict[str, Any], about: object) -> bool:
        """Shopify holds a delivery back whose selected fields are those of the one before."""
        key = (subscription.id, shop.domain, about)
        digest = hashlib.sha256(_encode(selected)).hexdigest()
        repeated = self._selected.get(key) == digest
        self._selected[key] = digest
        return repeated

    def _delivery(self, shop: Shop, subscription: Subscription, body: bytes, event_id: str) -> Delivery:
        return self._remember(
            Delivery(
                id=next(self._ids),
                shop=shop.domain,
                topic=subscription.topic,
                uri=subscription.uri,
                webhook_id=str(uuid.uuid4()),
                event_id=event_id,
                triggered_at=self._store.now(),
                body=body,
                hmac_sha256=signature(body, self._store.app.client_secret),
                subscription_id=subscription.id,
                name=subscription.name,
            )
        )

    def _remember(self, delivery: Delivery) -> Delivery:
        self.deliveries[delivery.id] = delivery
        for old in list(self.deliveries)[:-REMEMBERED]:
            del self.deliveries[old]
        return delivery

    def _dispatch(self, shop: Shop, delivery: Delivery, about: object) -> None:
        """Send *delivery*, with whatever the faults make of it."""
        if self._strikes("webhook.dropped", delivery) is not None:
            delivery.state = "dropped"
            return
        late = self._strikes("webhook.late", delivery)
        self._send_after(float(late.get("seconds", 1.0)) if late is not None else 0.0, delivery)
        if self._strikes("webhook.duplicate", delivery) is not None:
            self._send_after(0.0, self._copy(delivery))
        if self._strikes("webhook.twin", delivery) is not None:
            self._send_after(0.0, self._copy(delivery, webhook_id=str(uuid.uuid4())))
        if (stale := self._strikes("webhook.stale", delivery)) is not None:
            self._send_stale(shop, delivery, about, float(stale.get("seconds", 1.0)))

    def _strikes(self, fault: str, delivery: Delivery) -> dict[str, Any] | None:
        return self._store.faults.take(fault, topic=delivery.topic, shop=delivery.shop)

    def _copy(self, delivery: Delivery, **changes: Any) -> Delivery:
        return self._remember(replace(delivery, id=next(self._ids), attempts=[], **changes))

    def _send_stale(self, shop: Shop, delivery: Delivery, about: object, delay_s: float) -> None:
        body = self._before.get((shop.domain, delivery.topic, about), delivery.body)
        fresh_ids = {"webhook_id": str(uuid.uuid4()), "event_id": str(uuid.uuid4())}
        signed = signature(body, self._store.app.client_secret)
        self._send_after(delay_s, self._copy(delivery, body=body, hmac_sha256=signed, **fresh_ids))

    def _send_after(self, delay_s: float, delivery: Delivery) -> None:
        self._later.after(delay_s, partial(self._attempt, delivery, 0))

    def _attempt(self, delivery: Delivery, failures: int) -> None:
        attempt = post(self._client, delivery, self._store.now())
        with self._store.lock:
            delivery.attempts.append(attempt)
            if attempt.succeeded:
                delivery.state = "delivered"
            elif failures < RETRIES:
                delay_s = self._store.rules.webhook_retry_base_s * 2.0**failures
                self._later.after(delay_s, partial(self._attempt, delivery, failures + 1))
            else:
                delivery.state = "given up"
                self._unsubscribe(delivery)

    def _unsubscribe(self, delivery: Delivery) -> None:
        """Facts 3.1: a subscription made through the API goes after 8 failures; a declared one stays."""
        self._store.shop(delivery.shop).subscriptions.pop(delivery.subscription_id, None)


def _encode(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _select(subscription: Subscription, body: dict[str, Any]) -> dict[str, Any]:
    """The fields that the subscription asked for; all of them when it named none."""
    if not subscription.include_fields:
        return body
    return {name: value for name, value in body.items() if name in subscription.include_fields}


def _wanted(subscription: Subscription, body: dict[str, Any]) -> bool:
    """Equality of top-level fields, case-sensitive; a field that is not there never matches."""
    if not subscription.filter:
        return True
    return predicate(
        subscription.filter,
        lambda term: term.field is not None and term.field in body and str(body[term.field]) == term.value,
    )
