"""Hostile files through everything that opens pictures, in a process of its own whose memory is capped.

python -m tests.fuzz.intake SEED      prints what came of them as one JSON document
"""

import json
import resource
import sys
import time

from shopify_imagegen import provenance, quality, references
from shopify_imagegen.errors import Rejected
from tests.fuzz.hostile import files, photo

MB = 1_000_000
ROOM_MB = 1_200  # of address space, above what the program itself has
MIMES = ("image/jpeg", "image/png", "image/webp", "image/gif")


def main(seed):
    _cap()
    mine = photo("JPEG")
    report = {"names": [], "files": 0, "taken": 0, "refused": 0, "wrong": [], "slowest": ["", 0.0]}
    before_mb = peak_mb()
    for name, content in files(seed):
        began = time.monotonic()
        _through(name, content, mine, report)
        took_s = time.monotonic() - began
        report["files"] += 1
        report["names"].append(name)
        report["slowest"] = max(report["slowest"], [name, round(took_s, 2)], key=lambda each: each[1])
    report["memory_mb"] = round(peak_mb() - before_mb)
    print(json.dumps(report))


def _through(name, content, mine, report):
    doors = {
        "prepare": lambda: references.prepare(content),
        "distinct": lambda: references.distinct([mine, content], limit=2),
        "inspect": lambda: quality.inspect(content, aspect_ratio="4:5", resolution="1K", references=[content]),
        "mark": lambda: provenance.mark(content),
        **{mime: lambda mime=mime: provenance.stamp(content, mime=mime) for mime in MIMES},
    }
    for door, knock in doors.items():
        try:
            knock()
            report["taken"] += 1
        except Rejected:
            report["refused"] += 1
        except BaseException as error:
            report["wrong"].append(f"{door}: {name}: {error!r}"[:300])


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB


def _cap():
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + ROOM_MB * MB,) * 2)


if __name__ == "__main__":
    main(int(sys.argv[1]))
