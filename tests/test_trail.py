"""One key through all lines of a job, whoever writes them."""

import json
import logging

from shopify_imagegen import logs, trail

record = logging.makeLogRecord({"name": "shopify_imagegen.adapters.http", "msg": "will ask again", "wait_s": 2.5})


def test_a_line_from_far_below_carries_the_job():
    """A wait in the HTTP adapter knows nothing of jobs; whoever searches for the job must find it."""
    with trail.following("job:nice-lamps.myshopify.com:7:63470ca049a7"):
        line = json.loads(logs.Json().format(record))

    assert "job:nice-lamps.myshopify.com:7:63470ca049a7" == line["job"]
    assert ("will ask again", "2.5") == (line["said"], line["wait_s"])


def test_outside_a_job_there_is_no_key():
    """An empty key would look like a job."""
    assert "job" not in json.loads(logs.Json().format(record))


def test_the_trail_ends_with_the_work():
    """A thread is used for one job after the other."""
    with trail.following("one"):
        with trail.following("other"):
            assert "other" == trail.current()
        assert "one" == trail.current()

    assert "" == trail.current()
