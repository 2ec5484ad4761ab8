"""The stores that have installed us. Their tokens are sealed before they reach the table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import shops
from shopify_imagegen.adapters.database.vault import Vault
from shopify_imagegen.errors import NotFound
from shopify_imagegen.models import Shop, ShopToken

TOKEN = (shops.c.token_sealed, shops.c.token_expires_at, shops.c.refresh_sealed, shops.c.refresh_expires_at)


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

    def add(self, shop: Shop) -> None:
        insert = self._database.insert(shops).values(shop.model_dump() | {"scopes": list(shop.scopes)})
        with self._database.write() as connection:
            connection.execute(insert.on_conflict_do_nothing())

    def install(self, shop: Shop) -> bool:
        left = sa.and_(shops.c.domain == shop.domain, shops.c.state == "uninstalled")
        values = shop.model_dump(exclude={"domain", "scopes"})
        with self._database.write() as connection:
            return connection.execute(sa.update(shops).where(left).values(values)).rowcount == 1

    def remove(self, domain: str) -> None:
        with self._database.write() as connection:
            connection.execute(sa.delete(shops).where(shops.c.domain == domain))

    def token(self, domain: str) -> ShopToken | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(*TOKEN).where(shops.c.domain == domain)).first()
        if row is None or row.token_sealed is None:
            return None
        return ShopToken(
            access=self._vault.open(row.token_sealed),
            ends_at=row.token_expires_at,
            refresh=self._vault.open(row.refresh_sealed) if row.refresh_sealed else None,
            refresh_ends_at=row.refresh_expires_at,
        )

    def save_token(self, domain: str, token: ShopToken, scopes: Sequence[str], *, after: int | None = None) -> bool:
        """Raises: NotFound."""
        sealed = {
            "token_sealed": self._vault.seal(token.access),
            "token_expires_at": token.ends_at,
            "refresh_sealed": self._vault.seal(token.refresh) if token.refresh else None,
            "refresh_expires_at": token.refresh_ends_at,
            "scopes": list(scopes),
        }
        kept = self._change(domain, sealed, after=after)
        if not kept and self.find(domain) is None:
            raise NotFound(f"{domain} is not one of our stores; its token was not kept")
        return kept

    def drop_token(self, domain: str) -> None:
        self._change(domain, dict.fromkeys(column.name for column in TOKEN))

    def take_renewal(self, domain: str, *, now: datetime, until: datetime) -> int | None:
        free = sa.or_(shops.c.renewing_until.is_(None), shops.c.renewing_until <= now)
        update = sa.update(shops).where(shops.c.domain == domain, free).values(renewing_until=until)
        with self._database.write() as connection:
            number: int | None = connection.scalar(update.returning(shops.c.token_version))
        return number

    def leave_renewal(self, domain: str, *, after: int) -> None:
        mine = sa.and_(shops.c.domain == domain, shops.c.token_version == after)
        with self._database.write() as connection:
            connection.execute(sa.update(shops).where(mine).values(renewing_until=None))

    def _change(self, domain: str, values: dict[str, Any], *, after: int | None = None) -> bool:
        """Each change counts, so that whoever has looked before can tell."""
        where = [shops.c.domain == domain, *([shops.c.token_version == after] if after is not None else [])]
        counted = values | {"token_version": shops.c.token_version + 1, "renewing_until": None}
        with self._database.write() as connection:
            return connection.execute(sa.update(shops).where(*where).values(counted)).rowcount == 1


def _shop(row: sa.RowMapping) -> Shop:
    return Shop.model_validate({name: row[name] for name in Shop.model_fields})
