"""What each shop has set for itself. A version is never changed; who saves names the version that they saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import shop_settings
from shopify_imagegen.errors import Conflict
from shopify_imagegen.models import Saved
from shopify_imagegen.ports import Clock

NEWEST_FIRST = shop_settings.c.version.desc()
KEPT = 100  # versions shown of a shop


class SqlShopSettings:
    """Keeps `ports.ShopSettings`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def current(self, shop: str) -> Saved:
        found = self._newest(shop, 1)
        return found[0] if found else Saved(version=0, document={})

    def history(self, shop: str) -> tuple[Saved, ...]:
        return self._newest(shop, KEPT)

    def save(self, shop: str, document: Mapping[str, Any], *, by: str, version: int) -> Saved:
        saved = Saved(version=version + 1, document=dict(document), saved_by=by, saved_at=self._clock())
        newest = sa.select(sa.func.coalesce(sa.func.max(shop_settings.c.version), 0))
        seen = newest.where(shop_settings.c.shop == shop).scalar_subquery()
        row = sa.select(
            sa.literal(shop),
            sa.literal(saved.version),
            sa.literal(saved.document, sa.JSON),
            sa.literal(by),
            sa.literal(saved.saved_at, shop_settings.c.saved_at.type),
        ).where(seen == version)
        names = ["shop", "version", "document", "saved_by", "saved_at"]
        statement = self._database.insert(shop_settings).from_select(names, row).on_conflict_do_nothing()
        with self._database.write() as connection:
            made = connection.scalar(statement.returning(shop_settings.c.version))
        if made is None:
            raise Conflict("The settings were changed by somebody else meanwhile; load them again.")
        return saved

    def _newest(self, shop: str, limit: int) -> tuple[Saved, ...]:
        columns = (column for column in shop_settings.c if column.name != "shop")
        query = sa.select(*columns).where(shop_settings.c.shop == shop).order_by(NEWEST_FIRST).limit(limit)
        with self._database.read() as connection:
            return tuple(Saved.model_validate(dict(row)) for row in connection.execute(query).mappings())
