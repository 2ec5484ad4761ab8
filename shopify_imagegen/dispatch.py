"""From what reached us to what is to be done. Knows intents, no topics; starts work through `Starter`."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Protocol

from shopify_imagegen.models import (
    AppUninstalled,
    Arrival,
    CustomerPrivacy,
    GenerateRequested,
    ImageApproved,
    ProductChanged,
    ProductDeleted,
    ScopesChanged,
    Shop,
    ShopRedact,
)
from shopify_imagegen.ports import Clock, Inbox, Shops, Watch

logger = logging.getLogger(__name__)

BATCH = 100


class Starter(Protocol):
    """Starts durable work. The same id twice is the same work."""

    def look(self, work_id: str, shop: str, product_id: str) -> None: ...

    def ask(self, arrival_id: str, shop: str, request: GenerateRequested) -> None: ...

    def approve(self, work_id: str, shop: str, image_id: str) -> None: ...


class Dispatcher:
    """Turns arrivals into looks, and due looks into durable work. Safe to run in several workers."""

    def __init__(
        self, *, inbox: Inbox, watch: Watch, shops: Shops, starter: Starter, quiet_s: float, clock: Clock
    ) -> None:
        self._inbox = inbox
        self._watch = watch
        self._shops = shops
        self._starter = starter
        self._quiet = timedelta(seconds=quiet_s)
        self._clock = clock

    def run_once(self) -> int:
        """Handle what waits now. Returns how much that was."""
        arrivals = self._inbox.waiting(BATCH)
        for arrival in arrivals:
            outcome = self._act(arrival)
            self._inbox.done(arrival.id, outcome)
            fields = {"delivery": arrival.id, "shop": arrival.shop, "topic": arrival.topic, "outcome": outcome}
            logger.info("arrival handled", extra={"action": "dispatched", **fields})
        due = self._watch.due(self._clock(), BATCH)
        for shop, product_id, revision in due:
            self._starter.look(f"look:{shop}:{product_id.rpartition('/')[2]}:{revision}", shop, product_id)
            self._watch.started(shop, product_id, revision)
        return len(arrivals) + len(due)

    def _act(self, arrival: Arrival) -> str:
        """One arrival. Doing it twice is harmless: a crash before `done` repeats it."""
        shop = self._shops.find(arrival.shop)
        if shop is None or shop.state == "uninstalled":
            return "the shop is not installed"
        match arrival.intent:
            case ProductChanged(product_id=product_id, created=created):
                self._watch.touch(shop.domain, product_id, created=created, due_at=self._clock() + self._quiet)
                return "will be looked at"
            case ProductDeleted(product_id=product_id):
                self._watch.forget(shop.domain, product_id)
                return "forgotten"
            case GenerateRequested() as request:
                self._starter.ask(arrival.id, shop.domain, request)
                return "asked"
            case ImageApproved(image_id=image_id):
                self._starter.approve(f"approve:{image_id}", shop.domain, image_id)
                return "approved"
            case AppUninstalled():
                return self._uninstalled(shop, arrival)
            case ScopesChanged(scopes=scopes):
                self._shops.save(shop.model_copy(update={"scopes": scopes}))
                return "scopes noted"
            case ShopRedact() | CustomerPrivacy():
                return "nothing is held about customers"
            case None:
                return "nothing to do"

    def _uninstalled(self, shop: Shop, arrival: Arrival) -> str:
        if arrival.triggered_at and arrival.triggered_at < shop.installed_at:
            return "older than the present installation"
        self._shops.save(shop.model_copy(update={"state": "uninstalled", "reason": "The app was uninstalled."}))
        return "uninstalled"
