"""`shops settings`: what a store has set for itself, over the settings file."""

from __future__ import annotations

import getpass
import json
import tomllib
from typing import Any

import click

from shopify_imagegen import tell
from shopify_imagegen.commands.common import as_json, housed, known_shop
from shopify_imagegen.commands.values import DOMAIN
from shopify_imagegen.own import own_part
from shopify_imagegen.wiring import House


@click.command("settings")
@click.argument("domain", type=DOMAIN)
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="images.per_product=3; lists: a, b")
@click.option("--unset", "removed", multiple=True, metavar="KEY", help="Follow the settings file again.")
@as_json
@housed
def settings(house: House, domain: str, changes: tuple[str, ...], removed: tuple[str, ...], as_json: bool) -> None:
    """Show or change what the store DOMAIN sets for itself. Pictures, triggers, budget, style."""
    shop = known_shop(house, domain).domain
    before = house.tailor.current(shop)
    document = _changed(before.document, changes, removed)
    if document != before.document:
        house.tailor.save(shop, document, by=f"cli:{getpass.getuser()}", version=before.version)
    shown = {
        "version": house.tailor.current(shop).version,
        "set": document,
        "in_use": own_part(house.tailor.settings(shop)),
    }
    tell.document(shown, _words(document), as_json)


def _words(document: dict[str, Any]) -> str:
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in _flat(document)]
    return "\n".join(lines) or "Nothing; the settings file counts. `--json` shows all that can be set."


def _changed(document: dict[str, Any], changes: tuple[str, ...], removed: tuple[str, ...]) -> dict[str, Any]:
    """The document with each KEY=VALUE in it and each removed KEY out of it."""
    flat = dict(_flat(document))
    for change in changes:
        key, equals, value = change.partition("=")
        if not equals:
            raise click.UsageError(f"--set {change}: write KEY=VALUE, such as images.per_product=3")
        flat[key.strip()] = _value(value.strip())
    for key in removed:
        flat = {known: value for known, value in flat.items() if known != key and not known.startswith(f"{key}.")}
    return _deep(flat)


def _value(text: str) -> Any:
    """As TOML would read it: 3, true, ["a"]; anything else is text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _flat(document: dict[str, Any], above: str = "") -> list[tuple[str, Any]]:
    found = []
    for key, value in document.items():
        whole = isinstance(value, dict) and value
        found += _flat(value, f"{above}{key}.") if whole else [(f"{above}{key}", value)]
    return found


def _deep(flat: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for path, value in flat.items():
        *tables, key = path.split(".")
        inner = document
        for table in tables:
            inner = inner.setdefault(table, {})
            if not isinstance(inner, dict):
                raise click.UsageError(f"{path}: {table} is a value, not a table")
        inner[key] = value
    return document
