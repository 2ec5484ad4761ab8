"""How values look on a page. Pure: a value in, text out."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from shopify_imagegen.admin.language import Words
from shopify_imagegen.backfills.gate import is_off_hours
from shopify_imagegen.models import MICRO_PER_USD


def number(gid: str) -> str:
    """
    >>> number("gid://shopify/Product/42")
    '42'
    """
    return gid.rpartition("/")[2]


def gid(product: int) -> str:
    return f"gid://shopify/Product/{product}"


def sized(url: str | None, width_px: int) -> str:
    """The address of a smaller copy, as Shopify's CDN makes them.

    >>> sized("https://cdn.example/lamp.jpg?v=3", 400)
    'https://cdn.example/lamp.jpg?v=3&width=400'
    """
    if not url:
        return ""
    parts = urlsplit(url)
    query = [(key, value) for key, value in parse_qsl(parts.query) if key not in ("width", "height")]
    return urlunsplit(parts._replace(query=urlencode([*query, ("width", width_px)])))


def usd(microusd: int) -> float:
    return microusd / MICRO_PER_USD


def moment(at: datetime) -> str:
    """For browsers without our script, which shows the reader's own time instead."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def actor(words: Words, name: str) -> str:
    """Who did it, from the record's own name: "app", "cli", "the command line", "admin:42"."""
    kind, _, user = name.partition(":")
    key = f"actor.{kind}"
    return words(key, user=user) if key in words.texts else name


def stands(state: str, reason: str) -> str:
    """The state that a badge names: one that waits for hours of the day is not paused."""
    return "off_hours" if is_off_hours(reason) else state


def tone(state: str) -> str:
    """The colour of a badge: good, busy, wait, bad or plain."""
    return next((tone for tone, states in TONES.items() if state in states), "plain")


TONES = {
    "good": {"published", "active", "done"},
    "busy": {"working", "planned", "bought", "generating", "publishing", "running", "planning", "rolling_back"},
    "wait": {"off_hours", "waiting", "staged", "awaiting_review", "over_budget", "paused", "open"},
    "bad": {"failed", "nothing_published", "partly_published", "unknown", "unfit", "refused", "uninstalled"},
}
