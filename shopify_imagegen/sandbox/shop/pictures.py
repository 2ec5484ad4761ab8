"""What Shopify makes of uploaded bytes, and the resized copies its CDN serves. Pure: bytes in, facts or bytes out."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from shopify_imagegen.sandbox.shop.state import MediaError

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 25_000_000
ACCEPTED = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
ENCODERS = {"jpg": ("JPEG", "image/jpeg"), "webp": ("WEBP", "image/webp"), "png": ("PNG", "image/png")}
MAX_EDGE_PX = 5760


@dataclass(frozen=True)
class Facts:
    """A readable picture."""

    mime_type: str
    width_px: int
    height_px: int


@dataclass(frozen=True)
class Transform:
    """What a CDN URL asks for; zero or None: as it is."""

    width_px: int = 0
    height_px: int = 0
    crop: str | None = None
    format: str | None = None

    @property
    def changes_nothing(self) -> bool:
        return self == Transform()


def inspect(content: bytes) -> Facts | MediaError:
    """Whether Shopify would take *content* as a picture; decodes all of it."""
    if len(content) > MAX_BYTES:
        return MediaError("INVALID_IMAGE_FILE_SIZE", "Image file size exceeds 20 MB")
    try:
        image = Image.open(io.BytesIO(content))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return MediaError("INVALID_IMAGE_RESOLUTION", "Image resolution exceeds 25 megapixels")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return MediaError("UNSUPPORTED_IMAGE_FILE_TYPE", "The file is not a supported image")
    with image:
        return _decode(image)


def _decode(image: Image.Image) -> Facts | MediaError:
    mime_type = ACCEPTED.get(image.format or "")
    if mime_type is None:
        return MediaError("UNSUPPORTED_IMAGE_FILE_TYPE", f"{image.format} is not a supported image type")
    if image.width * image.height > MAX_PIXELS:
        return MediaError("INVALID_IMAGE_RESOLUTION", "Image resolution exceeds 25 megapixels")
    try:
        image.load()
    except (OSError, ValueError, SyntaxError) as error:
        return MediaError("IMAGE_PROCESSING_FAILURE", "The image could not be processed", str(error))
    return Facts(mime_type, image.width, image.height)


def transformed(content: bytes, transform: Transform) -> tuple[bytes, str]:
    """*content* resized and re-encoded, without its metadata, never enlarged; the bytes and their type."""
    with Image.open(io.BytesIO(content)) as source:
        fallback = {"PNG": "png", "WEBP": "webp"}.get(source.format or "", "jpg")
        image = _resized(ImageOps.exif_transpose(source), transform)
    encoder, mime_type = ENCODERS[transform.format or fallback]
    out = io.BytesIO()
    bare = (
        image.convert("RGB") if encoder == "JPEG" else image.convert("RGBA" if image.has_transparency_data else "RGB")
    )
    bare.info.clear()
    bare.save(out, encoder, quality=85)
    return out.getvalue(), mime_type


def _resized(image: Image.Image, transform: Transform) -> Image.Image:
    width = min(transform.width_px or image.width, image.width)
    height = min(transform.height_px or image.height, image.height)
    if transform.crop and transform.width_px and transform.height_px:
        centering = {"top": (0.5, 0.0), "bottom": (0.5, 1.0), "left": (0.0, 0.5), "right": (1.0, 0.5)}
        return ImageOps.fit(image, (width, height), centering=centering.get(transform.crop, (0.5, 0.5)))
    image = image.copy()
    image.thumbnail((width, height))
    return image
