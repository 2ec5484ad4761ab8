"""Play cases side by side: each is a story that waits for its moments, and all of them are read on in turns."""

import time
from dataclasses import dataclass

from shopify_imagegen.sandbox.faults import Fault
from tests.faults.cases import BOTH, FOR_GOOD, ONCE, ONE_BY_ONE, SIDE_BY_SIDE, Case
from tests.faults.street import Found, opened_street

TURN_S = 0.3
LIMIT_S = 400


@dataclass
class Played:
    """What came of a case."""

    case: Case
    strikes: str
    shop: str
    product: object
    fault: Fault | None = None
    before: list | None = None  #: the merchant's media, once nobody but us touches them
    first: Found | None = None  #: with the fault
    then: Found | None = None  #: when it is over
    after: list | None = None  #: the merchant's media in the end

    @property
    def last(self):
        return self.then or self.first


def play_everything(folder):
    """All cases of the table, in its order; and the bills."""
    with opened_street(folder / "street") as street:
        found = play(street, SIDE_BY_SIDE)
        bills = [bill_without_bugs(street)]
    with opened_street(folder / "alley", IMAGEGEN__SWEEP__EVERY_S="1") as alley:
        found += [played for case in ONE_BY_ONE for played in play_alone(alley, case)]
        bills.append(bill_without_bugs(alley))
    return found, bills


def bill_without_bugs(street):
    assert "Traceback" not in street.log(), street.log()
    return street.bill()


def play(street, cases):
    """Every case, once and for good, side by side, and what came of it."""
    return played(
        [begin(street, case, strikes) for case in cases for strikes in BOTH if strikes in case.strikes], street
    )


def play_alone(street, case):
    """The same for one case, whose strikes would meet each other."""
    return [each for strikes in case.strikes for each in played([begin(street, case, strikes)], street)]


def played(begun, street):
    told(street, [beginning(street, played) for played in begun])
    street.sandbox.faults.clear()
    told(street, [ending(street, played) for played in begun])
    street.until_idle(60)
    for played in begun:
        played.after = street.originals(played.product)
    return begun


def begin(street, case, strikes):
    """A shop and a product for this case alone; the app has not heard of it."""
    shop = street.new_shop()
    product = street.add_product(shop, photos=case.photos, announce=False, title=f"Lamp {shop.partition('.')[0]}")
    return Played(case, strikes, shop, product)


def beginning(street, played):
    """From the webhook to where the job rests."""
    if played.case.moment:
        opening = switched_on(street, played, *played.case.moment, times=1)
        street.announce(played.shop, played.product)
        yield lambda: opening.spent
    strike(street, played)
    played.before = street.originals(played.product)
    if not played.case.moment:
        street.announce(played.shop, played.product)
    yield lambda: (street.ended if played.strikes == ONCE else street.rests)(played.product)
    played.first = street.found(played.shop, played.product)


def strike(street, played):
    case, store = played.case, street.sandbox.store
    if case.act:
        with store.lock:
            case.act(store, store.shop(played.shop), played.product)
    else:
        times = None if played.strikes == FOR_GOOD else 1
        played.fault = switched_on(street, played, case.fault, case.params, times=times)


def switched_on(street, played, name, params, *, times):
    """The sandbox's own record of a fault that strikes this product alone."""
    where = {} if played.case in ONE_BY_ONE else {"shop": played.shop}
    if name.startswith("images.") and where:
        where = {"prompt": f"{played.product.title} "}
    street.sandbox.faults.set(name, times=times, **where | params)
    return street.sandbox.faults._faults[-1]


def ending(street, played):
    """The fault is over: what is left undone is taken up, as a person may ask for."""
    if played.first.state in ("published", "media_limit"):  # of the latter only a person's wish is heard
        return
    played.product.hidden.clear()  # what Shopify did not show, it shows now
    yield lambda: street.rests(played.product)  # it may have been taken up by itself while the fault was on
    job = street.job(played.product)
    if job is None:
        before = street.revision(played.product)
        street.edit(played.shop, played.product, tags=["edited"])
        yield lambda: street.revision(played.product) > before and street.ended(played.product)
    elif job["state"] == "paused":  # goes on by itself
        yield lambda: street.ended(played.product)
    else:
        street.retry(job["id"], played.shop)
        yield lambda: street.ended(played.product, after=job["updated_at"])
    played.then = street.found(played.shop, played.product)


def told(street, stories):
    """Read on in each story whenever it can go on, until all are told."""
    waiting = {story: lambda: True for story in stories}
    deadline = time.monotonic() + LIMIT_S
    while waiting:
        street.refresh()
        for story, is_due in list(waiting.items()):
            if is_due():
                waiting[story] = next(story, None)
        waiting = {story: is_due for story, is_due in waiting.items() if is_due}
        assert time.monotonic() < deadline, [_name(story) for story in waiting]
        time.sleep(TURN_S)


def _name(story):
    played = story.gi_frame.f_locals["played"]
    return f"{played.case.name} {played.strikes}"
