"""Names of files: what is free, what a clash becomes, whether an extension may stand for another. Pure."""

from __future__ import annotations

import re
import uuid
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

SAME = {"jpeg": "jpg"}
IMAGE_EXTENSIONS = {"jpg", "png", "webp", "gif"}


def extension(name: str) -> str:
    """Lower case, without the dot, `jpeg` told as `jpg`; empty when there is none."""
    found = PurePosixPath(name).suffix.lstrip(".").lower()
    return SAME.get(found, found)


def clean(name: str) -> str:
    """*name* as the CDN can carry it."""
    return re.sub(r"[^\w.-]+", "_", name).strip("_") or "file.jpg"


def name_in(url: str) -> str:
    """The last part of the path of *url*, without its query.

    >>> name_in("http://127.0.0.1/a/oak%20table.jpg?v=1")
    'oak_table.jpg'
    """
    return clean(unquote(PurePosixPath(urlsplit(url).path).name))


def with_uuid(name: str) -> str:
    """What a clash of names becomes: a uuid behind the stem."""
    path = PurePosixPath(name)
    return f"{path.stem}_{uuid.uuid4()}{path.suffix}"
