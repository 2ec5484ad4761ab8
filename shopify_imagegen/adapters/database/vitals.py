"""Look at our database without changing it: is it there, can it be written, whose tables are in it?"""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.migrate import MIGRATIONS
from shopify_imagegen.errors import ConfigError, Unavailable
from shopify_imagegen.models import DatabaseVitals


def file_of(url: str) -> Path | None:
    """Where a SQLite database lies; None for another kind."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise ConfigError("database.url: not a database URL; sqlite:///var/imagegen.db or postgresql://…") from None
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def look(url: str, *, wait_s: float) -> DatabaseVitals:
    """
    Raises:
        ConfigError: not a database that we can use.
        Unavailable, NeedsAttention: it does not answer; it is damaged.
    """
    file = file_of(url)
    if file and not file.exists():
        return DatabaseVitals(kind="sqlite", exists=False, newest_version=_newest(), read_only=_unwritable(file))
    database = Database(url, wait_s=wait_s)
    try:
        return _seen(database, file)
    finally:
        database.close()


def _seen(database: Database, file: Path | None) -> DatabaseVitals:
    with database.read() as connection:
        versions = MigrationContext.configure(connection).get_current_heads()
        journal = str(connection.exec_driver_sql("pragma journal_mode").scalar()) if file else ""
        size = "select pg_database_size(current_database())"
        size_bytes = file.stat().st_size if file else connection.exec_driver_sql(size).scalar() or 0
    return DatabaseVitals(
        kind="sqlite" if file else "postgresql",
        schema_version=", ".join(sorted(versions)),
        newest_version=_newest(),
        is_newer=bool(set(versions) - {script.revision for script in _scripts().walk_revisions()}),
        read_only=_read_only(database),
        journal=journal,
        size_bytes=size_bytes,
    )


def _read_only(database: Database) -> str:
    """Why nothing can be written: SQLite says it when the write lock is taken, PostgreSQL when asked."""
    try:
        with database.write() as connection:
            if database.is_sqlite:
                return ""
            answer = connection.exec_driver_sql("show transaction_read_only").scalar()
            return "" if answer == "off" else "the server takes no writes; is it a replica?"
    except Unavailable as error:
        return str(error)


def _unwritable(file: Path) -> str:
    """A file that is still to be made: the nearest folder that exists must take it."""
    folder = next(each for each in file.absolute().parents if each.exists())
    return "" if os.access(folder, os.W_OK) else f"nothing can be written in {folder}"


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def _newest() -> str:
    return _scripts().get_current_head() or ""
