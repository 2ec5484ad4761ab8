"""POST /flow/generate: what Flow may ask for, how often, and what it is told."""

import json
import logging

import pytest

from shopify_imagegen.errors import Unavailable
from shopify_imagegen.models import GenerateRequested, ImageState, JobState, Trigger
from shopify_imagegen.wishes import Wishes
from tests.fakes import LAMP, SHOP
from tests.webhooks.conftest import OLD_SECRET, SECRET, FakeInbox, door
from webhooks.flow import MAX_BODY_BYTES
from webhooks.signature import sign

RUN = {
    "shop_id": 690933842,
    "shopify_domain": SHOP,
    "action_run_id": "a2a9ee40-e9f8-4e0a-a1d0-7c4d6e8a3a71",
    "action_definition_id": "generate-photos",
    "handle": "generate-photos",
    "step_reference": "01H2",
    "properties": {"product_id": 1, "count": 2, "note": "by a window", "scene": "home/desk"},
}


@pytest.fixture
def run(world):
    """Let Flow run the action; fields given replace those of the run."""
    client = door(FakeInbox(), wishes=Wishes(inbox=world.inbox, jobs=world.jobs, shops=world.shops))

    def post(body=None, *, secret=SECRET, properties=None, **fields):
        content = RUN | fields | ({"properties": properties} if properties is not None else {})
        content = json.dumps(content).encode() if body is None else body
        headers = {"X-Shopify-Hmac-Sha256": sign(content, secret).decode(), "Content-Type": "application/json"}
        return client.post("/flow/generate", data=content, headers=headers)

    return post


def test_a_run_is_a_wish_and_flow_waits(run, world):
    """202: Flow asks again until the photos are there, and only then goes on."""
    answer = run()

    [arrival] = world.inbox.waiting(10)
    wanted = GenerateRequested(product_id=LAMP, trigger=Trigger.FLOW, note="by a window", scene="home/desk", count=2)
    assert (202, "queued") == (answer.status_code, answer.json["state"])
    assert (SHOP, "flow", wanted) == (arrival.shop, arrival.source, arrival.intent)


def test_a_run_sent_again_is_the_same_wish(run, world):
    """Flow repeats a run for a day under one id; each repeat buying pictures would empty the budget."""
    assert [202] * 4 == [run(secret=secret).status_code for secret in (SECRET, SECRET, OLD_SECRET, OLD_SECRET)]
    assert 1 == len(world.inbox.waiting(10))


def test_two_runs_are_two_wishes(run, world):
    """A merchant may want more photos tomorrow."""
    run()
    run(action_run_id="another")

    assert 2 == len(world.inbox.waiting(10))


def test_the_same_run_id_in_two_shops_is_two_wishes(run, world):
    """Nobody promises that ids differ between stores."""
    other = "nice-bags.myshopify.com"
    world.shops.save(world.shops.find(SHOP).model_copy(update={"domain": other}))

    assert [202, 202] == [run().status_code, run(shopify_domain=other).status_code]
    assert {SHOP, other} == {arrival.shop for arrival in world.inbox.waiting(10)}


@pytest.mark.parametrize("state", [JobState.PUBLISHED, JobState.PARTLY_PUBLISHED, JobState.AWAITING_REVIEW])
def test_photos_that_are_there_end_the_waiting(run, world, state):
    """200: the workflow's next step may count on them."""
    first = run().json["id"]
    [image_id] = world.begin()
    [job] = world.jobs.recent(shop=SHOP, limit=5)
    world.inbox.answer(first, job_id=job.id, reason="")
    world.jobs.move_image(image_id, ImageState.PUBLISHED)
    world.jobs.move(job.id, state, "1 lifestyle photo on the product.")

    answer = run()
    assert (200, state, first) == (answer.status_code, answer.json["state"], answer.json["id"])


def test_a_product_that_gets_no_photos_fails_the_run_with_the_reason(run, world):
    """A workflow that goes on as if there were photos would tag, announce or advertise nothing."""
    world.inbox.answer(run().json["id"], job_id=None, reason="The product has no photo yet.")

    answer = run()
    assert (422, "The product has no photo yet.") == (answer.status_code, answer.json["error"])


@pytest.mark.parametrize(
    "properties",
    [{"product_id": "1"}, {"product_id": LAMP, "count": None, "note": "", "scene": ""}, {"product_id": 1, "count": ""}],
    ids=["digits", "gid and empty fields", "an empty number"],
)
def test_fields_left_empty_mean_the_usual(run, world, properties):
    """Only the product is required of the merchant."""
    assert 202 == run(properties=properties).status_code
    assert GenerateRequested(product_id=LAMP, trigger=Trigger.FLOW) == world.inbox.waiting(10)[0].intent


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"properties": {}}, "properties.product_id: Field required"),
        ({"properties": {"product_id": "brass-lamp"}}, "properties.product_id: must be the number or gid of a product"),
        ({"properties": {"product_id": True}}, "properties.product_id: must be the number"),
        ({"properties": {"product_id": 1, "count": 11}}, "properties.count: Input should be less than or equal to 10"),
        ({"properties": {"product_id": 1, "note": "x" * 501}}, "properties.note: String should have at most 500"),
        ({"action_run_id": ""}, "action_run_id: String should match"),
        ({"action_run_id": "a b"}, "action_run_id: String should match"),
        ({"shopify_domain": "evil.example.com"}, "shopify_domain: String should match"),
        ({"shopify_domain": SHOP + "\n"}, "shopify_domain: String should match"),
        ({"body": b"[]"}, "not a JSON object"),
        ({"body": b"\xff"}, "not JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_run_that_cannot_be_understood_fails_and_says_what(run, world, fields, said):
    """400 is not repeated; the words are what the merchant sees in the workflow's log."""
    answer = run(**fields)

    assert 400 == answer.status_code
    assert said in answer.json["error"]
    assert () == world.inbox.waiting(10)


def test_everything_wrong_is_named_at_once(run):
    """One round of corrections instead of three."""
    said = run(properties={"product_id": "x", "count": 0}, action_run_id="").json["error"]

    assert ["action_run_id", "properties.product_id", "properties.count"] == [
        part.split(":")[0] for part in said.split("; ")
    ]


def test_a_forged_run_is_turned_away(run, world, caplog):
    """Anyone can write a domain into a body; only Shopify can sign it."""
    answer = run(secret="wrong")

    assert (401, "the signature does not match") == (answer.status_code, answer.json["error"])
    assert () == world.inbox.waiting(10)
    assert "check shopify.client_secret" in caplog.text


def test_a_store_that_is_not_ours_cannot_run_it(run, world):
    """404 and no repeat: the app was removed while the workflow stayed."""
    assert 404 == run(shopify_domain="stranger.myshopify.com").status_code
    assert () == world.inbox.waiting(10)


def test_a_long_body_is_not_read(run):
    """A run is a few hundred bytes."""
    assert 413 == run(body=b"x" * (MAX_BODY_BYTES + 1)).status_code


def test_a_database_that_is_away_makes_flow_repeat(run, world, monkeypatch):
    """5xx is repeated by Flow: the wish is late, not lost."""

    def away(*_):
        raise Unavailable("the database is away")

    monkeypatch.setattr(world.shops, "find", away)

    answer = run()
    assert (503, "30") == (answer.status_code, answer.headers["Retry-After"])


def test_notes_stay_out_of_the_log(run, caplog):
    """What a merchant writes goes into the prompt; prompts are not logged."""
    caplog.set_level(logging.DEBUG)
    run()

    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "queued" in logged
    assert "by a window" not in logged
