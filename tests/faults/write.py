"""Play every case and write docs/faults.md: `make faults`."""

import tempfile
from pathlib import Path

from tests.end_to_end.house import ROOT
from tests.faults import play, report


def main():
    with tempfile.TemporaryDirectory() as folder:
        played, _ = play.play_everything(Path(folder))
    (ROOT / "docs" / "faults.md").write_text(report.page(played))


if __name__ == "__main__":
    main()
