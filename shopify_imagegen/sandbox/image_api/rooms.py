"""Back walls. Drawn small and then blurred: what is out of focus needs shapes and colours, not lines."""

from __future__ import annotations

from ..stock.paint import across, around, down, slant, tone
from ..stock.shapes import arc, blob, box, curve, ellipse, polygon, turned
from ..stock.texture import clay, leather, weave, wood
from .furnish import Room, Stage, bokeh, books, jars, pendant, picture, plant, shelf, wall, window
from .outdoors import beach, forest, garden, street


def kitchen(stage: Stage) -> None:
    tile = stage.dice.choice(("#f1ece2", "#c9d6c6", "#e8ddcf", "#bccdd6"))
    wall(stage, tile)
    canvas = stage.canvas
    for row in range(12):
        y = row * 62
        canvas.fill(box(0, y, stage.width, y + 4), tone(tile, 0.86))
        for x in range(-60 + (row % 2) * 62, int(stage.width), 124):
            canvas.fill(box(x, y, x + 4, y + 62), tone(tile, 0.86))
    window(stage, stage.x(0.05), stage.x(0.34), bottom=480)
    shelf(stage, stage.x(0.52), stage.width + 20, 250)
    jars(stage, stage.x(0.55), stage.width - 10, 250, ("#e9e0d0", "#b9693f", "#7f9479", "#d6b06a", "#f6f2ea"))
    shelf(stage, stage.x(0.52), stage.width + 20, 452)
    jars(stage, stage.x(0.55), stage.width - 60, 452, ("#f0e9dc", "#a7b7a0", "#d9cbb6"))
    plant(stage, stage.x(0.12), stage.horizon - 60, 150, pot="#c5764f")


def living_room(stage: Stage) -> None:
    paint = stage.dice.choice(("#d9c7b1", "#cfd3c8", "#e2d6c8", "#c7b8ac"))
    wall(stage, paint)
    canvas, sofa = stage.canvas, stage.dice.choice(("#7d8b74", "#b07a56", "#66788a", "#a8917c"))
    picture(stage, stage.x(0.54), 110, 200, 260)
    picture(stage, stage.x(0.54) + 230, 150, 150, 190)
    y = stage.horizon - 250
    canvas.fill(box(stage.x(0.36), y, stage.width + 80, stage.horizon + 60, 60), leather(sofa, 3, 0.06))
    canvas.fill(
        box(stage.x(0.36), y, stage.width + 80, stage.horizon + 60, 60),
        down((0, "#ffffff44"), (0.3, "#ffffff00"), (1, "#00000066")),
    )
    for share, colour in ((0.5, "#e8dcc6"), (0.68, tone(sofa, 0.75)), (0.84, "#d0a25a")):
        cushion = turned(
            box(stage.x(share) - 70, y + 30, stage.x(share) + 80, y + 180, 36), -8, (stage.x(share), y + 100)
        )
        canvas.fill(cushion.moved(8, 10), "#000000", opacity=0.2, blur=12)
        canvas.fill(cushion, slant((0, tone(colour, 1.2)), (1, tone(colour, 0.75))))
    canvas.line([(stage.x(0.2), 210), (stage.x(0.2), stage.horizon + 20)], 9, "#3a332d")
    canvas.fill(ellipse(stage.x(0.2), 250, 260, 240), "#ffe2a8", opacity=0.4, blur=60)
    canvas.fill(
        polygon(
            (stage.x(0.2) - 70, 130), (stage.x(0.2) + 70, 130), (stage.x(0.2) + 110, 270), (stage.x(0.2) - 110, 270)
        ),
        down((0, "#fff4d6"), (1, "#f2d9a0")),
    )
    plant(stage, stage.x(0.06), stage.horizon - 110, 230)


def office(stage: Stage) -> None:
    paint = stage.dice.choice(("#c9d2d6", "#dcd8cf", "#b9c4bd"))
    wall(stage, paint)
    canvas = stage.canvas
    for row, y in enumerate((210, 400)):
        shelf(stage, stage.x(0.5), stage.width + 20, y, "#8d6542")
        books(stage, stage.x(0.53 + row * 0.1), stage.x(0.82 + row * 0.14), y)
    plant(stage, stage.x(0.92), 205, 100, pot="#e9e2d6")
    window(stage, stage.x(0.04), stage.x(0.32), bottom=500)
    left, top = stage.x(0.52), stage.horizon - 150
    canvas.fill(box(left, top, left + 300, top + 30, 10), "#23282c")
    canvas.fill(box(left, top - 60, left + 300, top + 110, 12), "#2a2f34")
    canvas.fill(box(left + 10, top - 50, left + 290, top + 96), slant((0, "#7fa3bf"), (0.5, "#d7e2e8"), (1, "#6e8296")))
    canvas.fill(box(left + 130, top + 110, left + 170, stage.horizon + 10), "#3a4046")


