"""One route for all topics: verify, read, record, answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, request

from shopify_imagegen.errors import NoAnswer, Temporary
from shopify_imagegen.models import Arrival
from shopify_imagegen.ports import Inbox
from webhooks.delivery import header, read, topic
from webhooks.errors import Refusal
from webhooks.signed import signed_body
from webhooks.topics import intent
from webhooks.vitals import Count

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 2 * 1024 * 1024
RETRY_AFTER_S = 30

MESSAGES = {
    "accepted": "webhook recorded",
    "duplicate": "webhook was recorded before; Shopify sent it again",
    "unknown_topic": "webhook of a topic that no module in webhooks/topics reads; recorded, nothing to do",
}


def webhooks(*, secrets: Sequence[str], inbox: Inbox, count: Count) -> Blueprint:
    """The route of every webhook; a path below /webhooks is only a label for the sender's own use."""
    door = Blueprint("webhooks", __name__)

    @door.post("/webhooks", provide_automatic_options=False)
    @door.post("/webhooks/", provide_automatic_options=False)
    @door.post("/webhooks/<path:label>", provide_automatic_options=False)
    def receive(label: str = "") -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            verdict = _take_in(headers, secrets, inbox)
        except Refusal as refusal:
            _note(logging.WARNING, str(refusal), headers, refusal.verdict, count)
            return _answer(refusal.said, refusal.status)
        except (Temporary, NoAnswer) as error:
            _note(logging.ERROR, f"webhook not recorded, Shopify will repeat it: {error}", headers, "postponed", count)
            return _answer("not recorded; please repeat", 503, {"Retry-After": str(RETRY_AFTER_S)})
        level = logging.WARNING if verdict == "unknown_topic" else logging.INFO
        _note(level, MESSAGES[verdict], headers, verdict, count)
        return _answer(verdict, 200)

    return door


def _take_in(headers: Mapping[str, str], secrets: Sequence[str], inbox: Inbox) -> str:
    """Verify before parsing, record before answering; a verdict that names one of MESSAGES."""
    body = signed_body(header(headers, "hmac-sha256"), secrets, max_bytes=MAX_BODY_BYTES)
    delivery = read(headers, body)
    arrival = Arrival(
        id=delivery.id,
        event_id=delivery.event,
        source="webhook",
        topic=delivery.topic,
        shop=delivery.shop,
        triggered_at=delivery.triggered_at,
        intent=intent(delivery),
    )
    if not inbox.record(arrival):
        return "duplicate"
    return "accepted" if arrival.intent else "unknown_topic"


def _note(level: int, message: str, headers: Mapping[str, str], verdict: str, count: Count) -> None:
    """One log line and one count per request; neither the signature nor the body is in them."""
    count(topic(headers), verdict)
    fields = {
        "action": "received",
        "delivery": _legible(header(headers, "webhook-id")),
        "topic": _legible(topic(headers)),
        "shop": _legible(header(headers, "shop-domain")),
        "verdict": verdict,
    }
    logger.log(level, message, extra=fields)


def _legible(value: str) -> str:
    """Printable ASCII: until a request is verified, anyone can write these headers, and our log is for people."""
    return ascii(value[:128])[1:-1]


def _answer(words: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(f"{words}\n", status=status, headers=headers, mimetype="text/plain")
