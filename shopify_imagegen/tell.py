"""What the command line prints: words and tables for people, one JSON document for machines."""

from __future__ import annotations

import contextlib
import json
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from shopify_imagegen.budget import dollars
from shopify_imagegen.counts import counted
from shopify_imagegen.models import Brief, Image, Job, Plan, Skip

COPIED = {"id", "key", "image", "domain"}
EASY = 32  # characters of a column that can be read without stumbling

console = Console()
progress = Console(stderr=True)


def document(content: Mapping[str, Any], words: str, as_json: bool) -> None:
    """The same thing said twice: as JSON, or in words."""
    print(json.dumps(content, ensure_ascii=False, indent=2) if as_json else words)


def rows(content: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str) -> None:
    """Some columns as a table, or one below the other where the terminal is too narrow; all of it as JSON."""
    if as_json:
        print(json.dumps(list(content), ensure_ascii=False, indent=2))
    elif not content:
        print(empty)
    else:
        cells = [[_cell(column, row[column]) for column in columns] for row in content]
        (_table if _width(columns, cells) <= console.width else _stack)(columns, cells)


def _width(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """What a table needs to be read with ease: what is copied whole, of anything else a few words a line."""
    longest = [max(map(len, (name, *column))) for name, column in zip(columns, zip(*cells, strict=True), strict=True)]
    needed = [each if name in COPIED else min(each, EASY) for name, each in zip(columns, longest, strict=True)]
    return sum(each + 3 for each in needed) + 1  # a border and two spaces a column


def _table(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    table = Table()
    for column in columns:  # what somebody will copy stays whole
        table.add_column(Text(_title(column)), overflow="fold", no_wrap=column in COPIED)
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)


def _stack(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    """The first column as a heading, short facts in one line, a long one in a line of its own."""
    for row in cells:
        facts = [f"{_title(name)}: {cell}" for name, cell in zip(columns[1:], row[1:], strict=True) if cell]
        short = ", ".join(fact for fact in facts if len(fact) <= EASY)
        console.print(row[0], style="bold", markup=False, highlight=False, soft_wrap=True)
        for line in (short, *(fact for fact in facts if len(fact) > EASY)):
            console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))


def _title(column: str) -> str:
    return column.replace("_", " ")


def _cell(column: str, value: object) -> str:
    """A moment to the minute, UTC; everything else as it is.

    >>> _cell("installed_at", "2026-11-23T01:50:57.589261Z")
    '2026-11-23 01:50'
    """
    return _moment(value) if column.endswith("_at") else str(value)


def _moment(value: object) -> str:
    return str(value)[:16].replace("T", " ")


def jobs(content: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """A line or two for each job: its id whole, to be copied, and what became of it below, as long as it takes."""
    if as_json or not content:
        return rows(content, (), as_json=as_json, empty="No job yet.")
    for row in content:
        begun = f"{row['trigger']}, {_moment(row['created_at'])}"
        said = [f"{row['product_title']} ({begun}): {row['state']}", row["reason"]]
        words = ". ".join(each for each in said if each)
        console.print(str(row["id"]), style="bold", markup=False, highlight=False, soft_wrap=True)
        console.print(Padding(Text(words), (0, 0, 0, 2), expand=False))


def plan(decision: Plan | Skip, *, as_json: bool) -> None:
    """What would be made, or why nothing would."""
    if as_json:
        print(decision.model_dump_json(indent=2))
    elif isinstance(decision, Skip):
        print(f"{decision.product_title or decision.product_id}: no pictures ({decision.why}).\n{decision.reason}")
    else:
        count, price = counted(len(decision.briefs), "picture"), dollars(decision.price_microusd)
        print(f"{decision.product_title}\n{count}, {price} in all.")
        for note in decision.notes:
            print(f"  note: {note}")
        for brief in decision.briefs:
            print(f"\n{_picture(brief)}")


def _picture(brief: Brief) -> str:
    first = f"Picture {brief.slot + 1}: {brief.scene_title} ({brief.scene}), {dollars(brief.price_microusd)}"
    facts = [
        f"{brief.model}, {brief.aspect_ratio}, {brief.resolution}, {brief.output_format}",
        f"file  {brief.file_name}",
        f"alt   {brief.alt}",
        *(f"photo {reference.media_id}" for reference in brief.references),
        *([f"style {brief.style_image.media_id}"] if brief.style_image else []),
    ]
    words = textwrap.indent(brief.prompt, "    ")
    return "\n".join([first, *(f"  {fact}" for fact in facts), "  words", words])


def job(done: Job, images: Sequence[Image], *, as_json: bool) -> None:
    """Where a job stands, with its pictures."""
    if as_json:
        pictures = [image.model_dump(mode="json") for image in images]
        print(json.dumps(done.model_dump(mode="json") | {"images": pictures}, ensure_ascii=False, indent=2))
        return
    print(f"{done.product_title}: {done.state}. {done.reason}")
    for image in images:
        print(f"  {image.brief.scene_title}: {image.state}{'. ' + image.reason if image.reason else ''}")


def image(found: Image) -> str:
    """One picture, for people."""
    made = f"{found.state}{'. ' + found.reason if found.reason else ''}"
    size = f"{found.width_px} x {found.height_px} px" if found.width_px else "not inspected yet"
    newer = [f"in the place of {found.brief.replaces}"] if found.brief.replaces else []
    facts = [found.id, made, size, f"generation {found.brief.generation}", *newer]
    return "\n".join([*facts, _picture(found.brief)])


@contextlib.contextmanager
def waiting(words: str, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """A line that moves while something takes its time; on standard error, so that output stays clean."""
    if quiet or not progress.is_terminal:
        yield lambda _words: None
        return
    with progress.status(words) as status:
        yield status.update


@contextlib.contextmanager
def counting(words: str, *, quiet: bool) -> Iterator[Callable[[int, int | None], None]]:
    """A bar for what takes more than a moment: told how many are done, and of how many."""
    if quiet or not progress.is_terminal:
        yield lambda _done, _of: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=progress, transient=True) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def image_row(image: Image) -> dict[str, Any]:
    """A picture without its prompt and references."""
    row = image.model_dump(mode="json", exclude={"brief"})
    return row | {"scene": image.brief.scene, "alt": image.brief.alt, "file_name": image.brief.file_name}
