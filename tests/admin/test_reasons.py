"""Why something is as it is, in the reader's language: the record is English, and the pages are not only that."""

import ast
import string
from pathlib import Path

import pytest

import shopify_imagegen
from shopify_imagegen.admin import reasons
from shopify_imagegen.admin.language import LANGUAGES
from shopify_imagegen.admin.reasons import said

HOUSE = Path(shopify_imagegen.__file__).parent
SAYING = """attach copies generate publish quality regenerate review rollback rules storm swap undoing whereabouts
recall backfills/beginning backfills/deciding backfills/feeding backfills/gate
backfills/rollback"""  # modules that write reasons down
FOR_OTHERS = (  # sentences of theirs that are in no reason
    "is not in our own table",
    "A newer picture is beside it",  # with what went wrong
)


def test_reasons_are_said_in_german():
    """What nobody has translated is read in English, in the middle of a German page."""
    found = [each for module in SAYING.split() for each in sentences(HOUSE / f"{module}.py")]
    unsaid = [each for each in found if said("de", each) == each and not any(part in each for part in FOR_OTHERS)]

    assert len(found) > 60
    assert [] == unsaid


def sentences(file):
    """What a module says in whole sentences, with "7" where something is filled in."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    parts = {
        id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in ast.walk(node) if part is not node
    }
    described = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    texts = [words(node) for node in nodes if id(node) not in parts | described]
    return [each for each in texts if each.endswith(".") and each[:1].isupper() and each.count(" ") > 1]


def words(node):
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_nothing_that_the_record_does_not_say(language):
    """A misspelt name would be an error page."""
    for sentence, text in reasons.sentences(language).items():
        assert fields(text) <= fields(sentence), sentence


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("recorded", "german"),
    [
        (
            "1 of 2 lifestyle photos on the product. The picture is blank: it shows one even colour.",
            "1 von 2 Lifestyle-Fotos auf dem Produkt. Das Foto ist leer: Es zeigt eine einzige Farbe.",
        ),
        (
            "Not bought: the daily budget of $5.00 has no room for $0.06.",
            "Nicht gekauft: Im Tagesbudget von 5,00\N{NO-BREAK SPACE}$ ist kein Platz für 0,06\N{NO-BREAK SPACE}$.",
        ),
        (
            "It waits: today's $1,900.00 budget has no room for more; it goes on by itself.",
            "Er wartet: Im Budget ist kein Platz für mehr (heute 1.900,00\xa0$); er geht von selbst weiter.",
        ),
        ("Not bought: the provider had a bad day", "Nicht gekauft: the provider had a bad day"),
        (
            "The store is paused. The app is not installed in this store.",
            "Der Shop pausiert. Die App ist in diesem Shop nicht installiert.",
        ),
        (
            "Bought and kept, but not in the store yet: Shopify could not be reached: timed out",
            "Gekauft und aufgehoben, aber noch nicht im Shop: Shopify war nicht zu erreichen: timed out",
        ),
        ("Zu dunkel, findet Eva.", "Zu dunkel, findet Eva."),
        ("", ""),
    ],
    ids=[
        "sentences",
        "amounts",
        "which budget",
        "a provider's words",
        "a reason in a reason",
        "to the bottom",
        "a person's",
        "none",
    ],
)
def test_a_reason_is_said_as_far_as_it_is_ours(recorded, german):
    """What a provider or a person said stays as it is."""
    assert german == said("de", recorded)


def test_pages_do_not_name_keys_of_the_settings_file():
    """A merchant has never seen that file."""
    keys = ("budget.", "prompts.", "trigger.", "images.", "(jobs retry)", "spend unknown", "backfill")
    every = [each for module in SAYING.split() for each in sentences(HOUSE / f"{module}.py")]
    naming = [each for each in every if any(key in said("en", each) for key in keys)]

    assert [] == naming
