"""Which scenes a product gets: always the same ones, and not the ones of every other product of its type."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from shopify_imagegen.prompts.library import GENERIC, Category, Library, Scene

GOLDEN = 0x9E3779B97F4A7C15  # 2^64 / golden ratio: equal steps in the id become steps of no small fraction


def pool(library: Library, category: Category, *, only: Iterable[str], off: Iterable[str]) -> tuple[Scene, ...]:
    """The scenes that fit: those named in *only*, else the category's; never one that is switched *off*."""
    named = tuple(scene for each in only if (scene := library.scene(each)))
    shut = set(off)
    return tuple(scene for scene in named or category.scenes if scene.full_id not in shut)


def spare(library: Library, *, off: Iterable[str]) -> tuple[Scene, ...]:
    """For more pictures than a category has scenes."""
    generic = library.category(GENERIC)
    return pool(library, generic, only=(), off=off) if generic else ()


def choose(product_id: str, scenes: tuple[Scene, ...], more: tuple[Scene, ...], *, first: Scene | None) -> list[Scene]:
    """All scenes in the order in which this product gets them, each once.

    Args:
        more: used after all of *scenes*.
        first: a person's wish; it takes the first place.
    """
    ordered = [*([first] if first else []), *_order(product_id, scenes), *_order(product_id, more)]
    return list({scene.full_id: scene for scene in ordered}.values())


def _order(product_id: str, scenes: tuple[Scene, ...]) -> list[Scene]:
    """Neighbouring ids begin at different scenes; what follows differs by product too."""
    if not scenes:
        return []
    begin = scenes[_spread(product_id, len(scenes))]
    rest = (scene for scene in scenes if scene is not begin)
    return [begin, *sorted(rest, key=lambda scene: _digest(f"{product_id} {scene.full_id}"))]


def _spread(product_id: str, places: int) -> int:
    """A place for an id; ids in a row do not share one.

    >>> [_spread(f"gid://shopify/Product/{number}", 4) for number in range(5)]
    [0, 2, 0, 3, 1]
    """
    tail = product_id.rpartition("/")[2]
    number = int(tail) if tail.isascii() and tail.isdigit() and len(tail) < 20 else int(_digest(product_id)[:15], 16)
    return ((number * GOLDEN) % 2**64) * places >> 64


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
