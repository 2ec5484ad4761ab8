"""Desk, playroom and gym: a notebook with its pen, a wooden train, a yoga mat."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

from .letters import Label
from .paint import Canvas, across, around, down, slant, tone
from .shapes import Point, Shape, arc, box, curve, ellipse, line, polygon, ring, stroke, turned
from .studio import Sitter, lying_shadow, standing_shadow
from .texture import leather, weave, wood

FOREST = "#28503f"

Place = Callable[[list[Point]], list[Point]]  #: points as drawn, or mirrored for the other side


def notebook(canvas: Canvas, other: bool) -> None:
    pivot = (470.0, 500.0)
    book = turned(box(210, 150, 700, 850, 22), -7, pivot)
    lying_shadow(canvas, book.moved(6, 8))
    canvas.fill(book.moved(7, 12), "#17302660")
    canvas.fill(turned(box(214, 156, 698, 850, 16), -7, pivot).moved(6, 9), "#efe6d2")
    canvas.fill(book, leather(FOREST, 4, 0.1))
    canvas.fill(book, slant((0, "#ffffff3a"), (0.5, "#ffffff00"), (1, "#00000055")))
    spine = turned(box(210, 150, 262, 850, 16), -7, pivot)
    canvas.fill(spine, across((0, "#00000066"), (0.5, "#ffffff1c"), (1, "#00000055")))
    if not other:
        _foil(canvas)
        elastic = turned(box(622, 146, 642, 854), -7, pivot)
        canvas.fill(elastic.moved(4, 3), "#000000", opacity=0.4, blur=4)
        canvas.fill(elastic, across((0, "#c98d2e"), (0.4, "#f0bd5f"), (1, "#9c681a")))
    else:
        canvas.text((455, 770), "dotted  160 pages  A5", 20, "#e8cf93", spacing=0.08)
        pocket = turned(box(300, 560, 620, 566), -7, pivot)
        canvas.fill(pocket, "#10231b", opacity=0.6)
    ribbon = curve(((520, 838), (528, 890), (516, 940)))
    canvas.line(ribbon, 13, "#b8452e")
    _pen(canvas)


def _foil(canvas: Canvas) -> None:
    foil = Label(600, 420).write(0.3, "DAYBOOK", 0.13, "#efd490", spacing=0.25)
    foil.rule(0.5, "#efd490", left=0.38, right=0.62).write(0.66, "papier norden", 0.062, "#efd490", spacing=0.12)
    canvas.spread(foil.image, (258, 352), (606, 309), (288, 594))


def _pen(canvas: Canvas) -> None:
    pivot = (815.0, 500.0)
    barrel, tip = (
        turned(box(798, 210, 832, 700, 12), 9, pivot),
        turned(polygon((800, 690), (830, 690), (818, 778), (812, 778)), 9, pivot),
    )
    for part in (barrel, tip):
        lying_shadow(canvas, part)
    canvas.fill(tip, across((0, "#8c6a2d"), (0.35, "#fdebbb"), (1, "#7d5c22")))
    canvas.fill(barrel, across((0, "#0e1613"), (0.3, "#5f7a70"), (0.45, "#24352f"), (1, "#0a100e")))
    for y0, y1 in ((416, 434), (664, 700), (206, 226)):
        canvas.fill(
            turned(box(796, y0, 834, y1, 5), 9, pivot), across((0, "#8c6a2d"), (0.35, "#fdebbb"), (1, "#7d5c22"))
        )
    clip = turned(box(826, 232, 838, 400, 6), 9, pivot)
    canvas.fill(clip.moved(4, 4), "#000000", opacity=0.4, blur=3)
    canvas.fill(clip, down((0, "#fdebbb"), (1, "#9c7833")))


RED, BLUE, YELLOW, BEECH = "#d2452f", "#3474a8", "#efb73e", "#e8c793"


def wooden_train(canvas: Canvas, other: bool) -> None:
    standing_shadow(canvas, 500, 788, 400, flat=0.085)

    def at(points: list[Point]) -> list[Point]:
        return [(1000 - x, y) for x, y in points] if other else points

    _block(canvas, at, (110, 640, 460, 720), BEECH, BEECH)
    _block(canvas, at, (520, 640, 890, 720), BEECH, BEECH)
    canvas.line(at([(455, 690), (525, 690)]), 14, "#5b4630")
    _block(canvas, at, (130, 500, 440, 640), YELLOW, tone(YELLOW, 1.3))
    for x in (190, 285, 380):
        _log(canvas, at([(x, 486)])[0])
    _block(canvas, at, (540, 400, 690, 640), RED, tone(RED, 1.15))
    _boiler(canvas, at)
    _block(canvas, at, (520, 372, 712, 402), BLUE, tone(BLUE, 1.3))
    window = at([(580, 440), (650, 440), (650, 510), (580, 510)])
    canvas.fill(Shape(tuple(window)), slant((0, "#7c2416"), (1, "#f3d9c0")))
    canvas.text(at([(285, 572)])[0], "TUFF", 62, "#7a4d10", spacing=0.2)
    for x in (180, 390, 590, 710, 830):
        _wheel(canvas, *at([(x, 738)])[0], 56 if x < 500 or x == 590 else 50)


def _block(canvas: Canvas, at: Place, corners: tuple[float, float, float, float], colour: str, top: str) -> None:
    x0, y0, x1, y1 = corners
    lid = Shape(tuple(at([(x0 + 6, y0 + 1), (x0 + 34, y0 - 26), (x1 + 22, y0 - 26), (x1 - 4, y0 + 1)])))
    side = Shape(tuple(at([(x1 - 4, y0), (x1 + 22, y0 - 26), (x1 + 22, y1 - 24), (x1 - 4, y1 - 2)])))
    canvas.fill(lid, tone(top, 1.12 if top != BEECH else 1.2))
    canvas.fill(side, tone(colour, 0.62))
    front = Shape(tuple(sorted_box(at([(x0, y0), (x1, y1)]))))
    canvas.fill(front, wood(tone(colour, 1.06), tone(colour, 0.86), 5, 5))
    canvas.fill(front, slant((0, "#ffffff3c"), (0.5, "#ffffff00"), (1, "#00000038")))


def sorted_box(corners: list[Point]) -> tuple[Point, ...]:
    (x0, y0), (x1, y1) = corners
    return box(min(x0, x1), y0, max(x0, x1), y1, 9).outline


def _log(canvas: Canvas, at: Point) -> None:
    canvas.fill(ellipse(*at, 50, 50), around((0, "#f3d9ac"), (0.7, "#d9b078"), (0.9, "#a87846"), (1, "#6d4522")))
    for radius in (14, 26, 37):
        canvas.fill(ring(*at, radius, radius, 2.5), "#a87846", opacity=0.6)


def _boiler(canvas: Canvas, at: Place) -> None:
    boiler = Shape(tuple(sorted_box(at([(688, 470), (880, 640)]))))
    canvas.fill(
        boiler,
        down(
            (0, tone(BLUE, 0.7)), (0.22, tone(BLUE, 1.5)), (0.5, BLUE), (0.85, tone(BLUE, 0.5)), (1, tone(BLUE, 0.65))
        ),
    )
    front = at([(880, 555)])[0]
    canvas.fill(ellipse(*front, 24, 85), slant((0, tone(BLUE, 1.2)), (1, tone(BLUE, 0.6))))
    canvas.fill(ellipse(*front, 12, 40), YELLOW)
    for x, top, half in ((820, 370, 30), (745, 430, 20)):
        cx = at([(x, 0)])[0][0]
        stack = polygon((cx - half, top), (cx + half, top), (cx + half * 0.7, 480), (cx - half * 0.7, 480))
        canvas.fill(stack, across((0, tone(RED, 0.6)), (0.3, tone(RED, 1.3)), (1, tone(RED, 0.5))))
        canvas.fill(ellipse(cx, top, half, half * 0.32), "#4d150c")


def _wheel(canvas: Canvas, x: float, y: float, radius: float) -> None:
    canvas.fill(ellipse(x + 7, y + 1, radius, radius), "#5b170d")
    canvas.fill(ellipse(x, y, radius, radius), slant((0, tone(RED, 1.3)), (0.5, RED), (1, tone(RED, 0.6))))
    canvas.fill(ring(x, y, radius - 8, radius - 8, 5), tone(RED, 0.66), opacity=0.7)
    canvas.fill(ellipse(x, y, radius * 0.3, radius * 0.3), around((0, "#fbe6c0"), (1, "#c59a5e"), centre=(0.35, 0.35)))


PLUM = "#6d4a78"


def yoga_mat(canvas: Canvas, other: bool) -> None:
    standing_shadow(canvas, 500, 702, 400, flat=0.1)
    flip = -1 if other else 1
    end = 500 + flip * 318

    def x(value: float) -> float:
        return 500 + flip * (value - 500)

    roll = (
        Shape((*arc(x(170), 560, 62, 140, 90, 270, 40), *arc(end, 560, 62, 140, -90, 90, 40)))
        if flip > 0
        else Shape((*arc(x(170), 560, 62, 140, 90, -90, 40), *arc(end, 560, 62, 140, -90, -270, 40)))
    )
    with canvas.inside(roll):
        canvas.fill(roll, leather(PLUM, 8, 0.16))
        canvas.fill(
            roll,
            down(
                (0, "#00000066"),
                (0.12, "#ffffff1a"),
                (0.28, "#ffffff66"),
                (0.5, "#00000000"),
                (0.85, "#00000088"),
                (1, "#00000055"),
            ),
        )
        canvas.line(line((x(130), 662), (x(830), 662)), 4, "#2a1730", opacity=0.8)
        canvas.line(line((x(130), 656), (x(830), 656)), 3, "#d9bfe0", opacity=0.5)
    _spiral(canvas, end, flip)
    with canvas.inside(roll):
        for strap in (250, 670):
            _strap(canvas, x(strap), flip)
    words, size = ("6 mm natural rubber", 25) if other else ("STILLE", 46)
    canvas.text((x(492), 572), words, size, "#f1e2f4", spacing=0.06 if other else 0.25)


def _spiral(canvas: Canvas, cx: float, flip: int) -> None:
    face = ellipse(cx, 560, 62, 140)
    canvas.fill(face, slant((0, tone(PLUM, 1.35)), (1, tone(PLUM, 0.75))))
    turns = [
        (cx + flip * 57 * (1 - t / 300) * cos(t * pi / 30), 560 + 133 * (1 - t / 300) * sin(t * pi / 30))
        for t in range(0, 284)
    ]
    with canvas.inside(face):
        canvas.line(turns, 5, "#2a1730", opacity=0.75)
        canvas.line([(px - 2, py - 5) for px, py in turns], 4, "#e2cce8", opacity=0.5)
    canvas.fill(ellipse(cx, 560, 7, 14), "#1d0f22")


def _strap(canvas: Canvas, x: float, flip: int) -> None:
    band = arc(x, 560, 62, 142, -90, 90, 40) if flip > 0 else arc(x, 560, 62, 142, 270, 90, 40)
    canvas.line([(px + 5, py) for px, py in band], 32, "#000000", opacity=0.35, blur=5)
    strap = stroke(band, 30)
    canvas.fill(strap, weave("#e4d3b4", 4, 0.2, 60))
    canvas.fill(strap, down((0, "#00000055"), (0.28, "#ffffff55"), (0.5, "#00000000"), (1, "#00000088")))


SITTERS = {
    "daybook-and-pen": Sitter(notebook, (250, 260, 380), lying=True),
    "wooden-train": Sitter(wooden_train, (500, 340, 420)),
    "yoga-mat": Sitter(yoga_mat, (520, 380, 380)),
}
