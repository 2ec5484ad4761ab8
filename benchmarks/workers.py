"""How workers share a backfill on PostgreSQL, when Shopify's answers and not this machine take the time.

    python -m benchmarks.workers

Each answer of Shopify takes 300 ms, a picture is processed for a second, the provider answers at once. So a worker is
kept busy by the jobs that it runs at once, and this machine's cores are for the most part idle, as they should be.
"""

import contextlib
import tempfile
import time
from pathlib import Path

import click

from benchmarks.backfill import SETTINGS, SHOP, cpu_s, machine, quick_house, run, running_workers, sandbox
from tests.adapters.database.postgres import OwnPostgres, Postgres

CONCURRENCY = 3  # of paid calls, as is usual; a worker runs eight jobs of a backfill at once then


@click.command()
@click.option("--each", default=40, show_default=True, help="Products for each worker.")
@click.option("--database", default="", help="The URL of a PostgreSQL server; without it, one is started.")
@click.argument("workers", nargs=-1, type=int)
def main(each, database, workers):
    """Measure, and print lines in Markdown."""
    print(f"{machine()}\n")
    server = Postgres(database) if database else OwnPostgres()
    with contextlib.closing(server):
        rates = [(count, rate(server, count, each * count)) for count in workers or (1, 3)]
    for count, pictures_per_s in rates:
        print(f"- {count} workers: {pictures_per_s:.2f} pictures/s, {pictures_per_s / rates[0][1]:.2f} times the first")


def rate(server, count, products):
    """Pictures a second, from the start of a backfill to its end."""
    name = server.create()
    with tempfile.TemporaryDirectory() as folder, sandbox(products, media_s=1.0) as address:
        folder = Path(folder)
        text = SETTINGS.format(folder=folder, database=server.url(name), sandbox=address, concurrency=CONCURRENCY)
        (folder / "config.toml").write_text(text)
        run(folder, "shops", "add", SHOP)
        house = quick_house(folder, latency_s=0)
        found = house.survey.plan(house.backfills.create(SHOP, "status:active", by="benchmark", most=products).id)
        with running_workers("benchmarks.far_worker", folder, house, count) as processes:
            began, cpu_began = time.monotonic(), cpu_s(processes)
            house.backfills.start(found.id)
            while house.backfills.find(found.id).state == "running":
                time.sleep(0.5)
            seconds, busy_s = time.monotonic() - began, cpu_s(processes) - cpu_began
        house.database.close()
    print(f"- {count} workers, {found.pictures} pictures: {seconds:.0f} s, {busy_s / seconds:.2f} cores busy in them")
    return found.pictures / seconds


if __name__ == "__main__":
    main()
