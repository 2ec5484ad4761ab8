"""Small precious things: a serum bottle, a ring, headphones."""

from __future__ import annotations

from .lathe import Turned, gloss, satin
from .letters import Label
from .paint import Canvas, across, around, down, slant, tone
from .shapes import Shape, arc, box, curve, ellipse, polygon, stroke, turned
from .studio import Sitter, standing_shadow
from .texture import leather

AMBER = "#9c4f17"


def face_serum(canvas: Canvas, other: bool) -> None:
    standing_shadow(canvas, 500, 880, 160)
    bottle = Turned.smooth(
        500, ((420, 66), (446, 72), (476, 120), (510, 152), (560, 158), (700, 158), (852, 158), (878, 148)), 0.13
    )
    canvas.fill(bottle.outline, bottle.shading(gloss(AMBER)))
    canvas.fill(bottle.outline, around((0, "#f2a24466"), (0.7, "#f2a24400"), centre=(0.6, 0.55), radius=0.6))
    canvas.fill(bottle.outline, down((0, "#fff0d01a"), (0.3, "#00000000"), (0.8, "#00000000"), (1, "#2a0d00aa")))
    canvas.line([(500, 425), (500, 560)], 16, "#f5d9b4", opacity=0.25, blur=2)
    collar = Turned(500, ((318, 72), (424, 74)), 0.15)
    canvas.fill(collar.outline, collar.shading(gloss("#26211e")))
    for x in range(-60, 66, 12):
        canvas.line([(500 + x, 330 + abs(x) * 0.02), (500 + x, 422)], 2, "#000000", opacity=0.35)
    bulb = Turned.smooth(500, ((140, 16), (150, 36), (200, 46), (270, 44), (300, 52), (320, 54)), 0.2)
    canvas.fill(bulb.outline, bulb.shading(satin("#4a433d")))
    canvas.fill(ellipse(500, 318, 72, 11), "#3a332e")
    bottle.wrap(canvas, _serum_label(other).image, top=560, bottom=800, reach=0.86)
    canvas.fill(
        polygon((362, 540), (376, 530), (378, 860), (364, 850)), down((0, "#ffffffaa"), (1, "#ffffff22")), blur=3
    )


def _serum_label(other: bool) -> Label:
    label = Label(560, 430, "#f6f1e7")
    if other:
        label.write(0.14, "how to use", 0.085, "#3b2a1d").rule(0.26, "#b98a4b")
        for row, words in enumerate(("three drops, morning", "and night, on damp skin", "niacinamide 5 %, squalane")):
            label.write(0.4 + row * 0.13, words, 0.06, "#3b2a1d")
        return label.write(0.86, "30 ml  1.0 fl oz", 0.06, "#3b2a1d")
    label.write(0.24, "ALMA", 0.19, "#3b2a1d", spacing=0.3).rule(0.44, "#b98a4b", left=0.38, right=0.62)
    return label.write(0.6, "dew serum", 0.11, "#3b2a1d").write(0.84, "FACE OIL  30 ML", 0.055, "#3b2a1d", spacing=0.22)


POLISHED = (
    (0.0, "#dfe4e8"), (0.16, "#8d949b"), (0.3, "#e8ecef"), (0.45, "#737a81"), (0.58, "#d5dadf"), (0.75, "#5d646b"),
    (0.9, "#bcc3c9"), (1.0, "#6b7279"),
)  # fmt: skip


def silver_ring(canvas: Canvas, other: bool) -> None:
    canvas.fill(ellipse(515, 800, 230, 30), "#3a3632", opacity=0.26, blur=28)
    rx, cx = (190.0, 500.0) if other else (250.0, 500.0)
    back = ellipse(cx + 16, 560, rx - 22, 226).without(ellipse(cx + 18, 560, rx - 54, 198))
    canvas.fill(back, slant((0, "#4d535a"), (0.4, "#b9c0c6"), (0.6, "#787f86"), (1, "#43494f")))
    band = ellipse(cx, 560, rx, 240).without(ellipse(cx + 6, 560, rx - 44, 200))
    canvas.fill(band, slant(*POLISHED))
    for turn, light in ((-150, "#ffffff"), (30, "#ffffff"), (-40, "#3d4349"), (120, "#3d4349")):
        canvas.line(arc(cx + 2, 560, rx - 21, 220, turn - 26, turn + 26, 30), 15, light, opacity=0.6, blur=6)
    for edge in (arc(cx, 560, rx - 2, 238, 0, 360, 120), arc(cx + 6, 560, rx - 42, 202, 0, 360, 120)):
        canvas.line(edge, 5, "#454b52", opacity=0.85)
    _stone(canvas, cx, 292, 0.78 if other else 1.0)


