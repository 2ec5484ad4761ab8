"""Tells Shopify Flow that something has happened (`ports.FlowTriggers`)."""

from __future__ import annotations

from collections.abc import Mapping

from shopify_imagegen.adapters.shopify.graphql import Admin
from shopify_imagegen.adapters.shopify.refusals import accept
from shopify_imagegen.errors import NoAnswer


class Flow:
    """Of any shop. The trigger has to be deployed with the app: extensions/flow-trigger."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    def fire(self, shop: str, handle: str, payload: Mapping[str, object]) -> None:
        """Shopify cannot tell a repeat from a second event: what may have arrived is not to be sent again."""
        answer = self._admin.to(shop).flow_trigger(handle, dict(payload)).flow_trigger_receive
        if answer is None:
            raise NoAnswer(f"Shopify did not say whether it started the workflows of {handle}")
        accept(answer.user_errors, doing=f"start the workflows of the trigger {handle}")
