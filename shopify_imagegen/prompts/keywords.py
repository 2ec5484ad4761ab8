"""Words that give a product's category away, in any language, found in any text."""

from __future__ import annotations

import re
import unicodedata

from shopify_imagegen.models import Value
from shopify_imagegen.prompts.characters import visible

UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
ENDINGS = {"", "s", "es", "n", "en", "e", "er"}  #: plurals and the like


class Keyword(Value):
    """A word that gives a category away."""

    category: str
    word: str  #: folded
    anywhere: bool  #: scripts without spaces: found inside other words too
    ends_words: bool  #: "-tisch" is found in "Beistelltisch"


def keyword(category_id: str, word: str) -> Keyword:
    """Read a word as a scene file writes it."""
    folded = fold(word.removeprefix("-"))
    return Keyword(
        category=category_id,
        word=folded,
        anywhere=bool(UNSPACED.search(folded)),
        ends_words=word.startswith("-"),
    )


def find(text: str, keywords: tuple[Keyword, ...]) -> str | None:
    """The longest word wins: "coffee table" is furniture, not food; of equals the last, as a head noun is."""
    folded, best = fold(text), (0, -1, "")
    for keyword in keywords:
        at = _position(folded, keyword)
        if at >= 0:
            best = max(best, (len(keyword.word), at, keyword.category))
    return best[2] or None


def _position(text: str, keyword: Keyword) -> int:
    """Where the word is found last, -1 if it is not."""
    at = text.rfind(keyword.word)
    while at >= 0 and not _stands(text, at, keyword):
        at = text.rfind(keyword.word, 0, at + len(keyword.word) - 1)
    return at


def _stands(text: str, at: int, keyword: Keyword) -> bool:
    if keyword.anywhere:
        return True
    begins = at == 0 or not text[at - 1].isalnum() or keyword.ends_words
    rest = re.match(r"\w*", text[at + len(keyword.word) :])
    return begins and (rest is None or rest.group() in ENDINGS)


def fold(text: str) -> str:
    """For comparison: no case, no Latin accents, single spaces.

    >>> fold("Éléphant  STRASSE Straße")
    'elephant strasse strasse'
    """
    apart = unicodedata.normalize("NFKD", visible(text).casefold())
    plain = "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f")  # Japanese voicing marks stay
    return " ".join(unicodedata.normalize("NFC", plain).split())
