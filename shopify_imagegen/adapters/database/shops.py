"""The stores that have installed us. Their tokens are sealed before they reach the table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import shops
from shopify_imagegen.adapters.database.vault import Vault
from shopify_imagegen.errors import NotFound
from shopify_imagegen.models import Shop


class SqlShops:
    """Keeps `ports.Shops`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def find(self, domain: str) -> Shop | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(shops).where(shops.c.domain == domain)).mappings().first()
        return _shop(row) if row else None

    def all(self) -> tuple[Shop, ...]:
        with self._database.read() as connection:
            return tuple(_shop(row) for row in connection.execute(sa.select(shops).order_by(shops.c.domain)).mappings())

    def save(self, shop: Shop) -> None:
        values = shop.model_dump() | {"scopes": list(shop.scopes)}
        insert = self._database.insert(shops).values(values)
        with self._database.write() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["domain"], set_=values))

    def remove(self, domain: str) -> None:
        with self._database.write() as connection:
            connection.execute(sa.delete(shops).where(shops.c.domain == domain))

    def token(self, domain: str) -> tuple[str, datetime | None] | None:
        query = sa.select(shops.c.token_sealed, shops.c.token_expires_at).where(shops.c.domain == domain)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None or row.token_sealed is None:
            return None
        return self._vault.open(row.token_sealed), row.token_expires_at

    def save_token(self, domain: str, token: str, expires_at: datetime | None, scopes: Sequence[str]) -> None:
        sealed = {"token_sealed": self._vault.seal(token), "token_expires_at": expires_at, "scopes": list(scopes)}
        with self._database.write() as connection:
            if connection.execute(sa.update(shops).where(shops.c.domain == domain).values(sealed)).rowcount != 1:
                raise NotFound(f"{domain} is not one of our stores; its token was not kept")


def _shop(row: sa.RowMapping) -> Shop:
    return Shop.model_validate({name: row[name] for name in Shop.model_fields})
