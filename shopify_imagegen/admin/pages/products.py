"""The store's products with our state beside each: search, filter, select, and go on to the order."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template, request

from shopify_imagegen.admin.gate import session
from shopify_imagegen.admin.pages import show
from shopify_imagegen.admin.pages.missing import missing
from shopify_imagegen.admin.pages.pace import refresh_ms
from shopify_imagegen.admin.pages.reach import reached
from shopify_imagegen.models import Card, Stage, Standing, Value
from shopify_imagegen.wiring import House

PER_PAGE = 25
LOOK_AGAIN_MS = 4_000
FILTERS = ("all", "missing", *Stage)


class Row(Value):
    """A product in the list."""

    id: str
    title: str
    card: Card | None  #: None: the store does not have it any more, or did not answer
    standing: Standing


class Listing(Value):
    """A page of the list."""

    rows: tuple[Row, ...]
    after: str | None = None  #: what the next page is asked for with
    unreachable: bool = False  #: the store did not answer
    looked_at: int = 0  #: products of the catalogue, where it could not be searched


def routes(pages: Blueprint, house: House) -> None:
    @pages.get("/products")
    def products() -> str:
        wanted = request.args.get("show", "all")
        chosen = wanted if wanted in FILTERS else "all"
        words, after = request.args.get("q", "").strip()[:200], request.args.get("after") or None
        listing = listed(house, session().shop, chosen, words, after)
        each = house.tailor.settings(session().shop).images.per_product
        return render_template(
            "admin/products.html",
            listing=listing,
            chosen=chosen,
            words=words,
            after=after,
            filters=FILTERS,
            pictures=each,
            price_microusd=each * house.picture_price_microusd(),
            refresh_ms=_refresh_ms(chosen, listing),
        )


def _refresh_ms(chosen: str, listing: Listing) -> int:
    """What is read from the whole catalogue costs Shopify calls: it is asked for again only while something is made."""
    is_busy = any(row.standing.stage == Stage.WORKING for row in listing.rows)
    if listing.unreachable:
        return LOOK_AGAIN_MS  # the page was shown at once; it fills when Shopify answers
    return refresh_ms(is_busy) if is_busy or chosen in set(Stage) else 0


def listed(house: House, shop: str, chosen: str, words: str, after: str | None) -> Listing:
    """The products of one filter. Search looks in the whole catalogue, so it goes with the first two filters only."""
    if chosen == "missing":
        return _missing(house, shop, words, after)
    if chosen in set(Stage) and not words:
        return _of_stage(house, shop, Stage(chosen), after)
    found = reached(lambda: house.shopify.cards.search(shop, words, after=after, limit=PER_PAGE))
    if found is None:
        return Listing(rows=(), unreachable=True)
    rows = _rows(house, shop, found.cards)
    kept = tuple(row for row in rows if chosen == "all" or row.standing.stage == chosen)
    return Listing(rows=kept, after=found.after)


def _of_stage(house: House, shop: str, stage: Stage, after: str | None) -> Listing:
    """From our own tables: these products are known to us, and the page does not depend on the store's search."""
    offset = int(after) if after and after.isdecimal() else 0
    ids = house.overview.products(shop, stage, offset=offset, limit=PER_PAGE + 1)
    following = str(offset + PER_PAGE) if len(ids) > PER_PAGE else None
    return _by_id(house, shop, ids[:PER_PAGE]).model_copy(update={"after": following})


def _missing(house: House, shop: str, words: str, after: str | None) -> Listing:
    found = missing(house, shop, words, after, limit=PER_PAGE)
    listing = _by_id(house, shop, found.ids)
    unreachable = found.unreachable or listing.unreachable
    return listing.model_copy(update={"after": found.after, "unreachable": unreachable, "looked_at": found.looked_at})


def _by_id(house: House, shop: str, ids: Sequence[str]) -> Listing:
    cards = reached(lambda: house.shopify.cards.some(shop, ids))
    standings = house.overview.standings(shop, ids)
    rows = tuple(_row((cards or {}).get(each), standings[each]) for each in ids)
    return Listing(rows=rows, unreachable=cards is None)


def _rows(house: House, shop: str, cards: Sequence[Card]) -> tuple[Row, ...]:
    standings = house.overview.standings(shop, [card.id for card in cards])
    return tuple(_row(card, standings[card.id]) for card in cards)


def _row(card: Card | None, standing: Standing) -> Row:
    title = card.title if card else standing.title or show.number(standing.product_id)
    return Row(id=standing.product_id, title=title, card=card, standing=standing)
