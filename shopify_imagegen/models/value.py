"""What every value of ours is: frozen, and strict about unknown fields. No behaviour beyond reading themselves."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

MICRO_PER_USD = 1_000_000


class Value(BaseModel):
    """Frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
