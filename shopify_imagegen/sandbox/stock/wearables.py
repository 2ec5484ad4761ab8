"""What people wear: a shirt, laid out flat."""

from __future__ import annotations

from collections.abc import Callable

from .letters import Label
from .paint import Canvas, across, around, down, tone
from .shapes import Point, Shape, blob, curve, ellipse, line, mirrored, polygon
from .studio import Sitter, lying_shadow
from .texture import weave

LINEN = "#8fa9bf"

Place = Callable[..., list[Point]]  #: points as drawn, or mirrored for the other side


def linen_shirt(canvas: Canvas, other: bool) -> None:
    torso_left = curve(((408, 170), (322, 200), (274, 330), (270, 520), (264, 700), (254, 830)))
    hem = curve(((254, 830), (350, 872), (500, 842), (650, 872), (746, 830)))
    torso = Shape((*torso_left, *hem, *reversed(mirrored(torso_left))))
    sleeve = Shape(
        (
            *curve(((338, 196), (262, 262), (196, 420), (140, 640))),
            *curve(((140, 640), (180, 664), (236, 668))),
            *curve(((236, 668), (282, 500), (312, 380), (330, 300))),
        )
    )
    other_sleeve = Shape(tuple(mirrored(list(sleeve.outline))))
    for part in (sleeve, other_sleeve, torso):
        lying_shadow(canvas, part)
    for part, dark in ((sleeve, False), (other_sleeve, True)):
        _sleeve(canvas, part, flipped=dark)
    with canvas.inside(torso):
        canvas.fill(torso, weave(LINEN, 5, 0.14, 140))
        canvas.fill(
            torso,
            across(
                (0, "#1c2a3a77"),
                (0.12, "#1c2a3a00"),
                (0.3, "#ffffff2a"),
                (0.5, "#ffffff00"),
                (0.85, "#1c2a3a11"),
                (1, "#1c2a3a88"),
            ),
        )
        _folds(canvas)
    if other:
        _shirt_back(canvas)
    else:
        _placket(canvas)
        _pocket(canvas)
    _collar(canvas, other)


def _sleeve(canvas: Canvas, part: Shape, *, flipped: bool) -> None:
    with canvas.inside(part):
        canvas.fill(part, weave(tone(LINEN, 0.96), 8, 0.14, 90))
        canvas.fill(part, across((0, "#1c2a3a55"), (0.35, "#ffffff22"), (1, "#1c2a3a77")))
        flip: Callable[[list[Point]], list[Point]] = mirrored if flipped else list
        for a, b, c in (
            ((300, 260), (232, 420), (196, 640)),
            ((316, 330), (262, 470), (226, 650)),
            ((250, 320), (200, 460), (160, 640)),
        ):
            canvas.line(flip(curve((a, b, c))), 15, "#22364a", opacity=0.3, blur=9)
            canvas.line(flip([(x + 14, y) for x, y in curve((a, b, c))]), 10, "#ffffff", opacity=0.25, blur=7)
        cuff = flip([(128, 604), (188, 634), (256, 634)])
        canvas.line(cuff, 3, "#3f5870", opacity=0.8)
    canvas.line(curve(flip([(330, 215), (312, 300), (322, 385)])), 4, "#3f5870", opacity=0.6, blur=1)


def _folds(canvas: Canvas) -> None:
    for points, light in (
        (((360, 300), (352, 500), (376, 720), (360, 890)), True),
        (((420, 420), (436, 600), (410, 760), (424, 900)), False),
        (((590, 330), (606, 520), (574, 700), (592, 900)), True),
        (((650, 300), (640, 480), (662, 700), (648, 890)), False),
        (((310, 420), (380, 460), (440, 470)), False),
        (((690, 420), (620, 470), (560, 480)), True),
    ):
        folded = curve(points)
        canvas.line(folded, 20, "#22364a", opacity=0.27, blur=12)
        canvas.line([(x + (18 if light else -18), y) for x, y in folded], 14, "#ffffff", opacity=0.28, blur=9)
    canvas.line(curve(((254, 819), (350, 860), (500, 830), (650, 860), (746, 819))), 2.4, "#3f5870", opacity=0.7)


