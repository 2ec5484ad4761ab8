"""Hostile pictures: our own error or a picture, never a crash, never more memory than there is room for.

`make fuzz` takes more seeds.
"""

import json
import os
import subprocess
import sys
from random import Random

import pytest

from shopify_imagegen import references
from tests.fuzz import intake
from tests.fuzz.hostile import damaged, photo

SEEDS = range(int(os.environ.get("FUZZ_SEEDS", "1")))
MEMORY_MB = 700  # the largest picture that we take is 80 megapixels: 240 MB, and once more while it is turned
SLOWEST_S = 30


def test_a_seed_makes_the_same_files_again():
    """So that a finding can be looked at."""
    plain = {"PNG": photo("PNG")}

    assert list(damaged(plain, Random(3))) == list(damaged(plain, Random(3))) != list(damaged(plain, Random(4)))


@pytest.mark.parametrize("seed", SEEDS)
def test_hostile_files_are_taken_or_refused_and_nothing_else(seed):
    """In a process with little memory: what asks for more dies there, and is seen."""
    command = [sys.executable, "-m", "tests.fuzz.intake", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert 0 == done.returncode, done.stderr[-2_000:]

    report = json.loads(done.stdout)
    assert [] == report["wrong"]
    assert report["files"] == len(set(report.pop("names"))) >= 200
    print(report)
    assert report["taken"] > 0 < report["refused"]
    assert report["memory_mb"] < MEMORY_MB
    assert report["slowest"][1] < SLOWEST_S


def test_an_error_that_is_not_ours_would_be_seen(monkeypatch):
    """A harness that finds nothing should be known to find something."""
    monkeypatch.setattr(references, "prepare", lambda content: {}["x"])
    report = {"taken": 0, "refused": 0, "wrong": []}
    intake._through("a file", b"", b"", report)

    assert ["prepare: a file: KeyError('x')"] == report["wrong"]
