"""A canvas in thousandths of its side. Edges are antialiased; a paint is a small picture stretched over its shape."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

from .letters import lettering
from .shapes import Point, Points, Shape, stroke

Stops = tuple[tuple[float, str], ...]
Paint = str | Image.Image  #: a colour, or a picture that is stretched over the shape's bounds
Box = tuple[int, int, int, int]
RGB = tuple[int, int, int]

FINE = 3  #: outlines are drawn this many times larger, then shrunk
RAMP_PX = 256


def rgb(colour: str) -> RGB:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def tone(colour: str, factor: float) -> str:
    """*colour* darkened by a *factor* below 1, or moved towards white by one above (2 is white)."""
    if factor <= 1:
        return "#{:02x}{:02x}{:02x}".format(*(round(part * factor) for part in rgb(colour)))
    return mix(colour, "#ffffff", factor - 1)


def mix(one: str, other: str, share: float) -> str:
    """*one* with a *share* (0 to 1) of *other*."""
    return "#{:02x}{:02x}{:02x}".format(
        *(round(a + (b - a) * share) for a, b in zip(rgb(one), rgb(other), strict=True))
    )


def tables(stops: Stops) -> list[int]:
    """Four tables of 256 (red, green, blue, alpha) that turn a grey ramp into the colours of *stops*."""
    return [level for band in range(4) for level in _table(stops, band)]


def _table(stops: Stops, band: int) -> list[int]:
    """One band, straight from stop to stop."""
    marks = [(round(at * 255), _part(colour, band)) for at, colour in stops]
    table = [marks[0][1]] * marks[0][0]
    for (first, start), (last, end) in pairwise(marks):
        table += [round(start + (end - start) * step / (last - first)) for step in range(last - first)]
    return table + [marks[-1][1]] * (256 - len(table))


def _part(colour: str, band: int) -> int:
    parts = (*ImageColor.getrgb(colour), 255)
    return int(parts[band])


def coloured(grey: Image.Image, stops: Stops) -> Image.Image:
    """A grey picture with black to white replaced by *stops*."""
    levels = tables(stops)
    return Image.merge("RGBA", [grey.point(levels[256 * band : 256 * (band + 1)]) for band in range(4)])


@lru_cache(maxsize=512)
def across(*stops: tuple[float, str]) -> Image.Image:
    """A gradient from left to right."""
    return coloured(Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90), stops)


@lru_cache(maxsize=512)
def down(*stops: tuple[float, str]) -> Image.Image:
    """A gradient from top to bottom."""
    return coloured(Image.linear_gradient("L"), stops)


@lru_cache(maxsize=512)
def slant(*stops: tuple[float, str]) -> Image.Image:
    """A gradient from the top left corner to the bottom right one."""
    row = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90)
    return coloured(ImageChops.blend(row, Image.linear_gradient("L"), 0.5), stops)


@lru_cache(maxsize=512)
def around(*stops: tuple[float, str], centre: Point = (0.5, 0.5), radius: float = 0.75) -> Image.Image:
    """A gradient from *centre* outwards; position and *radius* in parts of the shape's bounds."""
    scale = 128 / (radius * RAMP_PX)
    matrix = (scale, 0, 128 - centre[0] * RAMP_PX * scale, 0, scale, 128 - centre[1] * RAMP_PX * scale)
    field = Image.radial_gradient("L").transform(
        (RAMP_PX, RAMP_PX), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor=255
    )
    return coloured(field, stops)


