"""GraphQL: files, staged uploads, and the pictures behind them."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError

from shopify_imagegen.sandbox.shop import gids
from shopify_imagegen.sandbox.shop.cdn import transform_query
from shopify_imagegen.sandbox.shop.fields import Call, answers, require_one_of
from shopify_imagegen.sandbox.shop.file_updates import problems_of, update_file
from shopify_imagegen.sandbox.shop.filenames import extension
from shopify_imagegen.sandbox.shop.files import add_file, delete_file, process
from shopify_imagegen.sandbox.shop.filters import FILE_TERMS, select, unknown_fields
from shopify_imagegen.sandbox.shop.paging import connection
from shopify_imagegen.sandbox.shop.product_fields import ALT_MAX, search_warning
from shopify_imagegen.sandbox.shop.sources import Source, find_source
from shopify_imagegen.sandbox.shop.state import File, MediaError

SORTS = {
    "CREATED_AT": lambda file: file.created_at.isoformat(timespec="seconds"),
    "UPDATED_AT": lambda file: file.updated_at.isoformat(timespec="seconds"),
    "FILENAME": lambda file: file.filename,
    "ORIGINAL_UPLOAD_SIZE": lambda file: len(file.content),
}
READ_MEDIA = ("read_products", "read_files", "read_images")
NODE_SCOPES = {"Product": ("read_products",), "MediaImage": READ_MEDIA}


@answers("QueryRoot", "files", scopes=("read_files", "read_themes", "read_images"))
def files(_: Any, call: Call, *, query: str | None = None, sort_key: str = "ID", **page: Any) -> dict[str, Any]:
    for name in unknown_fields(query, FILE_TERMS):
        call.search.append(search_warning("files", query, name))
    found = select(list(call.shop.files.values()), query, FILE_TERMS)
    return connection(found, sort=SORTS.get(sort_key, lambda file: file.id), **page)


@answers("QueryRoot", "node")
def node(_: Any, call: Call, *, id: str) -> Any:
    kind, key = gids.split(id)
    require_one_of(call, NODE_SCOPES.get(kind, ()), "node")
    shelves: dict[str, dict[int, Any]] = {
        "Product": dict(call.shop.products),
        "MediaImage": dict(call.shop.files),
        "WebhookSubscription": dict(call.shop.subscriptions),
    }
    return shelves.get(kind, {}).get(int(key)) if key.isdecimal() else None


@answers("QueryRoot", "nodes")
def nodes(_: Any, call: Call, *, ids: list[str]) -> list[Any]:
    return [node(_, call, id=each) for each in ids]


@answers("MediaImage", "mediaErrors")
@answers("MediaImage", "fileErrors")
def media_errors(file: File, call: Call) -> list[MediaError]:
    return file.errors


@answers("MediaImage", "mediaWarnings")
def media_warnings(file: File, call: Call) -> list[Any]:
    return []


@answers("MediaImage", "image")
def image(file: File, call: Call) -> File | None:
    return file if file.ready else None


@answers("MediaImage", "preview")
def preview(file: File, call: Call) -> dict[str, Any]:
    return {"image": image(file, call), "status": file.status}


@answers("MediaImage", "originalSource")
def original_source(file: File, call: Call) -> dict[str, Any] | None:
    url = call.store.cdn_url(call.shop, file)
    return {"url": url, "fileSize": len(file.content)} if file.ready else None


@answers("Image", "id")
def image_id(file: File, call: Call) -> str:
    return f"gid://shopify/ImageSource/{file.id}"


@answers("Image", "altText")
def image_alt_text(file: File, call: Call) -> str:
    return file.alt


@answers("Image", "width")
def image_width(file: File, call: Call) -> int:
    return file.width_px


@answers("Image", "height")
def image_height(file: File, call: Call) -> int:
    return file.height_px


@answers("Image", "url")
def image_url(file: File, call: Call, *, transform: dict[str, Any] | None = None) -> str:
    """The CDN address; a transform becomes its query. Sizes beyond Shopify's are an error, as there."""
    asked = transform or {}
    scale = asked.get("scale", 1)
    if not 1 <= scale <= 3:
        raise GraphQLError("scale must be between 1 and 3")
    sizes = {name: asked.get(name) for name in ("maxWidth", "maxHeight")}
    for name, size in sizes.items():
        if size is not None and not 1 <= size <= 5760:
            raise GraphQLError(f"{name} must be between 1 and 5760")
    return call.store.cdn_url(call.shop, file) + transform_query(
        max_width=sizes["maxWidth"] and sizes["maxWidth"] * scale,
        max_height=sizes["maxHeight"] and sizes["maxHeight"] * scale,
        crop=asked.get("crop"),
        format=asked.get("preferredContentType"),
    )


@answers("Mutation", "stagedUploadsCreate")
def staged_uploads_create(_: Any, call: Call, *, input: list[dict[str, Any]]) -> dict[str, Any]:
    refused = [at for at, each in enumerate(input) if each["resource"] != "IMAGE"]
    if refused:
        errors = [_error(["input", str(at), "resource"], "the sandbox stages IMAGE only") for at in refused]
        return {"stagedTargets": None, "userErrors": errors}
    return {"stagedTargets": [_staged(call, each) for each in input], "userErrors": []}


