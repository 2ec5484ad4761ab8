"""A frozen plan for a merchant's browser or spreadsheet. Written line by line: any size."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, TextIO

from shopify_imagegen.budget import dollars
from shopify_imagegen.counts import counted
from shopify_imagegen.models import Backfill, Item

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#222}table{border-collapse:collapse}"
    "td,th{border-top:1px solid #ddd;padding:.5rem;text-align:left;vertical-align:top}"
    "img{width:140px;height:140px;object-fit:contain;background:#f6f6f6;margin-right:4px}"
    ".grid{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0;width:140px}figcaption{font-size:12px}"
    ".why{color:#8a4b00}"
)
PLAN_COLUMNS = ("number", "product_id", "title", "state", "why", "reason", "pictures", "price_usd", "scenes", "words")


def plan_csv(items: Iterable[Item]) -> Iterator[str]:
    """One line a product."""
    return table(PLAN_COLUMNS, map(_plan_row, items))


def plan_json(head: Mapping[str, Any], items: Iterable[Item]) -> Iterator[str]:
    """One document, with every word of every picture."""
    return json_list(head, "items", (item.model_dump_json() for item in items))


def table(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A file for a spreadsheet, line by line; nothing in it is run there."""
    lines = csv.writer(_Said())
    yield lines.writerow(columns)
    for row in rows:
        yield lines.writerow(map(harmless, row))


def json_list(head: Mapping[str, Any], name: str, rows: Iterable[str]) -> Iterator[str]:
    """*head* with one more key, a list that is written while it is read."""
    text = json.dumps(dict(head), ensure_ascii=False, indent=2)
    yield text.removesuffix("\n}") + f',\n  "{name}": ['
    for at, row in enumerate(rows):
        yield ("," if at else "") + "\n    " + row
    yield "\n  ]\n}\n"


def contact_sheet(backfill: Backfill, items: Iterable[Item], file: TextIO) -> int:
    """The photos that pictures are made from. Returns how many products."""
    count = 0
    begin(file, f"Photos of {backfill.id}", f"{counted(backfill.products, 'product')} of {backfill.shop}")
    file.write('<div class="grid">\n')
    for item in items:
        count += 1
        references = item.plan.briefs[0].references if item.plan and item.plan.briefs else ()
        photos = "".join(img(reference.url, item.product_title) for reference in references[:1])
        file.write(f"<figure>{photos}<figcaption>{link(backfill.shop, item)}<br>{counted(item.pictures, 'picture')}, "
                   f"{dollars(item.price_microusd)}</figcaption></figure>\n")  # fmt: skip
    file.write("</div>\n")
    end(file)
    return count


def usd(microusd: int) -> str:
    """
    >>> usd(60_000), usd(0)
    ('0.06', '0.00')
    """
    return dollars(microusd).replace("$", "").replace(",", "")


def admin_url(shop: str, product_id: str) -> str:
    """Where the merchant edits the product."""
    return f"https://{shop}/admin/products/{product_id.rpartition('/')[2]}"


def img(url: str, alt: str) -> str:
    """Only pictures from the web: a product's words may be anything."""
    return (
        f'<img src="{escape(url)}" alt="{escape(alt)}" loading="lazy">'
        if url.startswith(("https://", "http://"))
        else ""
    )


def link(shop: str, item: Item) -> str:
    return f'<a href="{escape(admin_url(shop, item.product_id))}">{escape(item.product_title or item.product_id)}</a>'


def harmless(value: object) -> object:
    """What begins like a formula is text for a spreadsheet: a product's title must not be run there."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value


class _Said:
    """Where a csv writer writes to: its `writerow` gives back what this does."""

    def write(self, text: str) -> str:
        return text


def _plan_row(item: Item) -> tuple[object, ...]:
    briefs = item.plan.briefs if item.plan else ()
    scenes = "; ".join(brief.scene for brief in briefs)
    words = "\n\n".join(brief.prompt for brief in briefs)
    first = (item.number, item.product_id, item.product_title, item.state, item.why, item.reason)
    return (*first, item.pictures, usd(item.price_microusd), scenes, words)


def begin(file: TextIO, title: str, words: str) -> None:
    file.write(f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
               f"<style>{STYLE}</style><h1>{escape(title)}</h1><p>{escape(words)}</p>\n")  # fmt: skip


def end(file: TextIO) -> None:
    file.write("</html>\n")
