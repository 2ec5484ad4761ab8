"""What the subcommands share: the house, the options, which store and product is meant."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from shopify_imagegen import logs
from shopify_imagegen.commands.values import DOMAIN
from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.models import Shop
from shopify_imagegen.settings import load
from shopify_imagegen.wiring import House, open_house

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
of_shop = click.option(
    "--shop", "domain", type=DOMAIN, help="The store's .myshopify.com domain; needed with several stores."
)


def settings_file() -> Path | None:
    """What `--config` said."""
    chosen: Path | None = click.get_current_context().find_root().obj
    return chosen


def housed(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the house, made from the settings."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        command(opened(), *args, **kwargs)

    return run


def opened(*, is_role: bool = False) -> House:
    """The house over this process's settings, with its log lines set up. A role waits for a database that is away."""
    path = settings_file()
    app = load(path).app
    logs.set_up(app.log_level, app.log_format)
    return open_house(path, is_role=is_role)


def known_shop(house: House, domain: str) -> Shop:
    """Raises: ImagegenError."""
    shop = house.shops.find(domain)
    if shop is None:
        raise ImagegenError(f"{domain} is not added; see `shopify-imagegen shops`")
    return shop


def shop_meant(house: House, domain: str | None) -> str:
    """The store that is meant: the named one, or the only one."""
    if domain:
        return known_shop(house, domain).domain
    known = house.shops.all()
    if len(known) == 1:
        return known[0].domain
    if not known:
        raise ImagegenError("no store is added yet; see `shopify-imagegen shops add --help`")
    raise click.UsageError(f"say which store: --shop {' | '.join(shop.domain for shop in known)}")


def product_meant(house: House, shop: str, product: str) -> str:
    """PRODUCT may be a gid, its number, or a handle. Raises: NotFound."""
    if product.startswith("gid://"):
        return product
    if product.isdigit():
        return f"gid://shopify/Product/{product}"
    return house.shopify.catalog.product_id(shop, product)
