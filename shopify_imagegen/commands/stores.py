"""`shops`: the stores that this installation works for."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Literal

import click

from shopify_imagegen import tell
from shopify_imagegen.commands.common import as_json, housed, known_shop
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.models import Shop, ShopToken
from shopify_imagegen.wiring import House

DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")


@click.group()
def shops() -> None:
    """The stores that this installation works for."""


@shops.command("add")
@click.argument("domain")
@click.option("--token", help="Admin API access token of a custom app. Without it: client credentials.")
@as_json
@housed
def add(house: House, domain: str, token: str | None, as_json: bool) -> None:
    """Add a store, by its .myshopify.com DOMAIN."""
    domain = _domain(domain)
    before, token_before = house.shops.find(domain), house.shops.token(domain)
    installed_at = before.installed_at if before and before.state != "uninstalled" else datetime.now(UTC)
    grant: Literal["static", "client_credentials"] = "static" if token else "client_credentials"
    house.shops.save(Shop(domain=domain, grant=grant, installed_at=installed_at))
    try:
        name, scopes = _proven(house, domain, token)
    except ImagegenError:
        _put_back(house, domain, before, token_before)
        raise
    saved = known_shop(house, domain).model_copy(update={"scopes": scopes})
    house.shops.save(saved)
    missing = set(house.settings.shopify.scopes) - set(scopes)
    if missing:
        raise ImagegenError(f"{domain} is added, but its token lacks {', '.join(sorted(missing))}; grant them first")
    tell.document(saved.model_dump(mode="json"), f"{name} ({domain}) is added. Scopes: {', '.join(scopes)}.", as_json)


@shops.command("list")
@as_json
@housed
def listed(house: House, as_json: bool) -> None:
    """Show the stores that are added, and how they are."""
    rows = [shop.model_dump(mode="json") for shop in house.shops.all()]
    tell.rows(rows, ["domain", "state", "grant", "installed_at", "reason"], as_json=as_json, empty="No store yet.")


@shops.command("remove")
@click.argument("domain")
@as_json
@housed
def remove(house: House, domain: str, as_json: bool) -> None:
    """Forget a store and its token. What was published stays on its products."""
    known_shop(house, domain)
    house.shops.remove(domain)
    tell.document({"removed": domain}, f"{domain} is removed.", as_json)


def _domain(given: str) -> str:
    """The store's own domain; what people paste from the browser is fine. Secrets are sent there."""
    domain = given.strip().lower().removeprefix("https://").partition("/")[0]
    if not DOMAIN.fullmatch(domain):
        raise click.UsageError(f"{given!r}: a store's domain looks like nice-lamps.myshopify.com")
    return domain


def _proven(house: House, domain: str, token: str | None) -> tuple[str, tuple[str, ...]]:
    """The store's name and the token's scopes, as Shopify says them."""
    if token:
        house.shops.save_token(domain, ShopToken(access=token), ())
    else:
        before = house.shops.token(domain)
        house.shopify.tokens(domain, refused=before.access if before else None)  # ask, even if there is a good one
    installed = house.shopify.installation.installed(domain)
    return installed.name, tuple(installed.scopes)


def _put_back(house: House, domain: str, shop: Shop | None, token: ShopToken | None) -> None:
    """As it was before a token that did not work."""
    if shop is None:
        return house.shops.remove(domain)
    house.shops.save(shop)
    if token:
        house.shops.save_token(domain, token, shop.scopes)
