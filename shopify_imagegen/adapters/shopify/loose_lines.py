"""Put a bulk operation's file together again: a product's photos may lie anywhere in it. On disk, so memory is bounded.

Since API 2026-01 children do not follow their parent; each names it in `__parentId` (read 2026-11-22).
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from shopify_imagegen.errors import Unavailable

AT_ONCE = 1000  # lines written together
TABLE = "create table line (at integer primary key, own text, parent text, content text)"
INDEX = "create index line_parent on line (parent, at)"
ROOTS = "select own, content from line where parent is null order by at"
CHILDREN = "select content from line where parent = ? order by at"

Found = dict[str, Any]


@contextlib.contextmanager
def together(lines: Iterable[str]) -> Iterator[Iterator[tuple[Found, list[Found]]]]:
    """Each object at the root, with its children in the order of the file.

    Raises:
        Unavailable: a line is not a JSON object.
    """
    with tempfile.TemporaryDirectory(prefix="imagegen-") as folder:
        connection = sqlite3.connect(f"{folder}/lines.db")
        with contextlib.closing(connection):
            connection.execute("pragma journal_mode=off")
            connection.execute("pragma synchronous=off")
            connection.execute(TABLE)
            _write(connection, lines)
            connection.execute(INDEX)
            yield _read(connection)


def _write(connection: sqlite3.Connection, lines: Iterable[str]) -> None:
    rows = []
    for line in lines:
        rows.append(_row(line))
        if len(rows) == AT_ONCE:
            _insert(connection, rows)
            rows = []
    _insert(connection, rows)


def _row(line: str) -> tuple[str | None, str | None, str]:
    try:
        found = json.loads(line)
        return found.get("id"), found.get("__parentId"), line
    except (ValueError, AttributeError):
        raise Unavailable("a line of the bulk operation's file is not JSON; was it cut off?") from None


def _insert(connection: sqlite3.Connection, rows: list[tuple[str | None, str | None, str]]) -> None:
    connection.executemany("insert into line (own, parent, content) values (?, ?, ?)", rows)
    connection.commit()


def _read(connection: sqlite3.Connection) -> Iterator[tuple[Found, list[Found]]]:
    for own, content in connection.execute(ROOTS):
        children = connection.execute(CHILDREN, (own,)).fetchall()
        yield json.loads(content), [json.loads(child) for (child,) in children]
