"""What machines watch: alive, ready, counts."""

import pytest
from flask import Blueprint
from prometheus_client import Gauge

from shopify_imagegen.errors import Unavailable
from tests.webhooks.conftest import FakeInbox, door


def test_alive_touches_nothing():
    """A database that is away must not get the process killed."""

    def ready():
        raise AssertionError("asked")

    answer = door(FakeInbox(AssertionError("asked")), ready=ready).get("/healthz")

    assert (200, "ok\n") == (answer.status_code, answer.text)


def test_ready_when_no_part_has_a_problem():
    """A load balancer sends traffic on this."""
    answer = door(FakeInbox(), ready=lambda: {"database": "", "worker": ""}).get("/readyz")

    assert 200 == answer.status_code
    assert {"ready": True, "problems": {}} == answer.json


def test_not_ready_names_the_part():
    """ "503" alone sends an engineer to read code."""
    answer = door(FakeInbox(), ready=lambda: {"database": "no connection", "worker": ""}).get("/readyz")

    assert 503 == answer.status_code
    assert {"ready": False, "problems": {"database": "no connection"}} == answer.json


def test_a_failing_check_is_not_ready():
    """The check itself may meet what it checks for."""

    def ready():
        raise Unavailable("database is away")

    answer = door(FakeInbox(), ready=ready).get("/readyz")

    assert 503 == answer.status_code
    assert "database is away" in answer.json["problems"].values()


def counted(client):
    """The delivery counts as {(topic, verdict): number}, from the page itself."""
    lines = [line for line in client.get("/metrics").text.splitlines() if line.startswith("imagegen_deliveries_total{")]
    pairs = [line.replace("imagegen_deliveries_total", "").rsplit(" ", 1) for line in lines]
    return {tuple(part.split('"')[1] for part in labels.split(",")): float(number) for labels, number in pairs}


def test_deliveries_are_counted_by_topic_and_verdict(knock):
    """A rise of refusals or duplicates is seen before a merchant writes."""
    knock()
    knock()
    knock("shop/redact", secret="wrong")
    knock(body=b"[]")

    assert {
        ("products/create", "accepted"): 1,
        ("products/create", "duplicate"): 1,
        ("shop/redact", "bad_signature"): 1,
        ("products/create", "bad_delivery"): 1,
    } == counted(knock.client)


def test_a_made_up_topic_is_counted_as_other(knock):
    """Each new label is kept in memory for ever; a forger must not be able to make them."""
    for number in range(3):
        knock(body={}, secret="wrong", headers={"X-Shopify-Topic": f"made/up{number}"})

    assert {("other", "bad_signature"): 3} == counted(knock.client)


def test_two_apps_do_not_share_their_counts(knock):
    """A registry of the process would refuse the second app."""
    knock()

    assert {} == counted(door(FakeInbox()))


def test_further_metrics_and_pages_can_be_added():
    """The admin and the house bring their own."""
    gauge = Gauge("queue_length", "Of jobs.", registry=None)
    gauge.set(7)
    page = Blueprint("page", __name__)
    page.get("/page")(lambda: "here")

    client = door(FakeInbox(), collectors=[gauge], blueprints=[page])

    assert "queue_length 7.0" in client.get("/metrics").text
    assert "here" == client.get("/page").text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_the_pages_are_only_read(knock, path):
    """They take no orders."""
    assert 405 == knock.client.post(path).status_code
