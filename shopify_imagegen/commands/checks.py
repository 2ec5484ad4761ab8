"""`doctor`: what works, what does not, and what to do about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import click

from shopify_imagegen import logs
from shopify_imagegen.checkup.finding import Finding, failed, summary, verdict
from shopify_imagegen.checkup.settings import NAME
from shopify_imagegen.commands.common import as_json, of_shop, settings_file
from shopify_imagegen.errors import ConfigError
from shopify_imagegen.settings import load
from shopify_imagegen.wiring import House

DATABASE_WAIT_S = 3.0
MARKS = {"ok": ("ok", "green"), "warning": ("look", "yellow"), "failed": ("FAILED", "red")}
MEND = "correct the settings; config.example.toml explains every key"


@click.command()
@of_shop
@as_json
def doctor(domain: str | None, as_json: bool) -> None:
    """Look at everything that must work, and say what to do.

    Changes nothing and costs nothing. Exit code 1 when something is broken.
    """
    found = []
    for each in _findings(domain):
        found.append(each)
        if not as_json:
            _say(each)
    if as_json:
        content = {"verdict": verdict(found), "checks": [each.model_dump() for each in found]}
        print(json.dumps(content, ensure_ascii=False, indent=2))
    else:
        click.echo(f"\n{summary(found)}")
    sys.exit(1 if verdict(found) == "failed" else 0)


def _findings(domain: str | None) -> Iterator[Finding]:
    try:
        settings = load(settings_file())
        logs.set_up("error", settings.app.log_format)
        house = House(settings, database_wait_s=DATABASE_WAIT_S)
        yield from house.doctor.findings(domain)
    except ConfigError as error:
        yield failed(NAME, str(error), MEND)


def _say(finding: Finding) -> None:
    mark, colour = MARKS[finding.state]
    subject = f"{finding.check} of {finding.about}" if finding.about else finding.check
    click.echo(f"{click.style(f'{mark:>6}', fg=colour)}  {subject}: {finding.said}")
    if finding.todo:
        click.echo(f"        → {finding.todo}")
