"""Hours of the day: read as people write them, and kept in the place's own time."""

from datetime import UTC, datetime

import pytest

from shopify_imagegen.backfills.hours import hours, is_within, zone
from shopify_imagegen.errors import BadInput


@pytest.mark.parametrize(("text", "kept"), [("22-06", "22-06"), ("9 - 17", "09-17"), ("0-24", None), (" ", "")])
def test_hours_as_people_write_them(text, kept):
    """The whole day is no limit, and is not taken for none."""
    if kept is None:
        with pytest.raises(BadInput):
            hours(text)
    else:
        assert kept == hours(text)


@pytest.mark.parametrize("text", ["night", "22", "25-3", "22-22", "-"])
def test_what_is_no_hours(text):
    """A typing error must not mean “always”."""
    with pytest.raises(BadInput, match="22-06"):
        hours(text)


WITHIN = {  # UTC hour: within 22-06, within 09-17
    "21:59": (False, False),
    "22:00": (True, False),
    "05:59": (True, False),
    "06:00": (False, False),
    "09:00": (False, True),
    "16:59": (False, True),
    "17:00": (False, False),
}


@pytest.mark.parametrize(("clock", "expected"), WITHIN.items(), ids=WITHIN.keys())
def test_the_second_hour_is_not_included(clock, expected):
    """Over midnight as well."""
    now = datetime.fromisoformat(f"2026-11-22T{clock}:30+00:00")

    assert expected == (is_within("22-06", "UTC", now), is_within("09-17", "UTC", now))


def test_summer_time_is_the_zone_s():
    """22 o'clock in Berlin is 20 in July and 21 in January, both UTC."""
    july, january = datetime(2026, 7, 1, 20, tzinfo=UTC), datetime(2026, 1, 1, 20, tzinfo=UTC)

    assert (True, False) == (is_within("22-06", "Europe/Berlin", july), is_within("22-06", "Europe/Berlin", january))


def test_a_zone_that_is_not_known():
    """Told as None, so that UTC is said and not only meant."""
    assert zone("Mars/Olympus") is None
    assert zone("../etc/passwd") is None
