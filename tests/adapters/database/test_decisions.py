"""An unknown purchase is settled by a person, and the money stays counted whatever is decided."""

import pytest
import sqlalchemy as sa

from shopify_imagegen.adapters.database.decisions import SqlDecisions
from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.ledger import SqlLedger
from shopify_imagegen.adapters.database.tables import audit
from shopify_imagegen.errors import Conflict, NotFound
from shopify_imagegen.models import ImageState, JobState, PurchaseState

from .story import JPEG, LAMP, OTHER_SHOP, PRICE, SHOP, brief, ceilings, committed, counted, job, key, plan, purchase
from .story import rendering as a_rendering

KEY = key(1)


@pytest.fixture
def ledger(database, clock):
    return SqlLedger(database, clock)


@pytest.fixture
def jobs(database, clock):
    return SqlJobs(database, clock)


@pytest.fixture
def decisions(database, clock, ledger, jobs):
    """One picture, perhaps paid for, its job over."""
    jobs.begin(job(), plan(brief(1)))
    unknown(ledger)
    jobs.move_image(KEY, ImageState.UNKNOWN, "silence")
    jobs.move(job().id, JobState.NOTHING_PUBLISHED)
    return SqlDecisions(database, clock)


def unknown(ledger, number=1, limits=None, **fields):
    assert ledger.reserve(purchase(number, **fields), limits or ceilings()) is None
    ledger.sent(key(number))
    ledger.unknown(key(number), "silence")


def test_unknown_purchases_wait_for_a_decision(decisions, ledger):
    """They are shown until somebody has decided, each shop its own."""
    unknown(ledger, 2, shop=OTHER_SHOP)

    assert [KEY, key(2)] == [each.key for each in decisions.waiting()]
    assert [key(2)] == [each.key for each in decisions.waiting(shop=OTHER_SHOP)]


def test_written_off_asks_no_more_and_stays_spent(decisions, ledger, jobs, database):
    """The picture is not bought again, and the budget does not get its money back."""
    decided = decisions.write_off(KEY, by="ana")

    assert (PurchaseState.UNKNOWN, "written_off", KEY) == (decided.state, decided.decision, decided.key)
    assert decisions.waiting() == ()
    assert set(committed(database).values()) == {PRICE}
    assert jobs.image(KEY).state == ImageState.UNKNOWN
    assert "written off" in jobs.image(KEY).reason
    with pytest.raises(Conflict):
        ledger.reserve(purchase(1), ceilings())


def test_bought_again_frees_the_key_for_exactly_one_more_purchase(decisions, ledger, database):
    """Both rows stay, and both are counted."""
    first = decisions.buy_again(KEY, by="ana")
    assert ledger.find(KEY) is None
    assert ledger.reserve(purchase(1), ceilings()) is None
    ledger.sent(KEY)
    ledger.paid(KEY, a_rendering(), spare_microusd=PRICE)

    assert (f"{KEY}:1", "bought_again", PurchaseState.UNKNOWN) == (first.key, first.decision, first.state)
    assert decisions.earlier(KEY) == (first,)
    assert ledger.find(KEY).state == PurchaseState.PAID
    assert ledger.read(KEY) == JPEG
    assert set(committed(database).values()) == {2 * PRICE}
    assert counted(database) == committed(database)
    with pytest.raises(Conflict):
        ledger.reserve(purchase(1), ceilings())


def test_buying_again_asks_the_budget_like_any_purchase(decisions, ledger):
    """A decision is no way around a ceiling."""
    decisions.buy_again(KEY, by="ana")

    full = ledger.reserve(purchase(1), ceilings(day=2 * PRICE - 1))

    assert full.period == "2026-11-22"


def test_one_decision_a_purchase(decisions):
    """Two people press the button; the second is told."""
    decisions.buy_again(KEY, by="ana")
    for again in (decisions.buy_again, decisions.write_off):
        with pytest.raises((Conflict, NotFound)):
            again(KEY, by="bo")
        with pytest.raises(Conflict):
            again(f"{KEY}:1", by="bo")

    assert len(decisions.earlier(KEY)) == 1


def test_unknown_again_is_a_question_of_its_own(decisions, ledger, database):
    """The second purchase may end as badly as the first."""
    for number in (1, 2):
        assert [KEY] == [each.key for each in decisions.waiting()]
        decisions.buy_again(KEY, by="ana")
        unknown(ledger)
        assert number == len(decisions.earlier(KEY))

    assert set(committed(database).values()) == {3 * PRICE}


@pytest.mark.parametrize("settle", ["paid", "refused", "reserved", "sent", "nothing"])
def test_only_an_unknown_purchase_can_be_decided_on(decisions, ledger, settle):
    """Whether a paid picture is bought again is no question of money lost."""
    if settle != "nothing":
        ledger.reserve(purchase(2), ceilings())
    if settle not in ("nothing", "reserved"):
        ledger.sent(key(2))
    if settle == "paid":
        ledger.paid(key(2), a_rendering(), spare_microusd=PRICE)
    if settle == "refused":
        ledger.refused(key(2), "no")
    before = ledger.find(key(2))

    for decide in (decisions.write_off, decisions.buy_again):
        with pytest.raises(NotFound if settle == "nothing" else Conflict):
            decide(key(2), by="ana")
    assert before == ledger.find(key(2))


def test_a_picture_to_be_bought_again_is_adopted_by_the_next_job(decisions, jobs):
    """The decision alone buys nothing; the next job of this recipe does."""
    assert jobs.shown(SHOP, LAMP) == 1
    decisions.buy_again(KEY, by="ana")
    assert jobs.shown(SHOP, LAMP) == 0

    again = jobs.begin(job(), plan(brief(1)))

    assert [KEY] == [image.id for image in jobs.images(again.id)]
    assert jobs.image(KEY).state == ImageState.PLANNED


def test_a_picture_that_has_moved_on_is_left_alone(decisions, jobs):
    """The late answer of a living worker came before the decision."""
    jobs.move_image(KEY, ImageState.BOUGHT)
    decisions.write_off(KEY, by="ana")

    assert (ImageState.BOUGHT, "") == (jobs.image(KEY).state, jobs.image(KEY).reason)


def test_a_picture_that_arrives_before_it_is_bought_again_is_taken(decisions, ledger, database):
    """The worker was only taken for dead. Its picture is paid for, and saves the second purchase."""
    decisions.buy_again(KEY, by="ana")
    ledger.paid(KEY, a_rendering(), spare_microusd=PRICE)

    found = ledger.find(KEY)
    assert (PurchaseState.PAID, None) == (found.state, found.decision)
    assert decisions.earlier(KEY) == ()
    assert ledger.read(KEY) == JPEG
    assert set(committed(database).values()) == {PRICE}


def test_a_picture_that_arrives_while_it_is_bought_again_stops_that(decisions, ledger, database):
    """The second paid call has not left yet; now it need not."""
    decisions.buy_again(KEY, by="ana")
    ledger.reserve(purchase(1), ceilings())
    ledger.paid(KEY, a_rendering(), spare_microusd=PRICE)

    with pytest.raises(Conflict):
        ledger.sent(KEY)
    assert ledger.read(KEY) == JPEG
    assert counted(database) == committed(database)


def test_who_decided_what_is_in_the_history(decisions, database):
    """Money was given up; a name stands beside it."""
    decisions.buy_again(KEY, by="ana")
    with database.read() as connection:
        last = connection.execute(sa.select(audit).order_by(audit.c.id.desc()).limit(1)).one()

    assert ("ana", "purchase_bought_again", KEY, SHOP) == (last.actor, last.action, last.image_id, last.shop)
