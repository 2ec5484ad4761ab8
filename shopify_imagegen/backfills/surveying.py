"""Plan a backfill: read the catalogue, decide on every product, freeze what was decided. Spends nothing.

May be killed at any moment: what is not frozen cannot be started, and whoever finds it silent plans it anew.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import TypeVar

from shopify_imagegen import rules
from shopify_imagegen.backfills.deciding import SILENT_AFTER
from shopify_imagegen.backfills.frozen import Sums, changed, first, planned_fields
from shopify_imagegen.backfills.where import Seen, Where, where
from shopify_imagegen.errors import Conflict, ImagegenError
from shopify_imagegen.look import Quote
from shopify_imagegen.models import (
    Backfill,
    BackfillState,
    Before,
    Change,
    Item,
    ItemState,
    Plan,
    Product,
    Skip,
    SkipReason,
    Trigger,
)
from shopify_imagegen.plan import Ask, Studio, plan
from shopify_imagegen.ports import Backfills, Catalogue, Clock, Past
from shopify_imagegen.stages import bug

logger = logging.getLogger(__name__)

AT_ONCE = 100  # products between two commits
MANY = 250  # products: from here on, a bulk operation is quicker than pages
SIGN_OF_LIFE_S = 10.0
GONE = "It is not in the store any more, or the query does not find it."
AS_THEY_WOULD_BE = "Its lifestyle photos are as they would be made today."

T = TypeVar("T")
Tell = Callable[[int, int | None], None]  #: products read so far, and how many there will be, if that is known


class Survey:
    """Safe to run in several processes: of one backfill there is one planner.

    Args:
        studio: of a shop.
        quote: what the provider says of its price.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        past: Past,
        backfills: Backfills,
        studio: Callable[[str], Studio],
        quote: Quote,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._past = past
        self._backfills = backfills
        self._studio = studio
        self._quote = quote
        self._clock = clock

    def run_once(self) -> int:
        """Plan what waits for a planner, or was left behind by one. Returns how many backfills."""
        planned = 0
        for waiting in self._backfills.all(states=[BackfillState.PLANNING]):
            with contextlib.suppress(Exception):  # it is logged, and named in the backfill: the others are planned
                planned += self.plan(waiting.id) is not None
        return planned

    def plan(self, backfill_id: str, tell: Tell = lambda _read, _of: None) -> Backfill | None:
        """Plan it to its end; None when another process is at it.

        Raises:
            Temporary, NoAnswer, NeedsAttention, BadInput: it could not be read to its end; the backfill is cancelled.
            Conflict: it was cancelled meanwhile.
        """
        planner = uuid.uuid4().hex
        if not self._backfills.take_planning(backfill_id, planner, silent_since=self._clock() - SILENT_AFTER):
            return None
        backfill = self._backfills.find(backfill_id)
        try:
            with self._signs_of_life(backfill_id, planner):
                return self._backfills.freeze(backfill_id, planner, **self._written(backfill, planner, tell))
        except Conflict:
            raise
        except (ImagegenError, KeyboardInterrupt) as error:
            self._broken_off(backfill_id, planner, str(error) or "it was interrupted")
            raise
        except Exception as error:
            logger.exception("a plan stopped at a bug", extra={"action": "plan_failed", "backfill": backfill_id})
            self._broken_off(backfill_id, planner, bug(error))
            raise

    def changes(self, backfill: Backfill, tell: Tell = lambda _read, _of: None) -> Iterator[Change]:
        """What is different in the store since the plan. Reads every product again; writes nothing."""
        kept = {item.product_id: item for item in self._backfills.items(backfill.id, words=False)}
        for now in self._items(backfill, itertools.count(1), tell):
            change = changed(kept.pop(now.product_id, None), now)
            if change:
                kind, detail = change
                yield Change(product_id=now.product_id, product_title=now.product_title, change=kind, detail=detail)
        for item in kept.values():
            if item.pictures:
                yield Change(product_id=item.product_id, product_title=item.product_title, change="gone", detail=GONE)

    def _broken_off(self, backfill_id: str, planner: str, why: str) -> None:
        """Name the end of a plan, unless another planner has taken over: then it is that one's."""
        with contextlib.suppress(ImagegenError):  # then it stays as it is, and a worker plans it
            self._backfills.break_off(backfill_id, planner, f"It could not be planned: {why}")
        logger.warning("a plan was broken off", extra={"action": "plan_broken_off", "backfill": backfill_id})

    @contextlib.contextmanager
    def _signs_of_life(self, backfill_id: str, planner: str) -> Iterator[None]:
        """Nobody takes over, however long Shopify takes for its file."""
        ended = threading.Event()

        def live() -> None:
            while not ended.wait(SIGN_OF_LIFE_S):
                with contextlib.suppress(ImagegenError):
                    self._backfills.add(backfill_id, planner, [])

        thread = threading.Thread(target=live, name="signs of life", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _written(self, backfill: Backfill, planner: str, tell: Tell) -> dict[str, int]:
        """Write every product down. Returns the sums."""
        sums, numbers = Sums(), itertools.count(1)
        for items in _chunks(self._items(backfill, numbers, tell)):
            if backfill.most is not None:
                items = list(first(items, backfill.most - sums.products))
            sums.add(items)
            self._backfills.add(backfill.id, planner, items)
            if sums.products == backfill.most:
                break
        return sums.values()

    def _items(self, backfill: Backfill, numbers: Iterator[int], tell: Tell) -> Iterator[Item]:
        asked = where(backfill.query)
        for products in _chunks(self._products(backfill, asked, tell)):
            past = self._past.of(backfill.shop, [product.id for product in products])
            for product in products:
                before = past[product.id]
                if asked.holds(_seen(backfill.shop, product, before)):
                    yield self._item(backfill, next(numbers), product, before)

    def _products(self, backfill: Backfill, asked: Where, tell: Tell) -> Iterator[Product]:
        """Each product once, counted."""
        search = asked.for_shopify()
        count = self._catalogue.count(backfill.shop, search)
        is_short = backfill.most is not None and backfill.most <= MANY
        many = not is_short and (count is None or count > MANY)
        known: set[str] = set()
        for product in self._catalogue.each(backfill.shop, search, many=many):
            if product.id not in known:
                known.add(product.id)
                tell(len(known), count)
                yield product

    def _item(self, backfill: Backfill, number: int, product: Product, before: Before) -> Item:
        decision = self.decide(backfill, product, before)
        usual = {
            "backfill_id": backfill.id,
            "number": number,
            "product_id": product.id,
            "product_title": product.title,
            "handle": product.handle,
        }
        if isinstance(decision, Plan):
            return Item(**usual, state=ItemState.PLANNED, **planned_fields(decision))
        today = self._would_be(backfill, product, before) if decision.why == SkipReason.HAS_PICTURES else None
        fields = planned_fields(today) | {"plan": None} if today else {}
        return Item(**usual, state=ItemState.SKIPPED, why=decision.why, reason=decision.reason, **fields)

    def decide(self, backfill: Backfill, product: Product, before: Before) -> Plan | Skip:
        """What a product of the backfill would get now."""
        decision = plan(product, self._priced(backfill.shop), asking(backfill, product, before))
        if backfill.restyle and isinstance(decision, Plan) and before.shown and decision.recipe == before.recipe:
            return rules.skip(product, SkipReason.HAS_PICTURES, AS_THEY_WOULD_BE)
        return decision

    def asks_for(self, backfill: Backfill, product: Product, before: Before) -> bool:
        """Whether its query finds the product as it is now."""
        return where(backfill.query).holds(_seen(backfill.shop, product, before))

    def _would_be(self, backfill: Backfill, product: Product, before: Before) -> Plan | None:
        """The pictures that it would get today, where they are made by themselves and would be others; else None."""
        if not before.recipe or backfill.restyle:
            return None
        anew = asking(backfill.model_copy(update={"restyle": True}), product, before)
        decision = plan(product, self._priced(backfill.shop), anew)
        return decision if isinstance(decision, Plan) and decision.recipe != before.recipe else None

    def _priced(self, shop: str) -> Studio:
        studio = self._studio(shop)
        price = self._quote(studio.resolution)
        return studio if price is None else studio.model_copy(update={"price_microusd": price})


def asking(backfill: Backfill, product: Product, before: Before) -> Ask:
    return Ask(
        shop=backfill.shop,
        trigger=Trigger.BACKFILL,
        ours=before.ours,
        shown=before.shown,
        busy=before.busy,
        renew=backfill.restyle,
    )


def _seen(shop: str, product: Product, before: Before) -> Seen:
    ask = Ask(shop=shop, trigger=Trigger.BACKFILL, ours=before.ours)
    has = {"lifestyle"} if before.shown or rules.has_ours(product, ask) else set()
    has |= {"photos"} if rules.merchants_photos(product, ask) else set()
    return Seen(product=product, has=frozenset(has))


def _chunks(values: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(itertools.islice(values, AT_ONCE)):
        yield chunk
