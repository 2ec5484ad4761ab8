"""Hours of the day in which something may be done: "22-06", in a place's own time. Pure."""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, datetime, tzinfo

from shopify_imagegen.errors import BadInput

HOURS = re.compile(r"([01]?\d|2[0-4])\s*-\s*([01]?\d|2[0-4])")


def hours(text: str) -> str:
    """The hours as we keep them; "" for always.

    >>> hours("22 - 6"), hours("9-17"), hours("")
    ('22-06', '09-17', '')

    Raises:
        BadInput: not two hours.
    """
    if not text.strip():
        return ""
    found = HOURS.fullmatch(text.strip())
    if found is None or int(found[1]) % 24 == int(found[2]) % 24:
        raise BadInput(f"{text!r}: hours look like 22-06, from the first to the second, 0 to 24")
    return f"{int(found[1]):02d}-{int(found[2]):02d}"


def is_within(kept: str, time_zone: str, now: datetime) -> bool:
    """Whether *now* lies in the hours, the second one not included.

    >>> from datetime import datetime, UTC
    >>> is_within("22-06", "Europe/Berlin", datetime(2026, 1, 1, 21, 30, tzinfo=UTC))
    True
    """
    if not kept:
        return True
    start, end = (int(each) % 24 for each in kept.split("-"))
    hour = now.astimezone(zone(time_zone) or UTC).hour
    return start <= hour < end if start < end else hour >= start or hour < end


def zone(name: str) -> tzinfo | None:
    """The time zone of that name; None where this machine does not know it."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
