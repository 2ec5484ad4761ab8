"""The webhooks that the shop sent: to whom, how often, what came back; and send one again."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from shopify_imagegen.sandbox.pages.frame import find_shop, go
from shopify_imagegen.sandbox.shop.delivery import Attempt, Delivery
from shopify_imagegen.sandbox.shop.state import Shop
from shopify_imagegen.sandbox.shop.store import NotHere, Store

SHOWN = 100
SHOWN_OF_A_PRODUCT = 6
ADDRESS = "/store/<handle>/deliveries"


@dataclass(frozen=True)
class Sent:
    """One delivery, as the table shows it."""

    id: int
    topic: str
    product_id: int | None
    product: str
    webhook_id: str
    event_id: str
    at: datetime
    state: str
    attempts: tuple[Attempt, ...]
    uri: str
    still_here: bool  #: whether the product has a page to link to

    @property
    def answer(self) -> str:
        """The last status, or why there is none."""
        if self.attempts:
            status = self.attempts[-1].status
            return str(status) if status is not None else "no answer"
        return "waiting" if self.state == "waiting" else self.state

    @property
    def mood(self) -> str:
        """good, bad or calm: how to colour the answer."""
        if self.attempts:
            return "good" if self.attempts[-1].succeeded else "bad"
        return "bad" if self.state == "dropped" else "calm"

    @property
    def error(self) -> str:
        return (self.attempts[-1].error or "") if self.attempts else ""


def routes(pages: Blueprint, store: Store) -> None:
    @pages.get(ADDRESS)
    def deliveries(handle: str) -> str:
        with store.lock:
            shop = find_shop(store, handle)
            rows = [sent(shop, each) for each in itertools.islice(_newest(store, shop), SHOWN)]
        return render_template("sandbox/deliveries.html", rows=rows, app_url=store.app.url)

    @pages.get(f"{ADDRESS}/<int:delivery_id>")
    def delivery(handle: str, delivery_id: int) -> str:
        with store.lock:
            shop = find_shop(store, handle)
            found = _find(store, shop, delivery_id)
            row, headers, body = sent(shop, found), found.headers(), json.loads(found.body)
        pretty = json.dumps(body, indent=2, ensure_ascii=False)
        return render_template("sandbox/delivery.html", row=row, headers=headers, body=pretty)

    @pages.post(f"{ADDRESS}/<int:delivery_id>/resend")
    def resend(handle: str, delivery_id: int) -> Response:
        with store.lock:
            _find(store, find_shop(store, handle), delivery_id)
            store.webhooks.resend(delivery_id)
        return go("deliveries", "resent")


def sent(shop: Shop, delivery: Delivery) -> Sent:
    """Hold the store's lock: the attempts grow in the background."""
    body = json.loads(delivery.body)
    about = body.get("id") if delivery.topic.startswith("products/") else None
    product = shop.products.get(about) if about else None
    title = product.title if product else body.get("title") or ("a deleted product" if about else "the shop")
    return Sent(
        id=delivery.id,
        topic=delivery.topic,
        product_id=about,
        product=str(title),
        webhook_id=delivery.webhook_id,
        event_id=delivery.event_id,
        at=delivery.triggered_at,
        state=delivery.state,
        attempts=tuple(delivery.attempts),
        uri=delivery.uri,
        still_here=product is not None,
    )


def deliveries_about(store: Store, shop: Shop, product_id: int) -> list[Sent]:
    """The last deliveries that told of a product, the newest first."""
    needle = str(product_id).encode()
    about = (each for each in _newest(store, shop) if needle in each.body)  # reading 2,000 bodies takes too long
    return [sent(shop, each) for each in itertools.islice(about, SHOWN_OF_A_PRODUCT)]


def _newest(store: Store, shop: Shop) -> Iterator[Delivery]:
    return (each for each in reversed(store.webhooks.deliveries.values()) if each.shop == shop.domain)


def _find(store: Store, shop: Shop, delivery_id: int) -> Delivery:
    delivery = store.webhooks.deliveries.get(delivery_id)
    if delivery is None or delivery.shop != shop.domain:
        raise NotHere(f"delivery {delivery_id}")
    return delivery
