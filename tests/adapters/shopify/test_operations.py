"""The documents we send, and the client that is generated from them."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from graphql import NoDeprecatedCustomRule, build_schema, parse, specified_rules, validate

from shopify_imagegen.adapters.shopify import admin_api, refusals

ROOT = Path(__file__).parents[3]
SHOPIFY = ROOT / "shopify_imagegen/adapters/shopify"
DOCUMENT = "\n".join(path.read_text() for path in sorted((SHOPIFY / "operations").glob("*.graphql")))
TARGET = 'target_package_path = "shopify_imagegen/adapters/shopify"'


@pytest.fixture(scope="module")
def schema():
    """Built from text: from introspection, the deprecation rule fails on arguments."""
    text = (ROOT / "shopify_imagegen/sandbox/admin_2026-10.graphql").read_text()
    return build_schema(text, assume_valid=True)


def problems(schema, document):
    return [error.message for error in validate(schema, parse(document), [*specified_rules, NoDeprecatedCustomRule])]


def test_every_document_is_valid_and_uses_nothing_deprecated(schema):
    """What is deprecated today is gone with some version, and the App Store looks."""
    assert [] == problems(schema, DOCUMENT)


def test_a_deprecated_argument_would_be_noticed(schema):
    """A check that finds nothing should be known to find something."""
    old = "mutation M($p: ProductInput) { productUpdate(input: $p) { product { id } userErrors { message } } }"

    assert any("deprecated" in problem for problem in problems(schema, old))


def test_every_code_that_we_know_exists(schema):
    """A misspelt code in the table would never match."""
    codes = schema.type_map["FilesErrorCode"].values.keys() | schema.type_map["MediaUserErrorCode"].values.keys()

    assert set() == refusals.MEANINGS.keys() - codes
    assert set() == refusals.PLAIN.keys() - refusals.MEANINGS.keys()


def test_an_enum_takes_a_value_that_is_new():
    """Shopify adds values inside a stable version; one word must not make an answer unreadable."""
    new = admin_api.FileStatus("POLISHING")

    assert ("POLISHING", "POLISHING") == (new, new.value)
    assert admin_api.FileStatus("READY") is admin_api.FileStatus.READY
    with pytest.raises(ValueError):
        admin_api.FileStatus(7)


def test_the_generated_client_is_what_the_documents_say(tmp_path):
    """Someone edits a document and forgets `make client`: the change would not reach Shopify."""
    if not importlib.util.find_spec("ariadne_codegen"):
        if os.environ.get("CI") == "true":
            pytest.fail("ariadne-codegen is missing; install the dev extra")
        pytest.skip("ariadne-codegen is not installed")
    settings = (ROOT / "pyproject.toml").read_text()
    assert TARGET in settings
    (tmp_path / "codegen.toml").write_text(settings.replace(TARGET, f'target_package_path = "{tmp_path}"'))
    command = [sys.executable, "-m", "ariadne_codegen", "--config", str(tmp_path / "codegen.toml")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=100)

    assert files(tmp_path / "admin_api") == files(SHOPIFY / "admin_api")


def files(folder):
    return {path.name: path.read_text() for path in folder.glob("*.py")}
