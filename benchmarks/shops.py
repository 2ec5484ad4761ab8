"""What a worker and a page ask of the database, with 10 shops and with a thousand, on one PostgreSQL.

    python -m benchmarks.shops

Every shop has watched products, webhooks that were handled, pictures and purchases. PostgreSQL is the server of
DATABASE_URL (an empty database), else one of its own. Times are medians; read how they grow.
"""

import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import sqlalchemy as sa

from benchmarks.webhooks import machine, postgres
from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.adapters.database.tables import deliveries, purchases, shops, watched
from shopify_imagegen.models import Arrival, Page, ProductChanged
from shopify_imagegen.settings import parse
from shopify_imagegen.wiring import House

NOW = datetime.now(UTC)
PRODUCTS, WEBHOOKS = 100, 50  # of each shop
TIMES = 15
BATCH = 100


@click.command()
@click.option("--few", default=10, show_default=True)
@click.option("--many", default=1000, show_default=True)
def main(few, many):
    """Print the table for docs/performance.md."""
    with tempfile.TemporaryDirectory() as folder, postgres(Path(folder)) as url:
        env = {"IMAGEGEN__DATABASE__URL": url, "IMAGEGEN__APP__DATA_DIR": folder}
        house = House(parse("", env))
        house.__dict__["shopify"] = Shopify()
        migrate(house.database)
        first = measured(house, 0, few)
        second = measured(house, few, many)
        house.database.close()
    print(f"| what is asked | {few} shops | {many:,} shops |\n|---|---|---|")
    for name in first:
        print(f"| {name} | {first[name]:.1f} ms | {second[name]:.1f} ms |")
    print(f"\nmedians of {TIMES}; {machine()}")


class Shopify:
    """Answers at once that nothing has changed: our own work is measured, not Shopify's."""

    reads = [0]  # noqa: RUF012  (pages that were asked for, by turn)

    @property
    def catalog(self):
        return self

    def changed(self, shop, since, *, after, limit):
        self.reads[-1] += 1
        return Page(products=(), after=None)


def measured(house, start, end):
    fill(house.database, range(start, end))
    asked = {
        "dispatcher: what waits": lambda: house.inbox.waiting(BATCH),
        "dispatcher: what is due": lambda: house.watch.due(NOW, BATCH),
        "web: record a webhook": lambda: house.inbox.record(arrival()),
        "any stage: find its shop": lambda: house.shops.find(domain(end // 2)),
        "any stage: its shop's settings": lambda: house.tailor.current(domain(end // 2)),
        "sweep: one turn of a worker": house.sweep.run_once,
        "spending of a shop this month": lambda: house.spending.total(f"{NOW:%Y-%m}", shop=domain(end // 2)),
        "/readyz": house.ready,
        "/metrics": house.readings,
    }
    return {name: took_ms(ask) for name, ask in asked.items()}


def took_ms(ask):
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def domain(number):
    return f"shop-{number:04}.myshopify.com"


def arrival():
    intent = ProductChanged(product_id="gid://shopify/Product/1", created=False)
    return Arrival(id=f"b-{time.time_ns()}", source="webhook", topic="products/update", shop=domain(0), intent=intent)


def fill(database, numbers):
    domains = [domain(number) for number in numbers]
    with database.write() as connection:
        connection.execute(sa.insert(shops), [shop_row(each) for each in domains])
        for each in domains:
            connection.execute(sa.insert(watched), [watched_row(each, number) for number in range(PRODUCTS)])
            connection.execute(sa.insert(deliveries), [delivery_row(each, number) for number in range(WEBHOOKS)])
            connection.execute(sa.insert(purchases), [purchase_row(each, number) for number in range(PRODUCTS)])
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("analyze")


def shop_row(shop):
    return {"domain": shop, "state": "active", "grant": "static", "scopes": [], "installed_at": NOW}


def watched_row(shop, number):
    """Of a hundred products two are due."""
    due = NOW - timedelta(seconds=number) if number < 2 else None
    state = {"due_at": due, "revision": 1, "state": "published", "created_seen": True, "open": False}
    return {"shop": shop, "product_id": f"gid://shopify/Product/{number}", **state}


def delivery_row(shop, number):
    moment = NOW - timedelta(minutes=number)
    done = {"done_at": None if number == 0 else moment, "outcome": None if number == 0 else "handled"}
    intent = {"kind": "product_changed", "product_id": "gid://shopify/Product/1", "created": False}
    usual = {"id": f"{shop}-{number}", "source": "webhook", "topic": "products/update", "shop": shop, "intent": intent}
    return usual | {"received_at": moment, **done}


def purchase_row(shop, number):
    usual = {"key": f"{shop}-{number}", "shop": shop, "product_id": f"gid://shopify/Product/{number}", "state": "paid"}
    money = {"reserved_microusd": 60_000, "cost_microusd": 60_000, "day": f"{NOW:%Y-%m-%d}", "created_at": NOW}
    return usual | money | needed(purchases, usual | money)


def needed(table, given):
    """Something for the columns that must not be empty."""
    kinds = {sa.Text: "x", sa.Integer: 0, sa.BigInteger: 0, sa.Boolean: False}
    missing = [c for c in table.c if not c.nullable and c.name not in given and c.server_default is None]
    return {c.name: kinds.get(type(c.type), NOW if "Utc" in type(c.type).__name__ else "x") for c in missing}


if __name__ == "__main__":
    main()
