"""A thousand shops ask no more questions of the database than one does: the worker's loop is the same length."""

import pytest
import sqlalchemy as sa

from benchmarks.shops import NOW, Shopify, domain, fill
from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.reconcile import SHOPS_A_RUN
from shopify_imagegen.settings import parse
from shopify_imagegen.wiring import House

FEW, MANY = 2, 40
ASKED = {
    "what waits": lambda house: house.inbox.waiting(100),
    "what is due": lambda house: house.watch.due(NOW, 100),
    "find a shop": lambda house: house.shops.find(domain(1)),
    "settings of a shop": lambda house: house.tailor.current(domain(1)),
    "whose turn it is, when it is nobody's": lambda house: house.sweep.run_once(),
    "how far each sweep is": lambda house: house.sweep.lags(),
    "every number of /metrics": lambda house: house.readings(),
    "is it ready": lambda house: house.ready(),
}


@pytest.fixture(scope="module")
def statements(tmp_path_factory):
    """How many statements each question takes, with few shops and with many."""
    folder = tmp_path_factory.mktemp("shops")
    places = {"DATABASE__URL": f"sqlite:///{folder}/imagegen.db", "APP__DATA_DIR": str(folder)}
    house = House(parse("", {f"IMAGEGEN__{key}": value for key, value in places.items()}))
    house.__dict__["shopify"] = Shopify()
    migrate(house.database)
    seen = []
    sa.event.listen(house.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    counted = []
    for start, end in ((0, FEW), (FEW, MANY)):
        fill(house.database, range(start, end))
        for _ in range(MANY // SHOPS_A_RUN + 1):
            Shopify.reads.append(0)
            house.sweep.run_once()  # until everybody had a turn
        counted.append({name: taken(seen, lambda ask=ask: ask(house)) for name, ask in ASKED.items()})
    yield counted
    house.database.close()


def taken(seen, ask):
    before = len(seen)
    ask()
    return len(seen) - before


def test_no_question_is_asked_once_for_each_shop(statements):
    """What grows with the number of shops stops at some number of shops."""
    few, many = statements

    assert few == many
    assert all(many.values())


def test_a_turn_of_the_sweep_reads_so_many_shops_and_no_more(statements):
    """A worker that has a thousand shops to sweep still hears the next webhook within seconds."""
    assert SHOPS_A_RUN == max(Shopify.reads) <= 10
