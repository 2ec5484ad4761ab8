"""Kitchen and table: a kettle, a cutting board with its knife, a bag of coffee, a bottle, a dog's bowl."""

from __future__ import annotations

from PIL import Image

from .lathe import Turned, gloss, metal, satin
from .letters import Label
from .paint import Canvas, across, around, coloured, down, slant, tone
from .shapes import Shape, arc, blob, box, curve, ellipse, polygon, turned
from .studio import Sitter, lying_shadow, standing_shadow
from .texture import clay, noise, speckles, upright, wood

ENAMEL = "#d9a13b"


def enamel_kettle(canvas: Canvas, other: bool) -> None:
    standing_shadow(canvas, 490, 842, 260)
    side = -1 if other else 1
    _kettle_handle(canvas)
    _spout(canvas, side)
    body = Turned.smooth(
        490, ((425, 118), (438, 150), (520, 232), (640, 276), (760, 272), (822, 250), (842, 236)), 0.13
    )
    canvas.fill(body.outline, body.shading(gloss(ENAMEL)))
    canvas.fill(body.outline, down((0, "#ffffff33"), (0.4, "#ffffff00"), (0.7, "#3a200000"), (1, "#3a200077")))
    canvas.fill(body.outline, speckles("#5b3a12", 7))
    canvas.line(arc(490, 838, 238, 31, 2, 178, 50), 9, "#3d2a17", opacity=0.8)
    _kettle_lid(canvas)
    if not other:
        mark = (
            Label(500, 200)
            .write(0.35, "MORGEN", 0.13, "#fff6e0", spacing=0.3)
            .write(0.75, "1.8 L", 0.07, "#fff6e0", spacing=0.2)
        )
        body.wrap(canvas, mark.image, top=640, bottom=745, reach=0.5)


def _kettle_handle(canvas: Canvas) -> None:
    bow = curve(((300, 520), (268, 330), (360, 205), (490, 178), (620, 205), (712, 330), (680, 520)))
    canvas.line(bow, 24, "#4b4d50")
    canvas.line([(x - 4, y - 4) for x, y in bow], 7, "#d6d9db", opacity=0.8, blur=2)
    grip = curve(((352, 214), (420, 178), (490, 168), (560, 178), (628, 214)))
    canvas.line(grip, 50, "#5c371d")
    canvas.line([(x, y + 10) for x, y in grip], 18, "#2c160a", opacity=0.5, blur=6)
    canvas.line([(x, y - 12) for x, y in grip], 9, "#c79a6b", opacity=0.8, blur=4)


def _spout(canvas: Canvas, side: int) -> None:
    def at(x: float, y: float) -> tuple[float, float]:
        return 490 + side * (x - 490), y

    spout = blob(at(690, 700), at(690, 560), at(760, 520), at(812, 420), at(866, 430), at(850, 520), at(790, 660))
    with canvas.inside(spout):
        canvas.fill(spout, slant((0, tone(ENAMEL, 1.3)), (0.5, ENAMEL), (1, tone(ENAMEL, 0.5))))
        canvas.line([at(720, 660), at(775, 540), at(826, 440)], 22, "#fff3d2", opacity=0.55, blur=8)
        canvas.line([at(770, 700), at(826, 590), at(862, 470)], 30, "#4a2c05", opacity=0.5, blur=10)
    canvas.fill(turned(ellipse(*at(838, 424), 34, 13), 10 * side, at(838, 424)), "#2a1c0c")
    canvas.line([at(x, y) for x, y in arc(838, 424, 34, 13, 0, 360, 30)], 5, "#3d2a17")


def _kettle_lid(canvas: Canvas) -> None:
    lid = Turned.smooth(490, ((372, 20), (384, 84), (408, 122), (426, 128)), 0.14)
    canvas.fill(lid.outline, lid.shading(gloss(ENAMEL)))
    canvas.line(arc(490, 426, 128, 18, 0, 180, 40), 7, "#3d2a17", opacity=0.85)
    knob = Turned.smooth(490, ((316, 8), (322, 30), (342, 34), (360, 16), (374, 20)), 0.25)
    canvas.fill(knob.outline, knob.shading(gloss("#5c371d")))


