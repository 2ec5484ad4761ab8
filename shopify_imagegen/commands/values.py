"""Values of the command line with a grammar of their own: what is not understood is wrong usage (exit code 2).

Ids and handles are not checked here: whether there is such a thing is for the house to say (exit code 1).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import click

from shopify_imagegen.backfills.hours import hours
from shopify_imagegen.backfills.where import where
from shopify_imagegen.budget import amount_usd
from shopify_imagegen.errors import BadInput

T = TypeVar("T")
DOMAIN_LOOK = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")


class Checked(click.ParamType[T]):
    """A value that *read* understands, or raises BadInput about."""

    def __init__(self, name: str, read: Callable[[str], T]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> T:
        try:
            return self._read(str(value))
        except BadInput as error:
            self.fail(str(error), param, ctx)


def domain(given: str) -> str:
    """A store's own domain; what people paste from the browser is fine. Secrets are sent there.

    >>> domain("https://Nice-Lamps.myshopify.com/admin")
    'nice-lamps.myshopify.com'

    Raises:
        BadInput: it is another one.
    """
    found = given.strip().lower().removeprefix("https://").partition("/")[0]
    if not DOMAIN_LOOK.fullmatch(found):
        raise BadInput(f"{given!r}: a store's domain looks like nice-lamps.myshopify.com")
    return found


DOMAIN = Checked("domain", domain)
QUERY = Checked("query", lambda text: where(text).text)
HOURS = Checked("hours", hours)
USD = Checked("dollars", amount_usd)
