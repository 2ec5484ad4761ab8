"""Headers and bytes become a Delivery, or a refusal that names all that is wrong. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from pydantic import SkipValidation

from shopify_imagegen.models import Value
from webhooks.errors import BadDelivery

FAMILIES = ("x-shopify-", "shopify-")  # webhooks; Events, generally available since API version 2026-10
REQUIRED = ("topic", "shop-domain", "webhook-id")

SHAPES = {
    "topic": (re.compile(r"[a-z_]{1,60}/[a-z_.]{1,60}"), "a topic such as products/create, or Product with its action"),
    "shop-domain": (re.compile(r"[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com"), "a myshopify.com domain in lower case"),
    "webhook-id": (re.compile(r"[!-~]{1,128}"), "an id of at most 128 printable characters"),  # a key in our table
    "event-id": (re.compile(r"[!-~]{0,128}"), "an id of at most 128 printable characters"),
    "api-version": (re.compile(r"[!-~]{0,32}"), "a version such as 2026-10"),
}

EVENT_ENTITY = re.compile(r"[A-Z][A-Za-z]{0,59}")  # an Events topic names what changed: "Product"
EVENT_ACTIONS = {"create", "update", "delete"}


class Delivery(Value):
    """A signed webhook. The shop, the topic and the ids come from headers, which the signature does not cover."""

    id: str  #: of this delivery; the same when Shopify repeats it
    event: str  #: of what happened; the same in every delivery it caused; "" if not told
    topic: str  #: "products/create", in both header families
    shop: str  #: "nice-lamps.myshopify.com"
    api_version: str  #: "2026-10"; "" if not told
    triggered_at: datetime | None  #: Shopify's clock, UTC
    body: SkipValidation[dict[str, Any]]  #: as parsed; may hold half an emoji, which cannot be stored


def header(headers: Mapping[str, str], name: str) -> str:
    """The value of *name* in either family, "" if neither has it.

    >>> header({"shopify-topic": "Product"}, "topic")
    'Product'
    """
    return next((value for family in FAMILIES if (value := headers.get(family + name))), "")


def read(headers: Mapping[str, str], body: bytes) -> Delivery:
    """Read a delivery whose signature was found good.

    Args:
        headers: of the request; the mapping ignores case, or its keys are lower case.
        body: JSON in UTF-8.

    Raises:
        BadDelivery: naming every missing header at once, else every malformed one, else what is wrong with the body.
    """
    _check_presence(headers)
    values = {name: header(headers, name) for name in SHAPES} | {"topic": topic(headers)}
    _check_shapes(values)
    return Delivery(
        id=values["webhook-id"],
        event=values["event-id"],
        topic=values["topic"],
        shop=values["shop-domain"],
        api_version=values["api-version"],
        triggered_at=_moment(header(headers, "triggered-at")),
        body=json_object(body),
    )


def topic(headers: Mapping[str, str]) -> str:
    """The topic as webhooks write it, "" if it cannot be told; Events say `Product` and, in another header, `update`.

    >>> topic({"shopify-topic": "Product", "shopify-action": "update"})
    'products/update'
    """
    said, action = header(headers, "topic"), header(headers, "action")
    if not EVENT_ENTITY.fullmatch(said):
        return said
    if action not in EVENT_ACTIONS:
        return ""  # a made-up action must not spell a webhook's topic, such as shop/redact
    return f"products/{action}" if said == "Product" else f"{said.lower()}/{action}"


def _check_presence(headers: Mapping[str, str]) -> None:
    is_event = EVENT_ENTITY.fullmatch(header(headers, "topic"))
    family, needed = (FAMILIES[1], (*REQUIRED, "action")) if is_event else (FAMILIES[0], REQUIRED)
    missing = [family + name for name in needed if not header(headers, name)]
    if missing:
        raise BadDelivery("webhook without " + ", ".join(missing))


def _check_shapes(values: Mapping[str, str]) -> None:
    wrong = [f"{name} is not {words}" for name, (rule, words) in SHAPES.items() if not rule.fullmatch(values[name])]
    if wrong:
        raise BadDelivery("; ".join(wrong))


def _moment(text: str) -> datetime | None:
    """Shopify's time stamp in UTC; None for anything else, as nothing depends on it alone."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def json_object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object. Raises: BadDelivery."""
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):  # also bytes that are not UTF-8, and integers of thousands of digits
        raise BadDelivery("the body is not JSON") from None  # the cause would quote the body
    if not isinstance(value, dict):
        raise BadDelivery("the body is not a JSON object")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
