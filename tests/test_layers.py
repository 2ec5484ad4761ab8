"""The rooms of DESIGN.md: who may import whom, and which package lives where. Read by ast, lazy imports included."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE, DOOR = "shopify_imagegen", "webhooks"

FLOORS = {
    0: "errors models trail hurry counts backfills.__init__",
    1: "settings settings_source own buckets subscriptions app_toml plan rules naming prompts budget likeness "
    "references quality provenance undoing by_option next_day "
    "backfills.where backfills.hours backfills.forecast backfills.frozen backfills.sheets backfills.reports",
    2: "ports",
    3: "adrift announce attach checkup copies disclosure dispatch ending generate installing leaving line linking "
    "look metering moves pausing photos places prune publish pulse recall reconcile regenerate resuming review "
    "rollback stages steps storm style_images swap tailoring till turns variety whereabouts wishes worker "
    "workflow "
    "backfills.beginning backfills.deciding backfills.feeding backfills.gate backfills.rollback backfills.room "
    "backfills.surveying",
    4: "adapters",
    5: "wiring",
    6: "cli commands tell processes supervise logs admin sandbox __main__ __init__",
}
FLOOR_OF = {name: floor for floor, names in FLOORS.items() for name in names.split()}
ON_MANY_FLOORS = {name.split(".")[0] for name in FLOOR_OF if "." in name}  # packages by subject: each module its own

ROOMS = {  # a package of others: the paths that may import it; the sandbox may import what it likes
    "alembic": ["shopify_imagegen/adapters/database/"],
    "click": ["shopify_imagegen/cli.py", "shopify_imagegen/commands/"],
    "cryptography": ["shopify_imagegen/adapters/database/vault.py"],
    "dbos": ["shopify_imagegen/workflow/", "shopify_imagegen/wiring/"],
    "flask": ["webhooks/", "shopify_imagegen/admin/"],
    "getimg": ["shopify_imagegen/adapters/providers/"],
    "granian": ["shopify_imagegen/processes.py"],
    "httpcore": ["shopify_imagegen/adapters/guard.py"],
    "httpx": ["shopify_imagegen/adapters/"],
    "httpx2": ["shopify_imagegen/adapters/providers/"],
    "jinja2": ["shopify_imagegen/prompts/"],
    "jwt": ["shopify_imagegen/adapters/shopify/"],
    "openai": ["shopify_imagegen/adapters/providers/"],
    "PIL": [f"shopify_imagegen/{name}.py" for name in ("references", "quality", "provenance", "likeness")],
    "prometheus_client": ["webhooks/", "shopify_imagegen/admin/"],
    "psycopg": ["shopify_imagegen/adapters/database/"],
    "pydantic": ["shopify_imagegen/", "webhooks/"],
    "pydantic_settings": ["shopify_imagegen/settings.py", "shopify_imagegen/settings_source.py"],
    "pyactiveresource": ["shopify_imagegen/adapters/shopify/"],
    "rich": ["shopify_imagegen/tell.py", "shopify_imagegen/commands/"],
    "shopify": ["shopify_imagegen/adapters/shopify/"],
    "sqlalchemy": ["shopify_imagegen/adapters/database/"],
    "tenacity": ["shopify_imagegen/adapters/http.py"],
    "werkzeug": ["webhooks/", "shopify_imagegen/admin/"],
}
ENVIRONMENT = ["shopify_imagegen/settings.py", "shopify_imagegen/cli.py", "shopify_imagegen/commands/"]
NOT_PURE = {
    "asyncio",
    "ftplib",
    "http",
    "multiprocessing",
    "smtplib",
    "socket",
    "sqlite3",
    "subprocess",
    "urllib.request",
}
BORDERS = {f"{HOUSE}.adapters.http", f"{HOUSE}.adapters.guard"}  # shared by the adapters
PURE_FLOOR = 2
OVER_THE_HOUSE = {"doorway.py", "wsgi.py"}
DOOR_MAY = {"ports", "models", "errors"}
STDLIB = __import__("sys").stdlib_module_names


def sources(root):
    """(path from the root, its syntax tree) of every module of the house and the door."""
    for package in (HOUSE, DOOR):
        for file in sorted((root / package).rglob("*.py")):
            yield file.relative_to(root), ast.parse(file.read_text(encoding="utf-8"))


def imports(path, tree, root=ROOT):
    """The dotted names that a module imports: at its top, inside functions, for typing only, or by importlib."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(path, node)
            yield from (_member(base, alias.name, root) for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"}:
            yield from (each.value for each in node.args[:1] if isinstance(each, ast.Constant))


def _base(path, node):
    """`from . import x` in a/b/c.py means a.b."""
    if not node.level:
        return node.module
    package = path.parent.parts[: len(path.parent.parts) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def _member(base, name, root):
    """`from a import b` imports the module a.b if there is one, else a."""
    folder = root / base.replace(".", "/") / name
    return f"{base}.{name}" if folder.is_dir() or folder.with_suffix(".py").is_file() else base


def _called(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def violations(root=ROOT):
    """Every broken rule as `path: what is wrong`."""
    found = []
    for path, tree in sources(root):
        wanted = sorted(set(imports(path, tree, root)))
        found += [f"{path}: {wrong}" for name in wanted for wrong in _wrongs(path, name)]
        if not _is_in(path, ENVIRONMENT) and not _is_sandbox(path) and _reads_environment(tree):
            found.append(f"{path}: reads the environment; that is for settings.py and the command line")
        if path.parts[0] == HOUSE and _room_of(path) not in FLOOR_OF:
            found.append(f"{path}: is on no floor; decide in test_layers.py")
    return found


def _wrongs(path, name):
    """What is wrong about *path* importing *name*."""
    rules = (_of_the_door, _of_the_sandbox, _of_the_floors, _of_the_adapters, _of_the_rooms, _of_the_pure)
    return [wrong for rule in rules if (wrong := rule(path, name))]


def _of_the_door(path, name):
    if path.parts[0] == HOUSE:
        return f"the house imports the door: {name}" if _first(name) == DOOR else None
    if _first(name) != HOUSE:
        return None
    may = DOOR_MAY | ({"wiring", "admin"} if path.name in OVER_THE_HOUSE else set())
    return None if _room(name) in may else f"the door imports {name}; it may import {', '.join(sorted(may))}"


def _of_the_sandbox(path, name):
    if _first(name) != HOUSE:
        return None
    if _is_sandbox(path):
        return None if _room(name) == "sandbox" else f"the sandbox imports {name} of ours"
    if _room(name) == "sandbox" and path.as_posix() != f"{HOUSE}/commands/shed.py":
        return f"imports {name}; only the shed's commands do"
    return None


def _of_the_floors(path, name):
    if path.parts[0] != HOUSE or _first(name) != HOUSE or _is_sandbox(path):
        return None
    mine, theirs = _floor(_room_of(path)), _floor(_room(name))
    if _room(name) == "adapters" and mine != 4 and _room_of(path) != "wiring":
        return f"imports {name}; only wiring imports adapters"
    return f"floor {mine} imports {name} of floor {theirs}" if theirs > mine else None


def _of_the_adapters(path, name):
    if path.parts[:2] != (HOUSE, "adapters") or _first(name) != HOUSE or name in BORDERS:
        return None
    if _room(name) != "adapters":
        return None if _floor(_room(name)) <= PURE_FLOOR else f"an adapter imports {name}; floors 0 to 2 are for it"
    mine, theirs = path.parts[2].removesuffix(".py"), name.split(".")[2]
    return None if mine == theirs else f"one adapter imports another: {name}"


def _of_the_rooms(path, name):
    package = _first(name)
    if package in STDLIB or package in {HOUSE, DOOR} or _is_sandbox(path):
        return None
    if package not in ROOMS:
        return f"imports {package}, which has no room; decide in test_layers.py"
    return None if _is_in(path, ROOMS[package]) else f"imports {package}, whose room is {', '.join(ROOMS[package])}"


def _of_the_pure(path, name):
    if path.parts[0] != HOUSE or _floor(_room_of(path)) > PURE_FLOOR:
        return None
    return f"is to be pure, and imports {name}" if {name, _first(name)} & NOT_PURE else None


def _first(name):
    return name.split(".")[0]


def _room(name):
    """Of a dotted name, what has a floor: `look`, `admin`, `backfills.where`."""
    _, room, module = [*name.split("."), "__init__", "__init__"][:3]
    return f"{room}.{module}" if room in ON_MANY_FLOORS else room


def _room_of(path):
    """The same of a module's own path."""
    return _room(".".join(path.with_suffix("").parts))


def _floor(room):
    return FLOOR_OF.get(room, 6)


def _is_sandbox(path):
    return path.parts[:2] == (HOUSE, "sandbox")


def _is_in(path, places):
    return any(path.as_posix() == place or path.as_posix().startswith(place) for place in places)


def _reads_environment(tree):
    """`os.environ`, `os.getenv`, or either imported by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"}:
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            return any(alias.name in {"environ", "getenv", "environb"} for alias in node.names)
    return False


def test_everything_is_in_its_room():
    """A module imports from its own floor or below, and each package has one room."""
    assert [] == violations()


def test_every_floor_is_inhabited():
    """A name that was renamed must not keep its place here, for somebody else to move in."""
    there = {path.name.removesuffix(".py") for path in (ROOT / HOUSE).iterdir()}
    there |= {f"{name}.{path.stem}" for name in ON_MANY_FLOORS for path in (ROOT / HOUSE / name).glob("*.py")}

    assert set() == set(FLOOR_OF) - there


PLANTED = {
    "a word imports a thought": ("shopify_imagegen/models/plans.py", "import shopify_imagegen.plan", "floor 0 imports"),
    "a thought imports a deed": ("shopify_imagegen/plan.py", "from shopify_imagegen import look", "floor 1 imports"),
    "lazily, in a function": (
        "shopify_imagegen/plan.py",
        "def f():\n    from shopify_imagegen.look import Look",
        "floor 1 imports",
    ),
    "for typing only": (
        "shopify_imagegen/rules.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shopify_imagegen import worker",
        "floor 1 imports",
    ),
    "in a package of many floors": (
        "shopify_imagegen/backfills/where.py",
        "from shopify_imagegen.backfills import feeding",
        "floor 1 imports",
    ),
    "through such a package's door": (
        "shopify_imagegen/backfills/__init__.py",
        "from shopify_imagegen.backfills.feeding import Feeder",
        "floor 0 imports",
    ),
    "by importlib": (
        "shopify_imagegen/models.py",
        "import importlib\nimportlib.import_module('shopify_imagegen.cli')",
        "floor 0 imports",
    ),
    "by a relative import": ("shopify_imagegen/errors.py", "from .plan import plan", "floor 0 imports"),
    "a deed imports an adapter": (
        "shopify_imagegen/generate.py",
        "from shopify_imagegen.adapters.http import patience",
        "only wiring imports adapters",
    ),
    "the command line imports an adapter": (
        "shopify_imagegen/cli.py",
        "from shopify_imagegen.adapters import shopify",
        "only wiring imports adapters",
    ),
    "one adapter imports another": (
        "shopify_imagegen/adapters/providers/getimg.py",
        "from shopify_imagegen.adapters.database import tables",
        "one adapter imports another",
    ),
    "one adapter imports another, relatively": (
        "shopify_imagegen/adapters/providers/getimg.py",
        "from ..database import tables",
        "one adapter imports another",
    ),
    "an adapter imports a deed": (
        "shopify_imagegen/adapters/http.py",
        "from shopify_imagegen.generate import Generate",
        "floors 0 to 2",
    ),
    "the house imports the door": ("shopify_imagegen/cli.py", "import webhooks.app", "the house imports the door"),
    "the door imports a room of the house": (
        "webhooks/routes.py",
        "from shopify_imagegen.look import Look",
        "the door imports shopify_imagegen.look",
    ),
    "the door's routes import wiring": ("webhooks/app.py", "import shopify_imagegen.wiring", "the door imports"),
    "the door's routes import the admin": ("webhooks/app.py", "import shopify_imagegen.admin", "the door imports"),
    "the sandbox imports ours": (
        "shopify_imagegen/sandbox/control.py",
        "from shopify_imagegen.models import Product",
        "the sandbox imports shopify_imagegen.models",
    ),
    "the sandbox imports ours, relatively": (
        "shopify_imagegen/sandbox/shop/store.py",
        "from ...naming import mark",
        "the sandbox imports shopify_imagegen.naming",
    ),
    "somebody imports the sandbox": (
        "shopify_imagegen/wiring/house.py",
        "from shopify_imagegen.sandbox import server",
        "only the shed's commands do",
    ),
    "Flask in the house": ("shopify_imagegen/look.py", "import flask", "imports flask, whose room is"),
    "a client outside the adapters": (
        "shopify_imagegen/wiring/house.py",
        "import httpx",
        "imports httpx, whose room is",
    ),
    "a second place that repeats": ("shopify_imagegen/generate.py", "import tenacity", "imports tenacity"),
    "the engine in a stage": ("shopify_imagegen/line.py", "from dbos import DBOS", "imports dbos"),
    "SQL in a stage": ("shopify_imagegen/line.py", "from sqlalchemy import select", "imports sqlalchemy"),
    "Pillow in the planning": ("shopify_imagegen/plan.py", "from PIL import Image", "imports PIL"),
    "Shopify's package in the door": ("webhooks/routes.py", "import shopify", "imports shopify, whose room is"),
    "a package without a room": ("shopify_imagegen/look.py", "import requests", "has no room"),
    "the environment": ("shopify_imagegen/look.py", "import os\nos.environ['X']", "reads the environment"),
    "the environment by name": ("shopify_imagegen/look.py", "from os import getenv", "reads the environment"),
    "a socket in a pure module": ("shopify_imagegen/plan.py", "import socket", "is to be pure"),
    "a module on no floor": ("shopify_imagegen/helpers.py", "", "is on no floor"),
    "a module on no floor of many": ("shopify_imagegen/backfills/helpers.py", "", "is on no floor"),
}


@pytest.mark.parametrize(("path", "source", "said"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_violation_is_found(tmp_path, path, source, said):
    """A rule that catches nothing protects nothing."""
    for name in FLOOR_OF:
        plant(tmp_path / HOUSE / f"{name.replace('.', '/')}.py", "")
    for name in (
        "shopify_imagegen/adapters/database/tables.py",
        "webhooks/app.py",
        "shopify_imagegen/sandbox/server.py",
    ):
        plant(tmp_path / name, "")
    assert [] == violations(tmp_path), "the empty house is clean"

    plant(tmp_path / path, source)

    assert [wrong for wrong in violations(tmp_path) if said in wrong and wrong.startswith(path)]


def plant(file, source):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source)
