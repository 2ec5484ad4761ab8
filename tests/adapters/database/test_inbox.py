"""What reached us is there once, in order, until it is done."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shopify_imagegen.adapters.database.inbox import SqlInbox
from shopify_imagegen.adapters.database.tables import deliveries
from shopify_imagegen.models import Arrival, GenerateRequested

from . import racers
from .racers import arrival
from .story import LAMP, NOW, SHOP


def as_sent(arrivals):
    """Without what the inbox itself has written down."""
    return [each.model_copy(update={"received_at": None}) for each in arrivals]


@pytest.fixture
def inbox(database, clock):
    return SqlInbox(database, clock)


def test_an_arrival_comes_back_as_it_came(inbox, clock):
    """The worker acts on what the door has read, down to Shopify's clock."""
    wish = GenerateRequested(product_id=LAMP, note="by a window — ein Fenster 🪟", count=3)
    request = Arrival(id="cli-1", source="cli", topic="", shop=SHOP, intent=wish)

    assert inbox.record(arrival(1))
    clock.go_on(seconds=1)
    assert inbox.record(request)
    assert (NOW, NOW + timedelta(seconds=1)) == tuple(each.received_at for each in inbox.waiting(10))
    assert [arrival(1), request] == as_sent(inbox.waiting(10))


def test_a_delivery_repeated_is_recorded_once(inbox):
    """Shopify repeats what it believes unanswered."""
    assert [inbox.record(arrival(1)), inbox.record(arrival(1))] == [True, False]
    assert len(inbox.waiting(10)) == 1


def test_a_delivery_done_is_not_recorded_anew(inbox):
    """A repetition after the work is finished must not start it again."""
    inbox.record(arrival(1))
    inbox.done("delivery-1", "will be looked at")

    assert inbox.record(arrival(1)) is False
    assert inbox.waiting(10) == ()


def test_once_from_many_threads(inbox):
    """A web process has several threads, and Shopify several senders."""
    new, start = [], threading.Barrier(8)

    def record():
        start.wait(10)
        new.extend(number for number in range(20) if inbox.record(arrival(number)))

    threads = [threading.Thread(target=record) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(new) == list(range(20))


def test_once_from_many_processes(url, database, clock):
    """Several web processes on one database."""
    new = racers.race(racers.record_the_same, url)

    assert sum(new) == 10
    assert len(SqlInbox(database, clock).waiting(100)) == 10


def test_a_recorded_delivery_survives_kill_9(url, database, clock):
    """It was answered with 200, so Shopify will not send it again."""
    process, _pipe = racers.alone(racers.record_and_die, url)
    process.join(racers.LIMIT_S)

    assert as_sent(SqlInbox(database, clock).waiting(10)) == [arrival(1)]


def test_arrivals_wait_in_the_order_they_came_and_in_batches(inbox, clock):
    """The oldest first, whatever their ids."""
    for number in (3, 1, 2):
        inbox.record(arrival(number))
        clock.go_on(seconds=1)

    assert ["delivery-3", "delivery-1"] == [each.id for each in inbox.waiting(2)]
    inbox.done("delivery-3", "done")
    assert ["delivery-1", "delivery-2"] == [each.id for each in inbox.waiting(2)]


def test_nothing_to_do_is_done_at_once(inbox):
    """An unknown topic is kept for the record and bothers no worker."""
    inbox.record(arrival(1).model_copy(update={"intent": None, "topic": "carts/update"}))

    assert inbox.waiting(10) == ()


def test_a_request_is_answered_with_its_job_or_its_reason(inbox):
    """A person waits for one of the two."""
    for number in (1, 2, 3):
        inbox.record(arrival(number))
    inbox.answer("delivery-1", job_id="job:1", reason="")
    inbox.answer("delivery-2", job_id=None, reason="It has no photos.")

    answers = [inbox.answered(f"delivery-{number}") for number in (1, 2, 3)]

    assert answers == [("job:1", ""), (None, "It has no photos."), None]


def test_an_answer_that_comes_before_done_stays(inbox):
    """The work may be quicker than the dispatcher's note that it was started; the person still gets the answer."""
    inbox.record(arrival(1))
    inbox.answer("delivery-1", job_id="job:1", reason="")
    inbox.done("delivery-1", "asked")

    assert inbox.answered("delivery-1") == ("job:1", "")
    assert inbox.waiting(10) == ()


def test_an_arrival_of_another_version_is_put_aside_and_said(inbox, database, caplog):
    """After a downgrade one unreadable row must not stop all that come after it."""
    inbox.record(arrival(1))
    inbox.record(arrival(2))
    with database.write() as connection:
        strange = sa.update(deliveries).where(deliveries.c.id == "delivery-1").values(intent={"kind": "from_tomorrow"})
        connection.execute(strange)

    assert [each.id for each in inbox.waiting(10)] == ["delivery-2"]
    assert "cannot be read" in caplog.text
    assert [each.id for each in inbox.waiting(10)] == ["delivery-2"]


def test_the_last_webhook_of_each_topic_is_known(inbox, clock):
    """`doctor` sees by it that what shopify.app.toml declares does arrive."""
    inbox.record(arrival(1))
    clock.go_on(minutes=5)
    inbox.record(arrival(2))
    inbox.record(arrival(3).model_copy(update={"source": "cli"}))

    [topics] = inbox.heard().values()

    assert {arrival(1).topic: clock.now} == topics


def test_what_is_put_off_does_not_wait_until_then(inbox, clock):
    """A hundred stores that cannot be asked must not fill the batch and stop the rest."""
    inbox.record(arrival(1))
    inbox.record(arrival(2))
    inbox.postpone("delivery-1", clock.now + timedelta(minutes=1), "Shopify is away")

    assert ["delivery-2"] == [each.id for each in inbox.waiting(10)]
    assert [("delivery-1", "Shopify is away")] == [(each.arrival.id, each.reason) for each in inbox.postponed()]
    clock.go_on(minutes=1)
    assert ["delivery-1", "delivery-2"] == [each.id for each in inbox.waiting(10)]


def test_what_was_put_off_and_is_done_is_shown_no_more(inbox, clock):
    """Also when another worker puts it off just then."""
    inbox.record(arrival(1))
    inbox.postpone("delivery-1", clock.now, "Shopify is away")
    inbox.done("delivery-1", "erased")
    inbox.postpone("delivery-1", clock.now, "Shopify is away")

    assert () == inbox.postponed() == inbox.waiting(10)
