"""GraphQL: what an app tells Shopify Flow. Kept, so that it can be seen; no workflow runs here."""

from __future__ import annotations

from typing import Any

from shopify_imagegen.sandbox.shop.fields import Call, answers


@answers("Mutation", "flowTriggerReceive")
def flow_trigger_receive(_: Any, call: Call, *, handle: str = "", payload: Any = None) -> dict[str, Any]:
    """Two of the same are two events, as at Shopify."""
    if not handle or not isinstance(payload, dict):
        return {"userErrors": [{"field": ["handle"], "message": "The trigger and its payload are needed."}]}
    product = payload.get("product_id")
    if product is not None and product not in call.shop.products:
        return {"userErrors": [{"field": ["payload"], "message": f"Product {product} does not exist."}]}
    call.shop.flow_triggers.append((handle, payload))
    return {"userErrors": []}
