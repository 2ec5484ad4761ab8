"""What our files are called: readable, unique by the purchase's key, and known as ours by the name alone."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARS = 100
MARK_DIGITS = 12
NO_DECOMPOSITION = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"})
EXTENSIONS = {"jpeg": ".jpg", "png": ".png", "webp": ".webp"}
EXTENSION_OF_MIME = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}

# Shopify puts a uuid or a size between our name and the extension: "…-lsp0123456789ab_600x600.jpg"
OURS = re.compile(rf"-lsp([0-9a-f]{{{MARK_DIGITS}}})(?:_[^/]*)?\.[a-z0-9.]+$")


def file_name(title: str, *, handle: str, scene: str, key: str, output_format: str) -> str:
    """Name a picture after its product and its scene, at most `MAX_CHARS` long.

    Args:
        title: in any script; where most of it is lost in ASCII, the *handle* stands in.
        scene: id in the scene library, "kitchen/morning-counter".
        key: of the purchase; its first digits are the mark that survives the loss of our database.
        output_format: "jpeg", "png" or "webp".

    >>> file_name("Crème brûlée dish", handle="dish", scene="kitchen/hob", key="0123456789abcdef", output_format="jpeg")
    'creme-brulee-dish-hob-lsp0123456789ab.jpg'
    """
    end = f"-lsp{key[:MARK_DIGITS]}{EXTENSIONS[output_format]}"
    place = slug(scene.rpartition("/")[2])[:30].strip("-") or "scene"
    room = MAX_CHARS - len(end) - len(place) - 1
    return f"{_shortened(_named_by(title) or slug(handle) or 'product', room)}-{place}{end}"


def is_ours(url: str) -> bool:
    """Whether the file behind a CDN address carries our mark, whatever Shopify added to its name.

    >>> is_ours("https://cdn.example/files/oak-table-desk-lsp0123456789ab_1024x1024.jpg?v=1")
    True
    """
    return mark_of(url) is not None


def mark_of(url: str) -> str | None:
    """Our mark in a file name or address: the first digits of the purchase's key; None where there is none.

    >>> mark_of("oak-table-desk-lsp0123456789ab.jpg")
    '0123456789ab'
    """
    name = url.partition("?")[0].partition("#")[0].rpartition("/")[2].lower()
    found = OURS.search(name)
    return found.group(1) if found and found.end() == len(name) else None


def for_mime(name: str, mime: str) -> str:
    """The file name with the extension that its bytes ask for: Shopify refuses a mismatch.

    >>> for_mime("oak-table-lsp0123456789ab.jpg", "image/png")
    'oak-table-lsp0123456789ab.png'
    """
    return name.rpartition(".")[0] + EXTENSION_OF_MIME[mime]


def slug(text: str) -> str:
    """Lower-case ASCII words joined by hyphens; "" when no letter or digit has an ASCII form."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(NO_DECOMPOSITION))
    return "-".join(re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode()))


def _named_by(title: str) -> str:
    """The title's slug, unless most of its letters are lost in ASCII: "350ml" names no mug."""
    found = slug(title)
    kept, had = (sum(sign.isalpha() for sign in text) for text in (found, title))
    return found if kept * 2 >= had else ""


def _shortened(words: str, room: int) -> str:
    """Cut at a hyphen where there is one."""
    if len(words) <= room:
        return words
    return (words[: room + 1].rpartition("-")[0] or words[:room]).strip("-")
