"""The pictures of a product: attach, detach, put in order. Each change moves `updatedAt` and tells the app."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial

from shopify_imagegen.sandbox.shop.files import drop
from shopify_imagegen.sandbox.shop.state import File, Job, Product, Shop
from shopify_imagegen.sandbox.shop.store import Store


def attach(store: Store, shop: Shop, product: Product, files: Sequence[File]) -> None:
    """Append *files* to the gallery; those that are there already stay where they are."""
    new = [file for file in files if file not in product.gallery]
    for file in new:
        product.gallery.append(file)
        if store.faults.take("media.invisible", shop=shop.domain) is not None:
            product.hidden.add(file.id)
    if new:
        shop.effects["media attached"] += len(new) - 1  # touch counts one
        store.touch(shop, product, effect="media attached")


def detach(store: Store, shop: Shop, product: Product, file: File) -> None:
    """Take *file* off the product and its variants; the file stays in the shop's Files."""
    if file in product.gallery:
        drop(product, file)
        store.touch(shop, product, effect="media detached")


def has_room(store: Store, product: Product, files: int) -> bool:
    return len(product.gallery) + files <= store.rules.media_per_product


def reorder_later(store: Store, shop: Shop, product: Product, moves: Sequence[tuple[File, int]]) -> Job:
    """Start the job that carries out *moves*, each to a zero-based position, one after the other."""
    job = Job(str(uuid.uuid4()))
    shop.jobs[job.key] = job
    store.later.after(store.rules.job_delay_s, partial(_reorder, store, shop, product, list(moves), job))
    return job


def _reorder(store: Store, shop: Shop, product: Product, moves: list[tuple[File, int]], job: Job) -> None:
    with store.lock:
        for file, position in moves:
            if file in product.gallery:
                product.gallery.remove(file)
                product.gallery.insert(position, file)
        job.done = True
        store.touch(shop, product, effect="media reordered")
