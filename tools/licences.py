"""List the licences of everything in requirements.lock, from the installed packages' own metadata.

    python tools/licences.py        writes docs/licences.md

A test holds the list and the lock together; run it after `make lock` and `make install`.
"""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK, LISTED = ROOT / "requirements.lock", ROOT / "docs/licences.md"
HEAD = """\
# Licences

shopify-imagegen is under the MIT licence. These are the packages that it is locked to (requirements.lock), with the
licence that each names for itself; `make licences` writes this page. *development*: for building and testing only.

| package | licence | |
|---|---|---|
"""
CLASSIFIER = "License :: OSI Approved :: "
LONGEST = 60  # characters; some packages put the whole text there


def locked(text: str) -> list[str]:
    """The packages of a lock file, in its order."""
    return re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)


def needed_to_run(text: str) -> set[str]:
    """Those that the program itself, or a package that it needs, asks for; the rest is for development."""
    asked = {name: asked_by(text, name) for name in locked(text)}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    direct = project[project.index("dependencies = [") : project.index("[project.optional-dependencies]")]
    named = {normal(each) for each in re.findall(r'^  "([A-Za-z0-9._-]+)', direct, re.MULTILINE)}
    found = {name for name in asked if normal(name) in named}
    while more := {name for name, by in asked.items() if by & found} - found:
        found |= more
    return found


def asked_by(text: str, name: str) -> set[str]:
    """Who needs the package, by the `# via` lines behind it."""
    start = re.search(rf"^{re.escape(name)}==", text, re.MULTILINE)
    block = text[start.start() :] if start else ""
    end = re.search(r"\n(?=\S)", block)
    lines = re.findall(r"^    #(?: via)?\s+(\S+)", block[: end.start() if end else None], re.MULTILINE)
    return set(lines) - {"via"}


def licence(name: str) -> str:
    """
    Raises: SystemExit, when the package is not installed.
    """
    try:
        about = metadata(name)
    except PackageNotFoundError:
        raise SystemExit(f"{name} is in the lock and not installed: run `make install` first") from None
    said = about.get("License-Expression") or ", ".join(
        each.removeprefix(CLASSIFIER) for each in about.get_all("Classifier", []) if each.startswith(CLASSIFIER)
    )
    return said or (about.get("License") or "not named").strip().splitlines()[0][:LONGEST]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    text = LOCK.read_text(encoding="utf-8")
    running = needed_to_run(text)
    rows = [f"| {name} | {licence(name)} | {'' if name in running else 'development'} |" for name in locked(text)]
    LISTED.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    print(f"{LISTED.relative_to(ROOT)}: {len(rows)} packages")


if __name__ == "__main__":
    main()
