"""Find what no webhook told us: read what changed in each shop since we last did, and have it looked at.

A sweep of a shop is many pages. Each run reads one page of a shop, so that a stop never waits long, live work finds its
turn at Shopify between two pages, and no shop waits for another's end. The place in the middle is kept in the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import ValidationError

from shopify_imagegen.errors import BadInput, ImagegenError
from shopify_imagegen.models import Cursor, Listed, Page, Shop, SkipReason, Value, Watched
from shopify_imagegen.ports import Catalog, Clock, Cursors, Shops, Watch
from shopify_imagegen.settings import TriggerSection

logger = logging.getLogger(__name__)

NAME = "products"  # of the cursors
PAGE = 50  # products: about a twentieth of the smallest plan's points
PAGES_IN_A_CHAIN = 200  # Shopify ends a chain of pages at 25,000 products, silently
SHOPS_A_RUN = 10  # those that have waited longest
BETWEEN_PAGES_S = 2.0
LEASE_S = 180.0  # a page that takes longer has lost its reader
OVERLAP = timedelta(minutes=10)  # read again: Shopify's search is behind its products, and its clock is not ours
LEFT_TO_WEBHOOKS_S = 120.0


class Place(Value):
    """How far the sweep of a shop is; the cursor's value."""

    read_to: datetime  #: every change before it was handled
    is_claimed: bool = False  #: a worker reads a page right now
    began_at: datetime | None = None  #: of the sweep that is under way; None between two sweeps
    since: datetime | None = None  #: what it asks Shopify for: changes since then
    after: str | None = None  #: Shopify's cursor of the next page
    pages: int = 0  #: read with that `since`


class Sweep:
    """Reads changed products page by page. Any number of workers may run it at once.

    Args:
        every_s: between two sweeps of a shop.
        trigger: of a shop: which statuses get pictures, and how long after a merchant's last edit.
    """

    def __init__(
        self,
        *,
        shops: Shops,
        catalog: Catalog,
        watch: Watch,
        cursors: Cursors,
        every_s: float,
        trigger: Callable[[str], TriggerSection],
        clock: Clock,
    ) -> None:
        self._shops = shops
        self._catalog = catalog
        self._watch = watch
        self._cursors = cursors
        self._every_s = every_s
        self._trigger = trigger
        self._clock = clock

    def run_once(self) -> int:
        """Read one page of each shop whose turn it is. Returns how many products will be looked at for it."""
        cursors = self._cursors.all(NAME)
        turn = [shop for shop in self._active() if self._is_due(cursors.get(shop.domain))]
        turn.sort(key=lambda shop: _last_read(shop, cursors))
        return sum(self._read(shop, cursors.get(shop.domain)) for shop in turn[:SHOPS_A_RUN])

    def lags(self) -> dict[str, float]:
        """Active shop -> its lag: seconds since the moment up to which we know of all changes."""
        now, cursors = self._clock(), self._cursors.all(NAME)
        places = {shop.domain: _place(shop, cursors.get(shop.domain)) for shop in self._active()}
        return {domain: max(0.0, (now - place.read_to).total_seconds()) for domain, place in places.items()}

    def _active(self) -> list[Shop]:
        return [shop for shop in self._shops.all() if shop.state == "active"]

    def _is_due(self, cursor: Cursor | None) -> bool:
        if cursor is None:
            return True
        place = _parsed(cursor)
        wait_s = self._every_s
        if place:
            wait_s = LEASE_S if place.is_claimed else BETWEEN_PAGES_S if place.began_at else self._every_s
        return self._clock() - cursor.updated_at >= timedelta(seconds=wait_s)

    def _read(self, shop: Shop, before: Cursor | None) -> int:
        """One page of one shop. A shop that cannot be read is tried again later, and stops no other."""
        place = _begun(_place(shop, before), self._clock())
        claim = self._write(shop, before, place.model_copy(update={"is_claimed": True}))
        if claim is None:
            return 0  # another worker was faster
        try:
            page = self._page(shop.domain, place)
        except ImagegenError as error:
            fields = {"action": "sweep_failed", "shop": shop.domain}
            logger.warning("a shop's changes could not be read: %s", error, extra=fields)
            self._write(shop, claim, _given_up(place, error))
            return 0
        found = self._hand_over(shop, page.products)
        self._write(shop, claim, _after(place, page, self._left_to_webhooks()))
        return found

    def _page(self, shop: str, place: Place) -> Page:
        return self._catalog.changed(shop, place.since or place.read_to, after=place.after, limit=PAGE)

    def _write(self, shop: Shop, before: Cursor | None, place: Place) -> Cursor | None:
        return self._cursors.move(shop.domain, NAME, before=before, value=place.model_dump_json())

    def _hand_over(self, shop: Shop, products: Sequence[Listed]) -> int:
        """Have those looked at that are worth it. Doing it twice is one look."""
        now = self._clock()
        known = self._watch.known(shop.domain, [product.id for product in products])
        old_enough = [product for product in products if product.updated_at <= self._left_to_webhooks()]
        quiet = timedelta(seconds=self._trigger(shop.domain).quiet_s)
        missed = [product for product in old_enough if self._is_missed(shop, product, known.get(product.id))]
        for product in missed:
            due_at = max(now, product.updated_at + quiet)
            is_new = product.created_at >= shop.installed_at
            self._watch.touch(shop.domain, product.id, created=is_new, due_at=due_at)
            fields = {"action": "sweep_found", "shop": shop.domain, "product": product.id}
            logger.info("a change that no webhook told us", extra=fields)
        return len(missed)

    def _left_to_webhooks(self) -> datetime:
        """What changed after that may still be told us; the next sweep sees it again."""
        return self._clock() - timedelta(seconds=min(LEFT_TO_WEBHOOKS_S, self._every_s))

    def _is_missed(self, shop: Shop, product: Listed, known: Watched | None) -> bool:
        """Whether a look is worth a read of the product: it is new to us, or has what it was waiting for."""
        if known is None or (not known.state and not known.created_seen):
            return product.created_at >= shop.installed_at and not (known and known.is_due)
        if not known.open or known.is_due or not known.state:
            return False
        if known.state == SkipReason.NO_PHOTOS:
            return product.has_media
        if known.state == SkipReason.STATUS:
            return product.status.lower() in self._trigger(shop.domain).statuses
        return True


