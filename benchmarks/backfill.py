"""A backfill of many products: planning, deciding, asking how far it is, and how busy it keeps a provider.

    python -m benchmarks.backfill --products 10000

The store is the sandbox, in a process of its own. For the throughput, pictures come from a provider that takes two
seconds and draws nothing, so that this machine measures the app and not the drawing.
"""

import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import httpx

ROOT = Path(__file__).parents[1]
LATENCY_S = 2.0
SHOP = "bench.myshopify.com"
TYPES = ("Table lamps", "Side tables", "Mugs", "Backpacks", "T-Shirts")
DESCRIPTION = "<p>Solid oak, oiled by hand in our workshop. 45 cm high, 40 cm wide. Ships within three days.</p>"
SETTINGS = """\
[app]
data_dir = "{folder}"
[database]
url = "{database}"
[shopify]
client_id = "sandbox-client-id"
client_secret = "sandbox-client-secret"
base_url = "{sandbox}/shops/{{shop}}"
[provider.getimg]
api_key = "sandbox-key"
base_url = "{sandbox}/images-api"
requests_per_minute = 6000
concurrency = {concurrency}
[budget]
per_day_usd = 100000
per_month_usd = 100000
all_per_day_usd = 100000
all_per_month_usd = 100000
"""


@click.command()
@click.option("--products", default=10_000, show_default=True)
@click.option("--busy", default=1000, show_default=True, help="Products of the throughput run; 0 leaves it out.")
@click.option("--workers", default=(1, 2), show_default=True, multiple=True, help="Worker processes of such a run.")
@click.option("--concurrency", default=32, show_default=True)
@click.option("--database", default="", help="A PostgreSQL URL instead of SQLite; give one worker count with it.")
def main(products, busy, workers, concurrency, database):
    """Measure, and print lines in Markdown."""
    print(f"{machine()}\n")
    with town(products, concurrency, database) as folder:
        deciding(folder, planning(folder, products))
    for count in workers if busy else ():
        with town(busy, concurrency, database) as folder:
            throughput(folder, busy, concurrency, count)


@contextlib.contextmanager
def town(products, concurrency, database):
    """A store with so many products, and a house that knows it; its folder. *database*: "" for SQLite in there."""
    with tempfile.TemporaryDirectory(prefix="imagegen-benchmark-") as name, sandbox(products) as address:
        folder = Path(name)
        url = database or f"sqlite:///{folder}/imagegen.db"
        text = SETTINGS.format(folder=folder, database=url, sandbox=address, concurrency=concurrency)
        (folder / "config.toml").write_text(text)
        run(folder, "shops", "add", SHOP)
        yield folder


def planning(folder, products):
    """`backfill plan` as a merchant runs it: its time and its memory."""
    seconds, rss_mb, out = measured(folder, "backfill", "plan", "--json")
    found = json.loads(out)
    print(f"- planning {found['products'] + found['skipped']:,} products: {seconds:.1f} s, {rss_mb:.0f} MB at most")
    size = sum(file.stat().st_size for file in folder.glob("imagegen.db*")) / 1e6
    print(f"- the frozen plan: {found['pictures']:,} pictures with their words, {size:.0f} MB of database")
    return found["id"]


def deciding(folder, plan_id):
    """Each decision as a command of its own; most of its time is Python's start."""
    usual = measured(folder, "backfill", "list", "--json")[0]
    for command in (("start", plan_id, "--yes"), ("status", plan_id), ("pause", plan_id), ("cancel", plan_id)):
        seconds = measured(folder, "backfill", *command, "--json")[0]
        print(f"- `backfill {command[0]}`: {seconds:.1f} s, of which {usual:.1f} s any command takes")


