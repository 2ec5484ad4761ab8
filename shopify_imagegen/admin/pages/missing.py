"""Products without photos of ours. Shopify cannot search for what is not there, so the catalogue is read for a moment.

Ids alone are read, many at a time, and our own tables say which of them to show: a page costs the store few points.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from shopify_imagegen import hurry
from shopify_imagegen.admin.pages.reach import reached
from shopify_imagegen.models import IdPage, Value
from shopify_imagegen.wiring import House

LOOKED_AT = (50, 150, 250)  # ids of one reading after the other, in time; then the page shows what was found
PLACE = re.compile(r"(\d{1,3})~(.*)", re.DOTALL)


class Found(Value):
    """What a look at a part of the catalogue has found."""

    ids: tuple[str, ...] = ()
    looked_at: int = 0  #: products
    after: str | None = None  #: asks for those behind; None: the catalogue ends here
    unreachable: bool = False


def missing(house: House, shop: str, words: str, after: str | None, *, limit: int) -> Found:
    """The next products without photos of ours, the newest first: at most *limit*, perhaps fewer, or none so far."""
    found = Found(after=after)
    for at_once in LOOKED_AT:
        skipped, cursor = _placed(found.after)
        size = min(LOOKED_AT[-1], at_once + skipped)
        page = reached(partial(house.shopify.cards.ids, shop, words, after=cursor, limit=size))
        if page is None:
            return found.model_copy(update={"unreachable": True})
        bare = _bare(house, shop, page.ids[skipped:])
        found = _more(found, page, skipped, bare, limit=limit)
        if len(found.ids) == limit or found.after is None or hurry.left_s() == 0:
            break
    return found


def _bare(house: House, shop: str, ids: Sequence[str]) -> list[str]:
    standings = house.overview.standings(shop, ids)
    return [each for each in ids if standings[each].stage is None]


def _more(found: Found, page: IdPage, skipped: int, bare: list[str], *, limit: int) -> Found:
    """With those of one more reading; where that holds too many, the next page begins within it."""
    taken = bare[: limit - len(found.ids)]
    cursor = _placed(found.after)[1]
    if len(taken) == len(bare):
        read, after = len(page.ids), page.after
    else:
        read = page.ids.index(taken[-1]) + 1
        after = f"{read}~{cursor or ''}"
    return Found(ids=(*found.ids, *taken), looked_at=found.looked_at + read - skipped, after=after)


def _placed(after: str | None) -> tuple[int, str | None]:
    """How many ids to leave out, and of which page.

    >>> _placed("12~abc"), _placed("12~"), _placed("abc"), _placed(None)
    ((12, 'abc'), (12, None), (0, 'abc'), (0, None))
    """
    found = PLACE.fullmatch(after or "")
    return (int(found[1]), found[2] or None) if found else (0, after)
