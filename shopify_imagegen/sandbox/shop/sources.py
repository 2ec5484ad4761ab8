"""What an `originalSource` may be: a staged resource that was uploaded, or an http address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from shopify_imagegen.sandbox.shop.fields import Call
from shopify_imagegen.sandbox.shop.filenames import name_in
from shopify_imagegen.sandbox.shop.files import Fetch, from_bytes, from_url


@dataclass(frozen=True)
class Source:
    """Where the bytes of a new file come from, and the name they suggest."""

    filename: str
    fetch: Fetch


def find_source(call: Call, url: str) -> Source | None:
    """The source behind *url*; None when there is none: not http(s), or a staged target that nothing was put in."""
    if call.uploads.is_staged(call.shop.domain, url):
        content = call.uploads.uploaded(call.shop.domain, url)
        return None if content is None else Source(name_in(url), from_bytes(content))
    if urlsplit(url).scheme not in ("http", "https"):
        return None
    return Source(name_in(url), from_url(url))
