"""The bill: every generation that was paid for, so that a test can ask whether anything was bought twice."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from .errors import Refused
from .order import Order

START_BALANCE_USD = Decimal("50.00")
LATENCY_S = 0.4


@dataclass(frozen=True)
class Sale:
    """One billed generation."""

    at: str  #: ISO 8601, UTC
    key: str  #: the API key's last four characters
    model: str
    prompt_sha256: str
    prompt_start: str  #: the first 120 characters
    cost_usd: str
    request_id: str
    references: int
    fingerprint: str  #: of prompt and references: twice the same is bought twice


class Bank:
    """Prepaid money and what it was spent on. Safe to use from many threads."""

    def __init__(self, *, balance_usd: Decimal = START_BALANCE_USD, latency_s: float = LATENCY_S) -> None:
        self._lock = threading.Lock()
        self._balance = balance_usd
        self._sales: list[Sale] = []
        self.latency_s = latency_s  #: how long a generation takes; may be changed while serving

    @property
    def balance_usd(self) -> Decimal:
        with self._lock:
            return self._balance

    @balance_usd.setter
    def balance_usd(self, balance: Decimal) -> None:
        with self._lock:
            self._balance = balance

    @property
    def sales(self) -> list[Sale]:
        with self._lock:
            return list(self._sales)

    @property
    def total_usd(self) -> Decimal:
        return sum((Decimal(sale.cost_usd) for sale in self.sales), Decimal(0))

    @property
    def bought_twice(self) -> dict[str, int]:
        """How often each fingerprint was billed, of those billed more than once."""
        counts = Counter(sale.fingerprint for sale in self.sales)
        return {fingerprint: count for fingerprint, count in counts.items() if count > 1}

    def charge(self, order: Order, *, key: str, request_id: str) -> Sale:
        """Take the money and write it down.

        Raises:
            Refused: 402, the balance does not cover it.
        """
        cost = order.model.prices_usd[order.resolution]
        sale = _sale(order, cost, key, request_id)
        with self._lock:
            if self._balance < cost:
                raise Refused(402, "insufficient_balance", "Insufficient balance. Add credits to continue.")
            self._balance -= cost
            self._sales.append(sale)
        return sale

    def costs(self, first: date, last: date) -> list[tuple[date, Decimal]]:
        """The spending of each UTC day from *first* to *last*."""
        days: dict[date, Decimal] = {}
        for sale in self.sales:
            day = datetime.fromisoformat(sale.at).date()
            days[day] = days.get(day, Decimal(0)) + Decimal(sale.cost_usd)
        span = (last - first).days + 1
        return [(day, days.get(day, Decimal(0))) for day in (first + timedelta(days=n) for n in range(span))]

    def reset(self, *, balance_usd: Decimal = START_BALANCE_USD) -> None:
        """Forget every sale and start with *balance_usd*."""
        with self._lock:
            self._sales.clear()
            self._balance = balance_usd

    def snapshot(self) -> dict[str, object]:
        """The bill as JSON: the newest sale last."""
        return {
            "balance_usd": str(self.balance_usd),
            "total_usd": str(self.total_usd),
            "count": len(self.sales),
            "bought_twice": self.bought_twice,
            "latency_s": self.latency_s,
            "sales": [asdict(sale) for sale in self.sales],
        }


def _sale(order: Order, cost: Decimal, key: str, request_id: str) -> Sale:
    return Sale(
        at=datetime.now(UTC).isoformat(),
        key=f"…{key[-4:]}",
        model=order.model.id,
        prompt_sha256=hashlib.sha256(order.prompt.encode()).hexdigest(),
        prompt_start=order.prompt[:120],
        cost_usd=str(cost),
        request_id=request_id,
        references=len(order.references),
        fingerprint=order.fingerprint,
    )
