"""Texts between forms, shops and people. Pure: text in, text out."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

BLOCK_END = re.compile(r"</(?:p|li|h[1-6]|div|tr)\s*>|<br\s*/?>", re.IGNORECASE)
BLANK_LINE = re.compile(r"\n\s*\n")
CODE = re.compile(r"`([^`]+)`")
RESERVED = {"self", "name", "probability", "times"}


def paragraphs(html: str) -> list[str]:
    """What a description says, without its markup.

    >>> paragraphs("<p>Solid <b>oak</b>.</p><p>Oiled &amp; waxed.</p>")
    ['Solid oak.', 'Oiled & waxed.']
    """
    parts = (Markup(part).striptags() for part in BLOCK_END.split(html))
    return [part for part in parts if part]


def html_of(text: str) -> str:
    """Plain *text* as a description: blank lines part the paragraphs.

    >>> html_of("Oak & ash.\\n\\nOiled.")
    '<p>Oak &amp; ash.</p><p>Oiled.</p>'
    """
    parts = (" ".join(part.split()) for part in BLANK_LINE.split(text.replace("\r\n", "\n")))
    return "".join(f"<p>{escape(part)}</p>" for part in parts if part)


def tags_of(text: str) -> list[str]:
    """
    >>> tags_of("oak,  living room ,,oak")
    ['oak', 'living room']
    """
    return list(dict.fromkeys(tag.strip() for tag in text.split(",") if tag.strip()))


def params_of(text: str) -> dict[str, Any]:
    """The parameters of a fault: numbers and true or false as such, everything else as text.

    >>> params_of("seconds=2.5 operation=FileCreate effect=true")
    {'seconds': 2.5, 'operation': 'FileCreate', 'effect': True}

    Raises:
        ValueError: a part is not `key=value`, or its key is one of the panel's own fields.
    """
    pairs = [part.partition("=") for part in text.split()]
    wrong = [key for key, equals, _ in pairs if not (equals and key.isidentifier()) or key in RESERVED]
    if wrong:
        raise ValueError(f"Parameters look like seconds=3 operation=FileCreate; please check {', '.join(wrong)}")
    return {key: _value(value) for key, _, value in pairs}


def _value(text: str) -> object:
    """JSON's numbers and truths; anything else is text."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, bool | int | float) else text


def with_code(text: str) -> Markup:
    """
    >>> with_code("takes `seconds` < 5")
    Markup('takes <code>seconds</code> &lt; 5')
    """
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))  # escaped first, so nothing but ours is markup


def clock(moment: datetime) -> str:
    """The time of day on this machine's clock, to the second."""
    return moment.astimezone().strftime("%H:%M:%S")


def size(count: int, noun: str) -> str:
    """
    >>> size(1, "photo"), size(2, "photo")
    ('1 photo', '2 photos')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
