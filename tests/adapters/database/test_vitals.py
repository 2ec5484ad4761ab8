"""A look at the database changes nothing in it, and says what keeps it from being used."""

import pytest
import sqlalchemy as sa

from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.adapters.database.vitals import look
from shopify_imagegen.errors import ConfigError, NeedsAttention, Unavailable


def test_a_database_in_use_is_well(url):
    """Both kinds."""
    seen = look(url, wait_s=5)

    assert seen.newest_version == seen.schema_version
    assert ("", False, True) == (seen.read_only, seen.is_newer, seen.size_bytes > 0)
    assert seen.journal == ("wal" if seen.kind == "sqlite" else "")


def test_an_empty_database_stays_empty(empty_url, open_database):
    """The doctor looks; the first start makes the tables."""
    assert "" == look(empty_url, wait_s=5).schema_version
    assert [] == sa.inspect(open_database(empty_url).engine).get_table_names()


def test_a_sqlite_file_that_is_not_there_is_not_made(tmp_path):
    """Somebody looks from the wrong folder."""
    seen = look(f"sqlite:///{tmp_path}/elsewhere/imagegen.db", wait_s=5)

    assert (False, "") == (seen.exists, seen.read_only)
    assert [] == list(tmp_path.iterdir())


def test_an_older_schema_is_told(empty_url, open_database):
    """Between the installation of a new version and its first start."""
    migrate(open_database(empty_url), to="0001")

    seen = look(empty_url, wait_s=5)

    assert ("0001", False) == (seen.schema_version, seen.is_newer)
    assert seen.newest_version > "0001"


def test_a_newer_schema_is_told(url, open_database):
    """After a step back to an older version."""
    with open_database(url).write() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))

    assert look(url, wait_s=5).is_newer


def test_a_lock_that_somebody_holds_is_told(tmp_path, open_database):
    """A process that hangs in a transaction."""
    url = f"sqlite:///{tmp_path}/imagegen.db"
    database = open_database(url)
    migrate(database)
    with database.write():
        assert "locked" in look(url, wait_s=0.1).read_only


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("mysql://x/y", ConfigError),
        ("nonsense", ConfigError),
        ("postgresql://127.0.0.1:1/none?connect_timeout=2", Unavailable),
        ("postgres://127.0.0.1:1/none?connect_timeout=2", Unavailable),
    ],
)
def test_what_is_no_database_of_ours_is_one_of_our_errors(address, error):
    """A line for a person, not a traceback."""
    with pytest.raises(error):
        look(address, wait_s=2)


def test_a_file_of_another_kind_is_said_to_be_one(tmp_path):
    """Somebody mistook the backup for the database."""
    (tmp_path / "imagegen.db").write_bytes(b"PK\x03\x04" * 500)

    with pytest.raises(NeedsAttention, match="not a database"):
        look(f"sqlite:///{tmp_path}/imagegen.db", wait_s=2)
