"""Shoppers may be told: the theme knows exactly the pictures that are on the product and were made by AI."""

import re
from pathlib import Path

import pytest

from shopify_imagegen.disclosure import KEY
from shopify_imagegen.errors import BadInput, NoAnswer, NotFound
from shopify_imagegen.models import GenerateRequested, RollbackRequested
from shopify_imagegen.provenance import SOURCE_TYPE
from shopify_imagegen.settings import DisclosureSection, Settings
from tests.fakes import LAMP, SHOP

DOCS = Path(__file__).parents[1] / "docs/disclosure.md"


@pytest.fixture
def open_world(open_world):
    return lambda **disclosure: open_world(settings=Settings(disclosure=DisclosureSection(**disclosure)))


@pytest.fixture
def world(open_world):
    return open_world(metafield=True)


def published(world, count=1):
    ids = world.staged(count)
    world.line.attach(ids)
    world.line.finish(world.jobs.image(ids[0]).job_id)
    return ids


def numbers(world, ids):
    return [world.jobs.image(image_id).file_id.rpartition("/")[2] for image_id in ids]


def test_the_theme_is_told_which_pictures_were_made_by_ai(world):
    """Ids as text, because that is what Liquid can search; and the mark that the file itself carries."""
    ids = published(world, 2)

    value = world.metafields.values[LAMP, KEY]
    assert numbers(world, ids) == value["ids"]
    assert {SOURCE_TYPE} == {each["digital_source_type"] for each in value["media"]}


def test_what_is_rolled_back_is_not_named_any_more(world):
    """And nothing is left when nothing of ours is there."""
    first, second = published(world, 2)

    world.rollback.run(SHOP, RollbackRequested(images=(first,)))
    assert numbers(world, [second]) == world.metafields.values[LAMP, KEY]["ids"]
    world.rollback.run(SHOP, RollbackRequested(images=(second,)))

    assert {} == world.metafields.values


def test_nothing_is_written_unless_it_is_wished(open_world):
    """A metafield on every product is the merchant's decision."""
    world = open_world()
    published(world)

    assert {} == world.metafields.values


def test_an_answer_that_got_lost_is_asked_for_again(world):
    """The step runs once more: the pictures are on the product already, and the theme is told."""
    ids = world.staged()
    world.metafields.errors = [NoAnswer("silence")]
    with pytest.raises(NoAnswer):
        world.line.attach(ids)

    assert "go_on" == world.line.attach(ids).next
    assert numbers(world, ids) == world.metafields.values[LAMP, KEY]["ids"]


@pytest.mark.parametrize("error", [BadInput("no"), NotFound("gone")], ids=["refused", "gone"])
def test_a_refusal_holds_nothing_up(world, error):
    """The picture is published all the same, with its own mark."""
    ids = world.staged()
    world.metafields.errors = [error]

    assert "go_on" == world.line.attach(ids).next
    assert world.is_(ids[0], "published")


def test_words_behind_the_alt_text(open_world):
    """Part of the plan, so that a merchant sees them in the preview; the picture itself is the same."""
    world = open_world(alt_suffix=" (made  with AI)")
    marked = world.look.preview(SHOP, GenerateRequested(product_id=LAMP)).briefs
    world.settings = Settings()
    plain = world.look.preview(SHOP, GenerateRequested(product_id=LAMP)).briefs

    assert all(brief.alt.endswith(" (made with AI)") for brief in marked)
    assert [brief.key for brief in plain] == [brief.key for brief in marked]


def test_a_long_title_leaves_room_for_the_words(open_world):
    """Shopify takes 512 characters; the words that disclose are not the ones that are cut."""
    world = open_world(alt_suffix="(made with AI)")
    world.catalog.products[LAMP] = world.catalog.products[LAMP].model_copy(update={"title": "lamp " * 200})

    for brief in world.look.preview(SHOP, GenerateRequested(product_id=LAMP)).briefs:
        assert len(brief.alt) <= 512
        assert brief.alt.endswith("(made with AI)")


def test_the_snippet_reads_what_is_written(world):
    """Documentation that names another key would show nothing, silently."""
    text = DOCS.read_text()
    published(world)

    assert f"].{KEY}.value" in text
    assert set(world.metafields.values[LAMP, KEY]) == set(re.findall(r'^  "(\w+)":', text, re.MULTILINE))
    assert f"[product.metafields.app.{KEY}]" in (DOCS.parents[1] / "shopify.app.toml").read_text()
