"""The extensions fit the app that they are deployed with. What needs Node is checked by `make extensions`."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from flask import Flask

from shopify_imagegen.admin import blueprints
from shopify_imagegen.settings import parse
from shopify_imagegen.wiring import House
from webhooks.flow_run import MAX_NOTE_CHARS, Properties

EXTENSIONS = Path(__file__).parents[1] / "extensions"
TOMLS = sorted(EXTENSIONS.glob("*/shopify.extension.toml"))


def extension(name):
    [found] = tomllib.loads((EXTENSIONS / name / "shopify.extension.toml").read_text())["extensions"]
    return found


def settings(name):
    return tomllib.loads((EXTENSIONS / name / "shopify.extension.toml").read_text())["settings"]["fields"]


def test_flow_asks_for_what_the_door_reads():
    """A field under another name would be filled in by merchants and never heard of."""
    fields = settings("flow-action")

    keys = {"product_id" if field["type"] == "product_reference" else field["key"] for field in fields}
    assert set(Properties.model_fields) == keys
    assert ["product_reference"] == [field["type"] for field in fields if field["required"]]
    assert str(MAX_NOTE_CHARS) in next(field["description"] for field in fields if field.get("key") == "note")


def test_flow_knocks_at_the_door_that_there_is():
    """A wrong path fails every workflow of every merchant."""
    assert "/flow/generate" == extension("flow-action")["runtime_url"]


def test_each_extension_has_its_place_in_the_admin():
    """One action target an extension; two of one handle cannot be deployed."""
    targets = {
        path.parent.name: [each["target"] for each in extension(path.parent.name).get("targeting", [])]
        for path in TOMLS
    }

    assert {
        "product-action": ["admin.product-details.action.render"],
        "products-action": ["admin.product-index.selection-action.render"],
        "product-link": ["admin.product-details.action.link"],
        "flow-action": [],
        "flow-trigger": [],
    } == targets
    assert len(TOMLS) == len({extension(path.parent.name)["handle"] for path in TOMLS})


@pytest.mark.parametrize("name", ["product-action", "products-action"])
def test_its_module_is_there(name):
    """The build would say so, where Node is."""
    [target] = extension(name)["targeting"]

    assert (EXTENSIONS / name / target["module"]).is_file()


def test_the_lock_asks_whichever_registry_the_machine_uses():
    """An address in it would be one more place that must be up, and trusted."""
    lock = json.loads((EXTENSIONS / "package-lock.json").read_text())

    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [] == [name for name, entry in packages.items() if "resolved" in entry]
    assert [] == [name for name, entry in packages.items() if "integrity" not in entry and not entry.get("inBundle")]


def test_every_dependency_is_pinned():
    """What was tested is what is deployed."""
    package = json.loads((EXTENSIONS / "package.json").read_text())

    versions = (package["dependencies"] | package["devDependencies"]).values()
    assert package["private"]
    assert all(version[0].isdigit() for version in versions)


@pytest.fixture
def pages(tmp_path):
    """The routes of the embedded app."""
    settings = f'[database]\nurl = "sqlite:///{tmp_path}/imagegen.db"\n[app]\ndata_dir = "{tmp_path}"'
    house, app = House(parse(settings, {})), Flask(__name__, static_folder=None)
    for blueprint in blueprints(house):
        app.register_blueprint(blueprint)
    yield app.url_map.bind("photos.example.com")
    house.shopify.close()
    house.database.close()


def test_what_they_open_are_pages_of_the_app(pages):
    """A button that leads to "not found" is worse than none."""
    source = (EXTENSIONS / "shared" / "places.ts").read_text()
    [link] = extension("product-link")["targeting"]

    opened = [*re.findall(r"[\"`]app:([^\"`]+)[\"`]", source), link["url"].removeprefix("app://")]
    assert 4 == len(opened)
    for path in opened:
        assert pages.test("/" + re.sub(r"\$\{.*\}", "7", path), "GET"), path
