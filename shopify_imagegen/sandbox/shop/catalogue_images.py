"""Find the file that an image URL of a Shopify export means, whatever size or suffix the URL or the file carries."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

SUFFIX = re.compile(
    r"""(
      _(pico|icon|thumb|small|compact|medium|large|grande|original|master)
    | _(\d+x\d+|\d+x|x\d+)
    | _crop_(top|center|bottom|left|right)
    | @[23]x
    | _[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}
    | \.progressive
    )$""",
    re.VERBOSE,
)
SIGNS = re.compile(r"[^\w-]+")
IMAGES = {".jpg", ".jpeg", ".png", ".webp", ".gif"}


class ImageFolder:
    """The image files below a directory, by exact and by bare name, without case."""

    def __init__(self, directory: Path | None) -> None:
        self._exact: dict[str, Path] = {}
        self._bare: dict[str, Path] = {}
        for path in sorted(directory.rglob("*")) if directory else []:
            if path.suffix.lower() in IMAGES and path.is_file():
                self._exact.setdefault(path.name.lower(), path)
                self._bare.setdefault(bare_name(path.name), path)

    def find(self, url: str) -> Path | None:
        """The file behind *url*: of its very name, else of the name without sizes and uuids."""
        name = unquote(PurePosixPath(urlsplit(url).path).name).lower()
        return self._exact.get(name) or self._bare.get(bare_name(name))


def bare_name(name: str) -> str:
    """*name* in lower case without extension, size suffixes and uuid, as Shopify writes it: no spaces, no signs.

    >>> bare_name("Oak_Table_1024x1024_crop_center@2x.JPG")
    'oak_table'
    >>> bare_name("Oak Table (2).jpg") == bare_name("Oak_Table_2_600x.jpg")
    True
    """
    stem = PurePosixPath(unicodedata.normalize("NFC", name.lower())).stem
    while (shorter := SUFFIX.sub("", stem)) not in ("", stem):
        stem = shorter
    return SIGNS.sub("_", stem).rstrip("_") or stem
