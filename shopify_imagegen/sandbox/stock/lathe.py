"""Things turned on a wheel or a lathe: one profile gives the outline, the shading and the place of the label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from .paint import Canvas, Stops, across, tone
from .shapes import Point, Shape, arc, curve, ellipse

WRAP_STEPS = 36
COLUMNS = 256  #: of a sheet of shading


@dataclass(frozen=True)
class Turned:
    """A body of rotation around the upright line x = *cx*, seen from slightly above.

    *profile* is (height, radius) from top to bottom; *tilt* is the height of its circles in parts of their width.
    """

    cx: float
    profile: tuple[Point, ...]
    tilt: float = 0.12

    @classmethod
    def smooth(cls, cx: float, profile: Sequence[Point], tilt: float = 0.12) -> Turned:
        return cls(cx, tuple(curve(profile, steps=8)), tilt)

    @property
    def outline(self) -> Shape:
        (top, top_radius), (bottom, bottom_radius) = self.profile[0], self.profile[-1]
        left = [(self.cx - radius, y) for y, radius in self.profile]
        right = [(self.cx + radius, y) for y, radius in reversed(self.profile)]
        floor = arc(self.cx, bottom, bottom_radius, bottom_radius * self.tilt, 180, 0, 30)
        lid = arc(self.cx, top, top_radius, top_radius * self.tilt, 0, -180, 30)
        return Shape((*left, *floor, *right, *lid))

    @property
    def mouth(self) -> Shape:
        """The circle at the top."""
        y, radius = self.profile[0]
        return ellipse(self.cx, y, radius, radius * self.tilt)

    def radius_at(self, y: float) -> float:
        for (y0, r0), (y1, r1) in zip(self.profile, self.profile[1:], strict=False):
            if y0 <= y <= y1 and y1 > y0:
                return r0 + (r1 - r0) * (y - y0) / (y1 - y0)
        return self.profile[-1][1] if y > self.profile[-1][0] else self.profile[0][1]

    def shading(self, stops: Stops, rows: int = 128) -> Image.Image:
        """*stops* from the left edge to the right one, following the radius of each row."""
        return _shading(self, stops, rows)

    def wrap(
        self, canvas: Canvas, label: Image.Image, *, top: float, bottom: float, reach: float = 0.8, turn: float = 0.0
    ) -> None:
        """Lay *label* around the body between two heights.

        *reach* is the half width it covers in parts of the radius before *turn* (radians) rolls it to one side.
        """
        half = math.asin(min(0.999, reach))
        for step in range(WRAP_STEPS):
            first, last = (-half + 2 * half * (step + part) / WRAP_STEPS + turn for part in (0, 1))
            if -math.pi / 2 < first and last < math.pi / 2:
                self._stave(canvas, label, (step / WRAP_STEPS, (step + 1) / WRAP_STEPS), (first, last), (top, bottom))

    def _stave(self, canvas: Canvas, label: Image.Image, part: Point, angles: Point, heights: Point) -> None:
        """One upright strip of a label; strips overlap by a hair so that no gap shows."""
        strip = label.crop((math.floor(part[0] * label.width), 0, math.ceil(part[1] * label.width), label.height))

        def at(y: float, angle: float) -> Point:
            radius = self.radius_at(y)
            return self.cx + radius * math.sin(angle), y + radius * self.tilt * math.cos(angle)

        slip = 0.9 / canvas.scale
        corner, right = at(heights[0], angles[0]), at(heights[0], angles[1])
        below = at(heights[1], angles[0])
        canvas.spread(strip, corner, (right[0] + slip, right[1]), below)


@lru_cache(maxsize=256)
def _shading(body: Turned, stops: Stops, rows: int) -> Image.Image:
    x0, y0, x1, y1 = body.outline.bounds
    strip = across(*stops).crop((0, 0, COLUMNS, 1))
    sheet = Image.new("RGBA", (COLUMNS, rows))
    for row in range(rows):
        radius = body.radius_at(y0 + (y1 - y0) * row / (rows - 1)) / (x1 - x0) * COLUMNS
        sheet.paste(_centred(strip, radius, COLUMNS), (0, row))
    return sheet


def _centred(strip: Image.Image, radius_px: float, columns: int) -> Image.Image:
    """*strip* squeezed to twice *radius_px* in the middle of a row, its end colours reaching outwards."""
    scale = strip.width / max(2.0, 2 * radius_px)
    matrix = (scale, 0, strip.width / 2 - columns / 2 * scale, 0, 0, 0.5)
    row = strip.transform((columns, 1), Image.Transform.AFFINE, matrix, Image.Resampling.NEAREST)
    left = max(0, math.ceil(columns / 2 - radius_px))
    right = min(columns, math.floor(columns / 2 + radius_px))
    if left:
        row.paste(strip.crop((0, 0, 1, 1)).resize((left, 1)), (0, 0))
    if right < columns:
        last = strip.crop((strip.width - 1, 0, strip.width, 1))
        row.paste(last.resize((columns - right, 1)), (right, 0))
    return row


def satin(colour: str) -> Stops:
    """Matt volume, light from the left."""
    return (
        (0.0, tone(colour, 0.62)),
        (0.1, tone(colour, 0.85)),
        (0.32, tone(colour, 1.16)),
        (0.5, colour),
        (0.75, tone(colour, 0.72)),
        (0.93, tone(colour, 0.5)),
        (1.0, tone(colour, 0.58)),
    )


def gloss(colour: str) -> Stops:
    """Glaze or lacquer: a window's reflection on the left, bounced light on the right."""
    return (
        (0.0, tone(colour, 0.5)),
        (0.08, tone(colour, 0.78)),
        (0.17, tone(colour, 1.1)),
        (0.2, tone(colour, 1.62)),
        (0.27, tone(colour, 1.7)),
        (0.3, tone(colour, 1.15)),
        (0.5, colour),
        (0.75, tone(colour, 0.7)),
        (0.9, tone(colour, 0.45)),
        (0.95, tone(colour, 0.62)),
        (1.0, tone(colour, 0.72)),
    )


def metal(colour: str) -> Stops:
    """Polished metal: hard light and dark bands."""
    return (
        (0.0, tone(colour, 0.45)),
        (0.1, tone(colour, 0.95)),
        (0.2, tone(colour, 1.75)),
        (0.3, tone(colour, 1.2)),
        (0.45, tone(colour, 0.6)),
        (0.55, tone(colour, 0.8)),
        (0.7, tone(colour, 1.5)),
        (0.82, tone(colour, 0.7)),
        (0.93, tone(colour, 0.4)),
        (1.0, tone(colour, 0.8)),
    )


def sheen(strength: float = 0.25) -> Stops:
    """Volume alone, to lay over a texture: dark edges and a light band, else clear."""
    shade, light = f"#000000{round(strength * 255):02x}", f"#ffffff{round(strength * 0.6 * 255):02x}"
    deep = f"#000000{round(min(1.0, strength * 1.9) * 255):02x}"
    return (
        (0.0, shade),
        (0.14, "#00000000"),
        (0.2, "#ffffff00"),
        (0.32, light),
        (0.48, "#ffffff00"),
        (0.52, "#00000000"),
        (0.8, shade),
        (0.95, deep),
        (1.0, shade),
    )
