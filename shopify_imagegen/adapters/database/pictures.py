"""Our pictures across jobs, what was around them, and what people decide about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database import audit
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import galleries, images, our_media, variant_links
from shopify_imagegen.errors import NotFound
from shopify_imagegen.models import Image, Photo
from shopify_imagegen.ports import Clock


class SqlPictures:
    """Keeps `ports.Pictures`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of_product(self, shop: str, product_id: str) -> tuple[Image, ...]:
        return self._all(images.c.shop == shop, images.c.product_id == product_id)

    def since(self, shop: str, when: datetime) -> tuple[Image, ...]:
        return self._all(images.c.shop == shop, images.c.created_at >= when)

    def media_of(self, shop: str, product_id: str) -> Mapping[str, frozenset[str]]:
        query = sa.select(our_media.c.image_id, our_media.c.media_id)
        found = defaultdict[str, set[str]](set)
        with self._database.read() as connection:
            mine = query.where(our_media.c.shop == shop, our_media.c.product_id == product_id)
            for image_id, media_id in connection.execute(mine):
                found[image_id].add(media_id)
        return {image_id: frozenset(ids) for image_id, ids in found.items()}

    def amend(self, image_id: str, *, by: str, **changes: object) -> Image:
        now = self._clock()
        with self._database.write() as connection:
            row = connection.execute(sa.select(images).where(images.c.id == image_id)).mappings().first()
            if row is None:
                raise NotFound(f"there is no picture {image_id}")
            before = Image.model_validate(dict(row))
            brief = before.brief.model_copy(update=changes)
            values: dict[str, Any] = {"brief": brief.model_dump(mode="json"), "updated_at": now}
            connection.execute(sa.update(images).where(images.c.id == image_id).values(values))
            was = {name: getattr(before.brief, name) for name in changes}
            audit.note(connection, before, "image_amended", at=now, detail={"was": was} | changes, actor=by)
        return before.model_copy(update={"brief": brief, "updated_at": now})

    def note(self, image: Image, action: str, *, by: str, **detail: object) -> None:
        with self._database.write() as connection:
            audit.note(connection, image, action, at=self._clock(), detail=detail, actor=by)

    def remember(self, job_id: str, shop: str, product_id: str, gallery: Sequence[Photo]) -> None:
        media = [[photo.id, photo.kind, photo.alt] for photo in gallery]
        row = {"job_id": job_id, "shop": shop, "product_id": product_id, "media": media, "seen_at": self._clock()}
        with self._database.write() as connection:
            connection.execute(self._database.insert(galleries).values(row).on_conflict_do_nothing())

    def remembered(self, job_id: str) -> tuple[Photo, ...] | None:
        query = sa.select(galleries.c.media).where(galleries.c.job_id == job_id)
        with self._database.read() as connection:
            media = connection.scalar(query)
        return None if media is None else tuple(_photo(*each) for each in media)

    def link(self, image: Image, variant_id: str, *, before: str | None) -> None:
        row: dict[str, Any] = {"image_id": image.id, "variant_id": variant_id, "shop": image.shop}
        row |= {"product_id": image.product_id, "before_media_id": before, "linked_at": self._clock()}
        with self._database.write() as connection:
            connection.execute(self._database.insert(variant_links).values(row).on_conflict_do_nothing())

    def links(self, shop: str, product_id: str) -> Mapping[str, Mapping[str, str | None]]:
        mine = sa.and_(variant_links.c.shop == shop, variant_links.c.product_id == product_id)
        found = defaultdict[str, dict[str, str | None]](dict)
        with self._database.read() as connection:
            for row in connection.execute(sa.select(variant_links).where(mine)):
                found[row.image_id][row.variant_id] = row.before_media_id
        return dict(found)

    def _all(self, *conditions: sa.ColumnElement[bool]) -> tuple[Image, ...]:
        query = sa.select(images).where(*conditions).order_by(images.c.created_at, images.c.slot, images.c.id)
        with self._database.read() as connection:
            return tuple(Image.model_validate(dict(row)) for row in connection.execute(query).mappings())


def _photo(media_id: str, kind: str, alt: str) -> Photo:
    return Photo(id=media_id, kind=kind, status="READY", alt=alt)
