"""What light does to a picture: a window's patches on the wall, leaf shadows, warmth, the dark corners of a lens."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from ..stock.paint import rgb

SHRINK = 4  #: light is drawn this many times smaller: its edges are soft anyway
TINTS = {  # multiplied over the picture, and the colour of direct light
    "window": ("#fffaf2", "#fff0d2"), "leaves": ("#fdfdf2", "#fff6d8"), "soft": ("#fbfbfc", "#ffffff"),
    "evening": ("#f7d9b4", "#ffcf8a"), "night": ("#9fb0d8", "#ffd9a0"),
}  # fmt: skip
DIRECT = {"window": 0.42, "leaves": 0.36, "soft": 0.0, "evening": 0.3, "night": 0.16}


def patches(light: str, size: tuple[int, int], dice: Random) -> Image.Image:
    """Where direct light falls: white; where it does not: black."""
    small = (size[0] // SHRINK, size[1] // SHRINK)
    if light == "soft":
        return Image.new("L", size)
    field = _panes(small, dice)
    if light == "leaves" or dice.random() < 0.45:
        field = ImageChops.subtract(field, _leaves(small, dice))
    soft = field.filter(ImageFilter.GaussianBlur(small[0] / 60))
    return soft.resize(size, Image.Resampling.BICUBIC)


def _panes(size: tuple[int, int], dice: Random) -> Image.Image:
    """Two by three window panes, thrown aslant from the left."""
    width, height = size
    field = Image.new("L", size)
    draw = ImageDraw.Draw(field)
    lean, left, top = dice.uniform(0.35, 0.6), dice.uniform(-0.1, 0.25) * width, dice.uniform(-0.1, 0.2) * height
    wide, high = width * dice.uniform(0.3, 0.4), height * dice.uniform(0.24, 0.32)
    for row in range(3):
        for column in range(2):
            x, y = left + column * wide * 1.08, top + row * high * 1.08 + column * wide * lean * 0.6
            drop = wide * lean * 0.6
            corner = x + row * high * lean * 0.45
            draw.polygon(
                [(corner, y), (corner + wide, y + drop), (corner + wide + high * lean * 0.45, y + drop + high),
                 (corner + high * lean * 0.45, y + high)], fill=255,
            )  # fmt: skip
    return field


def _leaves(size: tuple[int, int], dice: Random) -> Image.Image:
    """The shadow of a branch: leaves on both sides of a stem."""
    width, height = size
    field = Image.new("L", size)
    draw = ImageDraw.Draw(field)
    for _ in range(3):
        x, y, heading = dice.uniform(0.1, 0.9) * width, -0.05 * height, dice.uniform(0.9, 1.9)
        for step in range(13):
            nx, ny = x + math.cos(heading) * height * 0.05, y + math.sin(heading) * height * 0.05
            draw.line((x, y, nx, ny), fill=190, width=max(1, width // 90))
            _leaf(draw, (nx, ny), heading + (0.9 if step % 2 else -0.9), height * dice.uniform(0.07, 0.11))
            x, y, heading = nx, ny, heading + dice.uniform(-0.14, 0.14)
    return field


def _leaf(draw: ImageDraw.ImageDraw, at: tuple[float, float], heading: float, length: float) -> None:
    def point(along: float, aside: float) -> tuple[float, float]:
        cos, sin = math.cos(heading), math.sin(heading)
        return at[0] + length * (along * cos - aside * sin), at[1] + length * (along * sin + aside * cos)

    sides = [point(t / 6, 0.17 * math.sin(math.pi * t / 6)) for t in range(7)]
    draw.polygon(sides + [point(t / 6, -0.17 * math.sin(math.pi * t / 6)) for t in range(6, -1, -1)], fill=200)


def fall(picture: Image.Image, where: Image.Image, light: str, strength: float = 1.0) -> Image.Image:
    """Brighten *picture* where direct light falls on it."""
    power = DIRECT[light] * strength
    if not power:
        return picture
    lit = ImageChops.screen(picture, ImageChops.multiply(picture, Image.new("RGB", picture.size, rgb(TINTS[light][1]))))
    return Image.composite(lit, picture, where.point([round(level * power) for level in range(256)]))


def tint(picture: Image.Image, light: str, strength: float = 1.0) -> Image.Image:
    """Give the whole *picture* the colour of the hour."""
    colour = tuple(round(255 - (255 - part) * strength) for part in rgb(TINTS[light][0]))
    tables = [round(level * part / 255) for part in colour for level in range(256)]
    return picture.point(tables)


def vignette(picture: Image.Image, strength: float = 0.28) -> Image.Image:
    """The corners a little darker than the middle."""
    table = [round(max(0, level - 90) * 255 / 165 * strength) for level in range(256)]
    mask = Image.radial_gradient("L").point(table).resize(picture.size, Image.Resampling.BILINEAR)
    return Image.composite(Image.new("RGB", picture.size, (18, 14, 12)), picture, mask)
