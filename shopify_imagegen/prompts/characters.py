"""Text made of visible characters only, none of which can end a quotation or open a template."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARS = 8_000  # enough to find three hundred good ones; keeps every later pattern fast
ODD = {"Cc", "Cf", "Cs", "Co", "Cn", "So"}  # controls, bidi, zero-width, tags, lone surrogates, private, pictographs
KEPT = {"°", "№"}
SPACES = re.compile(r"[^\S\n]+")
MARKUP = re.compile(r"[{}<>\[\]|#*`~\\^_]|\$(?=\{)")
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]"
MANY_MARKS = re.compile(rf"({_MARK}{{2}}){_MARK}+")
VARIATION = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]")


def visible(text: str) -> str:
    """Normalise to NFKC, drop what cannot be seen, and keep line breaks.

    >>> visible("Ta\\u200bble\\u202e ﬁne\\x00 ™")
    'Table fine'
    """
    text = text[:MAX_CHARS].translate({ord(sign): None for sign in "™®©℠"})  # NFKC would write "TM"
    text = VARIATION.sub("", unicodedata.normalize("NFKC", VARIATION.sub("", text)))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n").split("\n")
    seen = ("".join(_kept(sign) for sign in line) for line in lines)
    return "\n".join(SPACES.sub(" ", MANY_MARKS.sub(r"\1", line)).strip() for line in seen)


def unquotable(text: str) -> str:
    """Drop markup signs; inches are written out and other double quotes become single ones.

    >>> unquotable('15" screen, ```{{x}}``` "Nova"')
    "15 in screen, x 'Nova'"
    """
    text = re.sub(r"(?<=\d)\s?(?:\"|″|′′)", " in", text)
    text = re.sub(r"[\"“”„‟«»″]", "'", MARKUP.sub(" ", text))
    return SPACES.sub(" ", re.sub(r"'{2,}", "'", text)).strip()


def cut(text: str, max_chars: int) -> str:
    """At most *max_chars*, ending with a whole word where the script has words.

    >>> cut("oak side table", 11)
    'oak side'
    """
    if len(text) <= max_chars:
        return text
    head = text[: max_chars + 1]
    at = head.rfind(" ")
    return (head[:at] if at > max_chars // 2 else head[:max_chars]).rstrip(" ,;:-–—'(&/")


def _kept(sign: str) -> str:
    if sign in "\t\v\f":
        return " "
    return sign if sign in KEPT or unicodedata.category(sign) not in ODD else ""
