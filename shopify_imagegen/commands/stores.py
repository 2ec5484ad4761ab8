"""`shops`: the stores that this installation works for."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from shopify_imagegen import tell
from shopify_imagegen.commands.common import as_json, housed, known_shop
from shopify_imagegen.commands.values import DOMAIN
from shopify_imagegen.errors import BadCredentials, ImagegenError
from shopify_imagegen.models import GrantKind, Shop, ShopToken
from shopify_imagegen.wiring import House


@click.group()
def shops() -> None:
    """The stores that this installation works for."""


@shops.command("add")
@click.argument("domain", type=DOMAIN)
@click.option("--token", help="Admin API access token of a custom app. Without it: client credentials.")
@as_json
@housed
def add(house: House, domain: str, token: str | None, as_json: bool) -> None:
    """Add a store, by its .myshopify.com DOMAIN.

    With --token, a custom app's own token is kept. Without it, the app's client id and secret get one, which works for
    the stores of the organisation that owns the app. Every other store adds itself when the app is opened in its admin.
    """
    before, token_before = house.shops.find(domain), house.shops.token(domain)
    installed_at = before.installed_at if before and before.state != "uninstalled" else datetime.now(UTC)
    grant: GrantKind = "static" if token else "client_credentials"
    house.shops.save(Shop(domain=domain, grant=grant, installed_at=installed_at))
    try:
        name, scopes = _proven(house, domain, token)
    except BadCredentials as error:
        _put_back(house, domain, before, token_before)
        raise BadCredentials(str(error) if token else f"{error}\n{_other_way(house, domain)}") from None
    except ImagegenError:
        _put_back(house, domain, before, token_before)
        raise
    house.shops.amend(domain, scopes=scopes)
    house.permitted(domain, scopes)
    saved = known_shop(house, domain)
    if saved.state == "paused":
        click.echo(f"Warning: {domain} is paused. {saved.reason}", err=True)
    tell.document(saved.model_dump(mode="json"), f"{name} ({domain}) is added. Scopes: {', '.join(scopes)}.", as_json)


@shops.command("migrate")
@click.argument("domain", type=DOMAIN)
@as_json
@housed
def migrate(house: House, domain: str, as_json: bool) -> None:
    """Exchange a token that never ends for one that renews itself. There is no way back.

    For public apps, whose old tokens Shopify refuses from 2027-01-01. A custom app's token may stay as it is.
    """
    shop, before = known_shop(house, domain), house.shops.token(domain)
    if before is None or before.ends_at or shop.grant == "client_credentials":
        raise ImagegenError(f"{domain} has no token that never ends; there is nothing to do")
    house.shops.amend(domain, grant="offline")
    house.shopify.tokens(domain)
    now = house.shops.token(domain)
    if now is None or now.ends_at is None:
        house.shops.amend(domain, grant=shop.grant)
        raise ImagegenError(f"Shopify did not exchange the token of {domain}; it is kept, the log says why")
    ends_at = now.ends_at.isoformat(timespec="minutes")
    tell.document({"migrated": domain, "ends_at": ends_at}, f"{domain} has a token that renews itself.", as_json)


@shops.command("list")
@as_json
@housed
def listed(house: House, as_json: bool) -> None:
    """Show the stores that are added, and how they are."""
    rows = [shop.model_dump(mode="json") for shop in house.shops.all()]
    tell.rows(rows, ["domain", "state", "grant", "installed_at", "reason"], as_json=as_json, empty="No store yet.")


@shops.command("remove")
@click.argument("domain", type=DOMAIN)
@as_json
@housed
def remove(house: House, domain: str, as_json: bool) -> None:
    """Forget a store and its token. What was published stays on its products."""
    known_shop(house, domain)
    house.shops.remove(domain)
    tell.document({"removed": domain}, f"{domain} is removed.", as_json)


def _proven(house: House, domain: str, token: str | None) -> tuple[str, tuple[str, ...]]:
    """The store's name and the token's scopes, as Shopify says them."""
    if token:
        house.shops.save_token(domain, ShopToken(access=token), ())
    else:
        before = house.shops.token(domain)
        house.shopify.tokens(domain, refused=before.access if before else None)  # ask, even if there is a good one
    installed = house.shopify.installation.installed(domain)
    return installed.name, tuple(installed.scopes)


def _other_way(house: House, domain: str) -> str:
    """What to do about a store that is not of our own organisation."""
    opened = f"open the app in its admin ({house.consent.app_address(domain)}), which connects it"
    url = house.settings.app.public_url
    link = f"; if the app is not embedded, let its owner open {url}/auth?shop={domain}" if url else ""
    return f"For a store of another organisation: install the app there and {opened}{link}."


def _put_back(house: House, domain: str, shop: Shop | None, token: ShopToken | None) -> None:
    """As it was before a token that did not work."""
    if shop is None:
        return house.shops.remove(domain)
    house.shops.save(shop)
    if token:
        house.shops.save_token(domain, token, shop.scopes)
    else:
        house.shops.drop_token(domain)
