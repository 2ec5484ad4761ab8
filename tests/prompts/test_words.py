import pytest

from shopify_imagegen.errors import ConfigError, Rejected
from shopify_imagegen.prompts.library import load
from shopify_imagegen.prompts.words import (
    KEEP,
    MAX_PROMPT_CHARS,
    Wording,
    check,
    house_style,
    packaged_template,
    prompt,
)
from shopify_imagegen.settings import StyleSection

LIBRARY = load()
TEMPLATE = packaged_template()
WORDING = Wording(title="Oak Side Table", kind="Side table", facts="Solid oak.", size="40 x 40 x 55 cm", note="on snow")
SCENE = LIBRARY.scene("furniture/reading-corner")
FURNITURE = LIBRARY.category("furniture")
BARE = "{{ title }} {{ keep }} {{ do_not_add }} {{ rules }} {{ facts }} "


def written(wording=WORDING, *, template=TEMPLATE, scene=SCENE, max_chars=MAX_PROMPT_CHARS):
    return prompt(template, wording, scene, FURNITURE, max_chars=max_chars)


@pytest.mark.parametrize("category", LIBRARY.categories, ids=lambda category: category.id)
def test_every_scene_renders_for_every_category(category):
    """A person may ask for any scene for any product."""
    for scene in LIBRARY.scenes:
        text = prompt(TEMPLATE, WORDING, scene, category, max_chars=MAX_PROMPT_CHARS)

        assert all(words in text for words in (KEEP, category.rules, scene.scene, scene.placement))
        assert f"about {scene.size_percent}% of the frame" in text
        assert len(text) < 2_600
        assert "\n\n" not in text


def test_the_prompt_says_all_that_we_know():
    """Each of these is there because its absence made bad pictures."""
    text = written()

    known = ("Oak Side Table (Side table)", "40 x 40 x 55 cm", '"""Solid oak."""', "about the picture: on snow.")
    assert [] == [words for words in known if words not in text]


def test_the_style_of_the_shop_is_in_every_prompt():
    """A hundred pictures that belong together is the job."""
    style = StyleSection(look="Scandinavian, calm.", palette="sand and sage", mood="slow", avoid=("plants", "books"))
    text = written(WORDING.model_copy(update=house_style(style)))

    for words in ("Scandinavian, calm. Palette: sand and sage. Mood: slow.", "people, faces or hands, plants, books."):
        assert words in text


def test_people_appear_only_where_the_settings_allow_them():
    """Claims about bodies, and laws on synthetic performers, are a merchant's decision."""
    allowed = WORDING.model_copy(update=house_style(StyleSection(people="allowed")))

    assert ("hands" in written(), "hands" in written(allowed)) == (True, False)


def test_facts_give_way_first():
    """The product's protection must never be what is cut."""
    short, long = written(), written(WORDING.model_copy(update={"facts": "solid oak " * 30}))
    cut = written(WORDING.model_copy(update={"facts": "solid oak " * 30}), max_chars=len(short) + 40)

    assert len(cut) <= len(short) + 40 < len(long)
    assert KEEP in cut
    assert WORDING.do_not_add in cut


def test_no_room_even_without_facts_is_refused():
    """Half a prompt would still be charged."""
    with pytest.raises(Rejected):
        written(max_chars=500)


def test_text_of_a_product_is_not_a_template():
    """Titles are data."""
    assert "{{ 7*7 }}" in written(WORDING.model_copy(update={"title": "{{ 7*7 }}"}))


BAD_TEMPLATES = {
    "python": "{{ ''.__class__ }}",
    "python through a filter": "{{ '' | attr('__class__') }}",
    "subclasses": "{{ ().__class__.__base__.__subclasses__() }}",
    "globals": "{{ cycler.__init__.__globals__ }}",
    "format string": "{{ '{0.__class__}'.format(title) }}",
    "memory": "{{ 'a' * 10 ** 10 }}",
    "percent format": "{{ '%9999999999d' % 1 }}",
    "time": "{% for a in range(1000000000) %}x{% endfor %}",
    "include": "{% include 'secrets.txt' %}",
    "import": "{% import 'os' as os %}",
    "unknown name": "{{ titel }}",
    "syntax": "{{ title",
    "calling a text": "{{ title() }}",
    "division": "{{ 1 / 0 }}",
}


@pytest.mark.parametrize("bad", BAD_TEMPLATES.values(), ids=BAD_TEMPLATES)
def test_a_template_cannot_reach_python(bad):
    """Merchants share templates; a shared one must not be a program."""
    with pytest.raises(ConfigError, match=r"prompts\.template"):
        check(BARE + bad, LIBRARY, StyleSection(), max_chars=MAX_PROMPT_CHARS)


@pytest.mark.parametrize("name", ["title", "keep", "do_not_add", "rules"])
def test_a_template_cannot_lose_the_protection(name):
    """A picture of a changed product is worse than none."""
    without = BARE.replace(f"{{{{ {name} }}}}", "")
    with pytest.raises(ConfigError, match=f"must print {{{{ {name} }}}}"):
        check(without, LIBRARY, StyleSection(), max_chars=MAX_PROMPT_CHARS)


def test_a_template_that_is_too_long_is_refused_at_the_start():
    """Not at three in the morning, with the first long title."""
    with pytest.raises(ConfigError, match="4096"):
        check(BARE + "x" * 4_000, LIBRARY, StyleSection(), max_chars=MAX_PROMPT_CHARS)


def test_a_small_template_is_enough():
    """Whoever keeps the four protections may write the rest."""
    check(BARE, LIBRARY, StyleSection(), max_chars=MAX_PROMPT_CHARS)

    assert written(template=BARE).startswith("Oak Side Table KEEP")
