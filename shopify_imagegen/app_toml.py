"""Is shopify.app.toml right? What Shopify would refuse at deploy, and what it would take and never deliver. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from shopify_imagegen.subscriptions import CONTENT, CONTENT_FIELDS, PATH, PRIVACY, TOPICS

MAX_APP_NAME, MAX_SUBSCRIPTION_NAME = 30, 50  # characters; Shopify CLI 4.8, read 2026-11-22
ECHOING = {"media", "images", "variants", "variant_gids", "updated_at"}  # each of our own pictures changes them
NEEDED = {"status": "a draft that becomes active", "image": "a first photo"}
IDS = {"id", "admin_graphql_api_id"}
FILTERED = re.compile(r"([a-z_][a-z0-9_.]*)\s*:")  # a field in a filter
PLACEHOLDER = "example.com"

Table = Mapping[str, Any]


def problems(text: str, *, scopes: Sequence[str], api_version: str, public_url: str = "") -> list[str]:
    """Everything that is wrong with the file, each with its key.

    Args:
        scopes, api_version: of our settings, which must say the same.
        public_url: of our settings; "" to leave the addresses unchecked.
    """
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [f"not TOML: {error}"]
    hooks = _table(written.get("webhooks"))
    return [
        *_of_the_app(written, public_url),
        *_of_the_settings(written, hooks, scopes, api_version),
        *_of_the_topics(hooks),
        *(each for entry in _entries(hooks) for each in _of_the_entry(entry, public_url)),
    ]


def to_fill_in(text: str) -> list[str]:
    """Keys that still hold what the file was delivered with; the file must be TOML."""
    written = tomllib.loads(text)
    left = [] if written.get("client_id") else ["client_id: copy it from Dev Dashboard > your app > Settings"]
    where = {"application_url": str(written.get("application_url", ""))}
    redirects = _list(_table(written.get("auth")).get("redirect_urls"))
    where["auth.redirect_urls"] = " ".join(map(str, redirects))
    return left + [f"{key}: put your public address" for key, value in where.items() if PLACEHOLDER in value]


def _of_the_app(written: Table, public_url: str) -> Iterator[str]:
    if len(str(written.get("name", ""))) > MAX_APP_NAME:
        yield f"name: at most {MAX_APP_NAME} characters"
    url = str(written.get("application_url", ""))
    if urlsplit(url).scheme != "https":
        yield "application_url: must begin with https://"
    elif public_url and PLACEHOLDER not in url and url.rstrip("/") != public_url.rstrip("/"):
        yield f"application_url: app.public_url in our settings is {public_url}"


def _of_the_settings(written: Table, hooks: Table, scopes: Sequence[str], api_version: str) -> Iterator[str]:
    said = {each.strip() for each in str(_table(written.get("access_scopes")).get("scopes", "")).split(",")} - {""}
    if said != set(scopes):
        yield f"access_scopes.scopes: shopify.scopes in our settings is {','.join(scopes)}"
    if hooks.get("api_version") != api_version:
        yield f"webhooks.api_version: shopify.api_version in our settings is {api_version}"
    if "privacy_compliance" in hooks:
        yield "webhooks.privacy_compliance: Shopify takes it no longer; use compliance_topics"


def _of_the_topics(hooks: Table) -> Iterator[str]:
    """Each topic once, the privacy ones under their own key: Shopify refuses anything else."""
    named = [str(topic) for entry in _entries(hooks) for topic in _list(entry.get("topics"))]
    private = [str(topic) for entry in _entries(hooks) for topic in _list(entry.get("compliance_topics"))]
    for kind, said, needed in (("topics", named, TOPICS), ("compliance_topics", private, PRIVACY)):
        where = f"webhooks.subscriptions.{kind}"
        if missing := [topic for topic in needed if topic not in said]:
            yield f"{where}: missing {', '.join(missing)}"
        if unknown := sorted(set(said) - set(needed)):
            yield f"{where}: nothing here reads {', '.join(unknown)}"
        if repeated := sorted({topic for topic in said if said.count(topic) > 1}):
            yield f"{where}: more than once: {', '.join(repeated)}"


def _of_the_entry(entry: Table, public_url: str) -> Iterator[str]:
    topics = [*_list(entry.get("topics")), *_list(entry.get("compliance_topics"))]
    where, fields = f"webhooks.subscriptions ({', '.join(map(str, topics))})", set(map(str, _fields(entry)))
    uri = str(entry.get("uri", ""))
    if uri not in {PATH, f"{public_url.rstrip('/')}{PATH}"} or not uri:
        yield f"{where}: uri: must be {PATH}, where webhooks are taken"
    if len(str(entry.get("name", ""))) > MAX_SUBSCRIPTION_NAME:
        yield f"{where}: name: at most {MAX_SUBSCRIPTION_NAME} characters"
    asked = {field.split(".")[0] for field in FILTERED.findall(str(entry.get("filter", "")))}
    if fields and (lost := sorted(asked - fields)):
        yield f"{where}: filter: {', '.join(lost)} is not in include_fields; Shopify would silently deliver nothing"
    if CONTENT in topics:
        yield from (f"{where}: include_fields: {problem}" for problem in _of_the_fields(fields))


def _of_the_fields(fields: set[str]) -> Iterator[str]:
    """Chosen such that Shopify itself holds back most echoes of our own pictures."""
    if not fields:
        yield f"is missing; each picture of ours would come back as an update. Use {', '.join(CONTENT_FIELDS)}"
        return
    if echoing := sorted(fields & ECHOING):
        yield f"{', '.join(echoing)}: changes with each picture of ours, so that our own work would come back"
    if not fields & IDS:
        yield "without id or admin_graphql_api_id nobody can tell the product"
    for field, moment in NEEDED.items():
        if field not in fields:
            yield f"without {field}, {moment} would not reach us"


def _entries(hooks: Table) -> list[Table]:
    return [_table(each) for each in _list(hooks.get("subscriptions"))]


def _fields(entry: Table) -> list[Any]:
    return _list(entry.get("include_fields"))


def _table(value: object) -> Table:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
