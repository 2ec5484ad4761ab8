"""Views under the open sky. Drawn small and then blurred."""

from __future__ import annotations

from ..stock.paint import across, down, tone
from ..stock.shapes import box, curve, ellipse, polygon
from .furnish import Stage, bokeh


def garden(stage: Stage) -> None:
    canvas = stage.canvas
    canvas.fill(
        box(-20, -20, stage.width + 20, 1020), down((0, "#e9f3e0"), (0.25, "#b7d093"), (0.6, "#5f8a4a"), (1, "#3b5f33"))
    )
    for _ in range(46):
        x, y = stage.dice.uniform(-40, stage.width + 40), stage.dice.uniform(40, stage.horizon + 40)
        colour = stage.dice.choice(("#4c7a3c", "#7ca654", "#365c31", "#a8c878", "#5d8f48"))
        canvas.fill(
            ellipse(x, y, stage.dice.uniform(50, 130), stage.dice.uniform(40, 100)), colour, opacity=0.7, blur=10
        )
    flower = stage.dice.choice((("#f4b6c2", "#fff3f0"), ("#f6d26b", "#fdf3cf"), ("#b9a2e0", "#efe6fb")))
    bokeh(stage, flower, 26, low=260, high=stage.horizon, size=(9, 24))
    bokeh(stage, ("#fffbe0", "#f3ffd9"), 26, low=0, high=320, size=(14, 42))


def beach(stage: Stage) -> None:
    canvas, line_y = stage.canvas, stage.horizon - 190
    evening = stage.dice.random() < 0.4
    sky = ("#7f9fc4", "#f4c9a0", "#fbe6c4") if evening else ("#6fb1df", "#bfe0f0", "#eef7f6")
    canvas.fill(box(-20, -20, stage.width + 20, line_y), down((0, sky[0]), (0.7, sky[1]), (1, sky[2])))
    for _ in range(7):
        x, y = stage.dice.uniform(0, stage.width), stage.dice.uniform(60, line_y - 120)
        canvas.fill(
            ellipse(x, y, stage.dice.uniform(90, 200), stage.dice.uniform(14, 34)), "#ffffff", opacity=0.65, blur=18
        )
    canvas.fill(
        box(-20, line_y, stage.width + 20, 1020),
        down((0, "#2f7ea0"), (0.25, "#4fa6b8"), (0.42, "#a6d8d6"), (0.5, "#f2f4ec"), (0.56, "#d9bd8c"), (1, "#e6cfa2")),
    )
    for row in range(9):
        y = line_y + 14 + row * 17
        x = stage.dice.uniform(-60, stage.width * 0.6)
        canvas.line(curve(((x, y), (x + 140, y - 5), (x + 300, y + 3))), 4, "#ffffff", opacity=0.55, blur=2)


def forest(stage: Stage) -> None:
    canvas = stage.canvas
    canvas.fill(
        box(-20, -20, stage.width + 20, 1020), down((0, "#dfeecb"), (0.4, "#8fae72"), (0.8, "#3f5d36"), (1, "#263b22"))
    )
    bokeh(stage, ("#f7ffd6", "#dff2b0"), 30, low=0, high=380, size=(14, 46))
    for index in range(8):
        x, wide = stage.x((index + stage.dice.random()) / 8), stage.dice.uniform(22, 74)
        shade = stage.dice.choice(("#4b3a2c", "#5e4a37", "#38291f"))
        canvas.fill(
            polygon((x, -20), (x + wide * 0.8, -20), (x + wide, 1020), (x - wide * 0.2, 1020)),
            across((0, tone(shade, 0.7)), (0.3, tone(shade, 1.35)), (1, tone(shade, 0.55))),
        )
    for _ in range(22):
        x = stage.dice.uniform(0, stage.width)
        colour = stage.dice.choice(("#4c7037", "#729650", "#2f4d29"))
        canvas.fill(ellipse(x, stage.horizon - stage.dice.uniform(-30, 120), 110, 60), colour, opacity=0.7, blur=12)


def street(stage: Stage) -> None:
    canvas = stage.canvas
    canvas.fill(
        box(-20, -20, stage.width + 20, 1020), down((0, "#2b3a5c"), (0.35, "#6a5f84"), (0.6, "#d58f6d"), (1, "#4b3a44"))
    )
    for side in (-1, 1):
        for index in range(5):
            edge = stage.x(0.5) + side * (90 + index * 95) * stage.width / 900
            high = 330 - index * 75
            shade = tone("#4a4660", 1 - index * 0.13)
            canvas.fill(
                polygon((edge, high), (edge + side * 140, high - 60), (edge + side * 140, 1020), (edge, 1020)), shade
            )
    bokeh(stage, ("#ffc46b", "#ffe3a6", "#ff8a5c", "#9fd0ff"), 44, low=240, high=stage.horizon, size=(12, 36))
