"""What the web server imports: the door over the real house. The one module here that calls wiring and admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Flask

from shopify_imagegen.admin import asking_shop, blueprints
from shopify_imagegen.wiring import open_house
from webhooks.app import create_app
from webhooks.install import install
from webhooks.readings import HouseCollector
from webhooks.shield import Shield

if TYPE_CHECKING:
    from shopify_imagegen.wiring import House

DATABASE_WAIT_S = 1.0  # twice at most in a request: Shopify hangs up after 5 s, and repeats what got a 503


def build() -> Flask:
    house = open_house(is_role=True, database_wait_s=DATABASE_WAIT_S)
    shopify = house.settings.shopify
    secrets = [each.get_secret_value() for each in (shopify.client_secret, shopify.old_client_secret)]
    collectors = [HouseCollector(house.readings)]
    return create_app(
        secrets=secrets,
        inbox=house.inbox,
        ready=house.ready,
        wishes=house.wishes,
        blueprints=(_install(house), *blueprints(house)),
        collectors=collectors,
        shield=shield(house),
    )


def _install(house: House) -> Blueprint:
    public_url = house.settings.app.public_url
    return install(consent=house.consent, consented=house.installing.consented, public_url=public_url)


def shield(house: House) -> Shield:
    app, shopify = house.settings.app, house.settings.shopify
    return Shield(
        https=app.public_url.startswith("https:"),
        script_url=shopify.app_bridge_url,
        admin_url=shopify.base_url,
        asking_shop=asking_shop,
        pace=house.visitors.wait_s,
        proxies=app.trusted_proxies,
    )


app = build()
