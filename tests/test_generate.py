"""Stage 2: each picture is bought at most once, and the ledger knows what became of the money whatever happens."""

import contextlib
import logging
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest

from shopify_imagegen.errors import (
    BadCredentials,
    BadInput,
    Moderated,
    NoAnswer,
    NoFunds,
    NotSent,
    RateLimited,
    Rejected,
    Unavailable,
)
from shopify_imagegen.generate import STALE_S
from shopify_imagegen.models import ImageState, JobState, Outcome, PurchaseState
from shopify_imagegen.settings import BudgetSection
from tests.fakes import PACKSHOT, PRICE, LostBefore, a_job, away, scene


def row(world, image_id):
    return world.ledger.find(image_id)


def buy_until_it_ends(world, image_id, *, tries=6):
    """As the engine does: again while it says `later`."""
    for _ in range(tries):
        outcome = world.generate.buy(image_id)
        if outcome.next != "later":
            return outcome
        world.time.sleep(outcome.retry_after_s or 30)
    return outcome


def test_a_picture_is_bought_with_its_bytes_and_its_cost(world):
    """The way it should be: one call, one settled row, the bytes in the spool."""
    (image_id,) = world.begin()

    assert "go_on" == world.generate.buy(image_id).next
    assert (PurchaseState.PAID, PRICE) == (row(world, image_id).state, row(world, image_id).cost_microusd)
    assert scene() == world.ledger.read(image_id)
    assert world.is_(image_id, "bought")


def test_promise_never_pay_twice_when_the_step_runs_again(world):
    """The engine may run a finished step again after a crash."""
    (image_id,) = world.begin()
    world.generate.buy(image_id)

    assert "go_on" == world.generate.buy(image_id).next
    assert [image_id] == world.provider.calls


@pytest.mark.parametrize("in_two", [False, True], ids=["bytes", "receipt"])
@pytest.mark.parametrize(
    ("port", "moment", "method"),
    [
        ("ledger", "before", "reserve"),
        ("ledger", "after", "reserve"),
        ("ledger", "before", "sent"),
        ("ledger", "before", "sold"),
        ("ledger", "after", "sold"),
        ("ledger", "before", "paid"),
        ("ledger", "after", "paid"),
        ("jobs", "before", "move_image"),
        ("jobs", "after", "move_image"),
    ],
)
def test_promise_never_pay_twice_when_our_database_is_away_at_any_moment(open_world, in_two, port, moment, method):
    """Each write fails once, without and with its effect, and the step runs until it ends: one purchase, kept."""
    world = open_world(in_two=in_two)
    (image_id,) = world.begin()
    setattr(getattr(world, port), moment, {method: [away()]})

    for _ in range(2):
        with suppress(Unavailable):
            world.generate.buy(image_id)

    assert "go_on" == world.generate.buy(image_id).next
    assert [image_id] == world.provider.calls
    assert scene() == world.ledger.read(image_id)
    assert world.is_(image_id, "bought")


def test_without_a_certain_row_there_is_no_call(world):
    """`sent` may have been written by another worker: better a purchase in doubt than a second one."""
    (image_id,) = world.begin()
    world.ledger.after["sent"] = [away()]

    assert ["later", "stop"] == [world.generate.buy(image_id).next for _ in range(2)]
    assert world.is_(image_id, "unknown")
    assert [] == world.provider.calls


@pytest.mark.parametrize("in_two", [False, True], ids=["bytes", "receipt"])
def test_killed_during_the_call_is_unknown_and_not_bought_again(open_world, in_two):
    """Nobody knows whether the provider charged: the money stays spent, and a person decides."""
    world = open_world(in_two=in_two)
    (image_id,) = world.begin()
    world.provider.errors = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        world.generate.buy(image_id)

    outcome = world.generate.buy(image_id)

    assert "stop" == outcome.next
    assert "not known" in outcome.reason
    assert PurchaseState.UNKNOWN == row(world, image_id).state
    assert world.is_(image_id, "unknown")
    assert [image_id] == world.provider.calls


def test_killed_after_the_receipt_is_fetched_and_not_bought_again(open_world):
    """The receipt was written down before the picture came: the next run fetches it for nothing."""
    world = open_world(in_two=True)
    (image_id,) = world.begin()
    world.provider.fetching = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        world.generate.buy(image_id)

    assert "go_on" == world.generate.buy(image_id).next
    assert [image_id] == world.provider.calls
    assert scene() == world.ledger.read(image_id)


