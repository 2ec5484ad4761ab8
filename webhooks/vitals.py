"""How the door itself is: /healthz touches nothing, /readyz asks every part, /metrics counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest

from shopify_imagegen.errors import ImagegenError
from webhooks.topics import READERS

Count = Callable[[str, str], None]  #: a delivery's topic, its verdict
Ready = Callable[[], Mapping[str, str]]  #: part -> "" when it is well, else what is wrong


def delivery_counter(registry: CollectorRegistry) -> Count:
    """Counts deliveries by topic and verdict; a topic outside our table is "other", or anyone could add labels."""
    counter = Counter("imagegen_deliveries", "Webhook requests.", ("topic", "verdict"), registry=registry)

    def count(topic: str, verdict: str) -> None:
        counter.labels(topic if topic in READERS else "other", verdict).inc()

    return count


def vitals(*, ready: Ready, registry: CollectorRegistry) -> Blueprint:
    """The three pages that machines watch."""
    pages = Blueprint("vitals", __name__)

    @pages.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @pages.get("/readyz")
    def readyz() -> tuple[Response, int]:
        problems = _problems(ready)
        return jsonify(ready=not problems, problems=problems), 503 if problems else 200

    @pages.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return pages


def _problems(ready: Ready) -> dict[str, str]:
    try:
        return {part: problem for part, problem in ready().items() if problem}
    except ImagegenError as error:
        return {"readiness": str(error) or type(error).__name__}
