"""Texts are catalogued: no sentence in a template, and every language has every sentence."""

import re
import string
from pathlib import Path

import pytest

from shopify_imagegen.admin import language
from shopify_imagegen.admin.language import LANGUAGES, words

ADMIN = Path(language.__file__).parent
TEMPLATES = {  # pages; those of the gate are shown before anybody's language is known
    file.name: file.read_text(encoding="utf-8")
    for file in sorted((ADMIN / "templates/admin").glob("*.html"))
    if file.name not in {"fresh_token.html", "not_served.html", "not_signed_in.html"}
}
PAGES = [file.read_text(encoding="utf-8") for file in sorted((ADMIN / "pages").glob("*.py"))]
SOURCES = "\n".join([*TEMPLATES.values(), *PAGES]).replace("'", '"')
SENTENCE = re.compile(r"[A-Za-z]{3,}")
READ_ALOUD = re.compile(r'\b(?:aria-label|alt|title|placeholder)="([^"{]*[A-Za-z]{3,}[^"{]*)"')


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_language_says_all_that_english_says(code):
    """A missing sentence is an error page for whoever reads that language."""
    assert set(words("en").texts) == set(words(code).texts)


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_translations_are_filled_in_with_the_same_values(code):
    """A name that only one language fills in is a number that the others do not show, or an error."""
    for key, text in words("en").texts.items():
        assert fields(text) == fields(words(code).texts[key]), key


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_holds_a_sentence(name):
    """What is written into a template stays English for everybody."""
    text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", TEMPLATES[name], flags=re.DOTALL)
    words_only = re.sub(r'<[^>]*>|[\w-]+="[^"]*"', "\n", text)

    assert [] == [part.strip() for part in words_only.split("\n") if SENTENCE.search(part)]
    assert [] == READ_ALOUD.findall(text)


def test_every_sentence_that_is_asked_for_is_there():
    """A key with a typing error is found here, not by a merchant."""
    asked = set(re.findall(r'\bt\("([\w.]+)"[,)]', SOURCES))
    said = {f"said.{key}" for key in re.findall(r'\bgo\(\s*"\w+", "(\w+)"', SOURCES)}
    beginnings = set(re.findall(r'\bt\("([\w.]+[._])" ~', SOURCES))

    assert len(asked) > 100
    assert set() == (asked | said) - set(words("en").texts)
    assert set() == {each for each in beginnings if not any(key.startswith(each) for key in words("en").texts)}


def test_no_sentence_lies_about_unused():
    """Translators are asked for nothing that nobody reads."""
    groups = {
        "action",
        "actor",
        "image",
        "job",
        "stage",
        "status",
        "keys",
        "said",
        "places",
        "undoing",
        "backfill",
        "item",
    }
    beginnings = tuple(re.findall(r'"([\w.]+[._])" ~', SOURCES))

    unused = [
        key
        for key in words("en").texts
        if f'"{key}"' not in SOURCES and key.split(".")[0] not in groups and not key.startswith(beginnings)
    ]
    assert [] == unused


@pytest.mark.parametrize(
    ("asked", "code"),
    [("de", "de"), ("de-AT,de;q=0.9,en;q=0.8", "de"), ("en-GB,de", "en"), ("fr", "en"), ("", "en"), (";;,", "en")],
)
def test_the_best_language_is_taken(asked, code):
    """Shopify says it as "de", browsers as a list with weights."""
    assert code == language.best(asked)


def test_one_and_many_are_told_apart():
    """ "1 photos" looks careless."""
    assert "1 photo" == words("en")("products.photos", count=1)
    assert "1,200 photos" == words("en")("products.photos", count=1200)
    assert "0 Fotos" == words("de")("products.photos", count=0)


def test_numbers_and_money_are_written_as_the_language_does():
    """1,900 is less than two to a German, and $58.80 is nobody's way to write a price there."""
    assert ("1,900 photos", "1.900 Fotos") == tuple(words(code)("products.photos", count=1900) for code in LANGUAGES)
    assert ("$1,058.80", "1.058,80\N{NO-BREAK SPACE}$") == tuple(words(code).money(1_058_800_000) for code in LANGUAGES)
    assert ("–", "–") == tuple(words(code).money(None) for code in LANGUAGES)


@pytest.mark.parametrize(
    ("code", "typed", "read"),
    [
        ("en", "58.80", "58.80"),
        ("de", "58,80\N{NO-BREAK SPACE}$", "58.80"),
        ("de", "12.50", "12.50"),
        ("de", "1.000", "1.000"),
    ],
)
def test_an_amount_may_be_typed_as_it_is_shown(code, typed, read):
    """A page that refuses what it has just written would be a riddle; of two meanings a limit gets the smaller."""
    assert read == words(code).typed(typed)


def test_a_state_that_the_catalogue_does_not_know_is_still_named():
    """A new state of the house must not take a page with it."""
    assert "On the product" == words("en").named("image", "published")
    assert "Never heard of" == words("en").named("image", "never_heard_of")


def fields(text):
    """The names that are to be filled in; `{{n}}` is the script's."""
    parts = [text] if isinstance(text, str) else text.values()
    return {name for part in parts for _, name, _, _ in string.Formatter().parse(part) if name}
