"""Compose the Flask app from its blueprints. Every part comes in from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Blueprint, Flask
from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from shopify_imagegen.ports import Inbox, Wishes
from webhooks.flow import flow
from webhooks.routes import webhooks
from webhooks.shield import Shield
from webhooks.vitals import Ready, delivery_counter, vitals


def create_app(
    *,
    secrets: Sequence[str],
    inbox: Inbox,
    ready: Ready,
    wishes: Wishes | None = None,
    blueprints: Iterable[Blueprint] = (),
    collectors: Iterable[Collector] = (),
    shield: Shield | None = None,
) -> Flask:
    """The door as a WSGI application.

    Args:
        secrets: the app's client secret and, while rotating, the old one; empty ones never match.
        inbox: where deliveries are recorded, durably and once.
        ready: part -> "" or what is wrong with it; asked at each /readyz.
        wishes: of people and of Shopify Flow; without it there is no door for Flow.
        blueprints: mounted beside ours, such as the admin.
        collectors: of further metrics; shown at /metrics.
        shield: what every answer carries; by default that of an app at Shopify without https of its own.
    """
    app = Flask(__name__, static_folder=None, template_folder=None)
    (shield or Shield()).put_before(app)
    registry = CollectorRegistry()  # ours alone: two apps in one process do not share counts
    for collector in collectors:
        registry.register(collector)
    count = delivery_counter(registry)
    ours = (webhooks(secrets=tuple(secrets), inbox=inbox, count=count), vitals(ready=ready, registry=registry))
    doors = (flow(secrets=tuple(secrets), wishes=wishes),) if wishes else ()
    for blueprint in (*ours, *doors, *blueprints):
        app.register_blueprint(blueprint)
    return app
