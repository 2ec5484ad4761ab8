"""A worker whose provider only takes its time, on a core as `serve` has it: `… benchmarks.quick_worker FOLDER CORE`."""

import signal
import sys
from pathlib import Path

from benchmarks.backfill import quick_house
from shopify_imagegen.processes import keep_to_core


def main(folder, core):
    keep_to_core(core)
    worker = quick_house(folder).worker()
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run(grace_s=10)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