def cutting_board(canvas: Canvas, other: bool) -> None:
    board = turned(box(250, 150, 690, 850, 56), -8, (470, 500))
    hole = turned(ellipse(470, 222, 30, 30), -8, (470, 500))
    lying_shadow(canvas, board)
    walnut = upright(wood("#a8744a", "#5a331a", 21 if other else 6, 8))
    canvas.fill(board.moved(5, 9).without(hole), "#3f2411")
    canvas.fill(board.without(hole), walnut)
    canvas.fill(board.without(hole), slant((0, "#fff1dc44"), (0.5, "#fff1dc00"), (1, "#1f0d0455")))
    canvas.line(arc(*_centre(hole), 31, 31, 180, 360, 30), 5, "#2a1408", opacity=0.7)
    if other:
        groove = turned(box(292, 275, 648, 808, 36), -8, (470, 500))
        canvas.line([*groove.outline, groove.outline[0]], 15, "#2f1809", opacity=0.55, blur=3)
        canvas.line([(x + 4, y + 5) for x, y in groove.outline], 4, "#e0b386", opacity=0.5, blur=2)
    else:
        brand = Label(400, 120).write(0.5, "BORK & ASK", 0.1, "#3a1d0c", spacing=0.3)
        canvas.spread(brand.image, (389, 735), (627, 702), (399, 807), opacity=0.85)
    _knife(canvas)


def _centre(shape: Shape) -> tuple[float, float]:
    x0, y0, x1, y1 = shape.bounds
    return (x0 + x1) / 2, (y0 + y1) / 2


def _knife(canvas: Canvas) -> None:
    pivot = (780.0, 500.0)
    blade = turned(
        Shape(
            (
                *curve(((738, 560), (738, 380), (742, 250), (756, 130), (762, 118))),
                (792, 118 + 20),
                *curve(((812, 190), (822, 300), (822, 430), (820, 560))),
            )
        ),
        6,
        pivot,
    )
    handle = turned(box(736, 560, 796, 880, 24), 6, pivot)
    for part in (blade, handle):
        lying_shadow(canvas, part)
    canvas.fill(
        blade,
        across(
            (0, "#5f656b"),
            (0.1, "#a9b0b6"),
            (0.24, "#d3d9dd"),
            (0.42, "#a3abb2"),
            (0.62, "#d3dade"),
            (0.9, "#9aa2a9"),
            (1, "#646b72"),
        ),
    )
    canvas.fill(blade, down((0, "#20252a55"), (0.2, "#ffffff22"), (0.5, "#ffffff00"), (1, "#20252a33")))
    canvas.fill(handle, upright(wood("#4a3021", "#1f120a", 3)))
    canvas.fill(handle, across((0, "#00000055"), (0.3, "#ffffff44"), (0.6, "#00000000"), (1, "#00000077")))
    for y in (610, 720, 830):
        rivet = turned(ellipse(766, y, 10, 10), 6, pivot)
        canvas.fill(rivet, around((0, "#fdf3d8"), (1, "#93764a"), centre=(0.35, 0.35)))


def coffee_bag(canvas: Canvas, other: bool) -> None:
    standing_shadow(canvas, 500, 880, 245)
    green = "#2f4a47"
    bag = Shape(
        (
            *curve(((262, 150), (254, 300), (248, 500), (250, 700), (262, 872))),
            *curve(((320, 884), (500, 892), (680, 884), (738, 872))),
            *curve(((750, 700), (752, 500), (746, 300), (738, 150))),
        )
    )
    with canvas.inside(bag):
        canvas.fill(bag, clay(green, 4, 0.08))
        canvas.fill(
            bag,
            across(
                (0, "#00000099"),
                (0.07, "#00000044"),
                (0.12, "#ffffff33"),
                (0.3, "#ffffff18"),
                (0.55, "#00000000"),
                (0.86, "#00000044"),
                (0.9, "#ffffff22"),
                (1, "#000000aa"),
            ),
        )
        _bag_creases(canvas)
    _bag_top(canvas, green)
    label = _coffee_back() if other else _coffee_front()
    canvas.spread(label.image, (326, 345), (672, 345), (326, 775))
    canvas.fill(
        box(326, 345, 672, 775), across((0, "#00000022"), (0.2, "#ffffff22"), (0.6, "#00000000"), (1, "#00000033"))
    )


