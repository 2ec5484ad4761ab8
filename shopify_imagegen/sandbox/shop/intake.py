"""Read what a merchant sends to the control API: products and photos, as JSON or as a form."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Request

from shopify_imagegen.sandbox.shop.filenames import clean
from shopify_imagegen.sandbox.shop.products import Draft, Photo, slug
from shopify_imagegen.sandbox.stock import ANGLES, photo
from shopify_imagegen.sandbox.stock.catalogue import LISTINGS, Listing

DATA_URL = "data:image/"
LISTS = ("tags", "collections")


class BadRequest(ValueError):
    """The control API cannot make sense of a request; the message says why."""


def fields_of(request: Request) -> dict[str, Any]:
    """The JSON object or the form fields of *request*; lists may be separated by commas, status is in any case."""
    if request.is_json:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise BadRequest("the body is not a JSON object")
        return {name: _read(name, value) for name, value in body.items()}
    return {name: _read(name, value) for name, value in request.form.items()}


def draft_of(request: Request) -> Draft:
    """The product in *request*; `{"stock": "<handle>"}` takes one from the stock, other fields override it."""
    fields = fields_of(request)
    base = stock_draft(fields.pop("stock")) if "stock" in fields else None
    name = slug(str(fields.get("title") or (base.title if base else "photo")))
    photos = [*photos_of(request, fields.pop("photos", None), name=name)]
    values = {**(base.__dict__ if base else {}), **fields} | ({"photos": photos} if photos else {})
    strangers = sorted(set(fields) - Draft.known() | {"variants"} & set(fields))
    if strangers:
        raise BadRequest(f"a product has no {', '.join(strangers)}")
    if "title" not in values:
        raise BadRequest("a product needs a title")
    return Draft(**values | {"options": [(option[0], list(option[1])) for option in values.get("options", ())]})


def _read(name: str, value: Any) -> Any:
    if name in LISTS and isinstance(value, str):
        return value.split(",")
    return value.upper() if name == "status" and isinstance(value, str) else value


def photos_of(request: Request, listed: object, *, name: str) -> list[Photo]:
    """Uploaded files, and the *listed* names of stock products and data URLs."""
    uploaded = [
        Photo(clean(each.filename or f"{name}-{at}.jpg"), each.read())
        for at, each in enumerate(request.files.getlist("photos"), start=1)
        if each.filename  # a browser sends an empty field as a part without a name
    ]
    entries = listed if isinstance(listed, list) else []
    return uploaded + [photo for at, entry in enumerate(entries, start=1) for photo in _photos(str(entry), name, at)]


def stocked() -> list[str]:
    """The handles of the products that the stock has."""
    return [listing.handle for listing in LISTINGS]


def stock_draft(handle: object) -> Draft:
    """A stock product as a merchant would add it; only its own photos are drawn.

    Raises:
        BadRequest: the stock has no such product.
    """
    listing = _listing(handle)
    return Draft(
        title=listing.title,
        handle=listing.handle,
        description_html=listing.description_html,
        vendor=listing.vendor,
        product_type=listing.product_type,
        category=listing.category,
        tags=listing.tags,
        options=listing.options,
        price=listing.price,
        photos=[_stock_photo(listing, at) for at in range(1, len(ANGLES) + 1)],
    )


def _listing(handle: object) -> Listing:
    for listing in LISTINGS:
        if listing.handle == handle:
            return listing
    raise BadRequest(f"the stock has no {handle!r}; it has: {', '.join(stocked())}")


def _stock_photo(listing: Listing, at: int) -> Photo:
    content = photo(listing.handle, ANGLES[at - 1])
    return Photo(f"{listing.handle}-{at}.jpg", content, alt=listing.title if at == 1 else "")


def _photos(entry: str, name: str, at: int) -> list[Photo]:
    """`data:image/…;base64,…`, a stock handle (all its photos), or `handle#1` (the first)."""
    if entry.startswith(DATA_URL):
        return [_from_data_url(entry, name, at)]
    handle, _, which = entry.partition("#")
    listing, numbers = _listing(handle), range(1, len(ANGLES) + 1)
    if not which:
        return [_stock_photo(listing, each) for each in numbers]
    if not which.isdecimal() or int(which) not in numbers:
        raise BadRequest(f"{handle} has photos 1 to {len(ANGLES)}")
    return [_stock_photo(listing, int(which))]


def _from_data_url(url: str, name: str, at: int) -> Photo:
    head, _, data = url.partition(",")
    extension = head.removeprefix(DATA_URL).partition(";")[0].replace("jpeg", "jpg")
    try:
        return Photo(f"{name}-{at}.{extension}", base64.b64decode(data, validate=True))
    except binascii.Error as error:
        raise BadRequest(f"photo {at} is not base64") from error
