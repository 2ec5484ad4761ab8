"""GraphQL: products, their media and order."""

from __future__ import annotations

from typing import Any

from shopify_imagegen.sandbox.shop import gids
from shopify_imagegen.sandbox.shop.fields import Call, answers, snake
from shopify_imagegen.sandbox.shop.files import add_file
from shopify_imagegen.sandbox.shop.filters import PRODUCT_TERMS, select, unknown_fields
from shopify_imagegen.sandbox.shop.gallery import attach, has_room, reorder_later
from shopify_imagegen.sandbox.shop.paging import connection
from shopify_imagegen.sandbox.shop.products import BadProduct, edit_product
from shopify_imagegen.sandbox.shop.sources import Source, find_source
from shopify_imagegen.sandbox.shop.state import File, Product

READ = ("read_products",)
WRITE = ("write_products",)
SORTS = {
    "TITLE": lambda product: product.title.lower(),
    "VENDOR": lambda product: product.vendor.lower(),
    "PRODUCT_TYPE": lambda product: product.product_type.lower(),
    "CREATED_AT": lambda product: product.created_at.isoformat(timespec="seconds"),
    "UPDATED_AT": lambda product: product.updated_at.isoformat(timespec="seconds"),
}
ALT_MAX = 512


@answers("QueryRoot", "product", scopes=READ)
def product(_: Any, call: Call, *, id: str) -> Product | None:
    return call.shop.products.get(gids.number(id, "Product"))


@answers("QueryRoot", "productByIdentifier", scopes=READ)
def product_by_identifier(_: Any, call: Call, *, identifier: dict[str, Any]) -> Product | None:
    return _identified(call, identifier)


@answers("QueryRoot", "products", scopes=READ)
def products(_: Any, call: Call, *, query: str | None = None, sort_key: str = "ID", **page: Any) -> dict[str, Any]:
    for name in unknown_fields(query, PRODUCT_TERMS):
        call.search.append(search_warning("products", query, name))
    found = select(list(call.shop.products.values()), query, PRODUCT_TERMS)
    return connection(found, sort=SORTS.get(sort_key, lambda product: product.id), **page)


@answers("QueryRoot", "productsCount", scopes=READ)
def products_count(_: Any, call: Call, *, query: str | None = None, limit: int | None = None) -> dict[str, Any]:
    found = len(select(list(call.shop.products.values()), query, PRODUCT_TERMS))
    is_more = limit is not None and found > limit
    return {"count": limit if is_more else found, "precision": "AT_LEAST" if is_more else "EXACT"}


def search_warning(path: str, query: str | None, name: str) -> dict[str, Any]:
    """What `extensions.search` says of a field that the search does not know."""
    warning = {"field": name, "message": "Invalid search field for this query.", "code": "invalid_field"}
    return {"path": [path], "query": query, "warnings": [warning]}


@answers("Product", "media")
def media(product: Product, call: Call, *, sort_key: str = "POSITION", **page: Any) -> dict[str, Any]:
    positions = {file.id: at for at, file in enumerate(product.media)}
    by_id = sort_key == "ID"
    return connection(product.media, sort=lambda file: file.id if by_id else positions[file.id], **page)


@answers("Product", "mediaCount")
def media_count(product: Product, call: Call) -> dict[str, Any]:
    return {"count": len(product.media), "precision": "EXACT"}


@answers("Product", "featuredMedia")
def featured_media(product: Product, call: Call) -> File | None:
    return next(iter(product.media), None)


@answers("Product", "options")
def options(product: Product, call: Call, *, first: int | None = None) -> Any:
    return product.options[:first]


@answers("Product", "variants")
def variants(product: Product, call: Call, *, sort_key: str = "POSITION", **page: Any) -> dict[str, Any]:
    return connection(product.variants, sort=lambda variant: variant.position, **page)


@answers("Product", "collections")
def collections(product: Product, call: Call, *, sort_key: str = "ID", **page: Any) -> dict[str, Any]:
    return connection(product.collections, sort=lambda collection: collection.id, **page)


