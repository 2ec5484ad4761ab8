"""What people look at: what a page shows, and what is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from shopify_imagegen.models import Candidate, Deed, Failure, Stage, Standing, Tally


class Overview(Protocol):
    """What people are shown of one store. Reads only."""

    def tally(self, shop: str) -> Tally:
        """The store in numbers."""

    def products(self, shop: str, stage: Stage, *, offset: int, limit: int) -> tuple[str, ...]:
        """Products that stand there, what changed last first."""

    def standings(self, shop: str, product_ids: Sequence[str]) -> Mapping[str, Standing]:
        """Where each of those products stands, known or not."""

    def waiting(self, shop: str, *, offset: int = 0, limit: int = 50) -> tuple[Candidate, ...]:
        """Pictures that wait for a decision, oldest first, those of a job together."""

    def candidate(self, shop: str, image_id: str) -> Candidate | None:
        """One picture; None when this store has none of that id."""

    def of_product(self, shop: str, product_id: str) -> tuple[Candidate, ...]:
        """Every picture that was made or planned for a product, the newest first."""

    def failures(self, shop: str) -> tuple[Failure, ...]:
        """What the latest jobs left undone, by reason, the latest first."""

    def activity(self, shop: str, *, before: int | None, limit: int, product_id: str | None = None) -> tuple[Deed, ...]:
        """What was done, the latest first.

        Args:
            before: only what is older than the row of this id; None for the latest.
        """


class Meter(Protocol):
    """Counts what happens, for the people who watch. It never raises and never waits."""

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        """Add to a total: `count("provider_errors", error="RateLimited")`."""

    def took(self, name: str, seconds: float, **labels: str) -> None:
        """Add one duration: kept as `{name}_seconds_sum` and `{name}_seconds_count`."""
