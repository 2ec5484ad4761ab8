"""The empty set: room, surface and light, before the product comes in."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from PIL import Image, ImageFilter

from ..stock.paint import Canvas, around, down, slant, tone
from ..stock.shapes import arc, box, curve, ellipse, polygon, ring, turned
from ..stock.texture import clay, weave, wood
from . import light, surfaces
from .brief import Setting
from .furnish import Stage
from .rooms import ROOMS

FOCUS_SHRINK = 3  #: the room behind is drawn this many times smaller, then blurred
HORIZON = {"table": 0.66, "floor": 0.6}


@dataclass(frozen=True)
class Empty:
    """A set without its product."""

    picture: Image.Image
    sun: Image.Image  #: where direct light falls
    ground_y: int  #: where the product's foot stands (flat and hanger: its middle)
    horizon_y: int


def build(setting: Setting, size: tuple[int, int]) -> Empty:
    dice = setting.dice
    sun = light.patches(setting.light, size, dice)
    if setting.staging == "flat":
        picture, ground, horizon = _from_above(setting, size, dice), size[1] // 2, 0
    elif setting.staging == "hanger":
        picture, ground, horizon = _wall(setting, size, dice), round(size[1] * 0.52), size[1]
    else:
        picture, ground, horizon = _standing(setting, size, dice)
    return Empty(light.fall(picture, sun, setting.light), sun, ground, horizon)


def _standing(setting: Setting, size: tuple[int, int], dice: Random) -> tuple[Image.Image, int, int]:
    horizon = round(size[1] * HORIZON[setting.staging] * dice.uniform(0.97, 1.03))
    picture = _room(setting, size, horizon, dice)
    if setting.staging == "floor":
        _skirting(picture, horizon)
    ground = surfaces.receding(setting.surface, setting.seed % 5, (size[0], size[1] - horizon))
    ground = _shaded(ground)
    gloss = surfaces.GLOSS.get(setting.surface, 0.0)
    if gloss:
        ground = _mirrored(ground, picture, horizon, gloss)
    picture.paste(ground, (0, horizon))
    _edge(picture, horizon)
    share = 0.5 if setting.staging == "floor" else 0.56
    return picture, round(horizon + (size[1] - horizon) * share), horizon


def _room(setting: Setting, size: tuple[int, int], horizon: int, dice: Random) -> Image.Image:
    small = (max(1, size[0] // FOCUS_SHRINK), max(1, size[1] // FOCUS_SHRINK))
    width = 1000 * size[0] / size[1]
    canvas = Canvas(small, view=(0, 0, width))
    ROOMS[setting.room](Stage(canvas, width, 1000 * horizon / size[1], dice))
    soft = canvas.image.filter(ImageFilter.GaussianBlur(small[1] / (95 if setting.staging == "table" else 150)))
    return soft.resize(size, Image.Resampling.BICUBIC)


def _skirting(picture: Image.Image, horizon: int) -> None:
    high = picture.height // 28
    board = Image.new("RGB", (picture.width, high), "#ece6db")
    picture.paste(board, (0, horizon - high))
    picture.paste("#b9b0a2", (0, horizon - high, picture.width, horizon - high + max(1, high // 12)))


def _shaded(ground: Image.Image) -> Image.Image:
    """Lighter towards the light at the left, darker to the right and under the viewer."""
    canvas = Canvas(ground.size, view=(0, 0, ground.width))
    canvas.image = ground
    whole = box(0, 0, ground.width, ground.height)
    canvas.fill(whole, slant((0, "#ffffff4a"), (0.4, "#ffffff00"), (1, "#00000055")))
    canvas.fill(whole, down((0, "#0000002a"), (0.12, "#00000000"), (1, "#00000018")))
    return canvas.image


def _mirrored(ground: Image.Image, picture: Image.Image, horizon: int, gloss: float) -> Image.Image:
    """The room's blurred reflection in a polished surface, fading towards the viewer."""
    above = picture.crop((0, max(0, horizon - ground.height), picture.width, horizon)).resize(ground.size)
    flipped = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    small = flipped.resize((ground.width // 8, ground.height // 8)).filter(ImageFilter.GaussianBlur(3))
    fade = Image.linear_gradient("L").point([round((255 - level) * gloss) for level in range(256)]).resize(ground.size)
    return Image.composite(small.resize(ground.size, Image.Resampling.BICUBIC), ground, fade)


def _edge(picture: Image.Image, horizon: int) -> None:
    """Soften the line where surface and room meet: it is out of focus."""
    half = max(2, picture.height // 160)
    strip = (0, horizon - 3 * half, picture.width, horizon + 3 * half)
    blurred = picture.crop(strip).filter(ImageFilter.GaussianBlur(half * 0.8))
    picture.paste(blurred.crop((0, half, picture.width, 5 * half)), (0, horizon - 2 * half))


def _wall(setting: Setting, size: tuple[int, int], dice: Random) -> Image.Image:
    """A plastered wall with a rail of pegs, for things that hang."""
    width = 1000 * size[0] / size[1]
    canvas = Canvas(size, view=(0, 0, width))
    colour = dice.choice(("#d9cfc0", "#c6cfc8", "#e0d2c4", "#cdd3d8"))
    canvas.fill(box(0, 0, width, 1000), clay(colour, 4, 0.05))
    canvas.fill(box(0, 0, width, 1000), slant((0, "#ffffff66"), (0.5, "#ffffff00"), (1, "#00000055")))
    rail = box(width * 0.12, 92, width * 0.88, 140, 10)
    canvas.fill(rail.moved(8, 14), "#000000", opacity=0.3, blur=12)
    canvas.fill(rail, wood("#c79b6c", "#8d6239", 5))
    for share in (0.2, 0.35, 0.65, 0.8):
        canvas.fill(ellipse(width * share + 6, 128, 15, 15), "#000000", opacity=0.35, blur=6)
        canvas.fill(ellipse(width * share, 118, 15, 15), around((0, "#f3dcb4"), (1, "#8d6239"), centre=(0.35, 0.3)))
    hook = [(width / 2, 118), *arc(width / 2, 140, 16, 18, -90, 120, 16), (width / 2, 172), (width / 2, 200)]
    canvas.line(hook, 6, "#8f9498")
    canvas.line(curve(((width / 2 - 150, 252), (width / 2, 196), (width / 2 + 150, 252))), 17, "#b98852")
    return canvas.image


def _from_above(setting: Setting, size: tuple[int, int], dice: Random) -> Image.Image:
    """The surface from straight above, with a few things at its corners."""
    ground = surfaces.flat(setting.surface, setting.seed % 5, size)
    width = 1000 * size[0] / size[1]
    canvas = Canvas(size, view=(0, 0, width))
    canvas.image = ground
    canvas.fill(box(0, 0, width, 1000), slant((0, "#ffffff55"), (0.5, "#ffffff00"), (1, "#00000044")))
    props = [_cup, _sprig, _cloth_corner]
    dice.shuffle(props)
    corners = [(width * 0.95, 60.0), (width * 0.04, 960.0), (width * 0.98, 930.0)]
    for prop, (x, y) in zip(props, corners, strict=True):
        prop(canvas, x, y, dice)
    return canvas.image


def _cup(canvas: Canvas, x: float, y: float, dice: Random) -> None:
    colour = dice.choice(("#e9e2d6", "#7f9479", "#c8795a", "#51606b"))
    canvas.fill(ellipse(x + 20, y + 28, 130, 130), "#000000", opacity=0.35, blur=20)
    canvas.fill(ellipse(x, y, 132, 132), slant((0, tone(colour, 1.3)), (1, tone(colour, 0.8))))
    canvas.fill(ring(x, y, 112, 112, 3), "#000000", opacity=0.12)
    canvas.fill(ellipse(x + 8, y + 10, 78, 78), "#000000", opacity=0.3, blur=8)
    canvas.fill(ellipse(x, y, 76, 76), slant((0, tone(colour, 1.45)), (1, tone(colour, 0.9))))
    canvas.fill(ellipse(x, y, 64, 64), around((0, "#7a4a28"), (0.8, "#4d2a14"), (1, "#2d160a")))
    canvas.line(arc(x, y, 52, 52, 190, 280, 20), 6, "#c9935f", opacity=0.7, blur=3)


def _sprig(canvas: Canvas, x: float, y: float, dice: Random) -> None:
    inward = 1 if x < 300 else -1
    upward = 1 if y < 500 else -1
    stem = curve(
        ((x - inward * 60, y - upward * 40), (x + inward * 90, y + upward * 60), (x + inward * 210, y + upward * 190))
    )
    canvas.line([(px + 8, py + 12) for px, py in stem], 8, "#000000", opacity=0.25, blur=6)
    canvas.line(stem, 6, "#5d6f4c")
    for px, py in stem[2::3]:
        for side in (-1, 1):
            leaf = turned(
                ellipse(px + 44, py, 46, 19), 45 * inward * upward + side * 55 + (180 if inward < 0 else 0), (px, py)
            )
            colour = dice.choice(("#7d9a78", "#93ad8b", "#688764"))
            canvas.fill(leaf.moved(9, 13), "#000000", opacity=0.25, blur=7)
            canvas.fill(leaf, slant((0, tone(colour, 1.25)), (1, tone(colour, 0.75))))


def _cloth_corner(canvas: Canvas, x: float, y: float, dice: Random) -> None:
    inward = 1 if x < 300 else -1
    upward = 1 if y < 500 else -1
    cloth = polygon(
        (x - inward * 90, y - upward * 140),
        (x + inward * 240, y - upward * 90),
        (x + inward * 130, y + upward * 170),
        (x - inward * 100, y + upward * 210),
    )
    colour = dice.choice(("#d8cbb6", "#b9c4c6", "#cfae94"))
    canvas.fill(cloth.moved(10, 14), "#000000", opacity=0.3, blur=12)
    with canvas.inside(cloth):
        canvas.fill(cloth, weave(colour, 6, 0.16, 96))
        for shift in (-60, 10, 80):
            canvas.line(
                [(x + shift, y - 220), (x + shift + inward * 60, y + 220)], 18, "#000000", opacity=0.16, blur=10
            )
            canvas.line(
                [(x + shift + 22, y - 220), (x + shift + 22 + inward * 60, y + 220)],
                12,
                "#ffffff",
                opacity=0.25,
                blur=8,
            )