def bathroom(stage: Stage) -> None:
    tile = stage.dice.choice(("#dfe5e1", "#d7ccc0", "#cbd8d9"))
    wall(stage, tile)
    canvas = stage.canvas
    for y in range(0, 1000, 104):
        canvas.fill(box(0, y, stage.width, y + 3), tone(tile, 0.88))
    for x in range(0, int(stage.width), 104):
        canvas.fill(box(x, 0, x + 3, 1000), tone(tile, 0.88))
    cx = stage.x(0.68)
    canvas.fill(ellipse(cx + 10, 262, 196, 196), "#000000", opacity=0.25, blur=16)
    canvas.fill(ellipse(cx, 250, 196, 196), slant((0, "#f6e2b4"), (0.5, "#b98e4b"), (1, "#e8cf99")))
    canvas.fill(ellipse(cx, 250, 182, 182), slant((0, "#fdfefe"), (0.45, "#dbe6e8"), (0.5, "#f4f8f8"), (1, "#b8c7ca")))
    towel = box(stage.x(0.06), 230, stage.x(0.06) + 190, 590, 14)
    canvas.line([(stage.x(0.03), 226), (stage.x(0.06) + 220, 226)], 12, "#b98e4b")
    canvas.fill(towel, weave("#e9dfd0", 3, 0.2, 48))
    canvas.fill(
        towel, across((0, "#00000033"), (0.3, "#ffffff44"), (0.6, "#00000022"), (0.8, "#ffffff33"), (1, "#00000044"))
    )
    plant(stage, stage.x(0.9), stage.horizon - 60, 140, pot="#f1ede6")
    jars(stage, stage.x(0.5), stage.x(0.72), stage.horizon + 6, ("#f4efe6", "#a9714a", "#c9d3cd"))


def bedroom(stage: Stage) -> None:
    paint = stage.dice.choice(("#ddd0c6", "#c9cfd3", "#d7d3c4"))
    wall(stage, paint)
    canvas = stage.canvas
    window(stage, stage.x(0.02), stage.x(0.24), bottom=470)
    top = stage.horizon - 330
    canvas.fill(box(stage.x(0.34), top, stage.width + 80, stage.horizon + 60, 30), wood("#c79b6c", "#8d6239", 5))
    for x, y, colour in ((0.46, 150, "#f2ede4"), (0.7, 140, "#e4d3c3"), (0.92, 150, "#f2ede4"), (0.6, 90, "#a9b3a5")):
        pillow = blob(
            (stage.x(x) - 120, stage.horizon - y),
            (stage.x(x), stage.horizon - y - 40),
            (stage.x(x) + 120, stage.horizon - y),
            (stage.x(x) + 126, stage.horizon - y + 130),
            (stage.x(x), stage.horizon - y + 150),
            (stage.x(x) - 126, stage.horizon - y + 130),
        )
        canvas.fill(pillow.moved(8, 12), "#000000", opacity=0.2, blur=14)
        canvas.fill(pillow, slant((0, tone(colour, 1.4)), (1, tone(colour, 0.8))))
    canvas.fill(
        blob(
            (stage.x(0.3), stage.horizon - 20),
            (stage.x(0.6), stage.horizon - 50),
            (stage.width + 60, stage.horizon - 30),
            (stage.width + 60, 1000),
            (stage.x(0.3), 1000),
        ),
        "#ece5d9",
    )
    picture(stage, stage.x(0.62), 60, 230, 170)


def gym(stage: Stage) -> None:
    wall(stage, stage.dice.choice(("#8f9499", "#a49f98")), rough=0.14)
    canvas = stage.canvas
    window(stage, stage.x(0.04), stage.x(0.4), top=40, bottom=420, view="#d5e2ea")
    rack = stage.x(0.55)
    for y in (stage.horizon - 230, stage.horizon - 90):
        canvas.fill(box(rack, y, stage.width + 40, y + 18), "#2a2d30")
        for x in range(int(rack) + 30, int(stage.width), 110):
            canvas.fill(box(x, y - 40, x + 86, y - 22, 6), "#9aa0a5")
            for end in (x, x + 62):
                canvas.fill(box(end, y - 62, end + 26, y, 8), across((0, "#15171a"), (0.4, "#4b5157"), (1, "#0e1012")))
    canvas.fill(box(rack + 10, stage.horizon - 250, rack + 30, stage.horizon + 10), "#232629")
    canvas.fill(
        ellipse(stage.x(0.2), stage.horizon - 70, 110, 110),
        around((0, "#f2a391"), (0.6, "#cf6a55"), (1, "#7f3526"), centre=(0.35, 0.3)),
    )


