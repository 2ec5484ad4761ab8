"""The tables: made once by whoever is first, equal to what the code says, refused when newer."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.adapters.database.tables import metadata, purchases
from shopify_imagegen.errors import ConfigError
from shopify_imagegen.models import PurchaseState

from . import racers
from .story import PRICE, key, purchase

FIRST = "0001"


def version(database):
    with database.read() as connection:
        return connection.scalar(sa.text("select version_num from alembic_version"))


def differences(database):
    with database.read() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)


def test_an_empty_database_gets_the_tables_that_the_code_describes(empty_url, open_database):
    """A column that only the code knows is a crash on the first real machine."""
    database = open_database(empty_url)
    migrate(database)

    assert version(database) > FIRST
    assert [] == differences(database)


def test_migrating_twice_is_harmless(database):
    """Every start of web and worker does it."""
    before = version(database)
    migrate(database)

    assert before == version(database)
    assert [] == differences(database)


def test_eight_processes_may_start_on_an_empty_database(empty_url, open_database):
    """Web and workers start together; one makes the tables, the others find them."""
    assert ["done"] * 8 == racers.race(racers.migrate_at_once, empty_url)
    assert [] == differences(open_database(empty_url))


def test_rows_of_the_first_version_are_read_by_this_one(empty_url, open_database, clock):
    """An upgrade must not lose what was paid."""
    database = open_database(empty_url)
    migrate(database, to=FIRST)
    row = purchase(1, state=PurchaseState.PAID, cost_microusd=PRICE)
    with database.write() as connection:
        columns = {column["name"] for column in sa.inspect(connection).get_columns("purchases")}
        assert "decision" not in columns
        old = {name: value for name, value in row.model_dump().items() if name in columns}
        connection.execute(sa.insert(purchases).values(old | {"counted": []}))
    migrate(database)

    assert row == SqlLedger(database, clock).find(key(1))
    assert [] == differences(database)


def test_a_newer_schema_is_refused_with_what_to_do(database):
    """An older program on newer tables could write down half of what it should."""
    with database.write() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '0999'"))

    with pytest.raises(ConfigError, match=r"^database\.url: .* newer version \(schema 0999\); install that version"):
        migrate(database)
    assert version(database) == "0999"
