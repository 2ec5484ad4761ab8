"""Shopify Flow is told of published photos: once a job, never twice, and only where a trigger was deployed."""

import logging

import pytest

from shopify_imagegen.adapters.database.told import SqlTold
from shopify_imagegen.announce import Announce
from shopify_imagegen.errors import NoAnswer, Rejected, Unavailable
from shopify_imagegen.models import ImageState
from tests.fakes import SHOP

HANDLE = "photos-published"


class FakeFlow:
    """Remembers what it was told. Queue what goes wrong in `errors`; a lost answer was heard all the same."""

    def __init__(self):
        self.errors = []
        self.heard = []

    def fire(self, shop, handle, payload):
        error = self.errors.pop(0) if self.errors else None
        if error is None or isinstance(error, NoAnswer):
            self.heard.append((shop, handle, payload))
        if error:
            raise error


@pytest.fixture
def flow():
    return FakeFlow()


@pytest.fixture
def announce(world, flow):
    def make(handle=HANDLE):
        told = SqlTold(world.database, world.time.clock)
        return Announce(handle=handle, jobs=world.jobs, ledger=world.ledger, flow=flow, told=told)

    return make


@pytest.fixture
def job_id(world):
    """A job of two pictures; both are on the product."""
    for image_id in world.staged(2):
        world.jobs.move_image(image_id, ImageState.PUBLISHED)
    return world.jobs.recent(shop=SHOP, limit=1)[0].id


def test_a_published_job_is_told_with_its_product_and_cost(announce, flow, job_id):
    """What a workflow needs to go on: which product, how many photos, what they cost."""
    announce().tell(job_id)

    assert [(SHOP, HANDLE, {"product_id": 1, "Photos": 2, "Cost in USD": 0.12})] == flow.heard


def test_it_is_told_once(announce, flow, job_id):
    """A step that runs again after a crash must not start every workflow a second time."""
    for _ in range(3):
        announce().tell(job_id)

    assert 1 == len(flow.heard)


def test_a_lost_answer_is_not_repeated(announce, flow, job_id, caplog):
    """Perhaps the workflows run already; Shopify could not tell a repeat from news."""
    flow.errors = [NoAnswer("read timeout")]
    announce().tell(job_id)
    announce().tell(job_id)

    assert 1 == len(flow.heard)
    assert "it may have arrived" in caplog.text


def test_a_store_that_is_away_hears_of_it_later(announce, flow, job_id):
    """It certainly was not sent: the next try sends it."""
    flow.errors = [Unavailable("away")]
    with pytest.raises(Unavailable):
        announce().tell(job_id)
    announce().tell(job_id)

    assert 1 == len(flow.heard)


def test_a_trigger_that_shopify_does_not_know_stops_nothing(announce, flow, job_id, caplog):
    """The setting came before the deployment: the photos are on the product all the same."""
    caplog.set_level(logging.WARNING)
    flow.errors = [Rejected("there is no trigger photos-published")]
    announce().tell(job_id)

    assert [] == flow.heard
    assert "there is no trigger" in caplog.text


def test_without_a_trigger_nothing_is_news(announce, flow, world, job_id):
    """The default: no merchant has asked for it."""
    announce("").tell(job_id)

    assert not announce("").is_news(world.jobs.images(job_id))
    assert [] == flow.heard


def test_a_job_without_a_published_photo_is_no_news(announce, flow, world):
    """The trigger is called "Lifestyle photos published"."""
    world.staged(1)
    [job] = world.jobs.recent(shop=SHOP, limit=1)
    announce().tell(job.id)

    assert not announce().is_news(world.jobs.images(job.id))
    assert [] == flow.heard


def test_the_line_says_where_its_end_is_news(announce, world, job_id):
    """The engine enqueues the message only then."""
    line = world.line
    quiet = line.finish(job_id)
    line._announce = announce()

    assert (None, SHOP) == (quiet, line.finish(job_id))
