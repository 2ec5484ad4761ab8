"""Tell the theme which of a product's pictures were made by AI: a metafield that names them, kept up to date."""

from __future__ import annotations

import logging
from collections.abc import Callable

from shopify_imagegen.errors import NeedsAttention, NotFound, Permanent
from shopify_imagegen.models import Image, ImageState
from shopify_imagegen.ports import Metafields, Pictures
from shopify_imagegen.provenance import SOURCE_TYPE
from shopify_imagegen.settings import DisclosureSection

logger = logging.getLogger(__name__)

KEY = "ai_pictures"  # in the app's own namespace; docs/disclosure.md and shopify.app.toml name it too
MARK = "ai"


class Disclosure:
    """Writes what is published now, so that doing it again changes nothing.

    Args:
        settings: of a shop.
    """

    def __init__(
        self, *, pictures: Pictures, metafields: Metafields, settings: Callable[[str], DisclosureSection]
    ) -> None:
        self._pictures = pictures
        self._metafields = metafields
        self._settings = settings

    def refresh(self, shop: str, product_id: str) -> None:
        """Name the product's AI-made pictures, or drop the metafield when there is none.

        A refusal is logged and holds nothing up: the pictures carry their own mark all the same.

        Raises:
            NeedsAttention, Temporary, NoAnswer: not now; do it again.
        """
        if not self._settings(shop).metafield:
            return
        every = self._pictures.of_product(shop, product_id)
        published = [image for image in every if image.state == ImageState.PUBLISHED and image.file_id]
        try:
            if published:
                self._metafields.write(shop, product_id, KEY, told(published))
            else:
                self._metafields.erase(shop, product_id, KEY)
        except NotFound:
            return  # the product was deleted meanwhile
        except NeedsAttention:
            raise
        except Permanent as error:
            fields = {"action": "not_disclosed", "shop": shop, "product": product_id}
            logger.warning("the theme is not told which pictures are AI-made: %s", error, extra=fields)


def told(published: list[Image]) -> dict[str, object]:
    """The metafield's value: `ids` is what a theme compares `media.id` with, as text."""
    media = [str(image.file_id) for image in published]
    return {
        "version": 1,
        "ids": [each.rpartition("/")[2] for each in media],
        "media": [{"id": each, "mark": MARK, "digital_source_type": SOURCE_TYPE} for each in media],
    }
