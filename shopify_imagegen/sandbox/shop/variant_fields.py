"""GraphQL: variants and the one medium that each may have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shopify_imagegen.sandbox.shop import gids
from shopify_imagegen.sandbox.shop.fields import Call, answers
from shopify_imagegen.sandbox.shop.paging import connection
from shopify_imagegen.sandbox.shop.state import File, Product, Variant

WRITE = ("write_products",)
MAX_PAIRS = 100

Pair = dict[str, Any]  # {"variantId": gid, "mediaIds": [gid]}
Problem = tuple[str, str]  # code, message
Check = Callable[[Product, Variant, list[File]], Problem | None]


@answers("ProductVariant", "media")
def media(variant: Variant, call: Call, **page: Any) -> dict[str, Any]:
    return connection(variant.media, sort=lambda file: file.id, **page)


@answers("ProductVariant", "selectedOptions")
def selected_options(variant: Variant, call: Call) -> list[dict[str, str]]:
    product = next(each for each in call.shop.products.values() if variant in each.variants)
    return [
        {"name": option.name, "value": value} for option, value in zip(product.options, variant.choices, strict=False)
    ]


@answers("Mutation", "productVariantAppendMedia", scopes=WRITE)
def append(_: Any, call: Call, *, product_id: str, variant_media: list[Pair]) -> dict[str, Any]:
    """Give each variant a medium of the product; one that has some must lose it first."""
    return _change(call, product_id, variant_media, (_is_ready, _has_none), lambda variant, files: files)


@answers("Mutation", "productVariantDetachMedia", scopes=WRITE)
def detach(_: Any, call: Call, *, product_id: str, variant_media: list[Pair]) -> dict[str, Any]:
    """Take the named medium off each variant; it stays on the product."""

    def left(variant: Variant, files: list[File]) -> list[File]:
        return [file for file in variant.media if file not in files]

    return _change(call, product_id, variant_media, (_has_it,), left)


def _change(
    call: Call,
    product_id: str,
    pairs: list[Pair],
    checks: tuple[Check, ...],
    after: Callable[[Variant, list[File]], list[File]],
) -> dict[str, Any]:
    product = call.shop.products.get(gids.number(product_id, "Product"))
    if product is None:
        return _refused([(["productId"], ("PRODUCT_DOES_NOT_EXIST", "Product does not exist"))])
    if len(pairs) > MAX_PAIRS:
        code = "MAXIMUM_VARIANT_MEDIA_PAIRS_EXCEEDED"
        return _refused([(["variantMedia"], (code, f"At most {MAX_PAIRS} pairs are allowed"))])
    found = [_found(product, pair) for pair in pairs]
    problems = [
        (["variantMedia", str(at)], problem)
        for at, each in enumerate(found)
        if (problem := each if _is_problem(each) else _first_problem(product, each, checks))
    ]
    if problems:
        return _refused(problems)
    changed = [each for each in found if not _is_problem(each)]
    for variant, files in changed:
        variant.media = after(variant, files)
    call.store.touch(call.shop, product, effect="variant media changed")
    return {"product": product, "productVariants": [variant for variant, _ in changed], "userErrors": []}


def _found(product: Product, pair: Pair) -> Any:
    """(variant, its media to be), or a problem."""
    variant = next((each for each in product.variants if each.gid == pair["variantId"]), None)
    if variant is None:
        return "PRODUCT_VARIANT_DOES_NOT_EXIST_ON_PRODUCT", "Variant does not exist on the product"
    if len(pair["mediaIds"]) != 1:
        return "TOO_MANY_MEDIA_PER_INPUT_PAIR", "Only one mediaId is allowed per pair"
    files = [file for file in product.gallery if file.gid in pair["mediaIds"]]
    if not files:
        return "MEDIA_DOES_NOT_EXIST_ON_PRODUCT", "Media does not exist on the specified product"
    return variant, files


def _is_problem(found: Any) -> bool:
    return isinstance(found[0], str)


def _first_problem(product: Product, found: tuple[Variant, list[File]], checks: tuple[Check, ...]) -> Problem | None:
    return next((problem for check in checks if (problem := check(product, *found))), None)


def _is_ready(product: Product, variant: Variant, files: list[File]) -> Problem | None:
    return None if all(file.ready for file in files) else ("NON_READY_MEDIA", "Non-ready media cannot be attached")


def _has_none(product: Product, variant: Variant, files: list[File]) -> Problem | None:
    if not variant.media:
        return None
    return "PRODUCT_VARIANT_ALREADY_HAS_MEDIA", "The given variant already has attached media"


def _has_it(product: Product, variant: Variant, files: list[File]) -> Problem | None:
    if set(map(id, files)) <= set(map(id, variant.media)):
        return None
    return "MEDIA_IS_NOT_ATTACHED_TO_VARIANT", "The specified media is not attached to the specified variant"


def _refused(problems: list[tuple[list[str], Problem]]) -> dict[str, Any]:
    errors = [{"field": field, "code": code, "message": message} for field, (code, message) in problems]
    return {"product": None, "productVariants": None, "userErrors": errors}
