"""The stores that have installed us. Their tokens are sealed before they reach the table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from shopify_imagegen.adapters.database import audit
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import shops
from shopify_imagegen.adapters.database.vault import Vault
from shopify_imagegen.errors import NotFound
from shopify_imagegen.models import GrantKind, Shop, ShopToken

TOKEN = (shops.c.token_sealed, shops.c.token_expires_at, shops.c.refresh_sealed, shops.c.refresh_expires_at)
FIND = sa.select(shops).where(shops.c.domain == sa.bindparam("domain"))  # each stage, and each call, begins with these
FIND_TOKEN = sa.select(*TOKEN).where(shops.c.domain == sa.bindparam("domain"))


class SqlShops:
    """Keeps `ports.Shops`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def find(self, domain: str) -> Shop | None:
        with self._database.read() as connection:
            row = connection.execute(FIND, {"domain": domain}).mappings().first()
        return _shop(row) if row else None

    def all(self) -> tuple[Shop, ...]:
        with self._database.read() as connection:
            return tuple(_shop(row) for row in connection.execute(sa.select(shops).order_by(shops.c.domain)).mappings())

    def save(self, shop: Shop) -> None:
        values = _values(shop)
        insert = self._database.insert(shops).values(values | {"confirmed_at": shop.confirmed_at})
        with self._database.write() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["domain"], set_=values))

    def add(self, shop: Shop) -> None:
        insert = self._database.insert(shops).values(_values(shop))
        with self._database.write() as connection:
            connection.execute(insert.on_conflict_do_nothing())

    def install(self, shop: Shop) -> bool:
        left = sa.and_(shops.c.state == "uninstalled", shops.c.token_sealed.is_not(None))
        values = {name: value for name, value in _values(shop).items() if name not in ("domain", "scopes")}
        return self._update(shop.domain, values, left)

    def turn(self, seen: Shop, state: Literal["active", "paused"], reason: str) -> bool:
        as_seen = sa.and_(shops.c.state == seen.state, shops.c.reason == seen.reason)
        return self._update(seen.domain, {"state": state, "reason": reason}, as_seen)

    def amend(self, domain: str, *, grant: GrantKind | None = None, scopes: Sequence[str] | None = None) -> None:
        given = {"grant": grant, "scopes": None if scopes is None else list(scopes)}
        self._update(domain, {name: value for name, value in given.items() if value is not None})

    def confirm(self, domain: str, at: datetime) -> None:
        newer = sa.or_(shops.c.confirmed_at.is_(None), shops.c.confirmed_at < at)
        self._update(domain, {"confirmed_at": at}, newer)

    def leave(self, domain: str, reason: str, *, at: datetime, after: int) -> bool:
        void = sa.or_(shops.c.token_sealed.is_(None), shops.c.token_version == after)
        values = _no_token() | {"state": "uninstalled", "reason": reason}
        with self._database.write() as connection:
            left = connection.execute(sa.update(shops).where(shops.c.domain == domain, void).values(values)).rowcount
            if left:
                audit.note_of_shop(connection, domain, "store_uninstalled", at=at, reason=reason)
        return left == 1

    def note(self, domain: str, action: str, *, at: datetime, reason: str) -> None:
        with self._database.write() as connection:
            audit.note_of_shop(connection, domain, action, at=at, reason=reason)

    def remove(self, domain: str) -> None:
        with self._database.write() as connection:
            connection.execute(sa.delete(shops).where(shops.c.domain == domain))

    def token(self, domain: str) -> ShopToken | None:
        with self._database.read() as connection:
            row = connection.execute(FIND_TOKEN, {"domain": domain}).mappings().first()
        return self._token(row) if row else None

    def with_token(self, domain: str) -> tuple[Shop, ShopToken | None] | None:
        with self._database.read() as connection:
            row = connection.execute(FIND, {"domain": domain}).mappings().first()
        return (_shop(row), self._token(row)) if row else None

    def token_number(self, domain: str) -> int:
        with self._database.read() as connection:
            return connection.scalar(sa.select(shops.c.token_version).where(shops.c.domain == domain)) or 0

    def save_token(self, domain: str, token: ShopToken, scopes: Sequence[str], *, after: int | None = None) -> bool:
        """Raises: NotFound."""
        sealed = {
            "token_sealed": self._vault.seal(token.access),
            "token_expires_at": token.ends_at,
            "refresh_sealed": self._vault.seal(token.refresh) if token.refresh else None,
            "refresh_expires_at": token.refresh_ends_at,
            "scopes": list(scopes),
        }
        kept = self._update(domain, sealed | ANOTHER, *_numbered(after))
        if not kept and self.find(domain) is None:
            raise NotFound(f"{domain} is not one of our stores; its token was not kept")
        return kept

    def drop_token(self, domain: str, *, after: int | None = None) -> None:
        self._update(domain, _no_token(), *_numbered(after))

    def take_renewal(self, domain: str, *, now: datetime, until: datetime) -> int | None:
        free = sa.or_(shops.c.renewing_until.is_(None), shops.c.renewing_until <= now)
        update = sa.update(shops).where(shops.c.domain == domain, free).values(renewing_until=until)
        with self._database.write() as connection:
            number: int | None = connection.scalar(update.returning(shops.c.token_version))
        return number

    def leave_renewal(self, domain: str, *, after: int) -> None:
        self._update(domain, {"renewing_until": None}, *_numbered(after))

    def _token(self, row: sa.RowMapping) -> ShopToken | None:
        if row["token_sealed"] is None:
            return None
        return ShopToken(
            access=self._vault.open(row["token_sealed"]),
            ends_at=row["token_expires_at"],
            refresh=self._vault.open(row["refresh_sealed"]) if row["refresh_sealed"] else None,
            refresh_ends_at=row["refresh_expires_at"],
        )

    def _update(self, domain: str, values: dict[str, Any], *where: sa.ColumnElement[bool]) -> bool:
        with self._database.write() as connection:
            update = sa.update(shops).where(shops.c.domain == domain, *where).values(values)
            return connection.execute(update).rowcount == 1


ANOTHER = {"token_version": shops.c.token_version + 1, "renewing_until": None}  # who has looked before can tell


def _numbered(after: int | None) -> list[sa.ColumnElement[bool]]:
    return [] if after is None else [shops.c.token_version == after]


def _no_token() -> dict[str, Any]:
    return dict.fromkeys(column.name for column in TOKEN) | ANOTHER


def _values(shop: Shop) -> dict[str, Any]:
    """Its columns; what Shopify has proven is not undone by whoever writes down the rest."""
    return shop.model_dump(exclude={"confirmed_at"}) | {"scopes": list(shop.scopes)}


def _shop(row: sa.RowMapping) -> Shop:
    return Shop.model_validate({name: row[name] for name in Shop.model_fields})