def test_killed_between_reservation_and_call_is_bought_once(world):
    """A reserved row is money set aside, not a call: the next run makes the call."""
    (image_id,) = world.begin()
    world.ledger.before["sent"] = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        world.generate.buy(image_id)

    assert "go_on" == world.generate.buy(image_id).next
    assert [image_id] == world.provider.calls


@pytest.mark.parametrize(
    ("error", "state", "purchase"),
    [
        (Moderated("too bold"), "refused", "refused"),
        (BadInput("too long"), "refused", "refused"),
        (NoAnswer("read timeout"), "unknown", "unknown"),
        (ZeroDivisionError("a bug"), "unknown", "unknown"),
    ],
    ids=["moderated", "bad input", "no answer", "bug"],
)
def test_what_goes_wrong_ends_in_a_named_state(world, error, state, purchase):
    """Certainly not charged gives the money back; perhaps charged does not, and both say why."""
    (image_id,) = world.begin()
    world.provider.errors = [error]

    outcome = world.generate.buy(image_id)

    assert "stop" == outcome.next
    assert (ImageState(state), PurchaseState(purchase)) == (world.state(image_id), row(world, image_id).state)
    assert outcome.reason == world.jobs.image(image_id).reason
    assert outcome.reason


@pytest.mark.parametrize("error", [Moderated("too bold"), NoAnswer("silence")], ids=["refused", "unknown"])
def test_an_end_stays_when_the_step_runs_again(world, error):
    """A finished step that runs again must not try its luck once more."""
    (image_id,) = world.begin()
    world.provider.errors = [error]
    first = world.generate.buy(image_id)

    assert first == world.generate.buy(image_id)
    assert [image_id] == world.provider.calls


@pytest.mark.parametrize(
    ("method", "error"),
    [("refused", Moderated("too bold")), ("unknown", NoAnswer("silence")), ("not_begun", NotSent("refused"))],
)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_became_of_the_money_is_written_down_stubbornly(world, moment, method, error):
    """Our database away at the very moment: without the second try, a refusal would count as perhaps charged."""
    (image_id,) = world.begin()
    world.provider.errors = [error]
    getattr(world.ledger, moment)[method] = [away()]

    world.generate.buy(image_id)

    wanted = {"refused": "refused", "unknown": "unknown", "not_begun": "paid"}[method]
    assert PurchaseState(wanted) == row(world, image_id).state


@pytest.mark.parametrize("error", [NotSent("refused"), Unavailable("500"), RateLimited("429")])
def test_what_certainly_did_not_begin_is_tried_again(world, error):
    """Nothing was charged, so patience is free."""
    (image_id,) = world.begin()
    world.provider.errors = [error, error]

    assert "go_on" == world.generate.buy(image_id).next
    assert 3 == len(world.provider.calls)


def test_what_fails_for_long_waits_without_holding_money(world):
    """The step ends, so that others get their turn; its money is free meanwhile, and a later try reserves anew."""
    (image_id,) = world.begin()
    world.provider.errors = [RateLimited("429", retry_after_s=7200)] * 4

    outcome = world.generate.buy(image_id)

    assert ("later", 3600) == (outcome.next, outcome.retry_after_s)
    assert PurchaseState.REFUSED == row(world, image_id).state
    assert world.is_(image_id, "planned")
    assert "go_on" == world.generate.buy(image_id).next


def test_a_picture_that_was_never_bought_is_given_up_with_its_reason_and_its_money(world):
    """The engine's patience ends: the merchant reads why, and nothing stays reserved."""
    (image_id,) = world.begin()
    world.ledger.before["sent"] = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        world.generate.buy(image_id)

    world.generate.give_up(image_id, "the photos cannot be fetched")

    assert PurchaseState.REFUSED == row(world, image_id).state
    assert "Not bought: the photos cannot be fetched" == world.jobs.image(image_id).reason


def test_a_sold_picture_is_given_up_as_bought(open_world):
    """That it was not bought would be a lie: its receipt is kept, and its money is spent."""
    world = open_world(in_two=True)
    (image_id,) = world.begin()
    world.provider.fetching = [Unavailable("503")] * 99
    assert "later" == world.generate.buy(image_id).next

    world.generate.give_up(image_id, "503")

    assert world.is_(image_id, "failed")
    assert "Bought" in world.jobs.image(image_id).reason
    assert row(world, image_id).receipt


def test_giving_up_leaves_what_has_ended_alone(world):
    """The engine gives up whatever did not go on; a state that says more must stay."""
    (image_id,) = world.begin()
    world.provider.errors = [NoAnswer("silence")]
    world.generate.buy(image_id)
    before = world.jobs.image(image_id)

    world.generate.give_up(image_id, "something vague")

    assert before == world.jobs.image(image_id)