def cafe(stage: Stage) -> None:
    wall(stage, stage.dice.choice(("#6e4f3c", "#4f5a50", "#7b5a45")), rough=0.16)
    canvas = stage.canvas
    for y in (190, 380):
        shelf(stage, stage.x(0.08), stage.x(0.92), y, "#5a3d28")
        jars(stage, stage.x(0.1), stage.x(0.9), y, ("#e9dcc4", "#3b2c22", "#b8834c", "#f5efe3", "#7d8d7b"))
    canvas.fill(box(-20, stage.horizon - 120, stage.width + 20, stage.horizon + 40), wood("#7a5334", "#432a18", 6))
    bokeh(stage, ("#ffcf7f", "#ffe7b3"), 18, low=60, high=480, size=(14, 30))
    for share in (0.22, 0.52, 0.82):
        pendant(stage, stage.x(share), 60, "#2f2a26")


def studio(stage: Stage) -> None:
    colour = stage.dice.choice(("#e9c9b4", "#c9d6d0", "#e6dcc6", "#d5c6d9", "#c3d3e0"))
    canvas = stage.canvas
    canvas.fill(box(-20, -20, stage.width + 20, 1020), clay(colour, 3, 0.015))
    canvas.fill(box(-20, -20, stage.width + 20, 1020), slant((0, "#ffffff77"), (0.5, "#ffffff00"), (1, "#00000030")))
    x = stage.x(stage.dice.choice((0.26, 0.72)))
    arch = [*arc(x, 330, 190, 190, 180, 360, 40), (x + 190, 1000), (x - 190, 1000)]
    canvas.fill(polygon(*arch), slant((0, tone(colour, 0.74)), (1, tone(colour, 0.9))))
    canvas.fill(ellipse(stage.width - x, 210, 90, 90), tone(colour, 1.45), opacity=0.8)


def nursery(stage: Stage) -> None:
    paint = stage.dice.choice(("#cfe0dc", "#f1ddd0", "#dcd8ec"))
    wall(stage, paint)
    canvas = stage.canvas
    string = curve(((-20, 90), (stage.x(0.3), 170), (stage.x(0.65), 150), (stage.width + 20, 70)))
    canvas.line(string, 4, "#8d7a66")
    for index, (x, y) in enumerate(string[2::4]):
        colour = ("#e5886e", "#f0c566", "#7fa9a3", "#b99bc9")[index % 4]
        canvas.fill(polygon((x - 34, y), (x + 34, y), (x, y + 74)), colour)
    shelf(stage, stage.x(0.52), stage.width + 20, stage.horizon - 170)
    books(stage, stage.x(0.55), stage.x(0.74), stage.horizon - 170)
    for index, colour in enumerate(("#e5886e", "#7fa9a3", "#f0c566")):
        x = stage.x(0.78) + index * 62
        canvas.fill(
            box(x, stage.horizon - 228, x + 56, stage.horizon - 170, 6),
            slant((0, tone(colour, 1.25)), (1, tone(colour, 0.8))),
        )
    for radius, colour in ((190, "#e5886e"), (150, "#f0c566"), (110, "#7fa9a3"), (70, paint)):
        canvas.fill(ellipse(stage.x(0.22), stage.horizon - 20, radius, radius), colour)


def hallway(stage: Stage) -> None:
    wall(stage, stage.dice.choice(("#d3cdbf", "#b9c5c1", "#dcc9b5")))
    canvas = stage.canvas
    for x in range(0, int(stage.width), 96):
        canvas.fill(box(x, 430, x + 5, 1000), "#000000", opacity=0.1)
    canvas.fill(box(-20, 420, stage.width + 20, 440), "#f1ebdf")
    canvas.fill(box(stage.x(0.05), 150, stage.x(0.6), 190, 8), wood("#c79b6c", "#8d6239", 5))
    for share in (0.12, 0.28, 0.44, 0.56):
        canvas.fill(ellipse(stage.x(share), 176, 15, 15), around((0, "#f3dcb4"), (1, "#8d6239"), centre=(0.35, 0.3)))
    hat = stage.x(0.28)
    canvas.fill(ellipse(hat, 250, 110, 60), slant((0, "#e9cf9c"), (1, "#b8935a")))
    canvas.fill(ellipse(hat, 226, 62, 52), slant((0, "#f0dcb0"), (1, "#c09c62")))
    plant(stage, stage.x(0.86), stage.horizon - 120, 240, pot="#7d6a5a")
    picture(stage, stage.x(0.7), 110, 170, 210)


ROOMS: dict[str, Room] = {
    "kitchen": kitchen, "living_room": living_room, "office": office, "bathroom": bathroom, "garden": garden,
    "bedroom": bedroom, "gym": gym, "beach": beach, "forest": forest, "street": street, "cafe": cafe,
    "studio": studio, "nursery": nursery, "hallway": hallway,
}  # fmt: skip
