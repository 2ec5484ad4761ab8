"""What the web server imports: the door over the real house. The one module here that calls wiring."""

from flask import Flask

from shopify_imagegen.wiring import open_house
from webhooks.app import create_app


def build() -> Flask:
    house = open_house()
    shopify = house.settings.shopify
    secrets = [each.get_secret_value() for each in (shopify.client_secret, shopify.old_client_secret)]
    return create_app(secrets=secrets, inbox=house.inbox, ready=house.ready)


app = build()
