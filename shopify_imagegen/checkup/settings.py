"""What the settings alone tell: secrets that are missing, a version that ends, a budget that buys nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from shopify_imagegen.checkup.finding import Finding, failed, ok, warning
from shopify_imagegen.settings import Settings

NAME = "settings"
SUPPORTED_MONTHS = 12  # of a version of Shopify's API: shopify.dev/docs/api/usage/versioning, read 2026-11-22
SOON_MONTHS = 10


def findings(settings: Settings, today: date) -> tuple[Finding, ...]:
    found = (*_of_shopify(settings), *_of_the_version(settings, today), *_of_money(settings), *_of_the_keys(settings))
    return found or (ok(NAME, "complete; every value is of its kind"),)


def _of_shopify(settings: Settings) -> Iterator[Finding]:
    shopify = settings.shopify
    if not shopify.client_secret.get_secret_value():
        yield failed(NAME, "shopify.client_secret is empty: no webhook can be verified", _from_dashboard("secret"))
    if not shopify.client_id:
        yield warning(NAME, "shopify.client_id is empty: only static tokens work", _from_dashboard("client id"))
    if shopify.old_client_secret.get_secret_value():
        yield warning(
            NAME,
            "shopify.old_client_secret is still accepted",
            "remove it an hour after the rotation; Shopify signs with the new one by then",
        )


def _of_the_version(settings: Settings, today: date) -> Iterator[Finding]:
    version = settings.shopify.api_version
    age = months(version, today)
    if age >= SUPPORTED_MONTHS:
        said = f"shopify.api_version {version} is no longer served; Shopify answers with another version instead"
        yield failed(NAME, said, "upgrade this program, and take the version that its config.example.toml names")
    elif age >= SOON_MONTHS:
        yield warning(NAME, f"shopify.api_version {version} ends soon", "upgrade this program within weeks")


def _of_money(settings: Settings) -> Iterator[Finding]:
    chosen, budget = settings.provider.chosen, settings.budget
    price = chosen.prices_usd.get(chosen.resolution, Decimal(0))
    ceilings = {f"budget.{name}": value for name, value in budget.model_dump().items() if isinstance(value, Decimal)}
    for name, ceiling in ceilings.items():
        if ceiling < price:
            said = f"{name} is ${ceiling}, and a picture costs ${price}: nothing will be bought"
            yield failed(NAME, said, f"raise {name}, or choose a cheaper model or resolution")


def _of_the_keys(settings: Settings) -> Iterator[Finding]:
    if settings.database.url.startswith("postgres") and not settings.app.encryption_keys:
        yield warning(
            NAME,
            "app.encryption_keys is empty: each machine makes a key of its own, and cannot open the others' tokens",
            "with more than one machine set the same key on all: `shopify-imagegen new-key` makes one",
        )


def months(version: str, today: date) -> int:
    """How old a version is.

    >>> months("2026-10", date(2027, 1, 15))
    3
    """
    year, month = map(int, version.split("-"))
    return (today.year - year) * 12 + today.month - month


def _from_dashboard(what: str) -> str:
    return f"copy the {what} from Dev Dashboard > your app > Settings"
