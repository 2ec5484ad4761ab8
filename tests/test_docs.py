"""What the documentation and the deployment files tell people to type exists."""

import re
import tomllib
from pathlib import Path

import click
import pytest
import yaml

from shopify_imagegen.cli import cli
from shopify_imagegen.settings import Settings

ROOT = Path(__file__).parents[1]
DEPLOYED = ["Procfile", "Dockerfile", "compose.yaml", "deploy/env.example"]
UNITS = [str(file.relative_to(ROOT)) for file in sorted((ROOT / "deploy/systemd").glob("*.service"))]
PAGES = ["README.md", *(str(file.relative_to(ROOT)) for file in sorted((ROOT / "docs").rglob("*.md")))]
COMMAND = re.compile(r"""shopify-imagegen["',]*[ ]["']?(--\w+|[a-z][a-z-]*)["',]*(?:[ ]["']?([a-z][a-z-]+))?""")
VARIABLE = re.compile(r"\bIMAGEGEN__([A-Z_]+?)__([A-Z0-9_]+)\b")
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)(?:#[^)]*)?\)")
GROUPS = {name for name, command in cli.commands.items() if isinstance(command, click.Group)}


@pytest.mark.parametrize("name", [*DEPLOYED, *UNITS, *PAGES])
def test_every_command_that_is_named_exists(name):
    """Somebody types it at night."""
    told = COMMAND.findall("\n".join(code(name)))
    wrong = [first for first, _ in told if not first.startswith("--") and first not in cli.commands]
    wrong += [f"{first} {second}" for first, second in told if first in GROUPS and second and not has(first, second)]

    assert [] == wrong


def code(name):
    """The lines of a file; of a page, what stands as code."""
    text = (ROOT / name).read_text(encoding="utf-8")
    if not name.endswith(".md"):
        return [text]
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    return [*blocks, *re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))]


def has(group, word):
    return word in cli.commands[group].commands


@pytest.mark.parametrize("name", [*DEPLOYED, *UNITS, *PAGES, "config.example.toml"])
def test_every_variable_that_is_named_is_a_setting(name):
    """One that is misspelt stops the start; better here than there."""
    text = (ROOT / name).read_text(encoding="utf-8")
    known = Settings().model_dump()

    assert [] == [f"{a}__{b}" for a, b in VARIABLE.findall(text) if not is_setting(known, [a, *b.split("__")])]


def is_setting(known, words):
    for word in words:
        if word == "KEY" or not isinstance(known, dict):
            return word == "KEY"
        if word.lower() not in known:
            return word == "SECTION"
        known = known[word.lower()]
    return True


@pytest.mark.parametrize("name", PAGES)
def test_every_link_within_the_repository_leads_somewhere(name):
    """A page is moved, and its readers are not."""
    page = ROOT / name

    text = page.read_text(encoding="utf-8")

    assert [] == [to for to in LINK.findall(text) if not (page.parent / to).exists()]


def test_the_setting_up_page_names_what_the_app_s_file_says():
    """Scopes, version and redirect address, typed by hand on the one page and deployed from the other."""
    toml = tomllib.loads((ROOT / "shopify.app.toml").read_text(encoding="utf-8"))
    page = (ROOT / "docs/shopify-setup.md").read_text(encoding="utf-8")

    assert f"`{toml['access_scopes']['scopes']}`" in page
    assert f"`{toml['webhooks']['api_version']}`" in page
    assert "/auth/callback" in toml["auth"]["redirect_urls"][0]


def test_no_process_listens_to_the_world_without_being_told_to():
    """Behind a proxy on the same machine, 127.0.0.1 is enough."""
    units = "".join((ROOT / unit).read_text(encoding="utf-8") for unit in UNITS)

    assert "0.0.0.0" not in units
    assert 2 == units.count("--host 127.0.0.1")


def test_the_container_and_the_procfile_run_the_same_roles():
    """Three places that say how the program is started."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    named = dict(line.split(": ", 1) for line in lines)
    composed = {"release": "migrate", "web": "web", "worker": "worker"}

    for process, service in composed.items():
        started = " ".join(compose[service]["command"])
        assert named[process].replace("${PORT:-8000}", "8000") == started


def test_a_stop_is_given_the_time_that_a_paid_call_may_take():
    """Whoever pulls the plug earlier makes a purchase of unknown outcome."""
    needed_s = Settings().app.stop_within_s
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    units = [(ROOT / unit).read_text(encoding="utf-8") for unit in UNITS if "-web" not in unit]

    assert int(compose["worker"]["stop_grace_period"].removesuffix("s")) > needed_s
    assert all(int(re.search(r"TimeoutStopSec=(\d+)", unit)[1]) > needed_s for unit in units)
