"""The sandbox is a second opinion: it shares no code with the house."""

import ast
from pathlib import Path

import shopify_imagegen.sandbox

ROOT = Path(shopify_imagegen.sandbox.__file__).parent


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def test_the_sandbox_imports_nothing_of_ours():
    """If it did, an error in the house would agree with itself here."""
    modules = sorted(ROOT.rglob("*.py"))
    foreign = [
        (path.name, name)
        for path in modules
        for name in imports(path)
        if name.startswith(("shopify_imagegen", "webhooks")) and not name.startswith("shopify_imagegen.sandbox")
    ]

    assert len(modules) > 20
    assert [] == foreign
