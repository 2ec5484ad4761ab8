"""The whole door over a house: every route that a server of ours answers, put together in one place."""

from __future__ import annotations

from flask import Blueprint, Flask

from shopify_imagegen.admin import asking_shop, blueprints
from shopify_imagegen.wiring import House
from webhooks.app import create_app
from webhooks.install import install
from webhooks.readings import HouseCollector
from webhooks.shield import Shield


def door(house: House) -> Flask:
    """The door of *house*, whose parts it asks for when a request needs them."""
    return create_app(
        secrets=house.app_secrets,
        inbox=house.inbox,
        ready=house.ready,
        wishes=house.wishes,
        blueprints=(_install(house), *blueprints(house)),
        collectors=[HouseCollector(house.readings)],
        shield=_shield(house),
    )


def _install(house: House) -> Blueprint:
    public_url = house.settings.app.public_url
    return install(consent=house.consent, consented=house.installing.consented, public_url=public_url)


def _shield(house: House) -> Shield:
    app, shopify = house.settings.app, house.settings.shopify
    return Shield(
        https=app.public_url.startswith("https:"),
        script_url=shopify.app_bridge_url,
        admin_url=shopify.base_url,
        asking_shop=asking_shop,
        pace=house.visitors.wait_s,
        proxies=app.trusted_proxies,
        metrics_token=app.metrics_token.get_secret_value(),
    )
