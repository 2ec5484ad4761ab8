"""The style image of a form: a picture that was just chosen, the one in use, or none.

A form names a picture by its id in the store's Files; where it is served, the store says, never the form.
"""

from __future__ import annotations

from flask import request

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages.frame import t
from shopify_imagegen.errors import Rejected
from shopify_imagegen.models import Reference
from shopify_imagegen.settings import StyleSection
from shopify_imagegen.wiring import House

MAX_BYTES = 10_000_000
MAX_BODY_BYTES = MAX_BYTES + 500_000  # of a form with a picture in it


def expect_a_picture() -> None:
    """Let this request be as large as a photo; before anything of its form is read."""
    request.max_content_length = MAX_BODY_BYTES


def typed_image(house: House, style: StyleSection) -> dict[str, str]:
    """What the form says, as the settings have it.

    Args:
        style: in use now.

    Raises:
        Rejected: it is not a picture that can be used. Temporary, NoAnswer, NeedsAttention: the store does not take it.
    """
    chosen, image_id = request.files.get("style_image"), request.form.get("prompts.style.image_id", "")
    if chosen and chosen.filename:
        return _settings(house.style_images.keep(session().shop, _bytes(chosen.stream.read(MAX_BYTES + 1))))
    if "no_style_image" in request.form or not (image_id or style.image):
        return _settings(None)
    if image_id in ("", style.image_id):
        return {"prompts.style.image": style.image, "prompts.style.image_id": style.image_id}
    return _settings(house.style_images.ready(session().shop, image_id))


def _bytes(picture: bytes) -> bytes:
    if len(picture) > MAX_BYTES:
        raise Rejected(t("style.image_too_large"))
    return picture


def _settings(image: Reference | None) -> dict[str, str]:
    return {
        "prompts.style.image": image.url if image else "",
        "prompts.style.image_id": image.media_id if image else "",
    }
