"""docs/security.md promises; each promise names a test that exists."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def named_in(file):
    if not (ROOT / file).is_file():
        return set()
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_named_test_exists():
    """A threat model that nobody checks is a wish."""
    assert [] == [f"{file}::{name}" for file, name in NAMED.findall(PAGE) if name not in named_in(file)]


def test_every_threat_names_a_test():
    """No line without a proof."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| what could happen")]

    assert len(rows) > 20
    assert [] == [row for row in rows if not NAMED.search(row)]
