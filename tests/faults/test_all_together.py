"""All faults at once, at moderate probability, over many products: the same promises for each, and the totals."""

import os
from collections import Counter

import pytest

from shopify_imagegen.models import ImageState
from tests.end_to_end.house import wait_for
from tests.faults.cases import STRIKING
from tests.faults.street import opened_street
from tests.faults.test_one_by_one import NAMED, SPEAKS_FOR_ITSELF

PRODUCTS = int(os.environ.get("FAULTS_PRODUCTS", "40"))  # `make faults` plays 300
SHOPS = 10
LIMIT_S = 120 + 3 * PRODUCTS
USUAL = 0.01  # of each chance that a fault has; a product gives about twenty chances
OFTEN = {"media": 0.05, "images": 0.02, "staged": 0.03, "files": 0.05, "webhook": 0.05}
PARAMS = {
    "shopify.429": {"retry_after_s": 1},
    "shopify.500": {"effect": True},
    "shopify.502": {"effect": True},
    "shopify.hang": {"seconds": 6, "probability": 0.002},
    "images.hang": {"seconds": 16, "probability": 0.01},
    "images.slow": {"seconds": 1},
    "webhook.stale": {"seconds": 0.3},
    "webhook.late": {"seconds": 0.5},
}

pytestmark = pytest.mark.timeout(4 * LIMIT_S)


@pytest.fixture(scope="module")
def soaked(tmp_path_factory):
    """A street on which everything went wrong, then nothing any more; and what was found of each product."""
    with opened_street(tmp_path_factory.mktemp("soak"), IMAGEGEN__SWEEP__EVERY_S="2") as street:
        listed = list_products(street)
        everything_goes_wrong(street)
        for shop, product in listed:
            street.announce(shop, product)
        until_each_has_rested(street, listed)
        street.struck = Counter({fault["name"]: fault["struck"] for fault in street.sandbox.faults.active()})
        nothing_goes_wrong_any_more(street, listed)
        wait_for(lambda: not not_resting(street, listed), LIMIT_S, lambda: not_resting(street, listed))
        take_up(street, listed)
        street.all_found = [street.found(shop, product) for shop, product in listed]
        street.after = [street.originals(product) for _, product in listed]
        yield street


def list_products(street):
    shops = [street.new_shop() for _ in range(SHOPS)]
    listed = [(shops[number % SHOPS], number) for number in range(PRODUCTS)]
    products = [
        (shop, street.add_product(shop, announce=False, title=f"Lamp number {number}")) for shop, number in listed
    ]
    street.before = [street.originals(product) for _, product in products]
    return products


def everything_goes_wrong(street):
    for name in STRIKING:
        probability = OFTEN.get(name.partition(".")[0], USUAL)
        street.sandbox.faults.set(name, **{"probability": probability} | PARAMS.get(name, {}))


def nothing_goes_wrong_any_more(street, listed):
    """What Shopify did not show is shown: with enough of such products one would always be under way once more."""
    street.sandbox.faults.clear()
    for _, product in listed:
        product.hidden.clear()


def until_each_has_rested(street, listed):
    """Not all at the same time: what failed is taken up again and again."""
    waiting = list(listed)

    def nobody_waits():
        moving = set(not_resting(street, waiting))
        waiting[:] = [(shop, product) for shop, product in waiting if product.title in moving]
        return not waiting

    wait_for(nobody_waits, LIMIT_S, lambda: [street.job(product) or street.state(product) for _, product in waiting])


def not_resting(street, listed):
    street.refresh()
    return [product.title for _, product in listed if not street.rests(product)]


def take_up(street, listed):
    """What is left undone is taken up, as a person may ask for; what is paused goes on by itself."""
    asked = {}
    for shop, product in listed:
        job = street.job(product)
        if job and job["state"] not in ("published", "paused"):
            asked[product.gid] = job["updated_at"]
            street.retry(job["id"], shop)

    def undone():
        street.refresh()
        ended = {product.gid: street.ended(product, after=asked.get(product.gid, "")) for _, product in listed}
        return [gid for gid, is_over in ended.items() if not is_over]

    wait_for(lambda: not undone(), LIMIT_S, lambda: undone())
    street.until_idle(LIMIT_S)


def test_most_faults_struck(soaked):
    """A soak without faults proves nothing."""
    assert sum(1 for struck in soaked.struck.values() if struck) > len(STRIKING) * 2 / 3
    assert soaked.struck.total() > PRODUCTS


def test_promise_never_silent(soaked):
    """Each product is in a named state with a reason, and each of its pictures too."""
    for found in soaked.all_found:
        assert found.state in NAMED
        assert found.reason
        assert [] == [state for state, reason in found.images if not reason and state not in SPEAKS_FOR_ITSELF]


def test_promise_never_pay_twice(soaked):
    """One product, one picture, one sale, one file, one medium."""
    assert {} == soaked.bill()["bought_twice"]
    assert [] == [found for found in soaked.all_found if max(found.sold, found.files, found.shown) > 1]


def test_the_ledger_agrees_with_the_bill(soaked):
    """Product by product and in all; more than the bill only where it says that it does not know."""
    for found in soaked.all_found:
        assert found.ledger_microusd == found.bill_microusd or found.ledger["unknown"]
        assert found.ledger_microusd >= found.bill_microusd
    in_doubt = sum(found.ledger_microusd for found in soaked.all_found if found.ledger["unknown"])
    counted = sum(found.ledger_microusd for found in soaked.all_found)
    billed = round(float(soaked.bill()["total_usd"]) * 1_000_000)
    assert counted - in_doubt <= billed <= counted


def test_promise_never_touch_an_original(soaked):
    """Their bytes, names, texts and order."""
    assert soaked.before == soaked.after


def test_no_paid_picture_is_thrown_away(soaked):
    """What was paid for, fits and can be had is on the product in the end."""
    left = [found for found in soaked.all_found if (found.kept or found.files) and not found.shown]

    assert [] == [found for found in left if ImageState.UNFIT not in dict(found.images)]


def test_most_products_have_their_picture(soaked):
    """With all that went wrong: what a person must decide or pay for anew is the smaller part."""
    assert sum(found.shown for found in soaked.all_found) > PRODUCTS * 0.6


def test_no_bug_was_met(soaked):
    """A traceback in the log is ours to mend."""
    assert "Traceback" not in soaked.log()
