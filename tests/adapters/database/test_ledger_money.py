"""Whatever happens in whatever order, the budgets say what the purchases add up to."""

import contextlib

import hypothesis
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shopify_imagegen.adapters.database.decisions import SqlDecisions
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.tables import metadata
from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import PurchaseState

from .story import OTHER_SHOP, SHOP, ceilings, committed, counted, key, purchase, receipt, rendering

LIMITS = {"day": 4, "month": 7, "all_day": 6, "all_month": 9}
numbers = st.integers(0, 5)
prices = st.integers(0, 3)


class Books(RuleBasedStateMachine):
    """Few keys, two shops, small money: so that everything meets everything."""

    database = None
    clock = None

    def __init__(self):
        super().__init__()
        with self.database.write() as connection:
            for table in metadata.sorted_tables:
                connection.execute(sa.delete(table))
        self.ledger = SqlLedger(self.database, self.clock)
        self.decisions = SqlDecisions(self.database, self.clock)

    @rule(number=numbers, price=prices)
    def reserve(self, number, price):
        shop = (SHOP, OTHER_SHOP)[number % 2]
        with contextlib.suppress(Conflict):
            self.ledger.reserve(purchase(number, shop=shop, reserved_microusd=price), ceilings(shop, **LIMITS))

    @rule(number=numbers, action=st.sampled_from(["sent", "not_begun"]))
    def step(self, number, action):
        with contextlib.suppress(Conflict, NotFound):
            getattr(self.ledger, action)(key(number))

    @rule(number=numbers, action=st.sampled_from(["lost", "refused", "unknown"]))
    def settle(self, number, action):
        with contextlib.suppress(Conflict, NotFound):
            getattr(self.ledger, action)(key(number), "because")

    @rule(number=numbers)
    def sold(self, number):
        with contextlib.suppress(Conflict, NotFound):
            self.ledger.sold(key(number), receipt(cost=None))

    @rule(number=numbers, cheaper_by=prices)
    def paid(self, number, cheaper_by):
        """At most what was reserved: a provider that charges more, or after all, has a test of its own."""
        found = self.ledger.find(key(number))
        if found and found.state != PurchaseState.REFUSED:
            cost = max(0, found.reserved_microusd - cheaper_by)
            self.ledger.paid(key(number), rendering(cost=cost), spare_microusd=0)

    @rule(number=numbers, action=st.sampled_from(["write_off", "buy_again"]))
    def decide(self, number, action):
        with contextlib.suppress(Conflict, NotFound):
            getattr(self.decisions, action)(key(number), by="ana")

    @invariant()
    def the_budgets_say_what_the_purchases_add_up_to(self):
        assert counted(self.database) == committed(self.database)

    @invariant()
    def no_ceiling_is_passed(self):
        spent = committed(self.database)
        for shop in (SHOP, OTHER_SHOP):
            for ceiling in ceilings(shop, **LIMITS):
                assert spent.get((ceiling.scope, ceiling.period), 0) <= ceiling.limit_microusd


def test_money_is_conserved(database, clock):
    """A micro-dollar that leaves the books is a picture bought for nothing, or a budget that shrinks by itself."""
    machine = type("Books", (Books,), {"database": database, "clock": clock})
    settings = hypothesis.settings(
        max_examples=25, stateful_step_count=25, deadline=None, database=None, derandomize=True
    )

    run_state_machine_as_test(machine, settings=settings)
