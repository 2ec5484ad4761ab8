"""Living room and garden: a side table, a lamp, a planter, a candle."""

from __future__ import annotations

from .lathe import Turned, gloss, metal, satin, sheen
from .letters import Label
from .paint import Canvas, across, around, down, slant, tone
from .shapes import arc, blob, box, curve, ellipse, line, polygon, stroke
from .studio import Sitter, standing_shadow
from .texture import clay, upright, weave, wood

OAK, OAK_DARK = "#dcb27c", "#a8743f"


def side_table(canvas: Canvas, other: bool) -> None:
    tilt, top = (0.3, 310.0) if other else (0.17, 300.0)
    feet = ((505, 800), (240, 862), (762, 862)) if not other else ((300, 790), (690, 800), (490, 905))
    for (x, y), depth in zip(feet, (0.72, 1.0, 0.92), strict=True):
        standing_shadow(canvas, x, y, 30, flat=0.4)
        _leg(canvas, (500 + (x - 500) * 0.62, top + 40), (x, y), depth)
    _shelf(canvas, tilt)
    _table_top(canvas, top, tilt)


def _leg(canvas: Canvas, start: tuple[float, float], foot: tuple[float, float], depth: float) -> None:
    leg = stroke(line(start, foot), 44, 24)
    with canvas.inside(leg):
        canvas.fill(box(*leg.bounds), upright(wood(tone(OAK, depth), tone(OAK_DARK, depth), 4)))
        canvas.line([(x + 11, y) for x, y in line(start, foot)], 20, "#3a2412", opacity=0.38, blur=7)
        canvas.line([(x - 11, y) for x, y in line(start, foot)], 8, "#fff2dc", opacity=0.35, blur=4)


def _shelf(canvas: Canvas, tilt: float) -> None:
    y, radius = 640.0, 170.0
    rim = Turned(500, ((y, radius), (y + 18, radius)), tilt)
    canvas.fill(rim.outline, wood(tone(OAK, 0.8), tone(OAK_DARK, 0.75), 8))
    canvas.fill(rim.outline, rim.shading(sheen(0.3)))
    canvas.fill(rim.mouth, wood(tone(OAK, 0.86), tone(OAK_DARK, 0.9), 3))
    canvas.fill(rim.mouth, across((0, "#2b1a0a66"), (0.5, "#2b1a0a33"), (1, "#2b1a0a77")))


def _table_top(canvas: Canvas, y: float, tilt: float) -> None:
    rim = Turned(500, ((y, 345), (y + 26, 345), (y + 32, 341)), tilt)
    canvas.fill(rim.outline, wood(tone(OAK, 0.92), tone(OAK_DARK, 0.85), 11))
    canvas.fill(rim.outline, rim.shading(sheen(0.34)))
    canvas.fill(rim.mouth, wood(tone(OAK, 1.12), tone(OAK_DARK, 1.25), 1, 9))
    canvas.fill(rim.mouth, slant((0, "#fff8e85a"), (0.45, "#fff8e800"), (1, "#4a2c1030")))
    canvas.fill(
        ellipse(500, y, 345, 345 * tilt).without(ellipse(500, y + 1.5, 340, 345 * tilt - 4)), "#fff0d4", opacity=0.55
    )


def table_lamp(canvas: Canvas, other: bool) -> None:
    standing_shadow(canvas, 500, 868, 170)
    _cord(canvas, other)
    glaze = "#7f9a86"
    base = Turned.smooth(
        500, ((500, 34), (520, 52), (575, 128), (660, 178), (745, 172), (815, 128), (858, 96), (870, 96)), 0.14
    )
    canvas.fill(base.outline, base.shading(gloss(glaze)))
    canvas.fill(base.outline, down((0, "#ffffff22"), (0.45, "#ffffff00"), (0.75, "#10201500"), (1, "#10201566")))
    for y in (600, 612):
        ring = arc(500, y, base.radius_at(y), base.radius_at(y) * 0.14, 4, 176, 40)
        canvas.line(ring, 2.4, tone(glaze, 0.55), opacity=0.5)
    neck = Turned(500, ((440, 17), (500, 17), (500, 36), (514, 36)), 0.2)
    canvas.fill(neck.outline, neck.shading(metal("#b8934f")))
    _shade(canvas)


def _cord(canvas: Canvas, other: bool) -> None:
    ends = (
        ((560, 852), (690, 872), (800, 850), (1010, 900))
        if not other
        else ((440, 852), (300, 880), (180, 850), (-10, 905))
    )
    canvas.line([(x, y + 5) for x, y in curve(ends)], 8, "#3a332c", opacity=0.25, blur=4)
    canvas.line(curve(ends), 7, "#d9cfbd")


def _shade(canvas: Canvas) -> None:
    shade = Turned(500, ((130, 175), (450, 265)), 0.13)
    linen = "#e6d5b5"
    inner = Turned(500, ((128, 175), (140, 172)), 0.13)
    canvas.fill(shade.outline, weave(linen, 3, 0.12, 96))
    canvas.fill(shade.outline, shade.shading(sheen(0.22)))
    glow = around((0, "#fff3c8bb"), (0.6, "#ffe9b055"), (1, "#ffe9b000"), centre=(0.45, 0.75), radius=0.6)
    canvas.fill(shade.outline, glow)
    canvas.fill(inner.mouth, down((0, "#b79f74"), (1, "#fff0c6")))
    canvas.line(arc(500, 450, 265, 265 * 0.13, 0, 180, 50), 5, "#b79d6c", opacity=0.8)
    canvas.line(arc(500, 130, 175, 175 * 0.13, 0, 360, 60), 4, "#c3ab7d", opacity=0.9)


