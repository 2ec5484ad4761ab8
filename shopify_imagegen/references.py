"""Make a merchant's photo fit to be sent as a reference. Pure: bytes in, bytes out; nothing but the look remains."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO

from PIL import ExifTags, Image, ImageCms, ImageStat, UnidentifiedImageError

from shopify_imagegen.errors import Rejected
from shopify_imagegen.likeness import Fingerprint, fingerprint, same_photo

# An iPhone's MPO opens through JPEG; naming it raises KeyError. PDF, EPS and PSD decoders stay out.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF", "BMP")
MAX_BYTES = 25_000_000
MAX_PIXELS = 80_000_000  #: below Pillow's own 89 million, which therefore needs no change
MIN_EDGE_PX = 64
JPEG_QUALITY = 90
COMPARED_PX = 256

WHITE = (255, 255, 255)
LIGHT_GREY = (224, 224, 224)
NEAR_WHITE = 235  #: mean level of a product that would be lost on white
SOLID = 128  #: alpha from which a pixel belongs to the product

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
LYING = (5, 6, 7, 8)  #: of the turns, those that swap width and height
KNOWN_STARTS = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"GIF8")
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

# Warning filters belong to the whole process, so only one thread may change them; it also bounds the memory in use.
_one_at_a_time = threading.RLock()


def prepare(
    image: bytes, *, max_edge_px: int = 1536, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS
) -> bytes:
    """Turn a photo of any usual kind into a plain sRGB JPEG, the same bytes every time.

    Args:
        image: JPEG, PNG, WebP, GIF, AVIF, TIFF or BMP; of several frames the first counts.
        max_edge_px: the longer edge of the result; never enlarges.
        max_bytes: of *image*.
        max_pixels: of *image*, checked before anything is decoded; above 89 million, Pillow's own limit holds.

    Returns:
        An upright JPEG without EXIF, GPS, profile or comment. Transparent parts are white, or light grey under a
        product that is nearly white itself.

    Raises:
        Rejected: not an image, damaged, too large, or with an edge below 64 px.
    """
    picture = decoded(
        image, max_bytes=max_bytes, max_pixels=max_pixels, min_edge_px=MIN_EDGE_PX, shrink_to_px=max_edge_px
    )
    profile = picture.info.get("icc_profile")
    picture = picture.resize(_fitted(picture.size, max_edge_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _as_jpeg(_in_srgb(on_backdrop(picture), profile))


def distinct(images: Sequence[bytes], *, limit: int) -> list[int]:
    """Which photos are worth sending: the first, then each that shows something new, in their order.

    Args:
        images: as `prepare` returns them.
        limit: at most so many indexes.

    Raises:
        Rejected: one of them is not an image.
    """
    chosen: dict[int, Fingerprint] = {}
    for index, image in enumerate(images):
        if len(chosen) >= limit:
            break
        seen = fingerprint(on_backdrop(decoded(image, shrink_to_px=COMPARED_PX)))
        if not any(same_photo(seen, earlier) for earlier in chosen.values()):
            chosen[index] = seen
    return list(chosen)


def decoded(
    image: bytes,
    *,
    formats: tuple[str, ...] = FORMATS,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
    min_edge_px: int = 1,
    shrink_to_px: int | None = None,
) -> Image.Image:
    """Decode the whole first frame, upright, as L, RGB, RGBA or CMYK.

    Args:
        formats: Pillow's names of the formats to try.
        shrink_to_px: lets a JPEG be decoded smaller, but not below this longer edge; it saves two thirds of the time.

    Raises:
        Rejected: the bytes are not such an image, are damaged, or break a limit.
    """
    _check_bytes(image, max_bytes)
    with _one_of_ours(image):
        picture = Image.open(BytesIO(image), formats=formats)
        _check_size(picture.size, max_pixels, min_edge_px)
        if shrink_to_px:
            picture.draft("RGB", _fitted(picture.size, shrink_to_px))
        picture.load()
        return _upright(_plain(picture), _orientation(picture))


def size_px(image: bytes) -> tuple[int, int]:
    """Width and height as the image is shown, upright; its pixels are not decoded for it.

    Raises:
        Rejected: the bytes are not an image.
    """
    with _one_of_ours(image):
        picture = Image.open(BytesIO(image), formats=FORMATS)
        width_px, height_px = picture.size
        return (height_px, width_px) if _orientation(picture) in LYING else (width_px, height_px)


def on_backdrop(image: Image.Image) -> Image.Image:
    """The image with its transparent parts filled in; as it is when there are none.

    Raises:
        Rejected: nothing of it can be seen.
    """
    if image.mode != "RGBA":
        return image
    alpha = image.getchannel("A")
    solid = alpha.point(lambda level: 255 * (level >= SOLID))
    if not solid.getbbox():
        raise Rejected("the image is entirely transparent")
    pale = ImageStat.Stat(image.convert("L"), mask=solid).mean[0] > NEAR_WHITE
    filled = Image.new("RGB", image.size, LIGHT_GREY if pale else WHITE)
    filled.paste(image, mask=alpha)
    return filled


@contextmanager
def _one_of_ours(image: bytes) -> Iterator[None]:
    """Re-raise whatever a decoder says of unknown bytes as Rejected, and keep its warnings in."""
    try:
        with _one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except Rejected:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Rejected("the image has too many pixels") from error
    except UnidentifiedImageError as error:
        raise Rejected(_what_it_is(image)) from error
    except Exception as error:  # decoders meet hostile bytes with errors of any kind: KeyError, struct.error, …
        raise Rejected("the image is damaged or incomplete") from error


def _check_bytes(image: bytes, max_bytes: int) -> None:
    if not image:
        raise Rejected("the image is empty")
    if len(image) > max_bytes:
        raise Rejected(f"the image is too large: {len(image) / 1e6:.1f} MB, at most {max_bytes / 1e6:.1f} MB")


def _check_size(size: tuple[int, int], max_pixels: int, min_edge_px: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise Rejected(f"the image has too many pixels: {width} x {height}, at most {max_pixels / 1e6:.1f} million")
    if min(size) < min_edge_px:
        raise Rejected(f"the image is too small: {width} x {height} pixels, at least {min_edge_px} in each direction")


def _what_it_is(image: bytes) -> str:
    """Why no decoder knows these bytes, in words that say what to do."""
    if image.startswith(KNOWN_STARTS):
        return "the image is damaged or incomplete"
    start = image[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if image[4:8] == b"ftyp" and image[8:12] in HEIC_BRANDS:
        return "the image is a HEIC photo, which cannot be read here; save it as JPEG"
    if b"<svg" in start:
        return "the image is an SVG drawing; a photo is needed, as JPEG, PNG or WebP"
    if start.startswith((b"<!doctype html", b"<html")):
        return "this is a web page, not an image"
    if start.startswith(b"%pdf"):
        return "this is a PDF document, not an image"
    return "this is not an image that can be read: JPEG, PNG, WebP, GIF, AVIF, TIFF or BMP"


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged EXIF, in as many ways as there are; the photo itself is fine
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _plain(image: Image.Image) -> Image.Image:
    """The image as L, RGB, RGBA or CMYK."""
    if image.mode.startswith("I;16"):
        return _of_eight_bits(image)
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    if image.mode in ("I", "F"):
        raise Rejected("the image has more than 16 bits a channel; save it as an 8-bit JPEG or PNG")
    return image.convert("RGB")


def _of_eight_bits(image: Image.Image) -> Image.Image:
    """16-bit grey as L. A plain `convert` cuts all above 255 off (Pillow 13.0, seen 2026-11-22)."""
    image.info.pop("transparency", None)  # of 16 bits; it would not survive
    return image.convert("I").point(lambda level: level * (1 / 257)).convert("L")


def _fitted(size: tuple[int, int], max_edge_px: int) -> tuple[int, int]:
    scale = min(1.0, max_edge_px / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours that *profile* means; a missing, damaged or unfitting one is as if there were none."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return changed or image.convert("RGB")
        except (OSError, ImageCms.PyCMSError, ValueError, TypeError):
            pass
    return image.convert("RGB")


def _as_jpeg(image: Image.Image) -> bytes:
    image.info.clear()  # Pillow would write a comment that it found here
    out = BytesIO()
    image.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()
