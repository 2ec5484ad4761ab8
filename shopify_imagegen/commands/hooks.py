"""`webhooks`: what the stores send us, and whether shopify.app.toml asks for the right things."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from shopify_imagegen import app_toml, tell
from shopify_imagegen.commands.common import as_json, housed, of_shop, settings_file, shop_meant
from shopify_imagegen.errors import ConfigError
from shopify_imagegen.settings import load
from shopify_imagegen.subscriptions import address, compared
from shopify_imagegen.wiring import House


@click.group()
def webhooks() -> None:
    """Webhooks: is shopify.app.toml right? What is subscribed?

    Subscriptions are made in a store whose app was not deployed with that file.
    """


@webhooks.command("list")
@of_shop
@as_json
@housed
def subscriptions(house: House, domain: str | None, as_json: bool) -> None:
    """Show the subscriptions that this app has made in the store."""
    found = house.shopify.installation.subscriptions(shop_meant(house, domain))
    rows = [each.model_dump(mode="json") for each in found]
    tell.rows(rows, ["topic", "uri", "id"], as_json=as_json, empty="No subscription of this app.")


@webhooks.command("subscribe")
@of_shop
@as_json
@housed
def subscribe(house: House, domain: str | None, as_json: bool) -> None:
    """Ask the store for the webhooks that are missing. They are sent to app.public_url. Deletes nothing."""
    shop, url = shop_meant(house, domain), house.settings.app.public_url
    if not url:
        raise ConfigError("app.public_url: is needed, so that Shopify knows where to send webhooks")
    installation = house.shopify.installation
    found = compared(installation.subscriptions(shop), url)
    for each in found.missing:
        installation.subscribe(shop, each.topic, address(url), include_fields=each.include_fields)
    made = [each.topic for each in found.missing]
    content = {"subscribed": made, "different": [each.model_dump(mode="json") for each in found.different]}
    words = [f"Subscribed: {', '.join(made)}." if made else "Nothing was missing."]
    words += [f"{each.id} ({each.topic}) has other fields or a filter; it was left alone." for each in found.different]
    tell.document(content, "\n".join(words), as_json)


@webhooks.command("check")
@click.option(
    "--file",
    default="shopify.app.toml",
    show_default=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The app's configuration file for Shopify.",
)
@as_json
def check(file: Path, as_json: bool) -> None:
    """Look for mistakes in shopify.app.toml. Before `shopify app deploy`; needs no network."""
    settings, text = load(settings_file()), file.read_text(encoding="utf-8")
    section = settings.shopify
    found = app_toml.problems(
        text, scopes=section.scopes, api_version=section.api_version, public_url=settings.app.public_url
    )
    left = [] if found else app_toml.to_fill_in(text)
    words = [*found, *(f"to fill in: {each}" for each in left)] or [f"{file} is right."]
    tell.document({"problems": found, "to_fill_in": left}, "\n".join(words), as_json)
    sys.exit(1 if found else 0)
