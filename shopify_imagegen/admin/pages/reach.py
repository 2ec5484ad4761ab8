"""Ask the store for what a page would like to show. A store that does not answer leaves a gap, not an error page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from shopify_imagegen.errors import ImagegenError, NotFound

logger = logging.getLogger(__name__)

T = TypeVar("T")


def reached(read: Callable[[], T]) -> T | None:
    """What *read* says; None when the store could not be asked.

    Raises:
        NotFound: the store was asked, and does not have it.
    """
    try:
        return read()
    except NotFound:
        raise
    except ImagegenError as error:
        logger.warning("a page is shown without what the store knows: %s", error, extra={"action": "not_reached"})
        return None
