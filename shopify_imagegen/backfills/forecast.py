"""How long a backfill will take at the present limits, and which of them is the narrowest. Pure."""

from __future__ import annotations

import math

from shopify_imagegen.models import Backfill, BackfillProgress, Value

SHOPIFY_POINTS_A_PICTURE = 90  # staged upload, file, looks at it, attach, place, read back: seen in the sandbox
SHOPIFY_POINTS_A_PRODUCT = 60
RESTORED_PER_S = 100.0  # of a Standard plan; Plus has ten times that
USUAL_PICTURE_S = 30.0  # where we have not measured it


class Limits(Value):
    """What holds a backfill back."""

    requests_per_minute: int
    concurrency: int
    picture_s: float | None = None  #: what one picture takes the provider, as measured
    per_day_microusd: int
    per_month_microusd: int


class Forecast(Value):
    """Each limit by itself; the largest decides."""

    provider_s: float  #: at its rate and its calls at once
    shopify_s: float  #: until the Admin API has let everything through
    budget_days: int  #: until the day's and the month's budget have let it through


def forecast(products: int, pictures: int, worst_microusd: int, limits: Limits) -> Forecast:
    """
    >>> slow = Limits(requests_per_minute=15, concurrency=3, per_day_microusd=5_000_000, per_month_microusd=50_000_000)
    >>> forecast(100, 200, 12_000_000, slow)
    Forecast(provider_s=2000.0, shopify_s=240.0, budget_days=3)
    """
    by_rate = pictures * 60 / limits.requests_per_minute
    by_calls = pictures * (limits.picture_s or USUAL_PICTURE_S) / limits.concurrency
    points = pictures * SHOPIFY_POINTS_A_PICTURE + products * SHOPIFY_POINTS_A_PRODUCT
    return Forecast(
        provider_s=max(by_rate, by_calls),
        shopify_s=points / RESTORED_PER_S,
        budget_days=_days(worst_microusd, limits),
    )


def left_s(found: Backfill, now: BackfillProgress) -> float | None:
    """Until its end at the pace of the last minutes; None while there is no pace."""
    remaining = max(0, found.pictures - now.ready - now.failed)
    pace = now.pictures_per_minute
    return round(remaining * 60 / pace, 1) if pace else (0.0 if not remaining else None)


def duration(seconds: float) -> str:
    """For people.

    >>> duration(40), duration(2000), duration(90_000)
    ('40 s', '34 min', '25 h')
    """
    if seconds < 90:
        return f"{math.ceil(seconds)} s"
    if seconds < 5400:
        return f"{math.ceil(seconds / 60)} min"
    return f"{math.ceil(seconds / 3600)} h"


def _days(worst_microusd: int, limits: Limits) -> int:
    """Days that begin with money left; -1 where a budget of nothing lets nothing through."""
    if not worst_microusd:
        return 0
    if not limits.per_day_microusd or not limits.per_month_microusd:
        return -1
    by_day = math.ceil(worst_microusd / limits.per_day_microusd)
    by_month = math.ceil(worst_microusd / limits.per_month_microusd)
    return max(by_day, (by_month - 1) * 30 + 1)
