"""`serve`, `web`, `worker`: the app as processes."""

from __future__ import annotations

import os

import click

from shopify_imagegen import processes, supervise
from shopify_imagegen.commands.common import opened, settings_file

WEB_STOPS_WITHIN_S = 10.0
MOST_WORKERS = 16

host_option = click.option("--host", default="127.0.0.1", show_default=True)
port_option = click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
workers_option = click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, MOST_WORKERS),
    help="Worker processes. One buys and publishes 10 pictures a second; a provider that sells more is worth a second.",
)
with_parent_option = click.option("--with-parent", is_flag=True, hidden=True)


@click.command()
@host_option
@port_option
@workers_option
@with_parent_option
def serve(host: str, port: int, workers: int, with_parent: bool) -> None:
    """Run web and worker together, on this machine."""
    if with_parent:
        processes.stop_with_parent()
    house = opened()  # problems of the settings are told once, here
    house.database.close()
    processes.check_port(host, port)
    config = ["--config", str(settings_file())] if settings_file() else []
    roles = {name: [*config, "worker", "--core", str(port + at)] for at, name in enumerate(_names(workers))}
    roles["web"] = [*config, "web", "--host", host, "--port", str(port)]
    if not with_parent:
        click.echo(f"shopify-imagegen on http://{host}:{port} (webhooks at /webhooks). Ctrl-C stops it.", err=True)
    supervise.run_together(roles, grace_s=house.settings.app.stop_within_s + WEB_STOPS_WITHIN_S)


@click.command()
@host_option
@port_option
@with_parent_option
def web(host: str, port: int, with_parent: bool) -> None:
    """Run the web role alone: take webhooks, answer at once."""
    opened(is_role=True).database.close()  # the server's own processes open it for themselves
    if file := settings_file():
        os.environ["IMAGEGEN_CONFIG"] = str(file.resolve())  # they have no command line
    processes.run_web(host, port, with_parent=with_parent)


@click.command()
@click.option("--core", type=click.IntRange(0), help="Keep to one core, the one of this number, counted round (Linux).")
@with_parent_option
def worker(core: int | None, with_parent: bool) -> None:
    """Run the worker role alone: plan, buy, publish."""
    if with_parent:
        processes.stop_with_parent()
    if core is not None:
        processes.keep_to_core(core)
    house = opened(is_role=True)
    processes.run_worker(house.worker(), grace_s=house.settings.app.stop_within_s)


def _names(workers: int) -> list[str]:
    """
    >>> _names(1), _names(2)
    (['worker'], ['worker 1', 'worker 2'])
    """
    return ["worker"] if workers == 1 else [f"worker {number}" for number in range(1, workers + 1)]
