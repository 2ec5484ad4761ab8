"""The real-world size of a product, as its listing states it, so that the scene gets the right scale."""

from __future__ import annotations

import re

_NUMBER = r"\d{1,4}(?:[.,]\d{1,2})?"
_UNIT = r"(?:mm|cm|m|inch(?:es)?|in|ft|[\"″])"
_TIMES = r"\s*(?:[x×*✕]|by)\s*"
_LABEL = (
    r"(?:[LWHDBTØ]|height|width|depth|length|diameter|h[öo]he|breite|tiefe|l[äa]nge|durchmesser"
    r"|hauteur|largeur|profondeur|longueur|alto|ancho|altura|高さ|幅|奥行き?|直径|高度|宽度)"
)

PRODUCT_OF_TWO_OR_THREE = re.compile(
    rf"(?<![\w.,]){_NUMBER}\s?{_UNIT}?(?:{_TIMES}{_NUMBER}\s?{_UNIT}?){{1,2}}(?<=[\d\w\"″])", re.IGNORECASE
)
LABELLED = re.compile(rf"(?<!\w){_LABEL}\s*[:=]?\s*{_NUMBER}\s?{_UNIT}(?!\w)", re.IGNORECASE)
_HAS_UNIT = re.compile(rf"\d\s?{_UNIT}(?!\w)", re.IGNORECASE)


def size_hint(text: str) -> str:
    """The first size with a unit in the text, "" if there is none.

    >>> size_hint("Solid oak, 40 x 40 x 55 cm, oiled")
    '40 x 40 x 55 cm'
    >>> size_hint("Höhe: 32 cm, pack of 4 x 2")
    'Höhe 32 cm'
    """
    for found in PRODUCT_OF_TWO_OR_THREE.finditer(text):
        if _HAS_UNIT.search(found.group()):
            return _tidy(found.group())
    labelled = [_tidy(found.group()) for found in LABELLED.finditer(text)]
    return ", ".join(dict.fromkeys(labelled[:3]))


def _tidy(size: str) -> str:
    size = re.sub(_TIMES, " x ", size.strip(), flags=re.IGNORECASE)
    size = re.sub(r"\s?[\"″]", " in", size)
    return re.sub(r"\s+", " ", re.sub(r"\s*[:=]\s*", " ", size))
