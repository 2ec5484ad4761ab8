"""The command line: short commands over the house. Exit codes: 0 done, 1 failed, 2 usage."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from shopify_imagegen.commands import (
    backfill,
    checks,
    hooks,
    money,
    own_settings,
    pictures,
    reviews,
    roles,
    shed,
    stores,
    undo,
    upkeep,
)
from shopify_imagegen.errors import ConfigError, ImagegenError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--config", type=click.Path(path_type=Path), help="Settings file instead of config.toml.")
@click.version_option(package_name="shopify-imagegen")
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """Lifestyle photos on new Shopify listings: bought once, within budget, reversible."""
    context.obj = config


COMMANDS = (
    *(roles.serve, roles.web, roles.worker),
    *(checks.doctor, stores.shops, hooks.webhooks),
    *(pictures.preview, pictures.generate, pictures.jobs, reviews.review, undo.rollback, money.spend),
    *(upkeep.held, upkeep.audit, upkeep.prune, upkeep.migrate, upkeep.key),
    backfill.backfill,
    *(shed.sandbox, shed.demo),
)
stores.shops.add_command(own_settings.settings)
for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Run the command line; our own errors become one line and exit code 1, settings' problems exit code 2."""
    try:
        cli(prog_name="shopify-imagegen")
    except ConfigError as error:
        fail(f"Settings: {error}", code=2)
    except ImagegenError as error:
        fail(f"Error: {error}", code=1)


def fail(words: str, *, code: int) -> None:
    """Say it on standard error; to a machine that asked for JSON, there too."""
    if "--json" in sys.argv:
        print(json.dumps({"error": words}, ensure_ascii=False))
    click.echo(words, err=True)
    sys.exit(code)
