"""The life of a file: made, fetched, decoded, READY or FAILED; replaced, renamed, deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import httpx

from shopify_imagegen.sandbox.shop.filenames import clean, with_uuid
from shopify_imagegen.sandbox.shop.loopback import is_loopback
from shopify_imagegen.sandbox.shop.pictures import Facts, inspect
from shopify_imagegen.sandbox.shop.state import File, MediaError, Product, Shop
from shopify_imagegen.sandbox.shop.store import Store

Fetch = Callable[[], bytes | MediaError]
FETCH_TIMEOUT_S = 5.0


def add_file(store: Store, shop: Shop, filename: str, fetch: Fetch, *, alt: str = "", made_by: str = "app") -> File:
    """A new file, UPLOADED; its bytes are fetched and decoded in the background."""
    file = _new(store, shop, filename, alt=alt, made_by=made_by)
    shop.effects["file created"] += 1
    process(store, shop, file, fetch)
    return file


def process(store: Store, shop: Shop, file: File, fetch: Fetch) -> None:
    """Take *file* through UPLOADED and PROCESSING to READY or FAILED."""
    delay_s = store.rules.media_delay_s
    file.status = "UPLOADED"
    file.errors = []
    store.later.after(delay_s / 3, partial(_start, store, file))
    if store.faults.take("media.stuck", shop=shop.domain) is None:
        store.later.after(delay_s, partial(_finish, store, shop, file, _fated(store, shop, fetch)))


def add_ready_file(store: Store, shop: Shop, filename: str, content: bytes, *, alt: str, made_by: str) -> File:
    """A file that has been there for long: seeds of a shop wait for nothing."""
    file = _new(store, shop, filename, alt=alt, made_by=made_by)
    _settle(file, content, inspect(content))
    return file


def delete_file(store: Store, shop: Shop, file: File) -> None:
    """Remove *file* for good, from every product that shows it."""
    holders = products_with(shop, file)
    del shop.files[file.id]
    shop.effects["file deleted"] += 1
    for product in holders:
        drop(product, file)
        store.touch(shop, product, effect="media detached")


def drop(product: Product, file: File) -> None:
    """Take *file* off the gallery and off the variants."""
    product.gallery.remove(file)
    product.hidden.discard(file.id)
    for variant in product.variants:
        variant.media = [kept for kept in variant.media if kept is not file]


def products_with(shop: Shop, file: File) -> list[Product]:
    return [product for product in shop.products.values() if file in product.gallery]


def from_url(url: str) -> Fetch:
    """Fetch *url* from this machine; anything else fails as an unreachable address would."""

    def fetch() -> bytes | MediaError:
        failure = MediaError("IMAGE_DOWNLOAD_FAILURE", "The image could not be downloaded", url)
        if not is_loopback(url):
            return failure
        try:
            response = httpx.get(url, timeout=FETCH_TIMEOUT_S, trust_env=False, verify=False)
        except httpx.HTTPError:
            return failure
        return response.content if response.is_success else failure

    return fetch


def from_bytes(content: bytes) -> Fetch:
    return lambda: content


def _new(store: Store, shop: Shop, filename: str, *, alt: str, made_by: str) -> File:
    now, name = store.now(), clean(filename)
    if shop.file_named(name) is not None:
        name = with_uuid(name)
    file = File(store.next_id(), name, created_at=now, updated_at=now, alt=alt, made_by=made_by)
    shop.keep(file)
    return file


def _start(store: Store, file: File) -> None:
    with store.lock:
        if file.status == "UPLOADED":
            file.status = "PROCESSING"


def _fated(store: Store, shop: Shop, fetch: Fetch) -> Fetch:
    """*fetch*, or the failure that a fault has in store for this file."""
    fault = store.faults.take("media.failed", shop=shop.domain)
    if fault is None:
        return fetch
    code = str(fault.get("code", "IMAGE_PROCESSING_FAILURE"))
    return lambda: MediaError(code, "The image could not be processed")


def _finish(store: Store, shop: Shop, file: File, fetch: Fetch) -> None:
    content = fetch()
    verdict = content if isinstance(content, MediaError) else inspect(content)  # decoded outside the lock
    with store.lock:
        if file.id not in shop.files:
            return  # deleted in the meantime
        _settle(file, b"" if isinstance(content, MediaError) else content, verdict)
        file.updated_at = store.now()
        for product in products_with(shop, file):
            store.touch(shop, product, effect="media settled")


def _settle(file: File, content: bytes, verdict: Facts | MediaError) -> None:
    if isinstance(verdict, MediaError):
        file.status, file.errors = "FAILED", [verdict]
        return
    if file.content:
        file.version += 1  # replaced: same name, so only `v` tells caches
    file.content = content
    file.mime_type, file.width_px, file.height_px = verdict.mime_type, verdict.width_px, verdict.height_px
    file.status, file.errors = "READY", []
