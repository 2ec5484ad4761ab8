"""What a frozen plan keeps of a product, what it adds up to, and how two plans of one product differ. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from shopify_imagegen.budget import dollars
from shopify_imagegen.counts import counted
from shopify_imagegen.models import Item, ItemState, Plan

OTHER_RECIPE = "Its photos, its words or your settings are others now."

Kind = Literal["changed", "price", "dropped", "ready", "new", "gone"]


class Sums:
    """The totals of a plan, item by item."""

    def __init__(self) -> None:
        self.products = self.pictures = self.skipped = self.worst_microusd = 0
        self.outdated = self.outdated_microusd = 0

    def add(self, items: Iterable[Item]) -> None:
        for item in items:
            if item.state == ItemState.PLANNED:
                self.products += 1
                self.pictures += item.pictures
                self.worst_microusd += item.price_microusd
                continue
            self.skipped += 1
            self.outdated += item.pictures > 0
            self.outdated_microusd += item.price_microusd

    def values(self) -> dict[str, int]:
        return dict(vars(self))


def planned_fields(decision: Plan) -> dict[str, object]:
    """The fields of an `Item` that say what it gets."""
    return {
        "recipe": decision.recipe,
        "pictures": len(decision.briefs),
        "price_microusd": decision.price_microusd,
        "plan": decision,
    }


def changed(then: Item | None, now: Item) -> tuple[Kind, str] | None:
    """How a product differs from what was planned for it."""
    gets = now.state == ItemState.PLANNED
    if then is None or then.state == ItemState.SKIPPED:
        gain = f"It would get {counted(now.pictures, 'picture')}."
        return ("new" if then is None else "ready", gain) if gets else None
    if not gets:
        return "dropped", now.reason
    if now.recipe != then.recipe:
        return "changed", OTHER_RECIPE
    if now.price_microusd != then.price_microusd:
        return "price", f"{dollars(then.price_microusd)} then, {dollars(now.price_microusd)} now."
    return None


def first(items: Sequence[Item], most: int) -> Iterator[Item]:
    """As far as the last of *most* products that get pictures."""
    for item in items:
        if most <= 0:
            return
        most -= item.state == ItemState.PLANNED
        yield item
