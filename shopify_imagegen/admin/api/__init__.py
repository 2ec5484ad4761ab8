"""/api/v1: what the extensions in Shopify's admin ask of us. JSON in and out; docs/api.md has every call."""

from __future__ import annotations

from flask import Blueprint, Response

from shopify_imagegen.admin.api import cors, decisions, refusals, routes
from shopify_imagegen.admin.api.shown import Shown
from shopify_imagegen.admin.api.urls import Urls
from shopify_imagegen.admin.gate import Gate
from shopify_imagegen.errors import NotFound
from shopify_imagegen.ports import Clock
from shopify_imagegen.wiring import House, utc_now

PREFIX = "/api/v1"


def blueprint(house: House, gate: Gate, *, clock: Clock = utc_now) -> Blueprint:
    """Every call, behind the gate; preflights are answered before it, as browsers send them without a token."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    cors.allow(api, house.settings.shopify.extension_origins)
    gate.guard(api)
    refusals.explain(api)
    shown = Shown(house.overview, Urls(house.shopify.cards))
    routes.mount(api, house, shown, clock)
    decisions.mount(api, house, shown, clock)
    api.add_url_rule("/<path:_>", "nowhere", _nowhere, methods=["GET", "POST"], merge_slashes=False)
    return api


def _nowhere(_: str) -> Response:
    raise NotFound("there is no such call; see docs/api.md")
