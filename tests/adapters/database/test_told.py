"""Shopify Flow is told of a job once, whoever asks, however often."""

import threading

import pytest

from shopify_imagegen.adapters.database.jobs import SqlJobs
from shopify_imagegen.adapters.database.told import SqlTold

from . import story


@pytest.fixture
def job(database, clock):
    return SqlJobs(database, clock).begin(story.job(), story.plan())


def test_a_job_is_told_once(database, clock, job):
    """A retry, or a second approved picture, is no second event."""
    told = SqlTold(database, clock)

    assert [True, False, False] == [told.claim(job) for _ in range(3)]


def test_what_was_not_sent_may_be_told_again(database, clock, job):
    """The store was away: it has heard nothing."""
    told = SqlTold(database, clock)
    told.claim(job)
    told.release(job)

    assert [True, False] == [told.claim(job) for _ in range(2)]


def test_another_job_is_another_event(database, clock, job):
    """A product gets more photos later, and the workflow runs again."""
    told = SqlTold(database, clock)
    told.claim(job)

    assert told.claim(job.model_copy(update={"id": "job:1:2"}))


def test_of_many_at_once_one_tells(database, clock, job):
    """Two workers may hold the same job for a moment, after a takeover."""
    told, claims, start = SqlTold(database, clock), [], threading.Barrier(6)

    def claim():
        start.wait(10)
        claims.append(told.claim(job))

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [False] * 5 + [True] == sorted(claims)
