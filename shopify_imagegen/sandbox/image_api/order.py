"""Read an order off the wire, strictly: whatever the vendor would refuse is refused here, before any money moves."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
import urllib.error
import urllib.request
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image, ImageOps

from .errors import Refused, bad
from .models import MODELS, RATIOS, Model, size_px

MAX_JSON_BYTES = 25 * 1024 * 1024
MAX_IMAGE_BYTES = 10 * 1024 * 1024
MAX_PROMPT = 4096
FETCH_TIMEOUT_S = 10
KNOWN_FIELDS = {"model", "prompt", "aspect_ratio", "resolution", "output_format", "images"}
FORMATS = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
DATA_URL = re.compile(r"data:image/(png|jpeg|webp);base64,(.*)", re.DOTALL)


@dataclass(frozen=True)
class Order:
    """A request that can be fulfilled."""

    model: Model
    prompt: str
    aspect_ratio: str
    resolution: str
    output_format: str
    references: tuple[bytes, ...]

    @property
    def size_px(self) -> tuple[int, int]:
        return size_px(self.aspect_ratio, self.resolution)

    @property
    def fingerprint(self) -> str:
        """The same for the same prompt and references: buying it again is buying it twice."""
        digest = hashlib.sha256(self.prompt.encode())
        for reference in self.references:
            digest.update(hashlib.sha256(reference).digest())
        return digest.hexdigest()


def read(body: object) -> Order:
    """An order from a request's JSON.

    Raises:
        Refused: with the status the vendor gives, naming the field.
    """
    if not isinstance(body, dict):
        raise bad("the body must be a JSON object")
    unknown = sorted(set(body) - KNOWN_FIELDS)
    if unknown:
        raise bad(f"unknown field: {', '.join(unknown)}")
    model = _model(body)
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not 1 <= len(prompt) <= MAX_PROMPT:
        raise bad(f"prompt must be a string of 1 to {MAX_PROMPT} characters")
    return Order(
        model=model,
        prompt=prompt,
        aspect_ratio=_choice(body, "aspect_ratio", RATIOS),
        resolution=_choice(body, "resolution", tuple(model.prices_usd)),
        output_format=_choice(body, "output_format", tuple(FORMATS)),
        references=_references(body.get("images"), model),
    )


def _model(body: Mapping[str, object]) -> Model:
    name = body.get("model")
    if not isinstance(name, str) or name not in MODELS:
        raise bad(f"unsupported model: {name!r}")
    return MODELS[name]


def _choice(body: Mapping[str, object], field: str, allowed: tuple[str, ...]) -> str:
    """The field's value, or the first allowed one when it is left out."""
    value = body.get(field, allowed[0])
    if not isinstance(value, str) or value not in allowed:
        raise bad(f"unsupported {field}: {value!r}; one of {', '.join(allowed)}")
    return value


def _references(images: object, model: Model) -> tuple[bytes, ...]:
    if images is None:
        return ()
    if not isinstance(images, list) or len(images) > model.references:
        raise bad(f"images must be a list of at most {model.references}")
    return tuple(_reference(image, at) for at, image in enumerate(images))


def _reference(image: object, at: int) -> bytes:
    if not isinstance(image, dict) or not isinstance(image.get("url"), str) or set(image) - {"url", "role"}:
        raise bad(f"images[{at}] must be an object with a url")
    url = image["url"]
    if url.startswith(("https://", "http://")):
        data = _fetched(url, at)
    else:
        data = _decoded(url, at)
    if len(data) > MAX_IMAGE_BYTES:
        raise bad(f"images[{at}] is larger than 10 MiB")
    picture(data, at)
    return data


def _decoded(url: str, at: int) -> bytes:
    found = DATA_URL.fullmatch(url)
    if not found:
        raise bad(f"images[{at}].url must be an http(s) URL or a base64 data URL of a PNG, JPEG or WebP")
    try:
        return base64.b64decode(found.group(2), validate=True)
    except binascii.Error:
        raise bad(f"images[{at}].url is not valid base64") from None


def _fetched(url: str, at: int) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=FETCH_TIMEOUT_S) as answer:
            return bytes(answer.read(MAX_IMAGE_BYTES + 1))
    except (OSError, ValueError, urllib.error.URLError):
        raise bad(f"images[{at}].url could not be fetched") from None


def picture(data: bytes, at: int = 0) -> Image.Image:
    """A reference as pixels, upright.

    Raises:
        Refused: it cannot be decoded.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"])
            image.draft("RGB", (2048, 2048))
            return _on_white(ImageOps.exif_transpose(image))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(400, "invalid_image", f"images[{at}] could not be decoded") from None


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image.convert("RGBA"))
    return ground.convert("RGB")