def _stone(canvas: Canvas, cx: float, cy: float, squeeze: float) -> None:
    for dx in (-86, 86):
        canvas.line(
            curve(
                ((cx + dx * squeeze * 0.55, cy + 70), (cx + dx * squeeze, cy + 12), (cx + dx * squeeze * 0.98, cy - 26))
            ),
            20,
            slant((0, "#d4d9dd"), (0.5, "#8b9198"), (1, "#4d5359")),
        )
    corners = [
        (cx + x * squeeze, cy + y)
        for x, y in ((-64, -62), (64, -62), (96, -22), (96, 22), (64, 62), (-64, 62), (-96, 22), (-96, -22))
    ]
    table = [
        (cx + x * squeeze, cy + y)
        for x, y in ((-36, -34), (36, -34), (56, -12), (56, 12), (36, 34), (-36, 34), (-56, 12), (-56, -12))
    ]
    canvas.fill(Shape(tuple(corners)), "#0d5a45")
    shades = ("#4fc59c", "#8fe6c6", "#2a9a76", "#0b5f47", "#0a4635", "#138160", "#1fa37c", "#63d3ac")
    for index, shade in enumerate(shades):
        after = (index + 1) % 8
        canvas.fill(polygon(corners[index], corners[after], table[after], table[index]), shade)
    canvas.fill(Shape(tuple(table)), slant((0, "#a6f0d6"), (0.35, "#36b48c"), (0.6, "#11805f"), (1, "#3cbf96")))
    canvas.fill(polygon(table[0], table[1], (cx - 8, cy + 4)), "#e3fff5", opacity=0.55)
    for dx, dy in ((-82, -46), (82, -46), (-82, 46), (82, 46)):
        canvas.fill(
            ellipse(cx + dx * squeeze, cy + dy, 15, 15),
            around((0, "#eef1f3"), (0.6, "#a4abb1"), (1, "#4d5359"), centre=(0.35, 0.3)),
        )


NAVY, BRASS = "#27344d", "#c39a57"


def headphones(canvas: Canvas, other: bool) -> None:
    standing_shadow(canvas, 270, 846, 74)
    standing_shadow(canvas, 740, 846, 74)
    canvas.line(arc(500, 470, 262, 340, 180, 360, 70), 50, NAVY)
    with canvas.inside(stroke(arc(500, 470, 262, 340, 180, 360, 70), 50)):
        canvas.line(arc(497, 474, 276, 354, 190, 300, 50), 12, "#8fa0c0", opacity=0.75, blur=5)
        canvas.line(arc(500, 470, 244, 322, 180, 360, 60), 16, "#0c121f", opacity=0.6, blur=6)
    canvas.line(arc(500, 474, 238, 312, 205, 335, 60), 34, tone("#8a5a37", 0.9))
    canvas.line(arc(500, 478, 226, 300, 205, 335, 60), 10, "#3f2412", opacity=0.6, blur=5)
    for side in (-1, 1):
        _ear_cup(canvas, side, other)


def _ear_cup(canvas: Canvas, side: int, other: bool) -> None:
    cx = 500 + side * 246
    arm = box(cx - 15, 400, cx + 15, 560, 12)
    canvas.fill(arm, across((0, tone(BRASS, 0.6)), (0.3, tone(BRASS, 1.6)), (0.6, BRASS), (1, tone(BRASS, 0.5))))
    pad = turned(box(cx - side * 10 - 62, 490, cx - side * 10 + 62, 838, 60), -4 * side, (cx, 660))
    canvas.fill(pad.moved(-side * 40, 0), leather("#8a5a37", 4))
    canvas.fill(pad.moved(-side * 40, 0), across((0, "#00000088"), (0.4, "#ffffff33"), (1, "#000000aa")))
    shell = turned(box(cx - 78, 480, cx + 78, 846, 76), -4 * side, (cx, 660))
    canvas.fill(shell, slant((0, tone(NAVY, 1.5)), (0.3, tone(NAVY, 1.1)), (0.6, NAVY), (1, tone(NAVY, 0.5))))
    plate = turned(ellipse(cx, 660, 54, 130), -4 * side, (cx, 660))
    canvas.fill(plate, slant((0, tone(BRASS, 1.5)), (0.35, BRASS), (0.5, tone(BRASS, 1.6)), (1, tone(BRASS, 0.55))))
    canvas.fill(
        turned(ellipse(cx, 660, 46, 122), -4 * side, (cx, 660)),
        slant((0, tone(NAVY, 1.25)), (0.5, NAVY), (1, tone(NAVY, 0.65))),
    )
    mark = "ODE" if not other else ("L" if side < 0 else "R")
    canvas.text((cx, 660), mark, 36 if not other else 54, "#e9d5a8", spacing=0.15)
    canvas.line(curve(((cx - 56, 540), (cx - 62, 640), (cx - 54, 760))), 10, "#b9c6de", opacity=0.55, blur=6)


SITTERS = {
    "dew-face-serum": Sitter(face_serum, (330, 500, 340)),
    "emerald-silver-ring": Sitter(silver_ring, (340, 170, 320)),
    "navy-headphones": Sitter(headphones, (120, 440, 420)),
}
