"""Our pictures across jobs, what was around them, and what people decide about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database import audit, shelf
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import galleries, images, our_media, variant_links
from shopify_imagegen.models import Brief, Image, ImageState, Photo
from shopify_imagegen.ports import Clock

REMEMBERED = sa.select(galleries.c.media).where(galleries.c.job_id == sa.bindparam("job_id"))


class SqlPictures:
    """Keeps `ports.Pictures`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._remembered = database.insert(galleries).on_conflict_do_nothing()

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

    def approve(self, image_id: str, *, by: str, when: Collection[ImageState], **changes: object) -> Image:
        now = self._clock()
        with self._database.write() as connection:
            before = shelf.hold(connection, image_id)
            changes = {name: value for name, value in changes.items() if value != getattr(before.brief, name)}
            if before.state == ImageState.STAGED and before.brief.review == "approved" and not changes:
                return before
            brief = before.brief.model_copy(update={**changes, "review": "approved"})
            values = {"state": ImageState.STAGED, "reason": "", "updated_at": now, "brief": _json(brief)}
            image = shelf.moved(connection, image_id, values, when=when)
            if changes:
                detail = {"was": {name: getattr(before.brief, name) for name in changes}} | changes
                audit.note(connection, before, "image_amended", at=now, detail=detail, actor=by)
            audit.note(connection, image, "image_approved", at=now, detail={"was": before.state}, actor=by)
        return image

    def want_review(self, image_id: str) -> None:
        with self._database.write() as connection:
            image = shelf.hold(connection, image_id)
            if not image.brief.review:
                brief = image.brief.model_copy(update={"review": "wanted"})
                connection.execute(sa.update(images).where(images.c.id == image_id).values(brief=_json(brief)))

    def note(self, image: Image, action: str, *, by: str, **detail: object) -> None:
        with self._database.write() as connection:
            audit.note(connection, image, action, at=self._clock(), detail=detail, actor=by)

    def remember(self, job_id: str, shop: str, product_id: str, gallery: Sequence[Photo]) -> None:
        media = [[photo.id, photo.kind, photo.alt] for photo in gallery]
        row = {"job_id": job_id, "shop": shop, "product_id": product_id, "media": media, "seen_at": self._clock()}
        with self._database.write() as connection:
            connection.execute(self._remembered, row)

    def remembered(self, job_id: str) -> tuple[Photo, ...] | None:
        with self._database.read() as connection:
            media = connection.scalar(REMEMBERED, {"job_id": job_id})
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


def _json(brief: Brief) -> dict[str, Any]:
    return brief.model_dump(mode="json")


def _photo(media_id: str, kind: str, alt: str) -> Photo:
    return Photo(id=media_id, kind=kind, status="READY", alt=alt)