def _staged(call: Call, wanted: dict[str, Any]) -> dict[str, Any]:
    method = wanted.get("httpMethod") or "PUT"
    target = call.uploads.stage(call.shop, wanted["filename"], wanted["mimeType"], method=method)
    call.shop.effects["upload staged"] += 1
    return {
        "url": call.uploads.url(target),
        "resourceUrl": call.uploads.resource_url(target),
        "parameters": [{"name": name, "value": value} for name, value in target.parameters().items()],
    }


@answers("Mutation", "fileCreate", scopes=("write_files", "write_themes", "write_images"))
def file_create(_: Any, call: Call, *, files: list[dict[str, Any]]) -> dict[str, Any]:
    """All of *files* or none."""
    sources = [find_source(call, each["originalSource"]) for each in files]
    errors = []
    for at, (wanted, source) in enumerate(zip(files, sources, strict=True)):
        errors += _creation_problems(call, ["files", str(at)], wanted, source)
    if errors:
        return {"files": None, "userErrors": errors}
    made = [_create(call, wanted, source) for wanted, source in zip(files, sources, strict=True) if source]
    return {"files": made, "userErrors": []}


def _creation_problems(
    call: Call, where: list[str], wanted: dict[str, Any], source: Source | None
) -> list[dict[str, Any]]:
    if source is None:
        return [_error([*where, "originalSource"], "Image URL is invalid", "INVALID_IMAGE_SOURCE_URL")]
    if (wanted.get("contentType") or "IMAGE") != "IMAGE":
        return [_error([*where, "contentType"], "the sandbox takes images only", "INVALID")]
    problems = []
    if len(wanted.get("alt") or "") > ALT_MAX:
        text = f"The alt value exceeds the maximum limit of {ALT_MAX} characters"
        problems.append(_error([*where, "alt"], text, "ALT_VALUE_LIMIT_EXCEEDED"))
    return problems + _name_problems(call, where, wanted, source)


def _name_problems(call: Call, where: list[str], wanted: dict[str, Any], source: Source) -> list[dict[str, Any]]:
    name, mode = wanted.get("filename"), wanted.get("duplicateResolutionMode")
    if mode == "REPLACE" and not name:
        text = "Missing filename argument for duplicate resolution mode REPLACE"
        return [_error(where, text, "MISSING_FILENAME_FOR_DUPLICATE_MODE_REPLACE")]
    if name is not None and not extension(name):
        return [_error([*where, "filename"], "Invalid filename", "INVALID_FILENAME")]
    if name and extension(source.filename) and extension(name) != extension(source.filename):
        text = "The file extension does not match that of the original source"
        return [_error([*where, "filename"], text, "MISMATCHED_FILENAME_AND_ORIGINAL_SOURCE")]
    if mode == "RAISE_ERROR" and call.shop.file_named(name or source.filename):
        return [_error([*where, "filename"], "The filename already exists", "FILENAME_ALREADY_EXISTS")]
    return []


def _create(call: Call, wanted: dict[str, Any], source: Source) -> File:
    name = wanted.get("filename") or source.filename
    if wanted.get("duplicateResolutionMode") == "REPLACE":
        old = call.shop.file_named(name)
        if old is not None:
            old.alt = wanted.get("alt") or old.alt
            call.shop.effects["file replaced"] += 1
            process(call.store, call.shop, old, source.fetch)
            return old
    return add_file(call.store, call.shop, name, source.fetch, alt=wanted.get("alt") or "")


@answers("Mutation", "fileUpdate", scopes=("write_files", "write_themes"))
def file_update(_: Any, call: Call, *, files: list[dict[str, Any]]) -> dict[str, Any]:
    """All of *files* or none."""
    errors = []
    for at, changes in enumerate(files):
        errors += problems_of(call, ["files", str(at)], changes)
    if errors:
        return {"files": [], "userErrors": errors}
    return {"files": [update_file(call, changes) for changes in files], "userErrors": []}


@answers("Mutation", "fileAcknowledgeUpdateFailed", scopes=("write_files",))
def file_acknowledge_update_failed(_: Any, call: Call, *, file_ids: list[str]) -> dict[str, Any]:
    """Back to READY with the content before the failed update."""
    found = [call.shop.files.get(gids.number(each, "MediaImage")) for each in file_ids]
    failed = [file for file in found if file is not None and file.status == "FAILED" and file.content]
    if len(failed) != len(file_ids):
        return {"files": None, "userErrors": [_error(["fileIds"], "No failed update", "INVALID_FAILED_MEDIA_STATE")]}
    for file in failed:
        file.status, file.errors = "READY", []
    return {"files": failed, "userErrors": []}


@answers("Mutation", "fileDelete", scopes=("write_files",))
def file_delete(_: Any, call: Call, *, file_ids: list[str]) -> dict[str, Any]:
    """All of *file_ids* or none."""
    found = {each: call.shop.files.get(gids.number(each, "MediaImage")) for each in file_ids}
    missing = [each for each, file in found.items() if file is None]
    if missing:
        text = f"File id {','.join(missing)} does not exist."
        return {"deletedFileIds": None, "userErrors": [_error(["fileIds"], text, "FILE_DOES_NOT_EXIST")]}
    for file in found.values():
        if file is not None:
            delete_file(call.store, call.shop, file)
    return {"deletedFileIds": list(found), "userErrors": []}


def _error(field: list[str], message: str, code: str | None = None) -> dict[str, Any]:
    return {"field": field, "message": message, "code": code}
