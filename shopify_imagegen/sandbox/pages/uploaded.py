"""The photos in a form; a browser sends an empty file when none was chosen."""

from __future__ import annotations

from flask import Request

from shopify_imagegen.sandbox.shop.filenames import clean
from shopify_imagegen.sandbox.shop.products import Photo


def uploaded_photos(request: Request, field: str = "photos") -> list[Photo]:
    """What the visitor chose in *field*, in order."""
    return [Photo(clean(each.filename), each.read()) for each in request.files.getlist(field) if each.filename]
