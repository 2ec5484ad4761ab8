"""Outlines as points, in thousandths of the picture's side. Pure geometry: nothing is drawn here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Points = Sequence[Point]


@dataclass(frozen=True)
class Shape:
    """A closed outline, with holes cut out of it."""

    outline: tuple[Point, ...]
    holes: tuple[tuple[Point, ...], ...] = ()

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        xs = [x for x, _ in self.outline]
        ys = [y for _, y in self.outline]
        return min(xs), min(ys), max(xs), max(ys)

    def without(self, *others: Shape) -> Shape:
        return Shape(self.outline, self.holes + tuple(other.outline for other in others))

    def moved(self, dx: float, dy: float) -> Shape:
        def shift(points: Points) -> tuple[Point, ...]:
            return tuple((x + dx, y + dy) for x, y in points)

        return Shape(shift(self.outline), tuple(shift(hole) for hole in self.holes))


def polygon(*points: Point) -> Shape:
    return Shape(points)


def arc(cx: float, cy: float, rx: float, ry: float, start: float = 0, end: float = 360, steps: int = 72) -> list[Point]:
    """Points on an ellipse from *start* to *end* degrees; 0 is right, 90 is down."""
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [(cx + rx * math.cos(angle), cy + ry * math.sin(angle)) for angle in angles]


def mirrored(points: Points) -> list[Point]:
    """The other way round, as seen in a mirror beside the picture."""
    return [(1000 - x, y) for x, y in points]


def ellipse(cx: float, cy: float, rx: float, ry: float, turn: float = 0) -> Shape:
    return turned(Shape(tuple(arc(cx, cy, rx, ry))), turn, (cx, cy)) if turn else Shape(tuple(arc(cx, cy, rx, ry)))


def ring(cx: float, cy: float, rx: float, ry: float, width: float) -> Shape:
    return ellipse(cx, cy, rx, ry).without(ellipse(cx, cy, rx - width, ry - width))


def box(x0: float, y0: float, x1: float, y1: float, radius: float = 0) -> Shape:
    """An upright rectangle with rounded corners."""
    if not radius:
        return polygon((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    left, top, right, bottom = x0 + radius, y0 + radius, x1 - radius, y1 - radius
    corners = ((right, top, -90), (right, bottom, 0), (left, bottom, 90), (left, top, 180))
    return Shape(tuple(p for x, y, start in corners for p in arc(x, y, radius, radius, start, start + 90, 12)))


def turned(shape: Shape, degrees: float, around: Point) -> Shape:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    cx, cy = around

    def spin(points: Points) -> tuple[Point, ...]:
        return tuple((cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos) for x, y in points)

    return Shape(spin(shape.outline), tuple(spin(hole) for hole in shape.holes))


def curve(points: Points, *, closed: bool = False, steps: int = 14) -> list[Point]:
    """A smooth line through all *points* (Catmull-Rom)."""
    ring_ = list(points)
    around = [ring_[-1], *ring_, ring_[0], ring_[1]] if closed else [ring_[0], *ring_, ring_[-1]]
    spans = [around[i : i + 4] for i in range(len(around) - 3)]
    return [_between(span, step / steps) for span in spans for step in range(steps)] + ([] if closed else [ring_[-1]])


def _between(span: Points, t: float) -> Point:
    def one(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)

    (ax, ay), (bx, by), (cx, cy), (dx, dy) = span
    return one(ax, bx, cx, dx), one(ay, by, cy, dy)


def blob(*points: Point) -> Shape:
    """A closed smooth outline through all *points*."""
    return Shape(tuple(curve(points, closed=True)))


def stroke(points: Points, width: float, end_width: float | None = None) -> Shape:
    """A line as a shape, from *width* at its start to *end_width*, with round ends."""
    last = end_width if end_width is not None else width
    left, right = [], []
    for index, (x, y) in enumerate(points):
        half = (width + (last - width) * index / (len(points) - 1)) / 2
        nx, ny = _normal(points, index)
        left.append((x + nx * half, y + ny * half))
        right.append((x - nx * half, y - ny * half))
    return Shape((*left, *_cap(points[-1], left[-1]), *reversed(right), *_cap(points[0], right[0])))


def _normal(points: Points, index: int) -> Point:
    (x0, y0), (x1, y1) = points[max(0, index - 1)], points[min(len(points) - 1, index + 1)]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    return (y1 - y0) / length, -(x1 - x0) / length


def _cap(centre: Point, start: Point) -> list[Point]:
    """The half circle around *centre* that begins at *start*."""
    radius = math.dist(centre, start)
    angle = math.degrees(math.atan2(start[1] - centre[1], start[0] - centre[0]))
    return arc(*centre, radius, radius, angle, angle + 180, 10)


def line(start: Point, end: Point, steps: int = 8) -> list[Point]:
    return [
        (start[0] + (end[0] - start[0]) * i / steps, start[1] + (end[1] - start[1]) * i / steps)
        for i in range(steps + 1)
    ]
