"""The database stays as large as the work that is going on."""

from datetime import UTC, datetime, timedelta

from shopify_imagegen.prune import Prune

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Shelf:
    """Remembers up to which moment it was asked to drop what."""

    def __init__(self):
        self.asked = {}

    def __getattr__(self, name):
        def drop(before):
            self.asked[name] = NOW - before
            return 3

        return drop


def test_each_kind_of_row_is_kept_for_its_time():
    """Deliveries answer repeats for a month, bytes and workflows a week, heartbeats a day; plans are kept a quarter."""
    shelf, engine = Shelf(), Shelf()

    pruned = Prune(rows=shelf, workflows=engine, clock=lambda: NOW).run()

    kept = {"deliveries": 30, "spool": 7, "heartbeats": 1, "settings": 365, "plans": 90, "words": 90}
    assert {name: timedelta(days=days) for name, days in kept.items()} == shelf.asked
    assert {"prune": timedelta(days=7)} == engine.asked
    dropped = ("deliveries", "pictures", "heartbeats", "settings", "plans", "words", "workflows")
    assert dict.fromkeys(dropped, 3) == pruned.model_dump()


def test_without_an_engine_its_workflows_stay():
    """The command line prunes our tables; the engine's are its worker's."""
    assert 0 == Prune(rows=Shelf(), workflows=None, clock=lambda: NOW).run().workflows