def _bag_creases(canvas: Canvas) -> None:
    canvas.fill(polygon((250, 760), (330, 872), (250, 890)), "#000000", opacity=0.28, blur=6)
    canvas.fill(polygon((750, 760), (670, 872), (750, 890)), "#000000", opacity=0.36, blur=6)
    for x, lean in ((300, 26), (420, -12), (590, 10), (700, -24)):
        canvas.line(curve(((x, 190), (x + lean, 260), (x + lean * 1.4, 340))), 12, "#ffffff", opacity=0.16, blur=8)
        canvas.line(
            curve(((x + 18, 190), (x + 18 + lean, 270), (x + 16 + lean, 330))), 12, "#000000", opacity=0.25, blur=8
        )
    canvas.line(curve(((280, 860), (500, 842), (720, 860))), 8, "#000000", opacity=0.25, blur=6)


def _bag_top(canvas: Canvas, colour: str) -> None:
    seal = box(256, 128, 744, 190, 5)
    canvas.fill(
        seal,
        down((0, tone(colour, 1.25)), (0.5, tone(colour, 1.1)), (0.85, tone(colour, 0.8)), (1, tone(colour, 0.55))),
    )
    for y in range(138, 186, 7):
        canvas.line([(258, y), (742, y)], 1.6, "#000000", opacity=0.2)
    tie = box(240, 196, 760, 222, 8)
    canvas.fill(tie, down((0, "#f3d9a6"), (0.5, "#d7a95a"), (1, "#94692a")))
    valve = ellipse(500, 282, 22, 22)
    canvas.fill(valve, around((0, tone(colour, 1.2)), (0.7, tone(colour, 0.9)), (1, tone(colour, 0.6))))
    for x, y in ((492, 277), (508, 277), (500, 290)):
        canvas.fill(ellipse(x, y, 3, 3), "#0f1a19")


def _coffee_front() -> Label:
    label = Label(600, 746, "#f3e7d0")
    scene = Canvas(600, ground="#f3e7d0")
    scene.fill(ellipse(640, 330, 130, 130), "#e58a3c")
    scene.fill(polygon((0, 640), (300, 250), (470, 480), (650, 300), (1000, 640)), "#2f4a47")
    scene.fill(polygon((300, 250), (370, 345), (310, 390), (262, 350), (232, 340)), "#f3e7d0")
    scene.fill(polygon((0, 640), (160, 520), (420, 640)), "#c8612f")
    label.image.paste(scene.image.crop((0, 60, 600, 384)), (0, 24))
    label.write(0.59, "RIDGELINE", 0.125, "#22312f", spacing=0.12).write(
        0.68, "COFFEE ROASTERS", 0.05, "#22312f", spacing=0.3
    )
    label.rule(0.745, "#c8612f", left=0.4, right=0.6)
    return label.write(0.82, "Ethiopia Guji", 0.085, "#c8612f").write(
        0.92, "washed    250 g whole bean", 0.045, "#22312f"
    )


def _coffee_back() -> Label:
    label = Label(600, 746, "#f3e7d0").write(0.1, "RIDGELINE", 0.09, "#22312f", spacing=0.12).rule(0.17, "#c8612f")
    for row, words in enumerate(("jasmine", "apricot", "black tea")):
        label.write(0.26 + row * 0.09, words, 0.075, "#c8612f")
    for row, words in enumerate(("altitude  2 050 m", "harvest  November", "roast  light", "rest 7 days, then brew")):
        label.write(0.6 + row * 0.07, words, 0.048, "#22312f")
    for bar, width in enumerate((3, 1, 2, 4, 1, 1, 3, 2, 1, 4, 2, 1, 3, 1, 2, 3, 1, 4, 1, 2)):
        label.image.paste("#22312f", (200 + bar * 10, 648, 200 + bar * 10 + width * 2, 716))
    return label


