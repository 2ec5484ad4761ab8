"""What stands and hangs in rooms: walls, windows, shelves, plants. Out of focus, so shapes and colours, not lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from ..stock.paint import Canvas, across, around, down, mix, slant, tone
from ..stock.shapes import blob, box, ellipse, polygon, turned
from ..stock.texture import clay, wood


@dataclass(frozen=True)
class Stage:
    """Where a room is drawn: 1000 units high, *width* units wide, its far table edge at *horizon*."""

    canvas: Canvas
    width: float
    horizon: float
    dice: Random

    def x(self, share: float) -> float:
        return self.width * share


Room = Callable[[Stage], None]


def wall(stage: Stage, colour: str, *, rough: float = 0.05) -> None:
    wall = box(-20, -20, stage.width + 20, 1020)
    stage.canvas.fill(wall, clay(colour, stage.dice.randrange(9), rough))
    stage.canvas.fill(wall, slant((0, "#ffffff55"), (0.45, "#ffffff00"), (1, "#00000044")))


def window(
    stage: Stage, left: float, width: float, *, top: float = 60, bottom: float = 560, view: str = "#dcebf2"
) -> None:
    canvas = stage.canvas
    canvas.fill(box(left - 120, top - 100, left + width + 160, bottom + 120), "#fff8ea", opacity=0.55, blur=70)
    canvas.fill(box(left - 16, top - 16, left + width + 16, bottom + 22), "#f5f1e9")
    pane = box(left, top, left + width, bottom)
    canvas.fill(pane, down((0, "#ffffff"), (0.55, view), (1, mix(view, "#9db98a", 0.6))))
    with canvas.inside(pane):
        for _ in range(9):
            x, y = left + stage.dice.random() * width, bottom - stage.dice.random() * 220
            canvas.fill(ellipse(x, y, 60, 46), mix("#7fa468", "#cfe0b0", stage.dice.random()), opacity=0.6, blur=14)
    for share in (0.5,):
        canvas.fill(box(left + width * share - 7, top, left + width * share + 7, bottom), "#f3eee4")
    canvas.fill(box(left, (top + bottom) / 2 - 6, left + width, (top + bottom) / 2 + 6), "#f3eee4")


def shelf(stage: Stage, left: float, right: float, y: float, colour: str = "#b98a58") -> None:
    stage.canvas.fill(box(left, y + 12, right, y + 44), "#000000", opacity=0.2, blur=14)
    stage.canvas.fill(box(left, y, right, y + 20, 4), wood(tone(colour, 1.15), tone(colour, 0.75), 4))


def jars(stage: Stage, left: float, right: float, y: float, colours: tuple[str, ...]) -> None:
    """A row of vessels standing on the line *y*."""
    x = left
    while x < right - 40:
        wide, high = stage.dice.uniform(46, 84), stage.dice.uniform(60, 150)
        colour = stage.dice.choice(colours)
        body = box(x, y - high, x + wide, y, wide * stage.dice.choice((0.12, 0.3, 0.45)))
        stage.canvas.fill(body, across((0, tone(colour, 0.75)), (0.3, tone(colour, 1.25)), (1, tone(colour, 0.6))))
        if stage.dice.random() < 0.5:
            stage.canvas.fill(box(x + wide * 0.2, y - high - 16, x + wide * 0.8, y - high + 6, 5), tone(colour, 0.55))
        x += wide + stage.dice.uniform(14, 52)


def books(stage: Stage, left: float, right: float, y: float) -> None:
    x = left
    while x < right - 20:
        wide, high = stage.dice.uniform(16, 34), stage.dice.uniform(96, 150)
        colour = stage.dice.choice(("#b4543c", "#e3d5bd", "#3f5b6b", "#d6a750", "#6d7f63", "#f2ece0", "#4a3b35"))
        stage.canvas.fill(
            box(x, y - high, x + wide, y, 2),
            across((0, tone(colour, 0.8)), (0.4, tone(colour, 1.1)), (1, tone(colour, 0.75))),
        )
        x += wide + 2


def plant(stage: Stage, x: float, y: float, size: float, *, pot: str = "#d9cfc2") -> None:
    canvas, dice = stage.canvas, stage.dice
    for index in range(13):
        angle = -165 + 150 * index / 12 + dice.uniform(-8, 8)
        reach = size * dice.uniform(0.65, 1.0)
        leaf = turned(ellipse(x + reach * 0.55, y - size * 0.15, reach * 0.5, size * 0.11), angle, (x, y - size * 0.15))
        colour = dice.choice(("#4f7a4a", "#6b9656", "#375f3d", "#86ab68"))
        canvas.fill(leaf, slant((0, tone(colour, 1.3)), (1, tone(colour, 0.7))))
    half = size * 0.26
    canvas.fill(
        polygon(
            (x - half, y - size * 0.2),
            (x + half, y - size * 0.2),
            (x + half * 0.75, y + size * 0.36),
            (x - half * 0.75, y + size * 0.36),
        ),
        across((0, tone(pot, 0.8)), (0.3, tone(pot, 1.3)), (1, tone(pot, 0.62))),
    )


def picture(stage: Stage, left: float, top: float, width: float, height: float) -> None:
    canvas, dice = stage.canvas, stage.dice
    canvas.fill(box(left + 8, top + 14, left + width + 8, top + height + 14), "#000000", opacity=0.25, blur=12)
    canvas.fill(box(left, top, left + width, top + height), "#c49a66")
    canvas.fill(box(left + 9, top + 9, left + width - 9, top + height - 9), "#f7f3ea")
    with canvas.inside(box(left + 34, top + 34, left + width - 34, top + height - 34)):
        first, second = dice.sample(("#c86b45", "#40606b", "#d9a648", "#7f9479", "#e7c9b2"), 2)
        canvas.fill(ellipse(left + width * 0.42, top + height * 0.42, width * 0.24, width * 0.24), first)
        canvas.fill(
            blob(
                (left, top + height * 0.6),
                (left + width * 0.5, top + height * 0.52),
                (left + width, top + height * 0.7),
                (left + width, top + height),
                (left, top + height),
            ),
            second,
        )


def bokeh(
    stage: Stage, colours: tuple[str, ...], count: int, *, low: float, high: float, size: tuple[float, float]
) -> None:
    """Points of light, far out of focus."""
    for _ in range(count):
        radius = stage.dice.uniform(*size)
        x, y = stage.dice.uniform(0, stage.width), stage.dice.uniform(low, high)
        colour = stage.dice.choice(colours)
        stage.canvas.fill(
            ellipse(x, y, radius, radius),
            around((0, f"{colour}88"), (0.8, f"{colour}aa"), (1, f"{colour}55"), radius=0.5),
        )


def pendant(stage: Stage, x: float, y: float, colour: str) -> None:
    canvas = stage.canvas
    canvas.fill(ellipse(x, y + 70, 230, 200), "#ffd58a", opacity=0.35, blur=60)
    canvas.line([(x, -10), (x, y)], 5, "#2a2522")
    canvas.fill(
        blob((x, y - 10), (x + 60, y + 20), (x + 96, y + 78), (x - 96, y + 78), (x - 60, y + 20)),
        across((0, tone(colour, 0.7)), (0.35, tone(colour, 1.3)), (1, tone(colour, 0.5))),
    )
    canvas.fill(ellipse(x, y + 80, 80, 16), "#fff2c9")
