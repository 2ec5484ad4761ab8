"""How alike two pictures look: a shape of 64 bits and sixteen colours. Pure: images in, numbers out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from math import cos, pi, sqrt
from operator import mul
from statistics import median

from PIL import Image, ImageChops, ImageOps, ImageStat

from shopify_imagegen.models import Value

GRID_PX = 32  #: the picture is looked at this small
WAVES = 8  #: slowest waves kept in each direction; 8 x 8 = 64 bits
COLOUR_GRID = 4  #: 4 x 4 blocks
SAME_SHAPE_BITS = 3  #: two different products on white can be as close as 4
SAME_COLOUR_LEVELS = 12  #: of 255, in the block that differs most
COPY_BITS = 6  #: re-encoded, brightened or cropped by 3 % stays within; a new scene is usually at 18 or more
COPY_OVERLAP = 0.95  #: copies measured at 0.97 and more, the same product on another plain backdrop at 0.91 and less
FRAMING_PX = 256
BORDER_LEVELS = 16  #: of 255; compression noise in a plain border stays below

COSINES = tuple(
    tuple(cos(pi * wave * (2 * place + 1) / (2 * GRID_PX)) for place in range(GRID_PX)) for wave in range(WAVES)
)


class Fingerprint(Value):
    """What two photos are compared by."""

    shape: int  #: 64 bits; near pictures differ in few of them
    colours: tuple[int, ...]  #: red, green, blue of each block, row by row


def shape(image: Image.Image) -> int:
    """The perceptual hash: which of the picture's slow waves are stronger than their median."""
    return _shape_of(_levels(image))


def _shape_of(levels: bytes) -> int:
    rows = [levels[start : start + GRID_PX] for start in range(0, len(levels), GRID_PX)]
    across = [_waves(row) for row in rows]
    strengths = [strength for column in zip(*across, strict=True) for strength in _waves(column)]
    middle = median(strengths)
    return sum(1 << bit for bit, strength in enumerate(strengths) if strength > middle)


def _levels(image: Image.Image) -> bytes:
    return image.convert("L").resize((GRID_PX, GRID_PX), Image.Resampling.LANCZOS).tobytes()


def _waves(levels: Sequence[float]) -> list[float]:
    """How strong each slow cosine wave is in a line of levels."""
    return [sum(map(mul, levels, wave)) for wave in COSINES]


def distance(one: int, other: int) -> int:
    """How many of the 64 bits differ.

    >>> distance(0b1100, 0b1010)
    2
    """
    return (one ^ other).bit_count()


def fingerprint(image: Image.Image) -> Fingerprint:
    """The shape and the coarse colours of a picture."""
    blocks = image.convert("RGB").resize((COLOUR_GRID, COLOUR_GRID), Image.Resampling.BOX)
    return Fingerprint(shape=shape(image), colours=tuple(blocks.tobytes()))


def same_photo(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether a second look at *other* would show nothing new; the same shape in another colour would."""
    most = max(abs(a - b) for a, b in zip(one.colours, other.colours, strict=True))
    return distance(one.shape, other.shape) <= SAME_SHAPE_BITS and most <= SAME_COLOUR_LEVELS


def copies(picture: Image.Image, original: Sequence[View]) -> bool:
    """Whether *picture* is a photo as it was, stretched, cropped, padded or letterboxed.

    The shape alone would also find the same product on another plain backdrop; its levels give that away.

    Args:
        original: the photo as it may come back, of `framed`.
    """
    small = shrunk(picture)
    inner = _without_border(small)
    views = [View(small)] if inner is small else [View(small), View(inner)]
    return any(_same_view(view, framing) for framing in original for view in views)


def framed(original: Image.Image, ratio: float) -> tuple[View, ...]:
    """A photo as it may come back in a picture of width / height *ratio*. Good for all pictures made from it."""
    return tuple(map(View, _framings(shrunk(original), ratio)))


class View:
    """A picture as it is compared: its grey levels, and their shape, which takes longer to find."""

    def __init__(self, image: Image.Image) -> None:
        self.levels = _levels(image)
        self.sum = sum(self.levels)
        self.spread = _product(self, self)

    @cached_property
    def shape(self) -> int:
        return _shape_of(self.levels)


def _same_view(one: View, other: View) -> bool:
    return _overlap(one, other) >= COPY_OVERLAP and distance(one.shape, other.shape) <= COPY_BITS


def _overlap(one: View, other: View) -> float:
    """How the grey levels follow each other, from -1 to 1; brightness and contrast do not matter."""
    spread = one.spread * other.spread
    return _product(one, other) / sqrt(spread) if spread else 0.0  # one of them is a single even colour


def _product(one: View, other: View) -> int:
    """How far the levels of both are from their mean together: a covariance, but of whole numbers and not divided."""
    products: Iterator[int] = map(mul, one.levels, other.levels)
    return len(one.levels) * sum(products) - one.sum * other.sum


def shrunk(image: Image.Image) -> Image.Image:
    """The image as RGB, as small as it is looked at. Shrunk again, it stays the same."""
    times = max(image.size) / FRAMING_PX
    coarse = image.reduce(int(times / 2)) if times >= 4 else image  # so far a plain mean is as good, and quicker
    small = coarse.convert("RGB")
    small.thumbnail((FRAMING_PX, FRAMING_PX))
    return small


def _framings(small: Image.Image, ratio: float) -> Iterator[Image.Image]:
    """The image as it may come back at width / height *ratio*: stretched, cropped or padded."""
    size = (FRAMING_PX, max(1, round(FRAMING_PX / ratio)))
    yield small
    yield ImageOps.fit(small, size)
    yield ImageOps.pad(small, size, color=_edge_colour(small))


def _without_border(small: Image.Image) -> Image.Image:
    """The image without a plain border of any colour, such as a letterbox; itself if it has none, or nothing else."""
    corner = Image.new("RGB", small.size, small.getpixel((0, 0)))
    differs = ImageChops.difference(small, corner).convert("L").point(lambda level: 255 * (level > BORDER_LEVELS))
    box = differs.getbbox()
    return small.crop(box) if box and box != (0, 0, *small.size) else small


def _edge_colour(small: Image.Image) -> tuple[int, ...]:
    """The mean colour of the outermost pixels."""
    edge = Image.new("L", small.size, 255)
    edge.paste(0, (1, 1, max(1, small.width - 1), max(1, small.height - 1)))
    return tuple(round(level) for level in ImageStat.Stat(small, mask=edge).mean)
