"""/api/v1: what the extensions are told, what they may ask for, and that a shop sees only its own."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from shopify_imagegen.adapters.database.overview import SqlOverview
from shopify_imagegen.adapters.shopify import SessionTokens
from shopify_imagegen.admin import api
from shopify_imagegen.admin.api.asking import MAX_BODY_BYTES
from shopify_imagegen.admin.gate import Gate
from shopify_imagegen.errors import ConfigError, ShopClosed, Unavailable
from shopify_imagegen.models import (
    GenerateRequested,
    ImageApproved,
    ImageState,
    JobState,
    RegenerateRequested,
    RollbackRequested,
)
from shopify_imagegen.plan import open_studio
from shopify_imagegen.settings import parse
from shopify_imagegen.wishes import Wishes
from tests.fakes import LAMP, PRICE, SHOP, a_job

from .conftest import CLIENT, SCRIPT, bearer, good

EXTENSIONS = "https://extensions.shopifycdn.com"
OTHER_SHOP = "nice-bags.myshopify.com"


class FakeCards:
    """Knows where every file is shown, counts how often it was asked, and may be away."""

    def __init__(self):
        self.asked = 0
        self.away = False

    def pictures(self, shop, file_ids):
        self.asked += 1
        if self.away:
            raise Unavailable("no")
        return {file_id: f"https://cdn.example/{file_id.rpartition('/')[2]}.jpg" for file_id in file_ids}


def a_house(world, settings):
    studio = open_studio(settings, max_references=4, max_prompt_chars=4096)
    return SimpleNamespace(
        now=datetime(2026, 11, 22, 10, tzinfo=UTC),
        settings=settings,
        tailor=SimpleNamespace(settings=lambda shop: settings, studio=lambda shop: studio),
        look=world.look,
        jobs=world.jobs,
        inbox=world.inbox,
        wishes=Wishes(inbox=world.inbox, jobs=world.jobs, shops=world.shops),
        overview=SqlOverview(world.database),
        shopify=SimpleNamespace(cards=FakeCards()),
        review=world.review,
        rollback=world.rollback,
        picture_price_microusd=lambda: PRICE,
    )


@pytest.fixture
def house(world):
    return a_house(world, parse("", {}))


@pytest.fixture
def client(house, admit):
    return a_client(house, admit)


def a_client(house, admit):
    sessions = SessionTokens(client_id=CLIENT["client_id"], secrets=[CLIENT["secret"]])
    gate = Gate(sessions=sessions, admit=admit, client_id="the-id", app_bridge_url=SCRIPT)
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(gate.blueprint)
    app.register_blueprint(api.blueprint(house, gate, clock=lambda: house.now))
    return app.test_client()


@pytest.fixture
def call(client):
    """A call with a good token of the shop."""

    def call(method, path, body=None, *, shop=SHOP, headers=(), **options):
        content = {"json": body} if body is not None else {}
        return client.open(
            f"/api/v1{path}", method=method, headers=bearer(good(shop)) | dict(headers), **content, **options
        )

    return call


def the_job(world):
    [job] = world.jobs.recent(shop=SHOP, limit=5)
    return job


@pytest.mark.parametrize("named", ["1", LAMP, "gid%3A%2F%2Fshopify%2FProduct%2F1"], ids=["number", "gid", "encoded"])
def test_a_wish_is_recorded_and_followed(call, world, named):
    """The extension knows a gid, a person at a terminal a number; both mean the product."""
    answer = call("POST", f"/products/{named}/jobs", {"note": "by a window", "scene": scene_of(world), "count": 3})

    [arrival] = world.inbox.waiting(10)
    job = answer.json["job"]
    wanted = GenerateRequested(product_id=LAMP, note="by a window", scene=scene_of(world), count=3)
    assert (202, arrival.id, "queued", False, []) == (
        answer.status_code,
        job["id"],
        job["state"],
        job["is_done"],
        job["pictures"],
    )
    assert (SHOP, "api", wanted) == (arrival.shop, arrival.source, arrival.intent)
    assert job == call("GET", f"/jobs/{job['id']}").json["job"]


def scene_of(world):
    return open_studio(world.settings, max_references=4, max_prompt_chars=4096).library.scenes[0].full_id


def test_nothing_special_may_be_wanted(call, world):
    """The simplest wish is an empty request."""
    assert 202 == call("POST", "/products/1/jobs").status_code
    assert GenerateRequested(product_id=LAMP) == world.inbox.waiting(10)[0].intent


def test_a_button_pressed_twice_is_one_wish(call, world):
    """Without a key, the same body within a minute is the same wish."""
    ids = {call("POST", "/products/1/jobs", {"note": "x"}).json["job"]["id"] for _ in range(3)}

    assert 1 == len(ids) == len(world.inbox.waiting(10))


def test_another_body_is_another_wish(call, world):
    """Somebody who changes the note wants another picture."""
    for body in ({"note": "x"}, {"note": "y"}, {"note": "x", "count": 1}):
        call("POST", "/products/1/jobs", body)

    assert 3 == len(world.inbox.waiting(10))


@pytest.mark.parametrize(("after_s", "wishes"), [(2, 1), (59, 1), (125, 2)])
def test_the_same_body_again_later_is_another_wish(call, world, house, after_s, wishes):
    """Sixty seconds hold over the edge of a minute too; tomorrow the same words are a new wish."""
    house.now += timedelta(seconds=58)
    call("POST", "/products/1/jobs", {"note": "x"})
    house.now += timedelta(seconds=after_s)
    call("POST", "/products/1/jobs", {"note": "x"})

    assert wishes == len(world.inbox.waiting(10))


def test_a_key_makes_requests_one_wish_for_good(call, world):
    """A program that lost the answer asks again with its key, however late."""
    key = {"Idempotency-Key": "order-7"}
    first, second = (call("POST", "/products/1/jobs", {"note": "x"}, headers=key).json["job"] for _ in range(2))
    changed = call("POST", "/products/1/jobs", {"note": "y"}, headers=key)

    assert first == second
    assert (409, "conflict") == (changed.status_code, changed.json["code"])
    assert 1 == len(world.inbox.waiting(10))


def test_two_shops_may_use_the_same_key(call, world):
    """A key is its shop's own."""
    world.shops.save(world.shops.find(SHOP).model_copy(update={"domain": OTHER_SHOP}))
    for shop in (SHOP, OTHER_SHOP):
        call("POST", "/products/1/jobs", {}, shop=shop, headers={"Idempotency-Key": "1"})

    assert 2 == len(world.inbox.waiting(10))


