"""What a rollback does, or would do, in words for a merchant."""

from __future__ import annotations

from typing import Literal

from shopify_imagegen.models.value import Value


class Undoing(Value):
    """What becomes of one picture."""

    image_id: str
    does: Literal["takes_off", "withdraws", "keeps", "nothing"]  #: withdraws: it is not on the product
    words: str
    earlier: str | None = None  #: id of the picture that it had replaced, and that comes back
    deletes: str | None = None  #: id of the file that is deleted for good


class Undone(Value):
    """What becomes of one product."""

    product_id: str
    product_title: str
    pictures: tuple[Undoing, ...]
    notes: tuple[str, ...] = ()  #: what the merchant changed since, and keeps

    @property
    def changes(self) -> int:
        """How many of the pictures are taken off or withdrawn."""
        return sum(picture.does in ("takes_off", "withdraws") for picture in self.pictures)
