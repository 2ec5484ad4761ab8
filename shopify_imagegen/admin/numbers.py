"""Numbers and money as each language writes them, and as people type them. Pure; the record keeps English."""

from __future__ import annotations

import re

from shopify_imagegen.budget import dollars

SWAPPED = str.maketrans(",.", ".,")
POINT_IS_A_COMMA = {"de"}  #: languages that write 1.900 for 1,900, and "58,80 $"
MONEY = re.compile(r"-?\$(\d[\d,]*(?:\.\d+)?)")
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
SIGN = "\N{NO-BREAK SPACE}$"  # an amount and its sign stay on one line


def number(language: str, count: int) -> str:
    """
    >>> number("en", 1900), number("de", 1900)
    ('1,900', '1.900')
    """
    return localised(language, f"{count:,}")


def money(language: str, microusd: int | None) -> str:
    """An amount; a dash where there is none.

    >>> money("en", 58_800_000), money("en", None)
    ('$58.80', '–')
    >>> money("de", 1_058_800_000).replace(SIGN, " $")
    '1.058,80 $'
    """
    return "–" if microusd is None else localised(language, dollars(microusd))


def localised(language: str, text: str) -> str:
    """An English amount or number in that language; anything else stays as it is.

    >>> localised("de", "1,900"), localised("de", "today's 5"), localised("en", "$5.00")
    ('1.900', "today's 5", '$5.00')
    """
    if language not in POINT_IS_A_COMMA:
        return text
    if MONEY.fullmatch(text):
        return text.replace("$", "", 1).translate(SWAPPED) + SIGN
    return text.translate(SWAPPED) if GROUPED.fullmatch(text) else text


def typed(language: str, text: str) -> str:
    """An amount as somebody typed it, in the form that our readers take.

    Where a comma is the decimal sign, a point is one too: of 1.000 we take the smaller meaning, for it is a limit.

    >>> typed("de", "58,80 $"), typed("de", "12.50"), typed("en", " $3 ")
    ('58.80', '12.50', '$3')
    """
    plain = text.strip().removesuffix("$").strip()
    return plain.replace(",", ".") if language in POINT_IS_A_COMMA else plain
