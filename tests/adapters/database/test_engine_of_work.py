"""The engine's own database on SQLite: what it counts before it lets more run, nobody changes until it has."""

import sqlite3

import pytest

from shopify_imagegen.adapters.database.engines import make_engine_of_work


@pytest.mark.parametrize(("alone", "waits"), [(True, True), (False, False)], ids=["claiming", "anything else"])
def test_two_processes_do_not_count_at_the_same_moment(tmp_path, alone, waits):
    """Both would find room for one more, and a provider would get more calls at once than it allows."""
    engine = make_engine_of_work(f"sqlite:///{tmp_path}/engine.db", alone=lambda: alone)
    other = sqlite3.connect(tmp_path / "engine.db", timeout=0, isolation_level=None)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("select 1").all()
            assert waits == is_busy(other)
        assert not is_busy(other)
    finally:
        other.close()
        engine.dispose()


def is_busy(connection):
    """Whether somebody else may write now, so that this one would have to wait."""
    try:
        connection.execute("begin immediate")
    except sqlite3.OperationalError:
        return True
    connection.execute("rollback")
    return False
