"""The shop's CDN: the original bytes, or a smaller copy when the URL asks for one."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from shopify_imagegen.sandbox.shop.pictures import ENCODERS, MAX_EDGE_PX, Transform, transformed
from shopify_imagegen.sandbox.shop.state import File
from shopify_imagegen.sandbox.shop.store import Store

CACHED_COPIES = 128


def transform_query(*, max_width: int | None, max_height: int | None, crop: str | None, format: str | None) -> str:
    """The query parameters that ask the CDN for a copy; empty when nothing is asked.

    >>> transform_query(max_width=160, max_height=None, crop=None, format="JPG")
    '&width=160&format=jpg'
    """
    asked = {"width": max_width, "height": max_height, "crop": crop, "format": format}
    given = {name: str(value).lower() for name, value in asked.items() if value is not None}
    return f"&{urlencode(given)}" if given else ""


def routes(store: Store) -> Blueprint:
    """`GET /shops/<shop>/cdn/files/<name>?v=…&width=…&height=…&crop=…&format=…`"""
    blueprint = Blueprint("sandbox_cdn", __name__)
    copy = lru_cache(CACHED_COPIES)(transformed)

    @blueprint.get("/shops/<shop>/cdn/files/<name>")
    def serve(shop: str, name: str) -> Response:
        file = _find(store, shop, name)
        if file is None:
            return Response("Not found", 404, mimetype="text/plain")
        wanted = _asked()
        content, mime_type = (file.content, file.mime_type) if wanted.changes_nothing else copy(file.content, wanted)
        return Response(content, mimetype=mime_type, headers={"Cache-Control": "public, max-age=31557600"})

    return blueprint


def _find(store: Store, shop: str, name: str) -> File | None:
    with store.lock:
        file = store.shop(shop).file_named(name)
        return file if file is not None and file.content else None


def _asked() -> Transform:
    """Best effort, as on the real CDN: what cannot be done is ignored."""
    format = request.args.get("format", "").replace("pjpg", "jpg")
    return Transform(
        width_px=_pixels("width"),
        height_px=_pixels("height"),
        crop=request.args.get("crop"),
        format=format if format in ENCODERS else None,
    )


def _pixels(name: str) -> int:
    text = request.args.get(name, "0")
    return min(int(text), MAX_EDGE_PX) if text.isdecimal() else 0
