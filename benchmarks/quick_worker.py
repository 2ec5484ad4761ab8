"""A worker whose provider only takes its time: `python -m benchmarks.quick_worker FOLDER`."""

import signal
import sys
from pathlib import Path

from benchmarks.backfill import quick_house


def main(folder):
    worker = quick_house(folder).worker()
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run(grace_s=10)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
