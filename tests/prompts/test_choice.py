from itertools import pairwise

import pytest

from shopify_imagegen.prompts.choice import choose, pool, spare
from shopify_imagegen.prompts.library import load

LIBRARY = load()
FURNITURE = LIBRARY.category("furniture")


def scenes_of(number, *, first=None, scenes=FURNITURE.scenes, more=()):
    return [scene.full_id for scene in choose(f"gid://shopify/Product/{number}", scenes, more, first=first)]


def test_the_same_product_gets_the_same_scenes():
    """A preview that shows other scenes than the purchase is a lie; a known answer survives a new Python."""
    known = ["furniture/dining-area", "furniture/sunlit-living-room"]

    assert known == scenes_of(1)[:2]


@pytest.mark.parametrize("step", [1, 2, 32_768, 65_536])
def test_neighbours_begin_at_different_scenes(step):
    """Ids of products made in a row differ by a fixed step, and stand side by side in a collection."""
    firsts = [scenes_of(8_000_000_000_000 + step * number)[0] for number in range(30)]

    assert all(left != right for left, right in pairwise(firsts))
    assert set(firsts) == {scene.full_id for scene in FURNITURE.scenes}


def test_second_scenes_differ_too():
    """Otherwise two products with the same first scene are twins."""
    seconds = {tuple(scenes_of(number)[1:]) for number in range(40)}

    assert len(seconds) > len(FURNITURE.scenes)


def test_no_scene_comes_twice():
    """Two pictures in one place look like one bought twice."""
    first = FURNITURE.scenes[2]
    chosen = scenes_of(3, first=first, more=(first, *spare(LIBRARY, off=())))

    assert first.full_id == chosen[0]
    assert len(chosen) == len(set(chosen)) == len(FURNITURE.scenes) + 5


def test_spare_scenes_come_last():
    """A table in a furniture scene first, on a plinth only when there is nothing else."""
    chosen = scenes_of(3, more=spare(LIBRARY, off=()))

    assert all(each.startswith("furniture/") for each in chosen[: len(FURNITURE.scenes)])


def test_a_scene_switched_off_is_gone_from_any_list():
    """Off is off, also where an override names it."""
    off = ["furniture/reading-corner"]
    named = pool(LIBRARY, FURNITURE, only=["furniture/reading-corner", "bags/stone-ledge"], off=off)

    assert ["bags/stone-ledge"] == [scene.full_id for scene in named]
    assert len(FURNITURE.scenes) - 1 == len(pool(LIBRARY, FURNITURE, only=[], off=off))