def _begun(place: Place, now: datetime) -> Place:
    """The sweep that is under way, or a new one."""
    if place.began_at:
        return place.model_copy(update={"is_claimed": False})
    return Place(read_to=place.read_to, began_at=now, since=place.read_to - OVERLAP)


def _after(place: Place, page: Page, fresh_since: datetime) -> Place:
    """Where the sweep stands when *page* has been handled. It ends with the last page, or where changes are fresh."""
    last = page.products[-1].updated_at if page.products else place.read_to
    reached = max(place.read_to, last)
    if page.after is None:
        return Place(read_to=max(reached, place.began_at or reached))
    if last > fresh_since:  # in a busy shop there is always another page
        return Place(read_to=reached)
    if place.pages + 1 >= PAGES_IN_A_CHAIN and place.since and last > place.since:
        return Place(read_to=reached, began_at=place.began_at, since=last)
    more = {"read_to": reached, "after": page.after, "pages": place.pages + 1}
    return place.model_copy(update=more)


def _given_up(place: Place, error: ImagegenError) -> Place:
    """The same page again later; from the sweep's beginning when Shopify does not know the page any more."""
    if isinstance(error, BadInput) and place.after:
        return Place(read_to=place.read_to)
    return place.model_copy(update={"is_claimed": True})  # not at once: after the lease


def _place(shop: Shop, cursor: Cursor | None) -> Place:
    """Where the cursor is; at the installation when there is none yet."""
    return (_parsed(cursor) if cursor else None) or Place(read_to=shop.installed_at)


def _parsed(cursor: Cursor) -> Place | None:
    try:
        return Place.model_validate_json(cursor.value)
    except ValidationError:  # written by another version: reading from the beginning is harmless
        return None


def _last_read(shop: Shop, cursors: Mapping[str, Cursor]) -> datetime:
    cursor = cursors.get(shop.domain)
    return cursor.updated_at if cursor else shop.installed_at
