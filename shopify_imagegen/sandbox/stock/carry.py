"""What people walk with: a running shoe, a tote bag."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from .paint import Canvas, across, around, down, slant, tone
from .shapes import Point, Shape, box, curve, ellipse, line, mirrored, polygon, stroke
from .studio import Sitter, standing_shadow
from .texture import leather, weave

Place = Callable[..., list[Point]]  #: points as drawn, or mirrored for the other side

CORAL, CREAM = "#e2674a", "#f0ddbd"


def running_shoe(canvas: Canvas, other: bool) -> None:
    standing_shadow(canvas, 500, 742, 390, flat=0.07)

    def at(*points: Point) -> list[Point]:
        return mirrored(list(points)) if other else list(points)

    _tongue(canvas, at)
    upper = Shape(
        tuple(
            curve(
                at(
                    (128, 640),
                    (120, 520),
                    (136, 410),
                    (176, 372),
                    (250, 424),
                    (330, 436),
                    (420, 392),
                    (486, 392),
                    (560, 470),
                    (680, 540),
                    (800, 572),
                    (884, 612),
                    (900, 668),
                    (500, 690),
                    (140, 690),
                ),
                closed=True,
            )
        )
    )
    with canvas.inside(upper):
        canvas.fill(upper, weave(CORAL, 12, 0.2, 110))
        canvas.fill(upper, down((0, "#ffffff44"), (0.4, "#ffffff00"), (0.75, "#4a0d0022"), (1, "#4a0d0099")))
        _overlays(canvas, at)
    _laces(canvas, at)
    _sole(canvas, at)


def _tongue(canvas: Canvas, at: Place) -> None:
    tongue = Shape(
        tuple(curve(at((330, 450), (376, 330), (430, 312), (470, 350), (500, 420), (420, 460)), closed=True))
    )
    canvas.fill(tongue, slant((0, CREAM), (0.5, tone(CREAM, 0.92)), (1, tone(CREAM, 0.7))))
    inside = Shape(
        tuple(curve(at((170, 386), (250, 400), (340, 410), (400, 400), (330, 446), (240, 440)), closed=True))
    )
    canvas.fill(inside, down((0, "#3a2621"), (1, "#6b4236")))


def _overlays(canvas: Canvas, at: Place) -> None:
    heel = Shape(tuple(curve(at((110, 380), (190, 380), (238, 470), (230, 600), (260, 700), (110, 700)), closed=True)))
    canvas.fill(heel, slant((0, "#27405f"), (0.4, "#3a5d88"), (1, "#182a42")))
    toe = Shape(tuple(curve(at((700, 700), (740, 620), (800, 584), (920, 600), (930, 700)), closed=True)))
    canvas.fill(toe, slant((0, tone(CORAL, 1.1)), (0.5, tone(CORAL, 0.85)), (1, tone(CORAL, 0.6))))
    for shift in (0, 46):
        stripe = curve(at((330 + shift, 690), (396 + shift, 600), (470 + shift, 520), (520 + shift, 470)))
        canvas.line([(x + 3, y + 5) for x, y in stripe], 24, "#4a0d00", opacity=0.3, blur=5)
        canvas.line(stripe, 22, CREAM)
    canvas.line(curve(at((330, 446), (430, 520), (560, 560), (640, 548))), 3, "#8b2f1b", opacity=0.5)
    canvas.line(curve(at((150, 400), (250, 452), (330, 462), (430, 410))), 12, tone(CORAL, 0.7), opacity=0.8, blur=2)
    canvas.line(curve(at((160, 392), (250, 440), (330, 450), (430, 398))), 6, tone(CORAL, 1.5), opacity=0.7, blur=2)
    canvas.text(at((182, 560))[0], "VENTO", 24, CREAM, spacing=0.06)


def _laces(canvas: Canvas, at: Place) -> None:
    for step in range(5):
        x, y = 428 + step * 38, 400 + step * 33
        lace = curve(at((x - 42, y + 42), (x - 6, y + 8), (x + 34, y - 6)))
        canvas.line([(px + 2, py + 6) for px, py in lace], 15, "#4a0d00", opacity=0.45, blur=4)
        canvas.line(lace, 14, CREAM)
        canvas.line([(px, py - 3) for px, py in lace], 4, "#ffffff", opacity=0.8, blur=1)
        canvas.fill(ellipse(*at((x - 46, y + 46))[0], 7, 7), "#27405f")
    bow = curve(at((420, 392), (360, 350), (372, 400), (424, 396), (470, 350), (492, 384), (430, 398)))
    canvas.line(bow, 10, CREAM)


def _sole(canvas: Canvas, at: Place) -> None:
    sole = Shape(
        tuple(
            curve(
                at(
                    (96, 640),
                    (150, 652),
                    (320, 664),
                    (520, 668),
                    (720, 640),
                    (900, 628),
                    (936, 650),
                    (900, 706),
                    (780, 738),
                    (500, 744),
                    (180, 744),
                    (104, 720),
                ),
                closed=True,
            )
        )
    )
    with canvas.inside(sole):
        canvas.fill(sole, down((0, tone(CREAM, 1.2)), (0.4, CREAM), (0.75, tone(CREAM, 0.82)), (1, tone(CREAM, 0.6))))
        for x in range(120, 930, 26):
            canvas.line([(x, 690), (x + 10, 726)], 4, "#b8aa94", opacity=0.55, blur=1)
        tread = Shape(
            tuple(
                curve(at((80, 716), (300, 728), (560, 728), (800, 716), (950, 664), (950, 770), (80, 770)), closed=True)
            )
        )
        canvas.fill(tread, down((0, "#34506f"), (1, "#131f30")))
        canvas.line(curve(at((96, 672), (320, 690), (560, 690), (780, 664), (930, 640))), 4, "#e2674a", opacity=0.9)


TAN = "#a9683a"


def leather_tote(canvas: Canvas, other: bool) -> None:
    standing_shadow(canvas, 500, 862, 300)
    _handle(canvas, (500, 400), 0.8, dy=-26)
    body = Shape(
        (
            *line((236, 402), (764, 402)),
            *curve(((764, 402), (792, 620), (800, 820), (786, 862))),
            *curve(((786, 862), (500, 874), (214, 862))),
            *curve(((214, 862), (200, 820), (208, 620), (236, 402))),
        )
    )
    canvas.fill(polygon((246, 402), (754, 402), (730, 372), (270, 372)), down((0, "#3b2010"), (1, "#6a3d20")))
    with canvas.inside(body):
        canvas.fill(body, leather(TAN, 9))
        canvas.fill(
            body,
            across(
                (0, "#2a120588"),
                (0.1, "#2a120522"),
                (0.3, "#ffe6c83a"),
                (0.55, "#00000000"),
                (0.85, "#2a120533"),
                (1, "#2a1205aa"),
            ),
        )
        canvas.fill(body, down((0, "#ffffff22"), (0.2, "#ffffff00"), (0.75, "#2a120500"), (1, "#2a120577")))
        for points in (
            ((300, 430), (330, 640), (310, 860)),
            ((690, 430), (664, 620), (700, 860)),
            ((420, 760), (520, 790), (640, 770)),
        ):
            canvas.line(curve(points), 24, "#2a1205", opacity=0.22, blur=14)
            canvas.line([(x + 22, y) for x, y in curve(points)], 16, "#ffe6c8", opacity=0.2, blur=10)
    _stitches(canvas, [(246, 424), (754, 424)])
    _stitches(canvas, curve(((222, 840), (500, 852), (778, 840))))
    _handle(canvas, (500, 402), 1.0, dy=0)
    if other:
        _tote_pocket(canvas)
    else:
        _stamp(canvas)


def _handle(canvas: Canvas, at: Point, light: float, *, dy: float) -> None:
    bow = curve(
        (
            (388, 470 + dy),
            (382, 330 + dy),
            (412, 190 + dy),
            (500, 138 + dy),
            (588, 190 + dy),
            (618, 330 + dy),
            (612, 470 + dy),
        )
    )
    canvas.line([(x + 5, y + 4) for x, y in bow], 30, "#1d0d04", opacity=0.28, blur=6)
    strap = stroke(bow, 30)
    with canvas.inside(strap):
        canvas.fill(strap, leather(tone(TAN, light * 0.95), 3))
        canvas.line([(x, y - 9) for x, y in bow], 8, "#ffdcb4", opacity=0.5, blur=4)
        canvas.line([(x, y + 12) for x, y in bow], 10, "#2a1205", opacity=0.5, blur=4)
    if light < 1:
        return
    for x in (388, 612):
        patch = box(x - 27, 440, x + 27, 540, 14)
        canvas.fill(patch.moved(4, 6), "#1d0d04", opacity=0.4, blur=6)
        canvas.fill(patch, leather(tone(TAN, 0.9), 6))
        canvas.fill(patch, slant((0, "#ffffff33"), (0.5, "#00000000"), (1, "#00000055")))
        canvas.fill(ellipse(x, 518, 9, 9), around((0, "#fff0c8"), (0.6, "#c79a4e"), (1, "#7a5a22"), centre=(0.35, 0.3)))


def _stitches(canvas: Canvas, points: list[Point]) -> None:
    path = points if len(points) > 2 else line(points[0], points[1], 60)
    for (x0, y0), (x1, y1) in pairwise(path):
        canvas.line([(x0, y0), (x0 + (x1 - x0) * 0.6, y0 + (y1 - y0) * 0.6)], 3.2, "#f0d4a8", opacity=0.85)


def _stamp(canvas: Canvas) -> None:
    canvas.text((501, 662), "MARLOWE & FINCH", 31, "#ffdfba", spacing=0.2, opacity=0.4)
    canvas.text((500, 660), "MARLOWE & FINCH", 31, "#4a2610", spacing=0.2, opacity=0.95)
    canvas.text((500, 702), "est. by hand", 20, "#4a2610", spacing=0.15, opacity=0.9)


def _tote_pocket(canvas: Canvas) -> None:
    pocket = box(320, 580, 680, 800, 16)
    canvas.fill(pocket.moved(5, 8), "#1d0d04", opacity=0.35, blur=7)
    canvas.fill(pocket, leather(tone(TAN, 1.04), 12))
    canvas.fill(pocket, slant((0, "#ffffff26"), (0.5, "#00000000"), (1, "#2a120544")))
    _stitches(canvas, [(334, 594), (666, 594)])
    _stitches(canvas, [(334, 786), (666, 786)])
    canvas.line([(330, 612), (670, 612)], 5, "#2a1205", opacity=0.5, blur=2)


SITTERS = {
    "vento-running-shoe": Sitter(running_shoe, (330, 290, 400)),
    "leather-tote": Sitter(leather_tote, (300, 400, 400)),
}
