"""Where pictures come from: those who sell them, and plain downloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from shopify_imagegen.models import Brief, Capabilities, Receipt, Rendering


class Downloads(Protocol):
    """Plain GETs of pictures."""

    def get(self, url: str, *, max_bytes: int) -> bytes:
        """Raises: Rejected (too large, not found), Temporary, NoAnswer."""


class ImageProvider(Protocol):
    """Sells pictures. One call of `render` is at most one purchase."""

    name: str
    max_references: int
    max_prompt_chars: int

    def render(self, brief: Brief, references: Sequence[bytes], *, on_receipt: Callable[[Receipt], None]) -> Rendering:
        """Buy one picture and fetch it.

        Args:
            references: JPEG or PNG bytes, main photo first, at most `max_references`.
            on_receipt: called once the sale is certain and before the picture is fetched, so that a crash in
                between loses nothing; not called by a provider that answers with the picture itself.

        Raises:
            Temporary: certainly not begun; may be tried again.
            Rejected, NeedsAttention: certainly not charged; trying again is useless.
            NoAnswer: perhaps charged.
            NotCollected: charged, and `on_receipt` was called; see `collect`.
        """

    def costs(self, start: datetime, end: datetime) -> Mapping[str, int] | None:
        """What was charged on each UTC day, in micro-dollars; None if the provider does not say."""

    def collect(self, receipt: Receipt) -> Rendering:
        """Fetch a picture that was sold before. Costs nothing, safe to repeat.

        Raises:
            Temporary, NoAnswer: not now.
            Rejected: never again; the picture is lost.
        """

    def quote(self, resolution: str) -> int | None:
        """What one picture costs now, in micro-dollars; None where the provider does not say.

        Remembered for an hour; never takes more than a few seconds, never raises.
        """

    def capabilities(self) -> Capabilities | None:
        """What the chosen model can do; None where the provider does not say.

        Costs nothing, safe to repeat.

        Raises:
            NeedsAttention: the provider will not serve us; says why.
            Rejected: it has no such model.
            Temporary, NoAnswer: not now.
        """

    def balance(self) -> int | None:
        """The prepaid money that is left, in micro-dollars; None where the provider does not say.

        Costs nothing, safe to repeat.

        Raises:
            NeedsAttention: the provider will not serve us; says why.
            Temporary, NoAnswer: not now.
        """
