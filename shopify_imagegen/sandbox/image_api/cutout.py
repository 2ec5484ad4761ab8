"""Lift a product off its pale backdrop: what can be reached from the border without crossing an edge is backdrop."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter, ImageMath

MASK_PX = 300  #: the longer side of the coarse mask
PALE = 150  #: a backdrop is at least this bright
SHADOW = 0.5  #: a shadow keeps at least this part of the backdrop's brightness
SMOOTH = 14  #: brighter steps between neighbours than this are an edge
COLOURLESS = 20  #: a shadow's colour differs from the backdrop's by less than this
SAME = 4  #: a hole in the product shows the backdrop itself, to this tolerance


def cut_out(photo: Image.Image) -> Image.Image | None:
    """The product on transparent ground, cropped to itself; None if *photo* has no pale, even backdrop."""
    image = photo.convert("RGB")
    small = image.copy()
    small.thumbnail((MASK_PX, MASK_PX), Image.Resampling.BOX)
    if not _has_backdrop(small):
        return None
    coarse = _product_mask(small)
    box = coarse.getbbox()
    share = sum(coarse.histogram()[128:]) / (small.width * small.height)
    if not box or not 0.01 < share < 0.9:
        return None
    empty = _backdrop(small).resize(image.size, Image.Resampling.BILINEAR)
    alpha = _fine_mask(image, empty, coarse)
    cut = _without_backdrop(image, empty, alpha)
    cut.putalpha(alpha)
    found = alpha.point([0] * 24 + [255] * 232).getbbox()
    return cut.crop(found) if found else None


def _border(small: Image.Image) -> list[tuple[int, ...]]:
    width, height = small.size
    cells = [(x, y) for x in range(width) for y in (0, height - 1)] + [
        (x, y) for y in range(height) for x in (0, width - 1)
    ]
    return [small.getpixel(cell) for cell in cells]  # type: ignore[misc]


def _has_backdrop(small: Image.Image) -> bool:
    """Most of the border is pale and nearly colourless."""
    pixels = _border(small)
    fine = sum(min(pixel) > PALE and max(pixel) - min(pixel) < 40 for pixel in pixels)
    return fine > 0.85 * len(pixels)


def _backdrop(small: Image.Image) -> Image.Image:
    """The empty backdrop, row by row as the left and right border show it."""
    height = small.height
    left = small.crop((0, 0, 3, height)).resize((1, height), Image.Resampling.BOX)
    right = small.crop((small.width - 3, 0, small.width, height)).resize((1, height), Image.Resampling.BOX)
    columns = Image.new("RGB", (2, height))
    columns.paste(left, (0, 0))
    columns.paste(right, (1, 0))
    return columns.filter(ImageFilter.GaussianBlur(1)).resize(small.size, Image.Resampling.BILINEAR)


def _product_mask(small: Image.Image) -> Image.Image:
    empty = _backdrop(small)
    grey, bare = small.convert("L"), empty.convert("L")
    edges = ImageChops.subtract(grey.filter(ImageFilter.MaxFilter(3)), grey.filter(ImageFilter.MinFilter(3)))
    bright = ImageChops.subtract(grey, bare.point([round(level * SHADOW) for level in range(256)]))
    open_ = _below(edges, SMOOTH)
    open_ = ImageChops.multiply(open_, _below(_tint(small, empty), COLOURLESS))
    open_ = ImageChops.multiply(open_, bright.point([0] + [255] * 255))
    same = _below(_strongest(ImageChops.difference(small, empty)), SAME)
    reached = _backdrop_cells(open_, same)
    return ImageChops.invert(_image(reached, small.size))


def _backdrop_cells(open_: Image.Image, same: Image.Image) -> bytearray:
    """All that the border reaches; then the holes, and what the holes reach: the shadow in a ring."""
    cells, width = bytearray(open_.tobytes()), open_.width
    outside = _flood(cells, width, _border_cells(open_.size))
    holes = _holes(same, _marked(len(cells), outside))
    return _marked(len(cells), outside + holes + _flood(cells, width, holes))


def _below(grey: Image.Image, limit: int) -> Image.Image:
    return grey.point([255] * limit + [0] * (256 - limit))


def _strongest(image: Image.Image) -> Image.Image:
    red, green, blue = image.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _tint(small: Image.Image, empty: Image.Image) -> Image.Image:
    """How much the colour, not the brightness, differs from the backdrop's."""
    first, second = small.convert("YCbCr").split(), empty.convert("YCbCr").split()
    parts = [
        ImageChops.difference(a, b).point([min(255, 2 * v) for v in range(256)])
        for a, b in zip(first[1:], second[1:], strict=True)
    ]
    return ImageChops.lighter(*parts)