WRONG = {
    "a count of none": ({"count": 0}, 422, "count", "greater than or equal to 1"),
    "too many": ({"count": 11}, 422, "count", "less than or equal to 10"),
    "a number as text": ({"count": "2"}, 422, "count", "valid integer"),
    "a long note": ({"note": "x" * 501}, 422, "note", "at most 500"),
    "an unknown scene": ({"scene": "kitchen/mornin-counter"}, 422, "scene", "perhaps you mean kitchen/morning"),
    "an unknown field": ({"notes": "x"}, 422, "notes", "not permitted"),
    "a list": ([1], 400, None, "not a JSON object"),
}


@pytest.mark.parametrize(("body", "status", "field", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_field_is_named(call, world, body, status, field, words):
    """The extension shows the words beside the field."""
    answer = call("POST", "/products/1/jobs", body)

    said = answer.json["fields"].get(field) if field else answer.json["error"]
    assert (status, "invalid") == (answer.status_code, answer.json["code"])
    assert words in said
    assert () == world.inbox.waiting(10)


def test_every_wrong_field_is_named_at_once(call):
    """One round of corrections instead of two."""
    assert {"count", "note"} == set(call("POST", "/products/1/jobs", {"count": 0, "note": 7}).json["fields"])


@pytest.mark.parametrize("raw", [b"{", b"\xff", b'{"a":' * 100_000], ids=["cut", "not UTF-8", "deep"])
def test_what_is_not_json_is_said_to_be(client, raw):
    """400, not 500: the sender must mend it."""
    answer = client.post("/api/v1/products/1/jobs", data=raw[:MAX_BODY_BYTES], headers=bearer(good()))

    assert (400, "the body is not JSON") == (answer.status_code, answer.json["error"])


def test_a_long_body_is_not_read(client):
    """A wish is some words."""
    answer = client.post("/api/v1/products/1/jobs", data=b"x" * (MAX_BODY_BYTES + 1), headers=bearer(good()))

    assert (413, "invalid") == (answer.status_code, answer.json["code"])


@pytest.mark.parametrize("key", ["", "x" * 129, "a b", "ä"])
def test_a_key_is_printable_and_short(call, world, key):
    """It becomes part of a row's id; an empty one is as none."""
    answer = call("POST", "/products/1/jobs", headers={"Idempotency-Key": key})

    assert (400 if key else 202) == answer.status_code


@pytest.mark.parametrize("named", ["brass-lamp", "0", "gid://shopify/Order/1", "1/2", "9" * 20])
def test_what_is_no_product_is_said_to_be(call, named):
    """A handle or an order's gid would otherwise be looked for in vain."""
    assert [400, 400] == [
        call("GET", f"/products/{named}").status_code,
        call("POST", f"/products/{named}/jobs").status_code,
    ]


def test_many_products_are_many_wishes(call, world):
    """The selection of the product list, in its order; one named twice is one."""
    answer = call("POST", "/products/jobs", {"ids": [2, "gid://shopify/Product/1", "2"], "count": 1})

    made = [arrival.intent.product_id for arrival in world.inbox.waiting(10)]
    assert 202 == answer.status_code
    assert ["gid://shopify/Product/2", LAMP] == [job["product_id"] for job in answer.json["jobs"]]
    assert {"gid://shopify/Product/2", LAMP} == set(made)
    assert 2 == len(made)


@pytest.mark.parametrize(
    ("ids", "words"),
    [([], "at least 1"), (list(range(1, 252)), "at most 250"), ([1, "lamp", True], "lamp, True"), (None, "valid list")],
)
def test_a_selection_that_is_none_is_refused_whole(call, world, ids, words):
    """Half of a selection would be worse than none: nobody could say which half."""
    answer = call("POST", "/products/jobs", {"ids": ids})

    assert 422 == answer.status_code
    assert words in answer.json["fields"]["ids"]
    assert () == world.inbox.waiting(10)


def test_a_product_shows_what_it_would_cost(call):
    """The first screen: nothing is written or bought by looking."""
    shown = call("GET", "/products/1").json

    product, offer = shown["product"], shown["offer"]
    assert (LAMP, "Lamp", True, None, 0) == tuple(
        product[name] for name in ("id", "title", "can_generate", "why_not", "published")
    )
    assert (0.06, 2, 10, False) == tuple(offer[name] for name in ("picture_price_usd", "count", "max_count", "review"))
    assert product["scenes_first"][0] in [scene["id"] for scene in offer["scenes"]]
    assert shown["job"] is None


def test_scenes_that_fit_the_product_come_first(call, world):
    """A list of seventy is no choice."""
    shown = call("GET", "/products/1").json

    categories = [scene["category"] for scene in shown["offer"]["scenes"]]
    assert shown["product"]["scenes_first"][0].startswith(categories[0] + "/")
    assert len(categories) == len({scene["id"] for scene in shown["offer"]["scenes"]})


def test_a_product_says_how_many_of_its_pictures_were_made_before(call, world, house):
    """The same wish buys nothing twice: whoever wants others shall know before pressing the button."""
    plan = house.look.preview(SHOP, GenerateRequested(product_id=LAMP))
    job = world.jobs.begin(a_job(world.time.now), plan)
    world.jobs.move_image(plan.briefs[0].key, ImageState.PUBLISHED)
    world.jobs.move_image(plan.briefs[1].key, ImageState.OVER_BUDGET)
    world.jobs.move(job.id, JobState.PARTLY_PUBLISHED)

    assert 1 == call("GET", "/products/1").json["product"]["made_before"]


def test_a_product_that_cannot_have_pictures_says_why(call, world):
    """The button is shut, with the reason beside it."""
    world.catalog.products[LAMP] = world.catalog.products[LAMP].model_copy(update={"tags": ("no-ai-images",)})

    product = call("GET", "/products/1").json["product"]
    assert (False, "opted_out") == (product["can_generate"], product["why_not"]["code"])
    assert "remove the tag" in product["why_not"]["reason"]


def test_a_job_that_runs_is_shown_with_its_product(call, world):
    """Whoever opens the action meanwhile sees it go on, and is not offered a second one."""
    world.begin(2)

    shown = call("GET", "/products/1").json
    assert ("in_progress", the_job(world).id, 2) == (
        shown["product"]["why_not"]["code"],
        shown["job"]["id"],
        len(shown["job"]["pictures"]),
    )


def test_a_finished_job_shows_its_pictures_and_what_they_cost(call, world):
    """The end of the story: to be seen, and on the bill."""
    [image_id] = world.staged()
    world.jobs.move(the_job(world).id, JobState.AWAITING_REVIEW, "1 lifestyle photo ready for review.")

    job = call("GET", f"/jobs/{the_job(world).id}").json["job"]
    [picture] = job["pictures"]
    assert ("awaiting_review", True, True, 0.06) == tuple(
        job[name] for name in ("state", "is_done", "is_well", "cost_usd")
    )
    assert (image_id, "staged", "Lamp on desk 1", 0.06, "A desk") == tuple(
        picture[name] for name in ("id", "state", "alt", "cost_usd", "scene_title")
    )
    assert picture["url"].startswith("https://")


def test_a_store_that_does_not_answer_costs_only_the_thumbnail(call, world, client, house):
    """Where the job stands is in our own database."""
    world.staged()

    house.shopify.cards.away = True

    answer = call("GET", f"/jobs/{the_job(world).id}")
    assert (200, None) == (answer.status_code, answer.json["job"]["pictures"][0]["url"])


def test_addresses_are_asked_for_once(call, world, house):
    """A job is looked at every two seconds; the store need not answer each time."""
    world.staged(2)
    for _ in range(3):
        call("GET", f"/jobs/{the_job(world).id}")

    assert 1 == house.shopify.cards.asked


def test_a_picture_that_waits_is_approved(call, world):
    """The decision goes to a worker, with who made it."""
    [image_id] = world.staged()

    answer = call("POST", f"/images/{image_id}/approve")
    assert (202, image_id) == (answer.status_code, answer.json["picture"]["id"])
    assert [ImageApproved(image_id=image_id, by="1", saw="staged")] == [
        arrival.intent for arrival in world.inbox.waiting(10)
    ]


def test_a_picture_is_approved_once(call, world):
    """Two people may press the button; a picture that is no candidate says so."""
    [image_id] = world.staged()
    world.jobs.move_image(image_id, ImageState.PUBLISHED)
    assert 202 == call("POST", f"/images/{image_id}/approve").status_code

    world.jobs.move_image(image_id, ImageState.REFUSED)
    answer = call("POST", f"/images/{image_id}/approve")
    assert (409, "conflict") == (answer.status_code, answer.json["code"])
    assert "is refused, so it cannot be approved" in answer.json["error"]
    assert () == world.inbox.waiting(10)


def test_an_approval_may_have_other_words_and_another_place(call, world):
    """A person who looks closely knows better how to describe it."""
    [image_id] = world.staged()
    body = {"alt": "A brass lamp at dusk", "place": "second", "alone": True}

    assert 202 == call("POST", f"/images/{image_id}/approve", body).status_code
    assert [ImageApproved(image_id=image_id, by="1", saw="staged", **body)] == [
        a.intent for a in world.inbox.waiting(10)
    ]
    assert 422 == call("POST", f"/images/{image_id}/approve", {"place": "third"}).status_code


def test_a_picture_is_rejected_at_once_with_its_reason(call, world):
    """Nothing has to be done in the store, so nobody has to wait; again changes nothing."""
    [image_id] = world.staged()

    answers = [call("POST", f"/images/{image_id}/reject", {"reason": "too dark"}) for _ in range(2)]
    assert [200, 200] == [answer.status_code for answer in answers]
    assert ("rejected", "too dark") == tuple(answers[0].json["picture"][name] for name in ("state", "reason"))


def test_a_picture_is_made_anew_and_followed(call, world):
    """It is a wish like any other: pressed twice it is bought once."""
    [image_id] = world.staged()

    first, second = (call("POST", f"/images/{image_id}/regenerate", {"note": "brighter"}) for _ in range(2))
    job = first.json["job"]
    assert (202, "queued", LAMP) == (first.status_code, job["state"], job["product_id"])
    assert job == second.json["job"] == call("GET", f"/jobs/{job['id']}").json["job"]
    wanted = RegenerateRequested(image_id=image_id, note="brighter", by="1")
    assert [wanted] == [arrival.intent for arrival in world.inbox.waiting(10)]


def test_a_picture_is_taken_back_by_a_worker(call, world):
    """The same door as the command's."""
    [image_id] = world.staged()

    answer = call("POST", f"/images/{image_id}/rollback", {"delete_files": True})
    assert (202, image_id) == (answer.status_code, answer.json["picture"]["id"])
    wanted = RollbackRequested(images=(image_id,), by="1", delete_files=True)
    assert [wanted] == [arrival.intent for arrival in world.inbox.waiting(10)]


def test_what_would_be_taken_back_is_said_first(call, world):
    """A dry run reads, and leaves everything as it is."""
    [image_id] = world.staged()

    answer = call("POST", f"/images/{image_id}/rollback", {"dry_run": True})
    [product] = answer.json["would"]
    assert (200, LAMP, image_id) == (answer.status_code, product["product_id"], product["pictures"][0]["id"])
    assert product["pictures"][0]["words"]
    assert () == world.inbox.waiting(10)
    assert "staged" == call("GET", f"/images/{image_id}").json["picture"]["state"]


def test_another_shop_sees_and_decides_nothing(call, world):
    """Ids leak through logs and screenshots; they open nothing."""
    call("POST", "/products/1/jobs")
    [wish] = world.inbox.waiting(10)
    [image_id] = world.staged()

    statuses = [
        call(method, path, shop=OTHER_SHOP).status_code
        for method, path in (
            ("GET", f"/jobs/{wish.id}"),
            ("GET", f"/jobs/{the_job(world).id}"),
            ("GET", f"/images/{image_id}"),
            *(("POST", f"/images/{image_id}/{deed}") for deed in ("approve", "reject", "regenerate", "rollback")),
        )
    ]
    assert {404} == set(statuses)
    assert "staged" == world.state(image_id)
    assert 1 == len(world.inbox.waiting(10))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/jobs/none"),
        ("GET", "/products/99"),
        ("POST", "/images/none/approve"),
        ("GET", "/elsewhere"),
        ("POST", "/images"),
    ],
)
def test_what_is_not_there_is_404_in_json(call, method, path):
    """A program reads the answer."""
    answer = call(method, path)

    assert (404, "not_found") == (answer.status_code, answer.json["code"])


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Unavailable("the database is away"), 503, "later"),
        (ShopClosed("The store is frozen."), 409, "paused"),
        (ConfigError("images.per_product: no"), 409, "settings"),
    ],
)
def test_trouble_is_told_so_that_a_program_can_act(call, house, error, status, code):
    """Try again, or show a person what to mend: the code says which."""

    def trouble(*_):
        raise error

    house.wishes = SimpleNamespace(progress=trouble)

    answer = call("GET", "/jobs/x")
    assert (status, code, str(error)) == (answer.status_code, answer.json["code"], answer.json["error"])
    assert (code == "later") is ("Retry-After" in answer.headers)


