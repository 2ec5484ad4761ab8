"""docs/crash-matrix.md: what followed each death, as the test saw it."""

import re

from tests.crash.nursery import ROOT

FILE = ROOT / "docs" / "crash-matrix.md"
HEAD = """\
# The crash matrix

Written by `make crash-matrix`, which takes about ten minutes; `make test` runs a part of it and compares.

A product with two photos arrives, and shall get two pictures. The worker is killed with SIGKILL just before, or just
after, one of the calls that it makes; another worker starts on the same database. Then the test looks at the sandbox
(the image API's bill, the store's Files, the product's media) and at our own ledger. {count} deaths, one line a call:

- **published**: both pictures were bought once, are in Files once and on the product once, behind the merchant's
  photos; the ledger agrees with the bill to the micro-dollar.
- **1 published, 1 unknown**: the worker died between the announcement of a paid call and the receipt. Nobody can know
  whether it was charged; so it counts as spent, is shown, and was not bought again. The other picture is published.

`http` is what goes over the wire. `step` is a stage as the engine sees it: after it, the engine has written it down;
after the `line` call of the same name, not yet. The points come from a recorded run, not from a list.

| call | killed before | killed after |
|---|---|---|
"""
NOT_RUN = "–"
ROW = re.compile(r"\| `(\S+)` \| (.*) \| (.*) \|")


def write(deaths):
    FILE.write_text(HEAD.format(count=len(deaths)) + "".join(f"{row}\n" for row in rows(deaths)), encoding="utf-8")


def rows(deaths):
    cells = outcomes(deaths)
    for call in sorted({death.point.call for death in deaths}):
        before, after = (", or ".join(sorted(cells.get((call, side), [NOT_RUN]))) for side in ("before", "after"))
        yield f"| `{call}` | {before} | {after} |"


def outcomes(deaths):
    """(call, side) → the outcomes that were seen."""
    cells = {}
    for death in deaths:
        cells.setdefault((death.point.call, death.point.side), set()).add(death.outcome)
    return cells


def written():
    """(call, side) → what the committed file says."""
    found = (ROW.fullmatch(line) for line in FILE.read_text(encoding="utf-8").splitlines())
    cells = {}
    for row in filter(None, found):
        for side, cell in (("before", row[2]), ("after", row[3])):
            if cell != NOT_RUN:
                cells[row[1], side] = set(cell.split(", or "))
    return cells


def differences(deaths):
    """What the committed file says otherwise. A call that is newer than the file is no difference, and neither are
    deaths beside the work, which may strike anywhere."""
    known = written()
    seen = outcomes([death for death in deaths if death.point.in_step and not death.problem])
    return sorted(
        f"{side} {call}: {', '.join(sorted(cell))}"
        for (call, side), cell in seen.items()
        if not cell <= known.get((call, side), cell)
    )
