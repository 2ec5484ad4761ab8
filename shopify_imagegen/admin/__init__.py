"""The embedded admin: what the people of a store see of us, inside Shopify's admin."""

from __future__ import annotations

from flask import Blueprint

from shopify_imagegen.admin import api, pages
from shopify_imagegen.admin.gate import Gate, asking_shop
from shopify_imagegen.wiring import House

__all__ = ["asking_shop", "blueprints"]


def blueprints(house: House) -> tuple[Blueprint, ...]:
    """Everything that the door mounts for the embedded admin, each behind the gate."""
    gate = gate_of(house)
    return (gate.blueprint, api.blueprint(house, gate), pages.blueprint(house, gate))


def gate_of(house: House) -> Gate:
    shopify = house.settings.shopify
    return Gate(
        sessions=house.sessions,
        admit=house.installing.admit,
        client_id=shopify.client_id,
        app_bridge_url=shopify.app_bridge_url,
        public_url=house.settings.app.public_url,
        pace=house.callers.wait_s,
    )
