"""What the product stands or lies on: a texture, seen flat from above or receding to a horizon."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from ..stock.paint import coloured, tone
from ..stock.texture import clay, noise, veins, weave, wood

SIZE = (1024, 768)  #: of a texture, in pixels
FAR_CROWDING = 0.85  #: how much nearer the vanishing line is than one height of the surface


def _boards(light: str, dark: str, seed: int, *, rows: int = 5) -> Image.Image:
    """Planks side by side, each cut from its own tree."""
    sheet = Image.new("RGB", SIZE)
    high = SIZE[1] // rows
    for row in range(rows):
        shade = 0.94 + 0.12 * ((row * 7 + seed) % 5) / 4
        plank = wood(tone(light, shade), tone(dark, shade), seed + row * 3, 6, (SIZE[0], high + 2))
        sheet.paste(plank, (0, row * high))
    seams = ImageDraw.Draw(sheet)
    for row in range(1, rows):
        seams.line((0, row * high, SIZE[0], row * high), fill=tone(dark, 0.55), width=3)
        seams.line((0, row * high + 3, SIZE[0], row * high + 3), fill=tone(light, 1.2), width=1)
    return sheet


def _large(texture: Image.Image) -> Image.Image:
    return texture.resize(SIZE, Image.Resampling.BICUBIC)


def _tiles(colour: str, grout: str, seed: int, *, tile_px: int = 128) -> Image.Image:
    sheet = _large(clay(colour, seed, 0.06))
    draw = ImageDraw.Draw(sheet)
    for x in range(0, SIZE[0], tile_px):
        draw.line((x, 0, x, SIZE[1]), fill=grout, width=4)
    for y in range(0, SIZE[1], tile_px):
        draw.line((0, y, SIZE[0], y), fill=grout, width=4)
    return sheet


def _terrazzo(seed: int) -> Image.Image:
    sheet = _large(clay("#e4ddd2", seed, 0.03))
    for index, colour in enumerate(("#b8836a", "#8c9a8e", "#c9b48a", "#6f6a66")):
        chips = noise(56, 42, seed + index, SIZE).point([255 if level > 212 else 0 for level in range(256)])
        sheet.paste(colour, (0, 0), chips.filter(ImageFilter.MedianFilter(5)))
    return sheet


def _ripples(light: str, dark: str, seed: int) -> Image.Image:
    """Sand: wind ripples and grains."""
    ripple = ImageChops.blend(noise(3, 34, seed, SIZE), noise(9, 50, seed + 1, SIZE), 0.4)
    grain = noise(512, 384, seed + 2, SIZE)
    return coloured(ImageChops.blend(ripple, grain, 0.4), ((0.2, dark), (0.8, light))).convert("RGB")


def _moss(seed: int) -> Image.Image:
    tufts = ImageChops.blend(noise(24, 24, seed, SIZE), noise(200, 200, seed + 1, SIZE), 0.5)
    return coloured(tufts, ((0.2, "#20301a"), (0.5, "#4d6a31"), (0.85, "#93ac58"))).convert("RGB")


def _cloth(colour: str, seed: int) -> Image.Image:
    """Linen with soft folds that run across it."""
    sheet = _large(weave(colour, seed, 0.1, 128))
    folds = ImageChops.blend(noise(3, 9, seed + 4, SIZE), noise(5, 4, seed + 5, SIZE), 0.5)
    shade = coloured(folds, ((0.2, "#3a332a66"), (0.5, "#3a332a00"), (0.51, "#ffffff00"), (0.85, "#ffffff66")))
    sheet.paste(shade, (0, 0), shade)
    return sheet


MAKERS: dict[str, Callable[[int], Image.Image]] = {
    "oak": lambda seed: _boards("#ddb98a", "#a87645", seed),
    "walnut": lambda seed: _boards("#8f6244", "#51301c", seed),
    "whitewood": lambda seed: _boards("#e9e1d4", "#bfb2a0", seed),
    "weathered": lambda seed: _boards("#a99a88", "#6b5d4e", seed, rows=6),
    "floorboards": lambda seed: _boards("#c99f6e", "#916439", seed, rows=8),
    "marble": lambda seed: _large(veins("#efedea", "#8d8f94", seed)),
    "darkstone": lambda seed: _large(veins("#4a4d50", "#8f9496", seed)),
    "stone": lambda seed: _large(clay("#b5ada2", seed, 0.14)),
    "concrete": lambda seed: _large(clay("#a3a4a3", seed, 0.1)),
    "terrazzo": _terrazzo,
    "tile": lambda seed: _tiles("#d8d2c6", "#a59c8d", seed),
    "linen": lambda seed: _cloth("#e3dac9", seed),
    "sand": lambda seed: _ripples("#f0dcb4", "#c7a673", seed),
    "moss": _moss,
    "rubber": lambda seed: _large(clay("#3b3e42", seed, 0.16)),
    "paper": lambda seed: _large(clay("#e9e4dc", seed, 0.015)),
    "rug": lambda seed: _large(weave("#d9cdb9", seed, 0.22, 96)),
}
GLOSS = {"marble": 0.3, "darkstone": 0.32, "terrazzo": 0.2, "tile": 0.18, "oak": 0.1, "walnut": 0.14, "concrete": 0.07}


@lru_cache(maxsize=24)
def texture(name: str, seed: int) -> Image.Image:
    return MAKERS[name](seed)


def flat(name: str, seed: int, size: tuple[int, int]) -> Image.Image:
    """The surface seen from straight above, filling *size*."""
    source = texture(name, seed)
    scale = max(size[0] / source.width, size[1] / source.height)
    part = (size[0] / scale, size[1] / scale)
    return source.resize(size, Image.Resampling.BICUBIC, box=(0, 0, *part))


def receding(name: str, seed: int, size: tuple[int, int]) -> Image.Image:
    """The surface from its far edge (top of *size*) to right under the viewer, in perspective."""
    source = texture(name, seed)
    width, height = size
    away = height * FAR_CROWDING  # from the far edge up to the vanishing line
    per_px = source.width / width
    near, span = 1 / (away + height), 1 / away - 1 / (away + height)  # rows crowd with one over the distance
    rows, slope = source.height * (1 + near / span), source.height / span
    across = (per_px, source.width / 2 / away, (source.width - per_px * width) / 2)
    matrix = (*across, 0.0, rows / away, rows - slope / away, 0.0, 1 / away)
    sheet = source.transform(size, Image.Transform.PERSPECTIVE, matrix, Image.Resampling.BICUBIC)
    return _far_blur(sheet)


def _far_blur(sheet: Image.Image) -> Image.Image:
    """Out of focus at the far edge, sharp from the middle on."""
    width, height = sheet.size
    small = sheet.resize((max(1, width // 4), max(1, height // 4)), Image.Resampling.BILINEAR, reducing_gap=2)
    soft = small.filter(ImageFilter.GaussianBlur(2.5)).resize(sheet.size, Image.Resampling.BICUBIC)
    fade = Image.linear_gradient("L").point([max(0, 255 - round(level * 2.6)) for level in range(256)])
    return Image.composite(soft, sheet, fade.resize(sheet.size))
