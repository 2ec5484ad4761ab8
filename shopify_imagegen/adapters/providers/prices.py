"""What a provider asks for a picture, remembered for an hour, so that planning never waits for it twice."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from shopify_imagegen.errors import ImagegenError
from shopify_imagegen.models import MICRO_PER_USD

logger = logging.getLogger(__name__)

KEEP_S = 3600.0
KEEP_FAILURE_S = 300.0  # a provider that did not answer is not asked at every plan
MOST_USD = 1_000  # for one picture; what claims to cost more is misread

Prices = Mapping[str | None, int]  #: resolution → micro-dollars; None: of every resolution


class PriceList:
    """Remembers prices.

    Args:
        ask: the provider for its prices; it must answer, or raise, within seconds.
    """

    def __init__(self, ask: Callable[[], Prices], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: Prices = {}
        self._until_s: float | None = None

    def of(self, resolution: str) -> int | None:
        """The price of a picture in micro-dollars; None where the provider does not say it."""
        with self._lock:
            if self._until_s is None or self._monotonic() >= self._until_s:
                self._refresh()
            return self._known.get(resolution.upper(), self._known.get(None))

    def _refresh(self) -> None:
        try:
            self._known = self._ask()
            keep_s = KEEP_S
        except ImagegenError as error:
            logger.info("prices not known now: %s", error, extra={"action": "prices_unknown"})
            keep_s = KEEP_FAILURE_S  # what was known before stays known
        self._until_s = self._monotonic() + keep_s


def per_image(rates: Any) -> dict[str | None, int]:
    """The image prices of a model's `pricing.rates`. A model without rates is not free: nothing is known of it.

    >>> per_image([{"billable_unit": "image", "resolution": "1K", "unit_price": "0.06"}])
    {'1K': 60000}
    >>> per_image([])
    {}
    """
    found: dict[str | None, int] = {}
    for rate in rates if isinstance(rates, list) else ():
        price = microusd(rate.get("unit_price")) if isinstance(rate, dict) else None
        if price and rate.get("billable_unit") == "image":
            resolution = rate.get("resolution")
            found[str(resolution).upper() if resolution else None] = price
    return found


def microusd(usd: object) -> int | None:
    """Dollars, a number or a decimal string, in micro-dollars; None if that is nothing usable.

    >>> microusd(0.06), microusd("0.12"), microusd(None), microusd("-1")
    (60000, 120000, None, None)
    """
    try:
        amount = Decimal(str(usd))
    except InvalidOperation:
        return None
    return int(amount * MICRO_PER_USD) if amount.is_finite() and 0 <= amount <= MOST_USD else None
