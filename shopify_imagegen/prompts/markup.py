"""HTML to the text that a visitor of the shop would see, and nothing that is hidden from that visitor."""

from __future__ import annotations

import re
from html.parser import HTMLParser

MAX_CHARS = 20_000  # what counts stands at the beginning; the standard parser is slow on broken markup

UNSEEN = {
    "script", "style", "svg", "template", "noscript", "iframe", "object", "head", "title",
    "textarea", "select", "button", "math", "audio", "video", "canvas",
}  # fmt: skip
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
ENDS_BY_ITSELF = {"p", "li", "tr", "td", "th", "dt", "dd", "option"}
INLINE = {"a", "abbr", "b", "cite", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u", "wbr"}
HIDING_STYLE = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|font-size:0*\.?0+(?:[a-z%]|;|!|$)"
    r"|(?<!-)opacity:0*\.?0+%?(?:;|!|$)|(?:text-indent|left|top):-\d{3,}|clip-path:inset\((?:50|100)%"
)


def visible_text(html: str) -> tuple[str, bool]:
    """Return the visible text, one line per block, and whether anything had been hidden.

    Never raises: unclosed tags, comments of word processors and broken entities are read as a browser would.
    """
    reader = _Reader()
    # the parser asserts that `<![` begins a CDATA section; word processors write `<![if …]>`
    tags, end, rest = html[:MAX_CHARS].replace("<![", "<!").rpartition(">")
    reader.feed(tags + end + rest.replace("<", "&lt;"))  # without an end no tag is one
    reader.close()
    return "".join(reader.pieces), reader.hid_words


class _Reader(HTMLParser):
    """Collects text; knows which open elements hide what is inside them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.hid_words = False
        self._open: list[tuple[str, bool]] = []  # name, and whether it or an outer one is out of sight

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break(tag)
        if tag in VOID:
            return
        if tag in ENDS_BY_ITSELF and self._open and self._open[-1][0] == tag:
            self._open.pop()
        self._open.append((tag, self._out_of_sight or tag in UNSEEN or _hidden(dict(attrs))))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # in HTML the slash of `<div hidden/>` closes nothing

    def handle_endtag(self, tag: str) -> None:
        self._break(tag)
        depth = next((at for at in reversed(range(len(self._open))) if self._open[at][0] == tag), None)
        if depth is not None:
            del self._open[depth:]

    def handle_data(self, data: str) -> None:
        if not self._out_of_sight:
            self.pieces.append(data)
        elif data.strip() and not any(tag in UNSEEN for tag, _ in self._open):
            self.hid_words = True

    @property
    def _out_of_sight(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def _break(self, tag: str) -> None:
        if tag not in INLINE and not self._out_of_sight:
            self.pieces.append(" " if tag in {"td", "th"} else "\n")


def _hidden(attrs: dict[str, str | None]) -> bool:
    style = re.sub(r"\s", "", attrs.get("style") or "").lower()
    said = "hidden" in attrs or (attrs.get("aria-hidden") or "").strip().lower() == "true"
    return said or bool(HIDING_STYLE.search(style))