class Canvas:
    """Draws shapes on a picture; *view* (left, top, units across) says which part of the world it shows."""

    def __init__(
        self,
        size_px: int | tuple[int, int],
        *,
        view: tuple[float, float, float] = (0, 0, 1000),
        ground: str = "#ffffff",
    ) -> None:
        size = (size_px, size_px) if isinstance(size_px, int) else size_px
        self.image = Image.new("RGB", size, ground)
        self._left, self._top, across_units = view
        self.scale = size[0] / across_units
        self._clip: Image.Image | None = None

    def fill(self, shape: Shape, paint: Paint, *, opacity: float = 1.0, blur: float = 0.0) -> None:
        """Lay *paint* over *shape*; *blur* (in units) softens its edge."""
        bounds = self._pixels(shape.bounds)
        visible = self._visible(bounds, margin=3 * blur * self.scale)
        if not visible:
            return
        mask = self._mask(shape, visible, blur * self.scale)
        if self._clip:
            mask = ImageChops.multiply(mask, self._clip.crop(visible))
        if opacity < 1:
            mask = mask.point([round(level * opacity) for level in range(256)])
        self._lay(paint, bounds, visible, mask)

    @contextmanager
    def inside(self, shape: Shape) -> Iterator[None]:
        """Until the block ends, nothing is drawn outside *shape*."""
        outer = self._clip
        own = Image.new("L", self.image.size)
        visible = self._visible(self._pixels(shape.bounds), margin=0)
        if visible:
            own.paste(self._mask(shape, visible, 0.0), visible)
        self._clip = ImageChops.multiply(own, outer) if outer else own
        try:
            yield
        finally:
            self._clip = outer

    def line(self, points: Points, width: float, paint: Paint, *, opacity: float = 1.0, blur: float = 0.0) -> None:
        self.fill(stroke(points, width), paint, opacity=opacity, blur=blur)

    def spread(self, picture: Image.Image, corner: Point, right: Point, below: Point, *, opacity: float = 1.0) -> None:
        """Lay *picture* over the parallelogram of its top left, top right and bottom left corners."""
        shape = Shape((corner, right, (right[0] + below[0] - corner[0], right[1] + below[1] - corner[1]), below))
        visible = self._visible(self._pixels(shape.bounds), margin=0)
        if not visible:
            return
        matrix = self._onto(picture.size, corner, right, below, visible)
        flat = picture.convert("RGBA").transform(
            (visible[2] - visible[0], visible[3] - visible[1]), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC
        )
        mask = ImageChops.multiply(self._mask(shape, visible, 0.0), flat.getchannel("A"))
        if opacity < 1:
            mask = mask.point([round(level * opacity) for level in range(256)])
        if self._clip:
            mask = ImageChops.multiply(mask, self._clip.crop(visible))
        self.image.paste(flat.convert("RGB"), visible[:2], mask)

    def text(
        self, at: Point, words: str, size: float, paint: str, *, spacing: float = 0.0, opacity: float = 1.0
    ) -> None:
        """Upright lettering, centred on *at*."""
        picture = lettering(words, max(6, round(size * self.scale)), paint, spacing=spacing)
        width, height = picture.width / self.scale, picture.height / self.scale
        x, y = at[0] - width / 2, at[1] - height / 2
        self.spread(picture, (x, y), (x + width, y), (x, y + height), opacity=opacity)

    def _pixels(self, bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        x0, y0, x1, y1 = bounds
        left, top, scale = self._left, self._top, self.scale
        return (x0 - left) * scale, (y0 - top) * scale, (x1 - left) * scale, (y1 - top) * scale

    def _visible(self, bounds: tuple[float, float, float, float], *, margin: float) -> Box | None:
        """The part of *bounds* that is on the canvas, in whole pixels."""
        width, height = self.image.size
        x0, y0 = max(0, int(bounds[0] - margin)), max(0, int(bounds[1] - margin))
        x1, y1 = min(width, int(bounds[2] + margin) + 2), min(height, int(bounds[3] + margin) + 2)
        return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None

    def _mask(self, shape: Shape, window: Box, blur_px: float) -> Image.Image:
        """How much of each pixel in *window* the shape covers; large blurs are made small and enlarged."""
        size = (window[2] - window[0], window[3] - window[1])
        if blur_px < 4:
            sharp = self._drawn(shape, window, FINE, size).reduce(FINE)
            return sharp.filter(ImageFilter.GaussianBlur(blur_px)) if blur_px else sharp
        shrink = min(8.0, blur_px / 2)
        small = (max(1, round(size[0] / shrink)), max(1, round(size[1] / shrink)))
        soft = self._drawn(shape, window, small[0] / size[0], small).filter(ImageFilter.GaussianBlur(blur_px / shrink))
        return soft.resize(size, Image.Resampling.BICUBIC)

    def _drawn(self, shape: Shape, window: Box, zoom: float, size: tuple[int, int]) -> Image.Image:
        whole = zoom == FINE
        mask = Image.new("L", (size[0] * FINE, size[1] * FINE) if whole else size)
        draw = ImageDraw.Draw(mask)
        for points, level in [(shape.outline, 255), *((hole, 0) for hole in shape.holes)]:
            scale, left, top = self.scale, self._left, self._top
            draw.polygon(
                [(((x - left) * scale - window[0]) * zoom, ((y - top) * scale - window[1]) * zoom) for x, y in points],
                fill=level,
            )
        return mask

    def _lay(self, paint: Paint, bounds: tuple[float, float, float, float], window: Box, mask: Image.Image) -> None:
        if isinstance(paint, str):
            colour = ImageColor.getrgb(paint)
            self.image.paste(colour[:3], window, mask)
            return
        picture = self._stretched(paint, bounds, window)
        if picture.mode == "RGBA":
            mask = ImageChops.multiply(mask, picture.getchannel("A"))
        self.image.paste(picture.convert("RGB"), window[:2], mask)

    def _stretched(self, paint: Image.Image, bounds: tuple[float, float, float, float], window: Box) -> Image.Image:
        """The part of *paint*, stretched over *bounds*, that falls in *window*; its edge pixels reach outwards."""
        across_px, down_px = max(1.0, bounds[2] - bounds[0]), max(1.0, bounds[3] - bounds[1])
        a, e = (paint.width - 4) / across_px, (paint.height - 4) / down_px
        left, top = (window[0] - bounds[0]) * a + 2, (window[1] - bounds[1]) * e + 2
        size = (window[2] - window[0], window[3] - window[1])
        part = (left, top, left + size[0] * a, top + size[1] * e)
        if min(left, top) >= 0 and part[2] <= paint.width and part[3] <= paint.height:
            return paint.resize(size, Image.Resampling.BILINEAR, box=part)  # several times faster than transform
        return paint.transform(size, Image.Transform.AFFINE, (a, 0, left, 0, e, top), Image.Resampling.BILINEAR)

    def _onto(self, size: tuple[int, int], corner: Point, right: Point, below: Point, window: Box) -> tuple[float, ...]:
        """The affine matrix from pixels of *window* to pixels of a picture of *size* spread over the corners."""
        (x0, y0), (x1, y1), (x2, y2) = (
            (((x - self._left) * self.scale), ((y - self._top) * self.scale)) for x, y in (corner, right, below)
        )
        ux, uy, vx, vy = x1 - x0, y1 - y0, x2 - x0, y2 - y0
        area = ux * vy - uy * vx or 1.0
        a, b = size[0] * vy / area, -size[0] * vx / area
        d, e = -size[1] * uy / area, size[1] * ux / area
        x, y = window[0] - x0, window[1] - y0
        return (a, b, a * x + b * y, d, e, d * x + e * y)
