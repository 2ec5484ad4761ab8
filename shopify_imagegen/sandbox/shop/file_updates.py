"""`fileUpdate`: what it refuses, in Shopify's codes, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from shopify_imagegen.sandbox.shop import gids
from shopify_imagegen.sandbox.shop.fields import Call
from shopify_imagegen.sandbox.shop.filenames import IMAGE_EXTENSIONS, clean, extension
from shopify_imagegen.sandbox.shop.files import process, products_with
from shopify_imagegen.sandbox.shop.gallery import attach, detach, has_room
from shopify_imagegen.sandbox.shop.product_fields import ALT_MAX
from shopify_imagegen.sandbox.shop.sources import find_source
from shopify_imagegen.sandbox.shop.state import File

Problem = tuple[str, str, str]  # field, code, message
Changes = dict[str, Any]


def problems_of(call: Call, where: list[str], changes: Changes) -> list[dict[str, Any]]:
    """Why *changes* cannot be made, as user errors; empty when they can."""
    file = call.shop.files.get(gids.number(changes["id"], "MediaImage"))
    if file is None:
        return [_error([*where, "id"], "FILE_DOES_NOT_EXIST", f"File id {changes['id']} does not exist.")]
    if not file.ready:
        return [_error([*where, "id"], "NON_READY_STATE", "Non-ready files cannot be updated.")]
    return [
        _error([*where, field], code, message)
        for check in CHECKS
        for field, code, message in check(call, file, changes)
    ]


def update_file(call: Call, changes: Changes) -> File:
    """Make *changes*, which `problems_of` found no fault with."""
    file = call.shop.files[gids.number(changes["id"], "MediaImage")]
    shown_on = products_with(call.shop, file)
    changed = _describe(file, changes)
    call.shop.keep(file)
    if changes.get("originalSource"):
        source = find_source(call, changes["originalSource"])
        if source is not None:
            process(call.store, call.shop, file, source.fetch)
    if changed:
        file.updated_at = call.store.now()
        call.shop.effects["file updated"] += 1
        for product in shown_on:
            call.store.touch(call.shop, product, effect="media described")
    _refer(call, file, changes)
    return file


def _describe(file: File, changes: Changes) -> bool:
    """Set alt and filename; whether anything is different now."""
    before = (file.alt, file.filename)
    if changes.get("alt") is not None:
        file.alt = changes["alt"]
    if changes.get("filename"):
        file.filename = clean(changes["filename"])
    return before != (file.alt, file.filename)


def _refer(call: Call, file: File, changes: Changes) -> None:
    for gid in changes.get("referencesToAdd") or []:
        attach(call.store, call.shop, call.shop.products[gids.number(gid, "Product")], [file])
    for gid in changes.get("referencesToRemove") or []:
        detach(call.store, call.shop, call.shop.products[gids.number(gid, "Product")], file)


def _alt(call: Call, file: File, changes: Changes) -> Iterator[Problem]:
    if len(changes.get("alt") or "") > ALT_MAX:
        message = f"The alt value exceeds the maximum limit of {ALT_MAX} characters."
        yield "alt", "ALT_VALUE_LIMIT_EXCEEDED", message


def _filename(call: Call, file: File, changes: Changes) -> Iterator[Problem]:
    name = changes.get("filename")
    if name is None or name == file.filename:
        return
    if extension(name) not in IMAGE_EXTENSIONS or extension(name) != extension(file.filename):
        yield "filename", "INVALID_FILENAME_EXTENSION", "The filename extension must be that of the file."
    elif call.shop.file_named(clean(name)) is not None:
        yield "filename", "FILENAME_ALREADY_EXISTS", "The filename already exists."


def _source(call: Call, file: File, changes: Changes) -> Iterator[Problem]:
    if changes.get("previewImageSource"):
        yield "previewImageSource", "INVALID", "An image has no preview image of its own."
    url = changes.get("originalSource")
    if not url:
        return
    source = find_source(call, url)
    if source is None:
        yield "originalSource", "INVALID_IMAGE_SOURCE_URL", "Image URL is invalid."
    elif extension(source.filename) and extension(source.filename) != extension(file.filename):
        message = "The file extension does not match that of the original source."
        yield "originalSource", "MISMATCHED_FILENAME_AND_ORIGINAL_SOURCE", message


def _references(call: Call, file: File, changes: Changes) -> Iterator[Problem]:
    for field in ("referencesToAdd", "referencesToRemove"):
        for gid in changes.get(field) or []:
            if gids.split(gid)[0] != "Product":
                yield field, "UNSUPPORTED_FILE_REFERENCE", "Only products can refer to a file."
            elif gids.number(gid, "Product") not in call.shop.products:
                yield field, "REFERENCE_TARGET_DOES_NOT_EXIST", "The reference target does not exist."


def _additions(call: Call, file: File, changes: Changes) -> Iterator[Problem]:
    added = changes.get("referencesToAdd") or []
    if added and call.store.faults.take("files.refuse_reference", shop=call.shop.domain) is not None:
        yield "referencesToAdd", "UNSUPPORTED_FILE_REFERENCE", "References are not supported for this file type."
    for gid in added:
        product = call.shop.products.get(gids.number(gid, "Product"))
        if product is not None and file not in product.gallery and not has_room(call.store, product, 1):
            yield "referencesToAdd", "PRODUCT_MEDIA_LIMIT_EXCEEDED", "Exceeded the limit of media of a product."


CHECKS: tuple[Callable[[Call, File, Changes], Iterator[Problem]], ...] = (
    _alt,
    _filename,
    _source,
    _references,
    _additions,
)


def _error(field: list[str], code: str, message: str) -> dict[str, Any]:
    return {"field": field, "message": message, "code": code}
