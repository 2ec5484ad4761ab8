"""What other processes do in the tests. Each opens its own database, as a worker does."""

import multiprocessing
import os
import signal
import threading
from datetime import UTC, datetime

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.inbox import SqlInbox
from shopify_imagegen.adapters.database.leases import leases
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.errors import Conflict
from shopify_imagegen.models import Arrival, ProductChanged

from .story import LAMP, NOW, OTHER_SHOP, PRICE, SHOP, ceilings, key, purchase, rendering

PROCESSES = 8
LIMIT_S = 60
context = multiprocessing.get_context("forkserver")  # real processes, without our connections and threads
context.set_forkserver_preload(["pytest", __name__])


def race(runner, url, *args):
    """Let eight processes run *runner* at the same moment; what each returned."""
    start, results = context.Barrier(PROCESSES), context.Queue()
    processes = [
        context.Process(target=_run, args=(runner, url, start, results, number, *args)) for number in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    found = [results.get(timeout=LIMIT_S) for _ in processes]
    for process in processes:
        process.join(LIMIT_S)
    assert [0] * PROCESSES == [process.exitcode for process in processes]
    return found


def alone(runner, url, *args):
    """One other process, started; it says something through the pipe when it is where the test wants it."""
    ours, theirs = context.Pipe()
    process = context.Process(target=runner, args=(url, theirs, *args), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _run(runner, url, start, results, number, *args):
    database = Database(url)
    try:
        start.wait(LIMIT_S)
        results.put(runner(database, number, *args))
    except Exception as error:
        results.put(repr(error))
        raise
    finally:
        database.close()


def buy_five(database, number, limits):
    """Try to reserve five purchases of our own; how many were granted."""
    ledger = SqlLedger(database, lambda: datetime.now(UTC))
    shop = (SHOP, OTHER_SHOP)[number % 2]
    wanted = [purchase(10 * number + each, shop=shop) for each in range(5)]
    return sum(ledger.reserve(each, ceilings(shop, **limits)) is None for each in wanted)


def buy_the_same(database, number):
    """Go for one key, to the point where the paid call would leave."""
    ledger = SqlLedger(database, lambda: datetime.now(UTC))
    try:
        ledger.reserve(purchase(1), ceilings())
        ledger.sent(key(1))
    except Conflict:
        return "lost"
    return "won"


def send_the_same(database, number):
    """Several workers find one reserved row, as after a takeover from a living worker."""
    ledger = SqlLedger(database, lambda: datetime.now(UTC))
    try:
        ledger.sent(key(1))
    except Conflict:
        return "lost"
    return "won"


def arrival(number):
    return Arrival(
        id=f"delivery-{number}",
        source="webhook",
        topic="products/update",
        shop=SHOP,
        triggered_at=NOW,
        intent=ProductChanged(product_id=LAMP, created=False),
    )


def record_the_same(database, number):
    """Record ten deliveries from three threads, as a web process does; how many were new to us."""
    inbox = SqlInbox(database, lambda: datetime.now(UTC))
    new = []

    def record():
        new.extend(each for each in range(10) if inbox.record(arrival(each)))

    threads = [threading.Thread(target=record) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(new)


def migrate_at_once(database, number):
    migrate(database)
    return "done"


class DiesBeforeTheBytes(SqlLedger):
    def _keep(self, connection, key, image):
        os.kill(os.getpid(), signal.SIGKILL)


class DiesBeforeTheCommit(SqlLedger):
    def _keep(self, connection, key, image):
        super()._keep(connection, key, image)
        os.kill(os.getpid(), signal.SIGKILL)


class DiesAfterTheCommit(SqlLedger):
    def paid(self, key, rendering, *, spare_microusd):
        super().paid(key, rendering, spare_microusd=spare_microusd)
        os.kill(os.getpid(), signal.SIGKILL)


def pay_and_die(url, pipe, dying):
    ledger = dying(Database(url), lambda: datetime.now(UTC))
    ledger.reserve(purchase(1), ceilings())
    ledger.sent(key(1))
    ledger.paid(key(1), rendering(), spare_microusd=PRICE)


def hold_a_lease(url, pipe, worker_id):
    leases(Database(url)).hold(worker_id)
    pipe.send("held")
    pipe.recv()  # until the test kills us


def record_and_die(url, pipe):
    """Say that a delivery is recorded, and die as soon as it is."""
    SqlInbox(Database(url), lambda: datetime.now(UTC)).record(arrival(1))
    os.kill(os.getpid(), signal.SIGKILL)
