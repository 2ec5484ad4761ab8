"""What requirements.lock holds, and which part of it the program needs to run.

    python tools/locked.py [MORE…] > run.lock      the lock without what is for development only; MORE stays in

The part is cut out as it stands, hashes and all; nothing is resolved anew.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"


def packages(text: str) -> dict[str, str]:
    """Name -> its lines in the lock: the version, the hashes, who asks for it."""
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    return {block.split("==")[0]: block for block in blocks if re.match(r"[A-Za-z0-9._-]+==", block)}


def needed_to_run(text: str, project: str, more: Iterable[str] = ()) -> set[str]:
    """Those that the program itself asks for, *more*, and what any of these needs."""
    asked = {name: asked_by(block) for name, block in packages(text).items()}
    direct = project[project.index("dependencies = [") : project.index("[project.optional-dependencies]")]
    named = {normal(each) for each in re.findall(r'^  "([A-Za-z0-9._-]+)', direct, re.MULTILINE)}
    found = {name for name in asked if normal(name) in named} | set(more)
    while further := {name for name, by in asked.items() if by & found} - found:
        found |= further
    return found


def asked_by(block: str) -> set[str]:
    """Who needs the package, by the `# via` lines at its end."""
    return set(re.findall(r"^    #(?: via)?\s+(\S+)", block, re.MULTILINE)) - {"via"}


def normal(name: str) -> str:
    """
    >>> normal("Jinja_2.x")
    'jinja-2-x'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    text = LOCK.read_text(encoding="utf-8")
    more = sys.argv[1:]
    wanted = needed_to_run(text, PROJECT.read_text(encoding="utf-8"), more)
    if unknown := set(more) - packages(text).keys():
        sys.exit(f"not in the lock: {', '.join(sorted(unknown))}")
    print("".join(block for name, block in packages(text).items() if name in wanted), end="")


if __name__ == "__main__":
    main()
