"""The Admin API over HTTP: who asks, what goes wrong today, and the answer of `graphql.answer`."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from shopify_imagegen.sandbox.shop import wire
from shopify_imagegen.sandbox.shop.delivery import API_VERSION
from shopify_imagegen.sandbox.shop.fields import Call
from shopify_imagegen.sandbox.shop.graphql import Asked, Buckets, answer, throttled
from shopify_imagegen.sandbox.shop.store import Store
from shopify_imagegen.sandbox.shop.tokens import Token, Tokens
from shopify_imagegen.sandbox.shop.uploads import Uploads

VERSION = re.compile(r"20\d\d-(01|04|07|10)|unstable")
UNAUTHORIZED = "[API] Invalid API key or access token (unrecognized login or wrong password)"
Fault = dict[str, Any]
Act = Callable[[], Response]

REFUSALS = {  # fault: status, body; nothing has happened
    "shopify.401": (401, {"errors": UNAUTHORIZED}),
    "shopify.402": (402, {"errors": "Unavailable Shop"}),
    "shopify.423": (423, {"errors": "Locked"}),
    "shopify.430": (430, {"errors": "Shopify Security Rejection"}),
}
BREAKDOWNS = {"shopify.500": 500, "shopify.502": 502, "shopify.503": 503, "shopify.html": 200}


def routes(store: Store, tokens: Tokens, uploads: Uploads) -> Blueprint:
    """`POST /shops/<shop>/admin/api/<version>/graphql.json`"""
    blueprint = Blueprint("sandbox_admin_api", __name__)
    buckets = Buckets()

    @blueprint.post("/shops/<shop>/admin/api/<version>/graphql.json")
    def graphql(shop: str, version: str) -> Response:
        if not VERSION.fullmatch(version):
            return _json({"errors": "Not Found"}, 404)
        store.shop(shop)
        asked = _asked()
        if asked is None:
            return _json({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        token = tokens.find(request.headers.get("X-Shopify-Access-Token"), shop)
        return _troubled(store, asked, shop, lambda: _answer(store, uploads, buckets, shop, token, asked))

    return blueprint


def _asked() -> Asked | None:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return None
    variables = body.get("variables")
    return Asked(body["query"], variables if isinstance(variables, dict) else {}, body.get("operationName"))


def _answer(store: Store, uploads: Uploads, buckets: Buckets, shop: str, token: Token | None, asked: Asked) -> Response:
    if token is None:
        return _json({"errors": UNAUTHORIZED}, 401)
    call = Call(store, uploads, store.shop(shop), token)
    bucket = buckets.of(call)
    if _strikes(store, "shopify.throttled", asked, shop) is not None:
        return _json(throttled(10, bucket))
    return _json(answer(call, asked, bucket))


def _troubled(store: Store, asked: Asked, shop: str, act: Act) -> Response:
    """*act*, with what the faults do to it before, instead and afterwards."""
    for name, (status, body) in REFUSALS.items():
        if _strikes(store, name, asked, shop) is not None:
            return _json(body, status)
    if (busy := _strikes(store, "shopify.429", asked, shop)) is not None:
        return _too_many(busy)
    if _strikes(store, "shopify.reset_before", asked, shop) is not None:
        return wire.hang_up()
    for name, status in BREAKDOWNS.items():
        if (fault := _strikes(store, name, asked, shop)) is not None:
            return _broken(fault, status, act)
    return _spoiled(store, asked, shop, act())


def _spoiled(store: Store, asked: Asked, shop: str, done: Response) -> Response:
    """The effect is there; its answer may not arrive."""
    if (slow := _strikes(store, "shopify.hang", asked, shop)) is not None:
        store.closed.wait(float(slow.get("seconds", 30.0)))
    if _strikes(store, "shopify.reset_after", asked, shop) is not None:
        return wire.hang_up()
    return wire.cut(done) if _strikes(store, "shopify.truncated", asked, shop) is not None else done


def _strikes(store: Store, name: str, asked: Asked, shop: str) -> Fault | None:
    return store.faults.take(name, operation=asked.name, shop=shop)


def _too_many(fault: Fault) -> Response:
    response = _json({"errors": "Exceeded 2 calls per second for api client."}, 429)
    response.headers["Retry-After"] = str(fault.get("retry_after_s", 2.0))
    return response


def _broken(fault: Fault, status: int, act: Act) -> Response:
    if fault.get("effect"):
        act()
    return _json({"errors": "Internal Server Error"}, 500) if status == 500 else wire.html(status)


def _json(body: object, status: int = 200) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["X-Shopify-API-Version"] = API_VERSION
    response.headers["X-Request-Id"] = str(uuid.uuid4())
    return response