def _border_cells(size: tuple[int, int]) -> list[int]:
    width, height = size
    return [
        *range(width),
        *range(width * (height - 1), width * height),
        *range(0, width * height, width),
        *range(width - 1, width * height, width),
    ]


def _flood(cells: bytearray, width: int, starts: list[int]) -> list[int]:
    """The cells that connect to *starts*; they are set to 0 in *cells*."""
    found = [cell for cell in dict.fromkeys(starts) if cells[cell]]
    for cell in found:
        cells[cell] = 0
    for cell in found:  # grows while it is walked
        for beside in (cell - 1, cell + 1, cell - width, cell + width):
            if 0 <= beside < len(cells) and cells[beside]:
                cells[beside] = 0
                found.append(beside)
    return found


def _marked(length: int, cells: list[int]) -> bytearray:
    marked = bytearray(length)
    for cell in cells:
        marked[cell] = 255
    return marked


def _holes(same: Image.Image, reached: bytearray) -> list[int]:
    """Patches of pure backdrop inside the product: under a handle, through a ring."""
    inside = ImageChops.subtract(same, _image(reached, same.size))
    cells, least = bytearray(inside.tobytes()), len(reached) // 1200
    holes: list[int] = []
    start = cells.find(255)
    while start >= 0:
        patch = _flood(cells, same.width, [start])
        holes += patch if len(patch) > least else []
        start = cells.find(255, start + 1)
    return holes


def _image(cells: bytearray, size: tuple[int, int]) -> Image.Image:
    return Image.frombytes("L", size, bytes(cells))


def _fine_mask(image: Image.Image, empty: Image.Image, coarse: Image.Image) -> Image.Image:
    """The coarse mask at full size; along its edge the photo's own difference from the backdrop decides."""
    core = coarse.filter(ImageFilter.MinFilter(5)).resize(image.size, Image.Resampling.BILINEAR)
    reach = coarse.filter(ImageFilter.GaussianBlur(0.8)).resize(image.size, Image.Resampling.BICUBIC)
    differs = _strongest(ImageChops.difference(image, empty)).point(
        [min(255, max(0, (v - 12) * 4)) for v in range(256)]
    )
    rim = ImageChops.multiply(differs, reach.point([min(255, max(0, (v - 150) * 5)) for v in range(256)]))
    return ImageChops.lighter(core, rim)


def _without_backdrop(image: Image.Image, empty: Image.Image, alpha: Image.Image) -> Image.Image:
    """Take the backdrop's light out of half-transparent pixels, or they would shine around the product."""
    weight = alpha.point([max(level, 40) for level in range(256)])
    bands = zip(image.split(), empty.split(), strict=True)
    return Image.merge("RGB", [_unmixed(seen, behind, weight) for seen, behind in bands])


def _unmixed(seen: Image.Image, behind: Image.Image, weight: Image.Image) -> Image.Image:
    mixed = ImageMath.lambda_eval(
        lambda of: of["convert"](of["behind"] + (of["seen"] - of["behind"]) * 255 / of["weight"], "I"),
        seen=seen,
        behind=behind,
        weight=weight,
    )
    grey: Image.Image = mixed.convert("L")
    return grey