def test_a_refused_download_is_tried_again_before_it_counts_as_lost(open_world):
    """Storage has its moods; the picture is paid for."""
    world = open_world(in_two=True)
    (image_id,) = world.begin()
    world.provider.fetching = [Rejected("403"), Rejected("403")]

    assert "go_on" == buy_until_it_ends(world, image_id).next
    assert [image_id] == world.provider.calls


@pytest.mark.parametrize("expires_in", [timedelta(hours=1), timedelta(minutes=1)], ids=["mood", "expired"])
def test_a_picture_that_never_comes_is_paid_for_and_says_so(open_world, expires_in):
    """Charged is charged: the row is settled at the provider's cost, and the merchant reads what happened."""
    world = open_world(in_two=True)
    (image_id,) = world.begin()
    world.provider.expires_at = world.time.now + expires_in
    world.provider.fetching = [Rejected("403")] * 999

    outcome = buy_until_it_ends(world, image_id, tries=130)

    assert "stop" == outcome.next
    assert (PurchaseState.PAID, PRICE) == (row(world, image_id).state, row(world, image_id).cost_microusd)
    assert world.is_(image_id, "failed")
    assert "could not be fetched" in world.jobs.image(image_id).reason
    assert outcome == world.generate.buy(image_id)


@pytest.mark.parametrize(("said", "settled"), [(None, PRICE), (0, 0), (90_000, 90_000)], ids=["silent", "free", "more"])
def test_the_row_is_settled_at_what_the_provider_said(world, said, settled, caplog):
    """A price list may be out of date; what was charged counts, and more than expected is told."""
    (image_id,) = world.begin()
    world.provider.cost_microusd = said

    with caplog.at_level(logging.WARNING):
        world.generate.buy(image_id)

    assert settled == row(world, image_id).cost_microusd
    assert (settled > PRICE) == ("more than its price" in caplog.text)


def test_promise_never_over_budget_the_second_picture_finds_no_room(open_world):
    """Nothing is asked of the provider, and the reason names the budget."""
    world = open_world(budget=BudgetSection(per_day_usd=Decimal("0.10")))
    first, second = world.begin(2)

    assert "go_on" == world.generate.buy(first).next
    assert "today's $0.10 budget has no room for $0.06" in world.generate.buy(second).reason
    assert world.is_(second, "over_budget")
    assert [first] == world.provider.calls


def test_unusable_photos_cost_nothing(world):
    """They are fetched before money is set aside."""
    (image_id,) = world.begin()
    world.downloads.pages[PACKSHOT] = b"not a picture"

    assert "None of the product's photos" in world.generate.buy(image_id).reason
    assert row(world, image_id) is None
    assert world.is_(image_id, "refused")


def test_a_photo_that_cannot_be_fetched_now_costs_nothing(world):
    """The CDN is away: later, with nothing reserved."""
    (image_id,) = world.begin()
    world.downloads.pages[PACKSHOT] = Unavailable("503")

    with pytest.raises(Unavailable):
        world.generate.buy(image_id)

    assert row(world, image_id) is None


@pytest.mark.parametrize(("word", "state"), [("stop", "refused"), ("later", "planned")])
def test_nothing_is_bought_for_a_shop_that_is_closed(world, word, state):
    """Uninstalled: over. Paused: it waits."""
    (image_id,) = world.begin()

    outcome = world.generate.buy(image_id, forbidden=Outcome(next=word, reason="the app was uninstalled"))

    assert word == outcome.next
    assert world.is_(image_id, state)
    assert [] == world.provider.calls


@pytest.mark.parametrize(("word", "state", "ledger"), [("stop", "refused", "refused"), ("park", "planned", "reserved")])
def test_after_a_wait_for_a_place_it_is_asked_again_whether_it_may_be_bought(world, monkeypatch, word, state, ledger):
    """Somebody has paused the backfill meanwhile, or cancelled it: what has not left does not leave."""
    (image_id,) = world.begin()
    monkeypatch.setattr(world, "places", Slow(waited_s=STALE_S + 1))

    outcome = world.generate.buy(image_id, meanwhile=lambda: Outcome(next=word, reason="cancelled"))

    assert (word, "cancelled") == (outcome.next, outcome.reason)
    assert world.is_(image_id, state)
    assert ledger == row(world, image_id).state
    assert [] == world.provider.calls


def test_nothing_is_asked_twice_without_a_wait(world):
    """Every question is a read, on the way to the provider."""
    (image_id,) = world.begin()

    assert "go_on" == world.generate.buy(image_id, meanwhile=lambda: pytest.fail("asked again")).next


