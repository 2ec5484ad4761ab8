"""How Shopify's files and gallery pages become ours, and how a file is known by its name."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from shopify_imagegen.adapters.shopify.admin_api import (
    Client,
    FilesByIdNodesMediaImage,
    FilesSearchFilesNodesMediaImage,
    ProductMediaProductMedia,
    ProductMediaProductMediaNodesMedia,
    ProductMediaProductMediaNodesMediaImage,
)
from shopify_imagegen.adapters.shopify.paging import whole
from shopify_imagegen.counts import counted
from shopify_imagegen.errors import NotFound, Temporary
from shopify_imagegen.models import Photo, StoredFile

StoredImage = FilesSearchFilesNodesMediaImage | FilesByIdNodesMediaImage

PAGE = 50
PAGES = 10  # twice what the most media that a product may have can fill
KINDS = {
    "Media": "OTHER",
    "MediaImage": "IMAGE",
    "Video": "VIDEO",
    "ExternalVideo": "EXTERNAL_VIDEO",
    "Model3d": "MODEL_3D",
}


def photos(api: Client, product_id: str) -> tuple[Photo, ...]:
    """All of a product's media in gallery order, page by page."""

    def page(after: str | None) -> ProductMediaProductMedia:
        product = api.product_media(product_id, PAGE, after=after).product
        if product is None:
            raise NotFound(f"{product_id} is gone")
        return product.media

    return tuple(photo_from(node) for node in whole(page, pages=PAGES, what=f"the gallery of {product_id}"))


def photo_from(node: ProductMediaProductMediaNodesMedia | ProductMediaProductMediaNodesMediaImage) -> Photo:
    image = node.image if isinstance(node, ProductMediaProductMediaNodesMediaImage) else None
    return Photo(
        id=node.id,
        kind=KINDS[node.typename__],
        status=node.status.value,
        alt=node.alt or "",
        url=image.url if image else None,
    )


def stored_from(node: StoredImage) -> StoredFile:
    url = node.image.url if node.image else None
    return StoredFile(id=node.id, status=node.file_status.value, url=url, alt=node.alt or "")


def pick(files: Sequence[StoredFile], file_name: str) -> StoredFile | None:
    """The one of *files*, found by that name, that has exactly that name.

    A file without an address cannot be checked, but the name carries the picture's key, so that a search for all of it
    finds no other.

    Raises:
        Temporary: several cannot be checked yet.
    """
    named_so = [file for file in files if file.url and same_name(file.url, file_name)]
    unchecked = [file for file in files if file.url is None]
    if len(unchecked) > 1 and not named_so:
        several = counted(len(unchecked), "file")
        raise Temporary(f"which of {several} is {file_name} shows when Shopify has processed them")
    return next(iter(named_so + unchecked), None)


def named(file_name: str) -> str:
    """The search for a file name, as one phrase, so that no character of it is read as search syntax.

    >>> named('a "big" lamp.jpg')
    'filename:"a \\\\"big\\\\" lamp.jpg"'
    """
    escaped = file_name.replace("\\", "\\\\").replace('"', '\\"')
    return f'filename:"{escaped}"'


def same_name(url: str, file_name: str) -> bool:
    """Whether a CDN address is that of the file; Shopify keeps the name, and adds to it when it was taken."""
    return unquote(urlsplit(url).path.rsplit("/", 1)[-1]).casefold() == file_name.casefold()
