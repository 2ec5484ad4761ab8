"""Lettering as transparent pictures, with the font that Pillow carries."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

ROOM = 0.35  #: around the letters, in parts of their size


@lru_cache(maxsize=64)
def font(size_px: int) -> ImageFont.FreeTypeFont:
    found = ImageFont.load_default(size=size_px)
    assert isinstance(found, ImageFont.FreeTypeFont)
    return found


@lru_cache(maxsize=256)
def lettering(words: str, size_px: int, colour: str, *, spacing: float = 0.0) -> Image.Image:
    """*words* on a transparent ground; *spacing* widens the gaps, in parts of *size_px*."""
    face, gap = font(size_px), spacing * size_px
    widths = [face.getlength(letter) for letter in words]
    room = size_px * ROOM
    width = sum(widths) + gap * (len(words) - 1) + 2 * room
    picture = Image.new("RGBA", (round(width), round(size_px * 1.2 + room)), colour)
    picture.putalpha(_ink(words, face, widths, gap, picture.size))
    return picture


def _ink(
    words: str, face: ImageFont.FreeTypeFont, widths: list[float], gap: float, size: tuple[int, int]
) -> Image.Image:
    ink = Image.new("L", size)
    draw, x = ImageDraw.Draw(ink), face.size * ROOM
    for letter, width in zip(words, widths, strict=True):
        draw.text((x, size[1] / 2), letter, fill=255, font=face, anchor="lm")
        x += width + gap
    return ink


class Label:
    """A flat printed label, later laid on a product."""

    def __init__(self, width_px: int, height_px: int, ground: str = "#00000000") -> None:
        self.image = Image.new("RGBA", (width_px, height_px), ground)

    def write(self, y: float, words: str, size: float, colour: str, *, spacing: float = 0.0, x: float = 0.5) -> Label:
        """Letters centred at *x*, *y*, of height *size*; all in parts of the label's width (y: its height)."""
        picture = lettering(words, max(5, round(size * self.image.width)), colour, spacing=spacing)
        at = (round(x * self.image.width - picture.width / 2), round(y * self.image.height - picture.height / 2))
        self.image.alpha_composite(picture, (max(0, at[0]), max(0, at[1])))
        return self

    def rule(self, y: float, colour: str, *, left: float = 0.12, right: float = 0.88, thick: float = 0.008) -> Label:
        width, height = self.image.size
        half = max(1, thick * width / 2)
        ImageDraw.Draw(self.image).rectangle(
            (left * width, y * height - half, right * width, y * height + half), colour
        )
        return self
