"""Bring our tables to this version's shape, once, whoever starts first."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.errors import ConfigError

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 0x6C6966657374796C  # any number that no other program takes as its advisory lock


def migrate(database: Database, *, to: str = "head") -> None:
    """Run the missing migrations under a lock, all of them in one commit.

    Args:
        to: the schema to reach; only a test asks for an older one.

    Raises:
        ConfigError: the database was shaped by a newer version of this program.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))  # the parser would expand it
    with database.write() as connection:
        if not database.is_sqlite:  # SQLite: this transaction is the lock
            connection.exec_driver_sql("set local statement_timeout = 0")  # another's migration may take its time
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        _refuse_newer(connection, ScriptDirectory.from_config(config))
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def _refuse_newer(connection: sa.Connection, scripts: ScriptDirectory) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    unknown = set(MigrationContext.configure(connection).get_current_heads()) - known
    if unknown:
        raise ConfigError(
            f"database.url: this database was used by a newer version (schema {', '.join(sorted(unknown))}); "
            "install that version again, or use another database"
        )
