"""Pictures that must not reach a shop window: what a paid answer can contain when all goes wrong."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image, ImageOps

from .order import Order, picture

BOMB_SIDE_PX = 30_000


def encoded(image: Image.Image, output_format: str) -> bytes:
    """The bytes of *image* as JPEG (quality 90), PNG or WebP."""
    buffer = io.BytesIO()
    options: dict[str, int] = {"png": {"compress_level": 3}, "webp": {"quality": 90, "method": 2}}.get(
        output_format, {"quality": 90}
    )
    image.save(buffer, output_format.upper(), **options)
    return buffer.getvalue()


def not_an_image(order: Order, good: Callable[[], bytes]) -> bytes:
    return b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"


def truncated(order: Order, good: Callable[[], bytes]) -> bytes:
    """The first 60 percent of the file: the header is fine, the pixels end early."""
    whole = good()
    return whole[: len(whole) * 6 // 10]


def wrong_size(order: Order, good: Callable[[], bytes]) -> bytes:
    """The right picture squeezed into another ratio."""
    width, height = order.size_px
    image = Image.open(io.BytesIO(good()))
    wrong = (width, height // 2) if height * 2 > width else (width // 2, height)
    return encoded(image.resize(wrong), order.output_format)


def blank(order: Order, good: Callable[[], bytes]) -> bytes:
    return encoded(Image.new("RGB", order.size_px, "#808080"), order.output_format)


def copy(order: Order, good: Callable[[], bytes]) -> bytes:
    """The first reference itself: nothing was made."""
    if not order.references:
        return blank(order, good)
    return encoded(ImageOps.pad(picture(order.references[0]), order.size_px, color="#ffffff"), order.output_format)


def bomb(order: Order, good: Callable[[], bytes]) -> bytes:
    """A PNG of a few hundred bytes that claims 900 million pixels."""
    header = struct.pack(">IIBBBBB", BOMB_SIDE_PX, BOMB_SIDE_PX, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(64_000))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


SPOILED: dict[str, Callable[[Order, Callable[[], bytes]], bytes]] = {
    "images.not_an_image": not_an_image,
    "images.truncated": truncated,
    "images.wrong_size": wrong_size,
    "images.blank": blank,
    "images.copy": copy,
    "images.bomb": bomb,
}
