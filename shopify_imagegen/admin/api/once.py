"""The same request twice is one wish: by the caller's own key for good, or by its very words for a minute."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime

from flask import request

from shopify_imagegen.admin.api.refusals import Refused
from shopify_imagegen.admin.gate import session
from shopify_imagegen.models import Arrival, GenerateRequested, Progress, RegenerateRequested
from shopify_imagegen.wiring import House

REPEAT_S = 60  # within which the same words, sent again without a key, are the same wish
KEY = re.compile(r"[!-~]{1,128}")

Wish = GenerateRequested | RegenerateRequested


def made(house: House, wish: Wish, *, now: datetime) -> Progress:
    """Record a wish of the present request, or find it recorded; over the edge of a span too.

    Raises:
        Refused: its Idempotency-Key is not one. Conflict: the key was used for another wish.
    """
    shop, key = session().shop, request.headers.get("Idempotency-Key", "")
    if not key:
        earlier = arrival(shop, wish, now=now, back=1)
        if house.inbox.find(earlier.id):
            return house.wishes.make(earlier)
    return house.wishes.make(arrival(shop, wish, key=key, now=now))


def arrival(shop: str, wish: Wish, *, now: datetime, key: str = "", back: int = 0) -> Arrival:
    """A wish as it is recorded; its id tells which requests are the same.

    Args:
        back: how many spans of `REPEAT_S` ago it would have been.
    """
    if key and not KEY.fullmatch(key):
        raise Refused("Idempotency-Key must be 1 to 128 printable characters", status=400)
    about = wish.product_id if isinstance(wish, GenerateRequested) else wish.image_id
    span = int(now.timestamp() // REPEAT_S) - back
    same = ["key", key, about] if key else ["words", wish.model_dump(mode="json"), span]
    digest = hashlib.sha256(json.dumps([shop, *same], sort_keys=True).encode()).hexdigest()[:32]
    return Arrival(id=f"api-{digest}", source="api", topic="", shop=shop, intent=wish)
