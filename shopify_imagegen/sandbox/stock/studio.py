"""The photographer's corner: a pale backdrop and the shadows that things throw on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .paint import Canvas, around, down
from .shapes import Shape, box, ellipse

Draw = Callable[[Canvas, bool], None]  #: onto the canvas; True asks for the other side


@dataclass(frozen=True)
class Sitter:
    """A product that can be photographed."""

    draw: Draw
    close_up: tuple[float, float, float]  #: left, top and side of the detail photo
    lying: bool = False  #: photographed from above


def backdrop(canvas: Canvas, *, lying: bool = False) -> None:
    everything = box(-10, -10, 1010, 1010)
    if lying:
        canvas.fill(everything, around((0, "#f3f2f0"), (1, "#e6e4e1")))
        return
    canvas.fill(everything, down((0, "#eeedeb"), (0.6, "#f4f3f1"), (0.78, "#efeeec"), (1, "#e6e4e2")))


def standing_shadow(canvas: Canvas, cx: float, y: float, half_width: float, *, flat: float = 0.12) -> None:
    """A wide soft shadow and a narrow dark one where the thing touches the ground; light comes from the left."""
    wide = ellipse(cx + half_width * 0.2, y + 8, half_width * 1.2, half_width * flat * 1.5)
    canvas.fill(wide, "#4a443e", opacity=0.2, blur=30)
    near = ellipse(cx + half_width * 0.05, y + 1, half_width * 0.98, half_width * flat)
    canvas.fill(near, "#2b2622", opacity=0.26, blur=17)


def lying_shadow(canvas: Canvas, shape: Shape) -> None:
    """The shadow of a flat thing seen from above."""
    canvas.fill(shape.moved(14, 20), "#4a443e", opacity=0.2, blur=34)
    canvas.fill(shape.moved(5, 7), "#2b2622", opacity=0.12, blur=18)