@answers("Mutation", "productUpdate", scopes=WRITE)
def product_update(_: Any, call: Call, **arguments: Any) -> dict[str, Any]:
    """Edit and append. The errors have no code, and the new media are not named: so it is at Shopify."""
    changes = dict(arguments.get("product") or arguments.get("input") or {})
    found = _identified(call, {**changes, **(arguments.get("identifier") or {})})
    if found is None:
        return {"product": None, "userErrors": [_error(["id"], "Product does not exist")]}
    added = arguments.get("media") or []
    sources = [find_source(call, each["originalSource"]) for each in added]
    errors = _media_errors(call, found, added, sources)
    if not errors:
        errors = _edit(call, found, changes)
    if not errors:
        _append(call, found, added, sources)
    return {"product": found, "userErrors": errors}


def _identified(call: Call, identifier: dict[str, Any]) -> Product | None:
    if identifier.get("id"):
        return call.shop.products.get(gids.number(identifier["id"], "Product"))
    return call.shop.product_with(identifier.get("handle") or "")


def _media_errors(
    call: Call, product: Product, added: list[dict[str, Any]], sources: list[Source | None]
) -> list[dict[str, Any]]:
    if not has_room(call.store, product, len(added)):
        return [_error(["media"], "Exceeded the maximum number of media on a product")]
    errors = []
    for at, (each, source) in enumerate(zip(added, sources, strict=True)):
        where = ["media", str(at)]
        if each["mediaContentType"] != "IMAGE":
            errors.append(_error([*where, "mediaContentType"], "the sandbox takes images only"))
        if source is None:
            errors.append(_error([*where, "originalSource"], "Image URL is invalid"))
        if len(each.get("alt") or "") > ALT_MAX:
            errors.append(_error([*where, "alt"], f"Alt value exceeds the limit of {ALT_MAX} characters"))
    return errors


def _edit(call: Call, product: Product, changes: dict[str, Any]) -> list[dict[str, Any]]:
    # `deleteConflictingConstrainedMetafields` has a default, so it is always there
    unimportant = ("id", "deleteConflictingConstrainedMetafields", "redirectNewHandle")
    edits = {snake(name): value for name, value in changes.items() if name not in unimportant}
    try:
        edit_product(call.store, call.shop, product, edits)
    except BadProduct as error:
        return [_error([error.field], str(error))]
    return []


def _append(call: Call, product: Product, added: list[dict[str, Any]], sources: list[Source | None]) -> None:
    files = [
        add_file(call.store, call.shop, source.filename, source.fetch, alt=each.get("alt") or "")
        for each, source in zip(added, sources, strict=True)
        if source is not None
    ]
    attach(call.store, call.shop, product, files)


@answers("Mutation", "productReorderMedia", scopes=WRITE)
def product_reorder_media(_: Any, call: Call, *, id: str, moves: list[dict[str, Any]]) -> dict[str, Any]:
    product = call.shop.products.get(gids.number(id, "Product"))
    if product is None:
        return _reorder_refused([_error(["id"], "Product does not exist", "PRODUCT_DOES_NOT_EXIST")])
    by_gid = {file.gid: file for file in product.gallery}
    strangers = [at for at, move in enumerate(moves) if move["id"] not in by_gid]
    if strangers:
        code = "MEDIA_DOES_NOT_EXIST_ON_PRODUCT"
        errors = [_error(["moves", str(at), "id"], "Media does not exist on the product", code) for at in strangers]
        return _reorder_refused(errors)
    steps = [(by_gid[move["id"]], int(move["newPosition"])) for move in moves]
    return {"job": reorder_later(call.store, call.shop, product, steps), "mediaUserErrors": [], "userErrors": []}


def _reorder_refused(errors: list[dict[str, Any]]) -> dict[str, Any]:
    return {"job": None, "mediaUserErrors": errors, "userErrors": errors}


def _error(field: list[str], message: str, code: str | None = None) -> dict[str, Any]:
    return {"field": field, "message": message, "code": code}
