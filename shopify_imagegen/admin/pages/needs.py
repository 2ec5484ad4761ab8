"""What waits for a person, in numbers; shown beside the ways to the pages, and in full on the first one."""

from __future__ import annotations

from flask import g

from shopify_imagegen.admin.gate import session
from shopify_imagegen.models import Hold, Pause, Shop, Tally, Value
from shopify_imagegen.wiring import House


class Needs(Value):
    """What a store's people are to decide on or to mend."""

    tally: Tally
    unknown: int  #: purchases that were perhaps charged
    hold: Hold | None  #: many new products at once
    shop: Shop | None  #: when it is paused
    provider: Pause | None  #: when no pictures are bought
    idle: bool  #: no worker is alive: nothing is made or published

    @property
    def attention(self) -> int:
        """How many things the attention page shows first."""
        return self.unknown + self.idle + sum(each is not None for each in (self.hold, self.shop, self.provider))


def needs_now(house: House) -> Needs:
    """Of the store that asks; counted once for each request, which may need it for itself and for its frame."""
    if "needs" not in g:
        g.needs = needs(house, session().shop)
    found: Needs = g.needs
    return found


def needs(house: House, shop: str) -> Needs:
    found = house.shops.find(shop)
    return Needs(
        tally=house.overview.tally(shop),
        unknown=len(house.decisions.waiting(shop=shop)),
        hold=house.storm.open(shop),
        shop=found if found and found.state == "paused" else None,
        provider=house.provider_pauses.now(),
        idle=not house.workers.alive(),
    )