def planter(canvas: Canvas, other: bool) -> None:
    standing_shadow(canvas, 500, 872, 230)
    saucer = Turned(500, ((820, 250), (862, 222), (872, 215)), 0.15)
    body = Turned(500, ((392, 262), (470, 256), (472, 240), (835, 178)), 0.15)
    for part, seed in ((saucer, 2), (body, 5)):
        canvas.fill(part.outline, clay("#c4714a", seed, 0.12))
        canvas.fill(part.outline, part.shading(sheen(0.3)))
    canvas.fill(saucer.mouth, clay("#8f4d30", 3))
    canvas.fill(ellipse(506, 838, 200, 30), "#3d1c0e", opacity=0.55, blur=8)
    canvas.fill(body.outline, clay("#c4714a", 5, 0.12))
    canvas.fill(body.outline, body.shading(sheen(0.3)))
    with canvas.inside(body.outline):
        _rim_and_ribs(canvas, body, other)
    canvas.fill(body.mouth, clay("#b4633f", 7))
    canvas.fill(ellipse(500, 396, 242, 31), around((0, "#5b2c1a"), (1, "#38190d")))
    canvas.line(arc(500, 392, 258, 38, 150, 330, 40), 5, "#f0b08c", opacity=0.55, blur=2)


def _rim_and_ribs(canvas: Canvas, body: Turned, other: bool) -> None:
    canvas.line(arc(500, 474, 246, 38, 2, 178, 50), 13, "#43200f", opacity=0.55, blur=6)
    if other:
        for y in range(560, 820, 36):
            canvas.line(
                arc(500, y, body.radius_at(y), body.radius_at(y) * 0.15, 3, 177, 40), 6, "#6d3319", opacity=0.45, blur=2
            )
            canvas.line(
                arc(500, y + 7, body.radius_at(y), body.radius_at(y) * 0.15, 3, 177, 40),
                4,
                "#f2b794",
                opacity=0.3,
                blur=2,
            )
        return
    mark = (
        Label(700, 300)
        .write(0.36, "TERRA", 0.2, "#5e2a12", spacing=0.25)
        .write(0.74, "handmade in faro", 0.072, "#5e2a12", spacing=0.12)
    )
    body.wrap(canvas, mark.image, top=545, bottom=690, reach=0.62)


def candle(canvas: Canvas, other: bool) -> None:
    standing_shadow(canvas, 500, 850, 205)
    glass = Turned(500, ((330, 212), (815, 212), (838, 207), (848, 198)), 0.14)
    wax = Turned(500, ((425, 200), (790, 200), (815, 192)), 0.14)
    smoke = "#5a443b"
    canvas.fill(glass.outline, glass.shading(gloss(smoke)), opacity=0.92)
    canvas.fill(wax.outline, wax.shading(satin("#d8c3ad")), opacity=0.5)
    canvas.fill(glass.mouth, "#8d7a70", opacity=0.75)
    canvas.fill(wax.mouth, around((0, "#fff6e2"), (0.5, "#efdcc0"), (1, "#bfa488")))
    canvas.line([(500, 424), (502, 396), (498, 372)], 6, "#2b211b")
    flame = blob((498, 376), (484, 348), (499, 300), (514, 350))
    with canvas.inside(glass.outline):
        canvas.fill(ellipse(499, 350, 70, 80), "#ffd98a", opacity=0.4, blur=26)
    canvas.fill(flame, down((0, "#fff4c4"), (0.6, "#ffd257"), (1, "#f08a24")))
    canvas.line(arc(500, 330, 210, 29, 0, 360, 70), 4, "#efe6df", opacity=0.8)
    with canvas.inside(glass.outline):
        canvas.fill(box(280, 800, 720, 890), down((0, "#2a1d1800"), (0.35, "#2a1d18aa"), (1, "#2a1d18dd")))
    _candle_label(canvas, glass, other)
    canvas.fill(
        polygon((318, 372), (348, 378), (348, 826), (322, 812)), down((0, "#ffffff88"), (1, "#ffffff18")), blur=3
    )


def _candle_label(canvas: Canvas, glass: Turned, other: bool) -> None:
    label = Label(640, 560, "#f4ede2")
    if other:
        label.write(0.2, "burn 50 hours", 0.075, "#3d332d", spacing=0.06).rule(0.32, "#3d332d")
        label.write(0.46, "soy wax, cotton wick", 0.06, "#3d332d").write(0.6, "poured by hand", 0.06, "#3d332d").write(
            0.82, "220 g  7.8 oz", 0.06, "#3d332d"
        )
    else:
        label.write(0.26, "HUSH", 0.2, "#3d332d", spacing=0.3).rule(0.45, "#a4663f", left=0.4, right=0.6)
        label.write(0.6, "fig & cedar", 0.1, "#3d332d", spacing=0.05).write(
            0.83, "SCENTED CANDLE", 0.052, "#3d332d", spacing=0.3
        )
    glass.wrap(canvas, label.image, top=478, bottom=730, reach=0.72)


SITTERS = {
    "oak-side-table": Sitter(side_table, (120, 200, 420)),
    "ceramic-table-lamp": Sitter(table_lamp, (330, 380, 380)),
    "terracotta-planter": Sitter(planter, (230, 330, 400)),
    "fig-cedar-candle": Sitter(candle, (300, 280, 400)),
}