class Slow:
    """Places that were waited for."""

    def __init__(self, *, waited_s):
        self.waited_s = waited_s

    @contextlib.contextmanager
    def taken(self):
        yield self.waited_s


def test_a_sold_picture_is_fetched_even_for_a_closed_shop(open_world):
    """It is paid for, and its address does not live long."""
    world = open_world(in_two=True)
    (image_id,) = world.begin()
    world.provider.fetching = [Unavailable("503")]
    world.generate.buy(image_id)

    assert "go_on" == world.generate.buy(image_id, forbidden=Outcome(next="later")).next
    assert scene() == world.ledger.read(image_id)


# An empty balance or a bad key is not the fault of one picture


@pytest.mark.parametrize("error", [NoFunds("the balance is used up"), BadCredentials("the key is refused")])
def test_what_a_person_must_mend_pauses_all_pictures(world, error, caplog):
    """One refused call, one clear message; the queue behind it is not burnt through."""
    first, second = world.begin(2)
    world.provider.errors = [error]
    world.provider.left_microusd = error

    with caplog.at_level(logging.WARNING):
        outcomes = [world.generate.buy(image_id) for image_id in (first, second)]

    assert ["park", "park"] == [outcome.next for outcome in outcomes]
    assert all(str(error) in outcome.reason for outcome in outcomes)
    assert [first] == world.provider.calls
    assert 1 == caplog.text.count("until this is mended")
    assert PurchaseState.REFUSED == row(world, first).state


def test_a_paused_provider_is_asked_for_its_balance_and_resumes_by_itself(world):
    """The probe is free, made by one of many, and the first call after it is a real one."""
    first, second = world.begin(2)
    world.provider.errors = [NoFunds("the balance is used up")]
    world.generate.buy(first)

    for left_microusd, calls in ((0, 1), (PRICE - 1, 1), (PRICE, 2)):
        world.time.sleep(900)
        world.provider.left_microusd = left_microusd
        world.generate.buy(second)
        assert calls == len(world.provider.calls)

    assert world.pauses.find("provider:fake") is None
    assert "go_on" == world.generate.buy(first).next
    assert 3 == len(world.provider.balances)


def test_a_pause_survives_a_restart(world):
    """It is written down, not held by one process."""
    (image_id,) = world.begin()
    world.provider.errors = [BadCredentials("the key is refused")]
    world.generate.buy(image_id)

    assert "the key is refused" == world.pauses.find("provider:fake").reason
    assert "park" == world.generate.buy(image_id).next
    assert 1 == len(world.provider.calls)


# Perhaps charged, and the settings say: once more


def test_retry_once_buys_once_more_and_counts_both(open_world):
    """The first stays counted as perhaps charged, under a key beside the picture's."""
    world = open_world(on_unknown="retry_once")
    (image_id,) = world.begin()
    world.provider.errors = [LostBefore("read timeout")]

    assert "go_on" == buy_until_it_ends(world, image_id).next
    (first,) = world.decisions.earlier(image_id)
    assert (PurchaseState.UNKNOWN, PurchaseState.PAID) == (first.state, row(world, image_id).state)
    assert 2 * PRICE == sum(world.ledger.spend(world.time.now)["day"][kind] for kind in ("paid", "unknown"))


def test_retry_once_is_once(open_world):
    """A provider that never answers is not paid over and over."""
    world = open_world(on_unknown="retry_once")
    (image_id,) = world.begin()
    world.provider.errors = [LostBefore("read timeout"), LostBefore("read timeout"), LostBefore("read timeout")]

    assert "stop" == buy_until_it_ends(world, image_id).next
    assert 2 == len(world.provider.calls)
    assert world.is_(image_id, "unknown")


def test_retry_once_respects_what_a_person_has_decided(open_world):
    """Written off means: do not buy it again."""
    world = open_world(on_unknown="retry_once")
    (image_id,) = world.begin()
    world.provider.errors = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        world.generate.buy(image_id)
    world.ledger.unknown(image_id, "killed")
    world.decisions.write_off(image_id, by="a person")

    assert "stop" == world.generate.buy(image_id).next
    assert 1 == len(world.provider.calls)


def test_the_purchase_says_who_asked_and_for_what(world):
    """One key for intent, call, charge and picture; the trigger for the accounts."""
    (image_id,) = world.begin()
    world.generate.buy(image_id)

    bought, job = row(world, image_id), a_job(world.time.now)
    assert (image_id, job.id, job.trigger, job.recipe) == (bought.key, bought.job_id, bought.trigger, bought.recipe)
    assert JobState.PLANNED == world.jobs.job(job.id).state
