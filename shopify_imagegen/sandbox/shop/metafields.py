"""GraphQL: what an app keeps on a product in its own namespace, `$app`."""

from __future__ import annotations

import json
from typing import Any

from shopify_imagegen.sandbox.shop import gids
from shopify_imagegen.sandbox.shop.fields import Call, answers
from shopify_imagegen.sandbox.shop.state import Metafield, Product

WRITE = ("write_products",)
MOST_AT_ONCE = 25
OWN = "$app"


@answers("Mutation", "metafieldsSet", scopes=WRITE)
def metafields_set(_: Any, call: Call, *, metafields: list[dict[str, Any]]) -> dict[str, Any]:
    """All of them or none."""
    if len(metafields) > MOST_AT_ONCE:
        error = _error(["metafields"], "LESS_THAN_OR_EQUAL_TO", f"at most {MOST_AT_ONCE} inputs are allowed")
        return {"metafields": [], "userErrors": [error]}
    errors = [
        _error(["metafields", str(at), field], code, message)
        for at, each in enumerate(metafields)
        for field, code, message in _problems(call, each)
    ]
    if errors:
        return {"metafields": [], "userErrors": errors}
    return {"metafields": [_set(call, each) for each in metafields], "userErrors": []}


@answers("Mutation", "metafieldsDelete", scopes=WRITE)
def metafields_delete(_: Any, call: Call, *, metafields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"deletedMetafields": [_delete(call, each) for each in metafields], "userErrors": []}


def _problems(call: Call, wanted: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = []
    if _owner(call, wanted) is None:
        found.append(("ownerId", "INVALID", "Owner does not exist."))
    if wanted.get("type") != "json":
        found.append(("type", "INVALID_TYPE", "the sandbox keeps metafields of the type json only"))
    try:
        json.loads(wanted["value"])
    except ValueError:
        found.append(("value", "INVALID_VALUE", "Value is invalid JSON."))
    return found


def _set(call: Call, wanted: dict[str, Any]) -> Metafield:
    product, key = _owner(call, wanted), _key(wanted)
    assert product is not None
    before = product.metafields.get(key)
    made = Metafield(before.id if before else call.store.next_id(), value=wanted["value"])
    product.metafields[key] = made
    call.store.touch(call.shop, product, effect="metafield set")
    return made


def _delete(call: Call, wanted: dict[str, Any]) -> dict[str, Any] | None:
    product = _owner(call, wanted)
    if product is None or product.metafields.pop(_key(wanted), None) is None:
        return None
    call.store.touch(call.shop, product, effect="metafield deleted")
    return wanted


def _owner(call: Call, wanted: dict[str, Any]) -> Product | None:
    return call.shop.products.get(gids.number(wanted["ownerId"], "Product"))


def _key(wanted: dict[str, Any]) -> tuple[str, str]:
    return wanted.get("namespace") or OWN, wanted["key"]


def _error(field: list[str], code: str, message: str) -> dict[str, Any]:
    return {"field": field, "code": code, "message": message}
