"""kill -9 the web role: Shopify repeats what it got no answer to, and nothing is lost or done twice."""

import contextlib
import os
import signal

import pytest

from tests.crash import matrix
from tests.crash.diary import Moment
from tests.end_to_end.house import wait_for

ROUNDS, PRODUCTS = 3, 5
WORKER_DIES = (
    Moment("inbox.done", "before", 1, in_step=False),
    Moment("engine.look", "after", 1, in_step=False),
    Moment("ledger.sold", "before"),
    Moment("media.attach", "after", 2),
    Moment("jobs.move_image", "after", 1),
)


def end(process, *, with_children):
    """kill -9, the server's own processes too if the whole machine went; else they notice, and end by themselves."""
    number = process.pid
    if with_children:
        os.killpg(number, signal.SIGKILL)
    else:
        process.kill()
    process.wait(30)
    wait_for(lambda: not is_in_use(number), 30, "the end of the server's own processes")


def is_in_use(group):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, 0)
        return True
    return False


def test_no_delivery_is_lost_when_the_web_role_is_killed(yard):
    """Between deliveries, in the middle of one, and just after the commit and before the answer: who knows."""
    life = yard.life()
    try:
        made = []
        for round_number in range(ROUNDS):
            web = life.web()
            made += [life.add_product(announce=True) for _ in range(PRODUCTS)]
            end(web, with_children=bool(round_number % 2))
        life.web()
        wait_for(lambda: not life.undelivered(), 60, life.undelivered)

        heard = [row.id for row in life.rows("select id from deliveries")]
        sent = {each.webhook_id for each in yard.sandbox.store.webhooks.deliveries.values() if each.shop == life.shop}
        assert sorted(sent) == sorted(heard)
        assert 2 * len(made) == len(heard)
    finally:
        life.close()


@pytest.mark.timeout(300)
def test_a_worker_may_die_beside_the_real_web_role(yard):
    """As in the matrix, with real webhooks: also the echoes of what we publish, which come in while nobody works."""

    def die(nursery, moment):
        life = yard.life()
        try:
            life.web()
            product = life.add_product(announce=True)
            death = matrix.died(life, nursery, product, moment)
            wait_for(lambda: not life.undelivered(), 60, life.undelivered)
            life.until_done(product)
            return death and (death.outcome, life.seen(product) in death.right)
        finally:
            life.close()

    found = list(yard.side_by_side(die, WORKER_DIES))

    whole, in_doubt = ("published", True), ("1 published, 1 unknown (charged)", True)
    assert [whole, whole, in_doubt, whole, whole] == found
