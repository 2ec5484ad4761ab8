"""app/uninstalled and app/scopes_update: what a merchant does with our installation."""

from __future__ import annotations

import re

from shopify_imagegen.models import AppUninstalled, ScopesChanged
from webhooks.delivery import Delivery
from webhooks.errors import BadDelivery

SCOPE = re.compile(r"[a-z0-9_]{1,100}")


def uninstalled(delivery: Delivery) -> AppUninstalled:
    return AppUninstalled()


def scopes_changed(delivery: Delivery) -> ScopesChanged:
    """The scopes that we have from now on.

    Raises:
        BadDelivery: `current` is not a list of scopes; to guess "none" would stop a shop that is well.
    """
    current = delivery.body.get("current")
    if not isinstance(current, list) or not all(isinstance(each, str) and SCOPE.fullmatch(each) for each in current):
        raise BadDelivery(f"{delivery.topic} without a list of the current scopes")
    return ScopesChanged(scopes=tuple(current))