def water_bottle(canvas: Canvas, other: bool) -> None:
    standing_shadow(canvas, 500, 892, 120)
    steel = Turned(500, ((868, 116), (886, 114), (892, 108)), 0.14)
    body = Turned.smooth(500, ((268, 62), (290, 70), (345, 108), (420, 118), (600, 118), (868, 118)), 0.14)
    canvas.fill(steel.outline, steel.shading(metal("#a9adb0")))
    canvas.fill(body.outline, body.shading(satin("#2f6f8f")))
    canvas.fill(body.outline, powder_coat())
    cap = Turned(500, ((120, 58), (132, 66), (262, 66)), 0.14)
    collar = Turned(500, ((252, 64), (272, 64)), 0.14)
    canvas.fill(collar.outline, collar.shading(metal("#b5b9bc")))
    canvas.fill(cap.outline, cap.shading(satin("#2a2d30")))
    canvas.fill(cap.mouth, down((0, "#55595c"), (1, "#33373a")))
    canvas.fill(
        Shape((*arc(500, 122, 52, 66, 180, 360, 40), *arc(500, 122, 36, 50, 360, 180, 40))),
        slant((0, "#5a5e62"), (1, "#191b1d")),
    )
    body.wrap(canvas, _scale() if other else _fjell(), top=420, bottom=810, reach=0.74)


def _fjell() -> Image.Image:
    mark = Label(300, 700).write(0.4, "FJELL", 0.17, "#eef6f8", spacing=0.2)
    mark.write(0.53, "keeps cold 24 h", 0.06, "#eef6f8", spacing=0.04)
    return mark.write(0.9, "600 ml", 0.07, "#eef6f8", spacing=0.1).image


def _scale() -> Image.Image:
    mark = Label(300, 700)
    for row in range(6):
        mark.rule(0.1 + row * 0.14, "#dbe9ee", left=0.3, right=0.45 if row % 2 else 0.55, thick=0.012)
        mark.write(0.1 + row * 0.14, str(600 - row * 100), 0.075, "#dbe9ee", x=0.72)
    return mark.image


def powder_coat() -> Image.Image:
    return coloured(noise(256, 256, 31), ((0, "#00000030"), (0.5, "#00000000"), (0.51, "#ffffff00"), (1, "#ffffff26")))


def dog_bowl(canvas: Canvas, other: bool) -> None:
    standing_shadow(canvas, 500, 800, 320)
    glaze = "#dfcbab"
    bowl = Turned(500, ((500, 278), (512, 292), (770, 338), (796, 338), (808, 330)), 0.2)
    canvas.fill(bowl.outline, bowl.shading(gloss("#5b7fa6")))
    canvas.fill(bowl.outline, down((0, "#ffffff22"), (0.5, "#00000000"), (1, "#0a142655")))
    canvas.fill(bowl.mouth, slant((0, tone(glaze, 0.9)), (0.5, glaze), (1, tone(glaze, 1.5))))
    canvas.fill(
        ellipse(500, 508, 250, 46), around((0, "#d9ccb8"), (0.7, "#b5a68f"), (1, "#8f816c"), centre=(0.55, 0.75))
    )
    canvas.fill(ellipse(500, 530, 180, 22), "#efe6d8", opacity=0.6, blur=10)
    words = "GOOD DOG" if not other else "DINNER"
    mark = Label(760, 230).write(0.5, words, 0.13 if not other else 0.15, "#f7efe2", spacing=0.18)
    bowl.wrap(canvas, mark.image, top=590, bottom=735, reach=0.7)
    canvas.line(arc(500, 500, 278, 55.6, 150, 330, 50), 5, "#ffffff", opacity=0.8, blur=1)


SITTERS = {
    "enamel-kettle": Sitter(enamel_kettle, (300, 300, 420)),
    "walnut-board-and-knife": Sitter(cutting_board, (520, 480, 400), lying=True),
    "guji-coffee": Sitter(coffee_bag, (310, 330, 380)),
    "insulated-bottle": Sitter(water_bottle, (340, 100, 320)),
    "stoneware-dog-bowl": Sitter(dog_bowl, (250, 480, 420)),
}
