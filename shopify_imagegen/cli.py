"""The command line: short commands over the house, and what it exits with.

0: done. 1: understood, and it could not be done: there is no such store or plan, it runs already, no budget is left.
2: wrong usage, or wrong settings; the message names the word or the key. What is usage is for click's parameters to say
(`commands/values.py` has ours), and for `UsageError` where several of them do not go together.
"""

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

FAILED, USAGE = 1, 2


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
    """Run the command line: whatever goes wrong becomes one message, and an exit code."""
    try:
        sys.exit(cli.main(prog_name="shopify-imagegen", standalone_mode=False))
    except click.Abort:
        fail("Aborted!", code=FAILED)
    except click.ClickException as error:
        error.show()
        fail(error.format_message(), code=error.exit_code, is_said=True)
    except ConfigError as error:
        fail(f"Settings: {error}", code=USAGE)
    except ImagegenError as error:
        fail(f"Error: {error}", code=FAILED)


def fail(words: str, *, code: int, is_said: bool = False) -> None:
    """Say it on standard error; to a machine that asked for JSON, there too."""
    if "--json" in sys.argv:
        print(json.dumps({"error": words}, ensure_ascii=False))
    if not is_said:
        click.echo(words, err=True)
    sys.exit(code)