def test_a_call_without_a_token_is_turned_away(client):
    """401 and the header on which the admin gets a fresh token."""
    answer = client.get("/api/v1/products/1", headers={"Origin": EXTENSIONS})

    assert (401, "1", EXTENSIONS) == (
        answer.status_code,
        answer.headers["X-Shopify-Retry-Invalid-Session-Request"],
        answer.headers["Access-Control-Allow-Origin"],
    )


@pytest.mark.parametrize("path", ["/products/1/jobs", "/products/gid://shopify/Product/1", "/nowhere"])
def test_a_preflight_is_answered_without_a_token(client, path):
    """Browsers send none with it; without this answer they never send the call itself."""
    wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    answer = client.options(f"/api/v1{path}", headers={"Origin": EXTENSIONS} | wanted)

    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert (204, b"", EXTENSIONS) == (
        answer.status_code,
        answer.data,
        answer.headers["Access-Control-Allow-Origin"],
    )
    assert {"authorization", "content-type", "idempotency-key"} == set(allowed.split(", "))


@pytest.mark.parametrize("origin", ["https://evil.example", "null", EXTENSIONS + ".evil.example", EXTENSIONS + "/"])
def test_no_other_origin_may_read(call, client, origin):
    """A page elsewhere, in a merchant's browser, has no business here."""
    answers = [
        call("GET", "/offer", headers={"Origin": origin}),
        client.options("/api/v1/offer", headers={"Origin": origin}),
    ]

    assert [None, None] == [answer.headers.get("Access-Control-Allow-Origin") for answer in answers]
    assert all("Origin" in answer.headers["Vary"] for answer in answers)


def test_answers_are_kept_by_nobody(call):
    """They are one shop's, and true for a moment."""
    assert "no-store" == call("GET", "/offer").headers["Cache-Control"]


def test_every_call_is_in_the_documentation(client):
    """And none that is not there any more: programs are written by it."""
    rules = [rule for rule in client.application.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    there = {
        (method, re.sub(r"<[^>]+>", "{id}", rule.rule.removeprefix("/api/v1")))
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if not rule.endpoint.endswith(".nowhere")
    }
    words = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    told = set(re.findall(r"`(GET|POST) (/[a-z/{}]+)`", words))

    assert there == told