def _placket(canvas: Canvas) -> None:
    strip = polygon((478, 228), (524, 228), (522, 846), (480, 846))
    canvas.fill(strip.moved(5, 0), "#22364a", opacity=0.3, blur=5)
    canvas.fill(strip, weave(tone(LINEN, 1.08), 4, 0.1, 60))
    for x in (484, 518):
        canvas.line(line((x, 235), (x, 842)), 1.8, "#4d677f", opacity=0.8)
    for y in range(290, 840, 88):
        canvas.fill(ellipse(502, y + 3, 10.5, 10.5), "#22364a", opacity=0.45, blur=3)
        canvas.fill(
            ellipse(501, y, 10, 10), around((0, "#fffdf6"), (0.6, "#eadfca"), (1, "#b4a78e"), centre=(0.4, 0.35))
        )
        for dx in (-3, 3):
            canvas.fill(ellipse(501 + dx, y, 1.7, 1.7), "#6b6150")


def _pocket(canvas: Canvas) -> None:
    pocket = polygon((560, 400), (664, 400), (664, 500), (612, 526), (560, 500))
    canvas.fill(pocket.moved(4, 6), "#22364a", opacity=0.3, blur=5)
    canvas.fill(pocket, weave(tone(LINEN, 1.04), 9, 0.12, 60))
    canvas.line([*pocket.outline, pocket.outline[0]], 2, "#4d677f", opacity=0.8)
    canvas.line([(562, 416), (662, 416)], 1.8, "#4d677f", opacity=0.8)


def _shirt_back(canvas: Canvas) -> None:
    canvas.line(curve(((318, 262), (420, 284), (500, 290), (580, 284), (682, 262))), 3, "#3f5870", opacity=0.8)
    for dx in (-14, 14):
        canvas.line(
            curve(((500 + dx, 292), (500 + dx * 1.4, 420), (500 + dx * 1.1, 640))), 12, "#22364a", opacity=0.35, blur=7
        )
    canvas.line([(490, 290), (490, 322), (510, 322), (510, 290)], 4, "#5f7d97")


def _collar(canvas: Canvas, other: bool) -> None:
    if not other:
        canvas.fill(
            blob((430, 176), (500, 158), (570, 176), (520, 236), (500, 246), (480, 236)),
            down((0, "#4f6880"), (1, "#6d889f")),
        )
        label = Label(160, 64, "#f4efe4").write(0.5, "HALM", 0.2, "#2b3a48", spacing=0.2)
        canvas.spread(label.image, (470, 176), (530, 176), (470, 200))
        canvas.line(curve(((420, 172), (500, 150), (580, 172))), 16, tone(LINEN, 0.9))
        for flip in (list, mirrored):
            wing = Shape(tuple(flip([(420, 160), (399, 196), (440, 300), (500, 236), (446, 186)])))
            canvas.fill(wing.moved(4, 7), "#22364a", opacity=0.4, blur=6)
            canvas.fill(wing, weave(tone(LINEN, 1.1), 6, 0.1, 60))
            canvas.line(flip([(406, 198), (441, 288), (492, 236)]), 1.8, "#4d677f", opacity=0.8)
        return
    fall = Shape(
        (
            *curve(((404, 178), (450, 150), (500, 144), (550, 150), (596, 178))),
            *curve(((588, 220), (500, 238), (412, 220))),
        )
    )
    canvas.fill(fall.moved(2, 7), "#22364a", opacity=0.4, blur=6)
    canvas.fill(fall, weave(tone(LINEN, 1.08), 6, 0.1, 60))
    canvas.line(curve(((418, 214), (500, 230), (582, 214))), 1.8, "#4d677f", opacity=0.8)


SITTERS = {"linen-shirt": Sitter(linen_shirt, (330, 120, 360), lying=True)}