def throughput(folder, products, concurrency, workers):
    """Products through worker processes, beside the time that the provider alone needs."""
    house = quick_house(folder)
    made = house.backfills.create(SHOP, "status:active", by="benchmark", most=products)
    found = house.survey.plan(made.id)
    with running_workers("benchmarks.quick_worker", folder, house, workers) as processes:
        began, cpu_began = time.monotonic(), cpu_s(processes)
        house.backfills.start(found.id)
        asked, bought = [], []
        while house.backfills.find(found.id).state == "running":
            asked.append(timed(lambda: bought.append((time.monotonic(), house.backfills.progress(found.id).bought))))
            time.sleep(0.5)
        seconds = time.monotonic() - began
        cpu_ms = (cpu_s(processes) - cpu_began) * 1000 / found.pictures
    ideal, rate = found.pictures * LATENCY_S / concurrency, found.pictures / seconds
    print(
        f"- {workers} workers, {found.pictures} pictures of {LATENCY_S:g} s at {concurrency} at once: {seconds:.1f} s,"
        f" ideal {ideal:.1f} s ({ideal / seconds:.0%}); {rate:.1f} pictures/s, {cpu_ms:.0f} ms of CPU a picture"
    )
    middle = steady(bought, found.pictures) * LATENCY_S / concurrency
    print(f"- between the first tenth of them and the last: {middle:.0%} of the ideal")
    asked.sort()
    print(f"- asking how far it is: {asked[len(asked) // 2] * 1000:.0f} ms median, {asked[-1] * 1000:.0f} at most")


def steady(bought, pictures):
    """Pictures a second, the start and the end of the run left out."""
    middle = [(at, count) for at, count in bought if 0.1 * pictures <= count <= 0.9 * pictures]
    (first_at, first), (last_at, last) = middle[0], middle[-1]
    return (last - first) / (last_at - first_at)


@contextlib.contextmanager
def running_workers(module, folder, house, count):
    """So many worker processes, all of them alive."""
    commands = [[sys.executable, "-m", module, str(folder), str(core)] for core in range(count)]
    processes = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    try:
        while house.workers.alive() < count:
            assert all(process.poll() is None for process in processes), "a worker did not start"
            time.sleep(0.2)
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def cpu_s(processes):
    """What the processes have used so far; Linux only."""
    stats = [Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split() for process in processes]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def quick_house(folder, *, latency_s=LATENCY_S, mixed_in=()):
    """The house with a provider that only takes its time.

    Args:
        mixed_in: classes whose parts go before the house's own.
    """
    from shopify_imagegen.models import Rendering
    from shopify_imagegen.settings import load
    from shopify_imagegen.wiring import House
    from tests.fakes import scene

    class Slow:
        name, max_references, max_prompt_chars = "slow", 4, 4096

        def render(self, brief, references, *, on_receipt):
            time.sleep(latency_s)
            image = pictures[hash(brief.key) % len(pictures)]
            return Rendering(image=image, mime="image/jpeg", cost_microusd=60_000, request_id=brief.key)

        def quote(self, resolution):
            return None

        def balance(self):
            return None

    pictures = [scene()]

    class Quick(*mixed_in, House):
        provider = Slow()

    return Quick(load(folder / "config.toml"))


def timed(do):
    began = time.monotonic()
    do()
    return time.monotonic() - began


def run(folder, *arguments):
    return measured(folder, *arguments)[2]


def measured(folder, *arguments):
    """(seconds, MB at most, standard output) of a command."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("IMAGEGEN")}
    env["IMAGEGEN_CONFIG"] = str(folder / "config.toml")
    with (folder / "out").open("w+") as out:
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "shopify_imagegen", *arguments], env=env, cwd=ROOT, stdout=out
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        assert status == 0, arguments
        out.seek(0)
        return seconds, usage.ru_maxrss / 1024, out.read()


@contextlib.contextmanager
def sandbox(products, *, media_s=0.05):
    """A store with so many products, in a process of its own, that takes so long for a picture; its address."""
    command = [sys.executable, "-m", "benchmarks.store", str(products), str(media_s)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().strip()
        httpx.get(f"{address}/sandbox/api/bill", timeout=30).raise_for_status()
        yield address
    finally:
        process.terminate()
        process.wait()


def machine():
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} before"


if __name__ == "__main__":
    main()
