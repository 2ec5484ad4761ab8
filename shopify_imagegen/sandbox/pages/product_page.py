"""One product: its media in order, and what a merchant may do to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from shopify_imagegen.sandbox.control import find_product
from shopify_imagegen.sandbox.pages import seen, words
from shopify_imagegen.sandbox.pages.deliveries import deliveries_about
from shopify_imagegen.sandbox.pages.frame import find_shop, go
from shopify_imagegen.sandbox.pages.uploaded import uploaded_photos
from shopify_imagegen.sandbox.shop.files import delete_file
from shopify_imagegen.sandbox.shop.gallery import attach, reorder_later
from shopify_imagegen.sandbox.shop.products import STATUSES, BadProduct, delete_product, edit_product, upload
from shopify_imagegen.sandbox.shop.state import File, Product, Shop
from shopify_imagegen.sandbox.shop.store import NotHere, Store

ADDRESS = "/store/<handle>/products/<int:product_id>"


def routes(pages: Blueprint, store: Store) -> None:
    _page(pages, store)
    _media(pages, store)


def _page(pages: Blueprint, store: Store) -> None:
    @pages.get(ADDRESS)
    def product(handle: str, product_id: int) -> str:
        return show(store, handle, product_id)

    @pages.post(ADDRESS)
    def edit(handle: str, product_id: int) -> Response | tuple[str, int]:
        changes = _changes()
        with store.lock:
            shop, product = find(store, handle, product_id)
            try:
                edit_product(store, shop, product, changes)
            except BadProduct as error:
                return show(store, handle, product_id, typed=request.form, error=error), 422
        return go("product", "saved", product_id=product_id)

    @pages.post(f"{ADDRESS}/delete")
    def delete(handle: str, product_id: int) -> Response:
        with store.lock:
            delete_product(store, *find(store, handle, product_id))
        return go("products", "deleted")


def _media(pages: Blueprint, store: Store) -> None:
    @pages.post(f"{ADDRESS}/media")
    def add_media(handle: str, product_id: int) -> Response | tuple[str, int]:
        photos = uploaded_photos(request)
        with store.lock:
            shop, product = find(store, handle, product_id)
            if not photos:
                error = BadProduct("photos", "Choose one or more photos first.")
                return show(store, handle, product_id, error=error), 422
            attach(store, shop, product, [upload(store, shop, photo) for photo in photos])
        return go("product", "photos", product_id=product_id)

    @pages.post(f"{ADDRESS}/media/<int:file_id>/delete")
    def delete_medium(handle: str, product_id: int, file_id: int) -> Response:
        with store.lock:
            shop, product = find(store, handle, product_id)
            delete_file(store, shop, _medium(product, file_id))
        return go("product", "photo-deleted", product_id=product_id)

    @pages.post(f"{ADDRESS}/media/<int:file_id>/first")
    def move_first(handle: str, product_id: int, file_id: int) -> Response:
        with store.lock:
            shop, product = find(store, handle, product_id)
            reorder_later(store, shop, product, [(_medium(product, file_id), 0)])
        return go("product", "moved", product_id=product_id)


def show(
    store: Store,
    handle: str,
    product_id: int,
    *,
    typed: Mapping[str, str] | None = None,
    error: BadProduct | None = None,
) -> str:
    """The page; after a mistake with what was *typed* and the *error* beside its field."""
    with store.lock:
        shop, product = find(store, handle, product_id)
        detail = seen.detail(store, shop, product)
        told = deliveries_about(store, shop, product.id)
    return render_template(
        "sandbox/product.html",
        product=detail,
        told=told,
        form=typed or {"title": detail.title, "tags": ", ".join(detail.tags), "status": detail.status},
        error=error,
        statuses=STATUSES,
    )


def find(store: Store, handle: str, product_id: int) -> tuple[Shop, Product]:
    """
    Raises:
        NotHere: there is no such shop or product.
    """
    return find_product(store, find_shop(store, handle).domain, product_id)


def _medium(product: Product, file_id: int) -> File:
    for file in product.gallery:
        if file.id == file_id:
            return file
    raise NotHere(f"photo {file_id}")


def _changes() -> dict[str, Any]:
    """Only what the form carries: a field that is not sent stays as it is."""
    changes: dict[str, Any] = {name: request.form[name].strip() for name in ("title", "status") if name in request.form}
    return changes | ({"tags": words.tags_of(request.form["tags"])} if "tags" in request.form else {})
