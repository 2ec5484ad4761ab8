"""List the licences of everything in requirements.lock, from the installed packages' own metadata.

    python -m tools.licences        writes docs/licences.md

A test holds the list and the lock together; run it after `make lock` and `make install`.
"""

from importlib.metadata import PackageNotFoundError, metadata

from tools.locked import LOCK, PROJECT, ROOT, needed_to_run, packages

LISTED = ROOT / "docs/licences.md"
HEAD = """\
# Licences

shopify-imagegen is under the MIT licence. These are the packages that it is locked to (requirements.lock), with the
licence that each names for itself; `make licences` writes this page. *development*: for building and testing only.

| package | licence | |
|---|---|---|
"""
CLASSIFIER = "License :: OSI Approved :: "
IN_A_FILE = {"axe-playwright-python": "MIT; axe-core in it: MPL-2.0"}  # read there; the metadata names none
LONGEST = 60  # characters; some packages put the whole text there


def licence(name: str) -> str:
    """
    Raises: SystemExit, when the package is not installed.
    """
    try:
        about = metadata(name)
    except PackageNotFoundError:
        raise SystemExit(f"{name} is in the lock and not installed: run `make install` first") from None
    classified = [each for each in about.get_all("Classifier", []) if each.startswith(CLASSIFIER)]
    said = about.get("License-Expression") or ", ".join(each.removeprefix(CLASSIFIER) for each in classified)
    said = said or IN_A_FILE.get(name, "")
    return said or (about.get("License") or "not named").strip().splitlines()[0][:LONGEST]


def main() -> None:
    text = LOCK.read_text(encoding="utf-8")
    running = needed_to_run(text, PROJECT.read_text(encoding="utf-8"))
    rows = [f"| {name} | {licence(name)} | {'' if name in running else 'development'} |" for name in packages(text)]
    LISTED.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    print(f"{LISTED.relative_to(ROOT)}: {len(rows)} packages")


if __name__ == "__main__":
    main()
