"""New code is put in place while jobs are under way: what the old code began, the new code finishes."""

import re
import shutil
import signal

import pytest

from tests.crash import diary, points
from tests.crash.nursery import ROOT

FIRST = 'VERSION = "1"'  # of the workflows' shape, as the first release had it
UNDER_WAY = ("before line.look 1", "after line.buy 1", "before line.attach 1")  # one for each queue


@pytest.fixture(scope="module")
def old_code(tmp_path_factory):
    """The program as an older release: other bytes in the same workflows, and the version that those had."""
    folder = tmp_path_factory.mktemp("old")
    shutil.copytree(
        ROOT / "shopify_imagegen", folder / "shopify_imagegen", ignore=shutil.ignore_patterns("__pycache__")
    )
    workflow = folder / "shopify_imagegen" / "workflow"
    rewrite(workflow / "engine.py", r"^VERSION = \S+", FIRST)
    rewrite(workflow / "order.py", r'"""The line: ', '"""The line of an older release: ')
    return folder


def rewrite(file, pattern, words):
    older, found = re.subn(pattern, words, file.read_text(), flags=re.MULTILINE)
    assert 1 == found, f"{file.name} has changed; change this copy of it with the same care"
    file.write_text(older)


def test_new_code_finishes_what_old_code_began(yard, old_code):
    """An upgrade is a kill -9 at the worst moment, and another program afterwards."""

    def upgraded(nursery, moment):
        life = yard.life()
        try:
            product = life.add_product()
            life.deliver(product)
            page = life.folder / "diary.txt"
            old = life.role("tests.crash.mortal", str(page), moment, cwd=old_code, PYTHONPATH=str(ROOT))
            assert -signal.SIGKILL == life.until_dead(old), life.log
            assert moment == str(diary.read(page)[-1])
            assert f"code of {old_code}/shopify_imagegen" in life.log
            life.worker(nursery)
            life.until_done(product)
            return life.seen(product)
        finally:
            life.close()

    found = list(yard.side_by_side(upgraded, UNDER_WAY))

    assert [points.expected(points.Doubt(0, 0))] * len(UNDER_WAY) == found
