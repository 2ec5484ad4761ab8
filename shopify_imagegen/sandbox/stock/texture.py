"""Surfaces with a memory of how they were made: wood, cloth, leather, stone. Deterministic by seed."""

from __future__ import annotations

import math
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageFilter

from .paint import coloured, mix, tone

SIDE_PX = 512
SMOOTH = Image.Resampling.BICUBIC


@lru_cache(maxsize=128)
def noise(across: int, down: int, seed: int, size: tuple[int, int] = (SIDE_PX, SIDE_PX)) -> Image.Image:
    """Grey clouds: *across* by *down* random cells, enlarged smoothly to *size*."""
    cells = Image.frombytes("L", (across, down), Random(seed).randbytes(across * down))
    return cells.resize(size, SMOOTH)


def waves(field: Image.Image, rings: float, depth: float = 1.0) -> Image.Image:
    """Contour lines of a grey *field*: what turns clouds into growth rings or veins."""
    table = [round(127.5 + 127.5 * depth * math.sin(level / 255 * rings * 2 * math.pi)) for level in range(256)]
    return field.point(table)


@lru_cache(maxsize=32)
def wood(
    light: str, dark: str, seed: int = 1, rings: float = 7, size: tuple[int, int] = (SIDE_PX, SIDE_PX)
) -> Image.Image:
    """Boards with the grain running from left to right."""
    field = ImageChops.blend(noise(3, 7, seed, size), noise(2, 30, seed + 1, size), 0.25).filter(
        ImageFilter.GaussianBlur(2)
    )
    grain = waves(field, rings).filter(ImageFilter.GaussianBlur(1.5))
    pores = noise(20, size[1], seed + 2, size)
    grey = ImageChops.blend(ImageChops.blend(grain, noise(4, 90, seed + 3, size), 0.5), pores, 0.3)
    return coloured(grey, ((0.12, dark), (0.5, mix(dark, light, 0.6)), (0.88, light))).convert("RGB")


def upright(picture: Image.Image) -> Image.Image:
    """The grain turned to run from top to bottom."""
    return picture.transpose(Image.Transpose.ROTATE_90)


@lru_cache(maxsize=32)
def weave(colour: str, seed: int = 5, depth: float = 0.16, threads: int = 128) -> Image.Image:
    """Plain cloth: threads that pass over and under, none quite like the next."""
    tile = Image.new("L", (4, 4))
    tile.putdata([200, 255, 150, 90, 110, 170, 255, 220, 150, 90, 200, 255, 255, 220, 110, 170])
    repeat = Image.new("L", (threads * 4, threads * 4))
    row = Image.new("L", (threads * 4, 4))
    for x in range(threads):
        row.paste(tile, (x * 4, 0))
    for y in range(threads):
        repeat.paste(row, (0, y * 4))
    slubs = ImageChops.blend(noise(6, 256, seed, repeat.size), noise(256, 6, seed + 1, repeat.size), 0.5)
    grey = ImageChops.blend(repeat, slubs, 0.6)
    return coloured(grey, ((0.2, tone(colour, 1 - depth)), (0.8, tone(colour, 1 + depth * 0.6)))).convert("RGB")


@lru_cache(maxsize=32)
def leather(colour: str, seed: int = 9, depth: float = 0.14) -> Image.Image:
    pebbles = ImageChops.blend(noise(150, 150, seed), noise(300, 300, seed + 1), 0.4)
    lit = ImageChops.subtract(pebbles, ImageChops.offset(pebbles, 1, 1), 2, 128)
    grey = ImageChops.blend(lit, noise(5, 5, seed + 2), 0.35)
    return coloured(grey, ((0.2, tone(colour, 1 - depth)), (0.8, tone(colour, 1 + depth)))).convert("RGB")


@lru_cache(maxsize=32)
def clay(colour: str, seed: int = 13, depth: float = 0.1) -> Image.Image:
    """Matt and slightly uneven: terracotta, plaster, paper."""
    grey = ImageChops.blend(
        ImageChops.blend(noise(6, 6, seed), noise(40, 40, seed + 1), 0.4), noise(400, 400, seed + 2), 0.25
    )
    return coloured(grey, ((0.15, tone(colour, 1 - depth)), (0.85, tone(colour, 1 + depth * 0.7)))).convert("RGB")


@lru_cache(maxsize=32)
def speckles(colour: str, seed: int = 17, share: float = 0.012) -> Image.Image:
    """Small transparent-grounded dots of *colour*, as on enamel and stoneware."""
    cells = noise(190, 190, seed)
    cut = 255 - round(255 * share * 4)
    spots = cells.point([0 if level < cut else min(255, (level - cut) * 14) for level in range(256)])
    picture = Image.new("RGBA", cells.size, colour)
    picture.putalpha(spots)
    return picture


def _near(field: Image.Image, level: int, height: int, slope: int) -> Image.Image:
    """*height* where *field* is at *level*, falling off on both sides."""
    return field.point([max(0, height - abs(here - level) * slope) for here in range(256)])


@lru_cache(maxsize=32)
def veins(ground: str, vein: str, seed: int = 21) -> Image.Image:
    """Marble: a few soft dark lines where two clouds meet."""
    fine = ImageChops.blend(noise(9, 9, seed + 1), noise(34, 34, seed + 4), 0.3)
    field = ImageChops.blend(noise(3, 3, seed), fine, 0.3)
    ridge = _near(field, 120, 255, 16).filter(ImageFilter.GaussianBlur(1.2))
    hairs = _near(noise(6, 6, seed + 5), 140, 170, 22)
    cloud = _near(field, 112, 120, 4).filter(ImageFilter.GaussianBlur(9))
    lines = ImageChops.lighter(ImageChops.lighter(ridge, hairs), cloud)
    grey = ImageChops.multiply(lines, noise(5, 5, seed + 2).point([min(255, level + 60) for level in range(256)]))
    base = coloured(noise(6, 6, seed + 3), ((0, tone(ground, 0.96)), (1, tone(ground, 1.05)))).convert("RGB")
    base.paste(vein, (0, 0), grey.point([round(level * 0.75) for level in range(256)]))
    return base
