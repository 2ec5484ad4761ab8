"""The pages: what they show of one store, and what their forms ask for. Nothing here is bought."""

import csv
import io
import json
import re
import shutil
from datetime import UTC, datetime
from html import unescape
from types import SimpleNamespace

import pytest

from shopify_imagegen import hurry
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.admin.pages import backfill_report
from shopify_imagegen.backfills.gate import OFF_HOURS
from shopify_imagegen.look import planned_job
from shopify_imagegen.models import (
    BackfillRollbackRequested,
    GenerateRequested,
    ImageApproved,
    ImageState,
    Item,
    JobRetried,
    JobState,
    RegenerateRequested,
    RollbackRequested,
    Stage,
    Standing,
    Trigger,
    Undoing,
    Undone,
)
from tests.fakes import scene

from .conftest import SHOP
from .shop import OTHER_SHOP, Office

ME = "admin:1"  # user 1 of the session tokens
EVERY = ["/", "/products", "/review", "/attention", "/backfills", "/style", "/settings", "/activity"]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """An empty database to copy from: making the tables takes longer than a test."""
    file = tmp_path_factory.mktemp("template") / "imagegen.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.close()
    return file


@pytest.fixture
def office(tmp_path, tables):
    shutil.copy(tables, tmp_path / "imagegen.db")
    office = Office(tmp_path)
    yield office
    office.house.database.close()


def text(answer):
    """What is read on a page."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True)).split())


@pytest.mark.parametrize("path", EVERY)
def test_every_page_of_a_new_store_says_what_to_do(office, path):
    """The first look at an app is at its empty pages."""
    answer = office.get(path)

    assert 200 == answer.status_code
    assert "no-store" == answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", EVERY)
def test_every_page_speaks_german(office, path):
    """Shopify says the language of the person's admin."""
    answer = office.get(path, **{"Accept-Language": "de-AT,de;q=0.9"})

    assert 'lang="de"' in answer.get_data(as_text=True)
    assert "Einstellungen" in text(answer)
    assert 'lang="de"' in office.get(f"{path}?locale=de").get_data(as_text=True)


@pytest.mark.parametrize("path", [*EVERY, "/order?id=1", "/products?show=missing", "/products?show=failed"])
def test_a_store_that_does_not_answer_leaves_gaps_not_errors(office, path):
    """A merchant who cannot approve because Shopify is slow blames us."""
    lamp = office.add(1)
    office.made(lamp, "awaiting_review", "staged")
    office.store.away = True

    assert 200 == office.get(path).status_code


def test_a_page_holds_no_script_and_no_style_of_its_own(office):
    """The Content-Security-Policy forbids them, so they would not work."""
    lamp = office.add(1)
    office.made(lamp, "awaiting_review", "staged", "staged")
    for path in [*EVERY, "/products/1", "/order?id=1"]:
        html = office.get(path).get_data(as_text=True)

        assert [] == re.findall(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]* src=)", html), path


def test_words_of_the_store_are_never_markup(office):
    """A product's title is anybody's to write."""
    lamp = office.add(1, title="<img src=x onerror=alert(1)>")
    office.made(lamp, "failed", "failed", reason="<script>alert(2)</script>")
    for path in ("/", "/products", "/products/1", "/attention", "/activity", "/order?id=1"):
        html = office.get(path).get_data(as_text=True)

        assert "<img src=x" not in html
        assert "<script>alert" not in html


# ── home ──


def test_home_counts_what_happened(office):
    """Three numbers that a merchant looks at every morning."""
    office.made(office.add(1), "published", "published", "published")
    office.made(office.add(2), "awaiting_review", "staged")
    office.made(office.add(3), "failed", "failed")

    said = text(office.get("/"))

    assert "Published 2 on 1 product" in said
    assert "Waiting for you 1" in said
    assert "Not made 1" in said
    assert "1 photo waits for your approval" in said


def test_the_guide_leads_to_the_first_picture_and_goes(office):
    """A new store is shown what to do, with a product of its own and the price; a running one is not."""
    office.add(1, "Brass lamp")
    assert "Brass lamp: 2 photos, about $0.12." in text(office.get("/"))
    assert "/order?id=1" in office.get("/").get_data(as_text=True)

    office.made("gid://shopify/Product/1", "published", "published")
    assert "Your first lifestyle photo" not in text(office.get("/"))


def test_a_running_job_is_followed_closely(office):
    """A page that looks every twenty seconds seems dead while a photo takes ten."""
    assert 'data-refresh-ms="20000"' in office.get("/").get_data(as_text=True)

    office.made(office.add(1), "generating", "planned")
    assert 'data-refresh-ms="2000"' in office.get("/").get_data(as_text=True)


# ── products and orders ──


def test_products_without_our_photos_are_found(office):
    """Shopify cannot search for what is missing."""
    for number in range(1, 61):
        office.add(number, f"Lamp {number}")
    for number in range(1, 31):
        office.made(f"gid://shopify/Product/{number}", "published", "published")

    first = text(office.get("/products?show=missing"))

    assert "Lamp 31" in first
    assert "Lamp 30 " not in first


def test_every_product_without_our_photos_is_come_to(office):
    """Page by page the catalogue is read to its end, whatever share of it has photos."""
    for number in range(1, 201):
        office.add(number, f"Lamp {number}.")
    for number in [*range(1, 120), *range(150, 200)]:
        office.made(f"gid://shopify/Product/{number}", "published", "published")

    seen, path = [], "/products?show=missing"
    while path:
        html = office.get(path).get_data(as_text=True)
        seen += re.findall(r"Lamp (\d+)\.</bdi>", html)
        following = re.search(r'href="([^"]*after=[^"]*)"', html)
        path = following and following[1].replace("&amp;", "&")

    assert [*map(str, range(120, 150)), "200"] == seen


def test_a_long_way_to_the_next_product_is_told_not_waited_for(office):
    """In a catalogue where nearly all have photos, a page says how far it looked, and goes on by a click."""
    for number in range(1, 502):
        office.add(number, f"Lamp {number}")
    office.house.overview.standings = lambda shop, ids: {
        each: Standing(product_id=each, stage=Stage.PUBLISHED) for each in ids
    }

    said = text(office.get("/products?show=missing"))

    assert "450 products looked through" in said
    assert "Show more" in said


def test_a_slow_machine_looks_less_far(office, monkeypatch):
    """The page is what has to be quick; the way on is a click."""
    for number in range(1, 102):
        office.made(office.add(number, f"Lamp {number}"), "published", "published")
    monkeypatch.setattr(hurry, "left_s", lambda: 0.0)

    said = text(office.get("/products?show=missing"))

    assert "50 products looked through" in said
    assert "Show more" in said


def test_without_a_worker_people_are_told_that_nothing_is_made(office):
    """Else they would order, wait, and order again."""
    assert "The worker is not running" not in text(office.get("/"))

    office.house.workers.leave("the worker")

    assert "The worker is not running: nothing will be made until it is" in text(office.get("/"))
    assert "shopify-imagegen worker" in text(office.get("/attention"))
    assert "Der Worker läuft nicht" in text(office.get("/?locale=de"))


def test_a_page_hurries_and_a_form_does_not(office, monkeypatch):
    """A throttled store leaves a gap in a page; what a person has asked for is worth a moment."""
    left = []
    monkeypatch.setattr(office.store, "_answer", lambda: left.append(hurry.left_s()))
    office.add(1)

    office.get("/products")
    office.post("/style", **style_form(office, do="preview", product="1"))

    assert 0 < left[0] <= 0.4
    assert {None} == set(left[1:])
    assert None is hurry.left_s()


@pytest.mark.parametrize("chosen", ["working", "waiting", "failed", "published"])
def test_each_filter_shows_its_products(office, chosen):
    """The filter and the badge are the same word."""
    states = {"working": "generating", "waiting": "awaiting_review", "failed": "failed", "published": "published"}
    pictures = {"working": "planned", "waiting": "staged", "failed": "failed", "published": "published"}
    for number, (stage, state) in enumerate(states.items(), start=1):
        office.made(office.add(number, f"Lamp of {stage}"), state, pictures[stage])

    shown = set(re.findall(r"Lamp of (\w+)</bdi>", office.get(f"/products?show={chosen}").get_data(as_text=True)))

    assert {chosen} == shown


def test_the_price_stands_before_the_button(office):
    """Nobody buys without having seen what it costs."""
    office.add(1)
    office.add(2)

    said = text(office.get("/order?id=1&id=2"))

    assert "4 photos, about $0.24" in said
    assert [] == office.asked()


def test_one_product_is_previewed_word_by_word(office):
    """What is asked for can be read before it is paid."""
    office.add(1)

    said = text(office.get("/order?id=1&note=brighter&count=1"))

    assert "1 photo, about $0.06" in said
    assert "brighter" in said
    assert "KEEP THE PRODUCT EXACTLY" in said


def test_an_order_is_one_wish_a_product_however_often_it_is_sent(office):
    """A double click, and a reload, buy nothing twice."""
    office.add(1)
    for _ in range(3):
        answer = office.post("/order", id=["1", "2"], once="abc", count="3", note=" no plants ")

    assert 303 == answer.status_code
    assert [
        GenerateRequested(product_id=f"gid://shopify/Product/{number}", count=3, note="no plants") for number in (1, 2)
    ] == office.asked()


@pytest.mark.parametrize("form", [{"count": "11"}, {"count": "x"}])
def test_an_impossible_order_is_explained(office, form):
    """Not a stack trace."""
    answer = office.post("/order", id="1", **form)

    assert 422 == answer.status_code
    assert "from 1 to 10" in text(answer)
    assert [] == office.asked()


def test_what_became_of_each_wish_is_followed(office):
    """Every product ends with a reason, the skipped ones too."""
    lamp = office.add(1)
    office.post("/order", id=["1", "2"], once="abc")
    assert text(office.get("/asked?once=abc&id=1&id=2")).count("Looking at the product") == 2

    job_id, _ = office.made(lamp, "published", "published")
    office.house.inbox.answer(f"admin:{SHOP}:abc:1", job_id=job_id, reason="")
    office.house.inbox.answer(f"admin:{SHOP}:abc:2", job_id=None, reason="It has no photos yet.")
    said = text(office.get("/asked?once=abc&id=1&id=2"))

    assert "Brass lamp Published" in said
    assert "No photos It has no photos yet." in said


# ── decisions ──


def test_approving_hands_it_to_the_worker_with_the_persons_name(office):
    """Who let a picture into the shop window is asked later."""
    _, (picture,) = office.made(office.add(1), "awaiting_review", "staged")

    office.post(f"/review/{picture}/approve", once="1")
    office.post(f"/review/{picture}/approve", once="1")

    assert [ImageApproved(image_id=picture, by=ME, saw="staged")] == office.asked()


def test_many_are_approved_at_once_and_those_decided_meanwhile_are_left(office):
    """Two people review at the same time."""
    _, pictures = office.made(office.add(1), "awaiting_review", "staged", "staged", "rejected")

    answer = office.post("/review/approve", image=[*pictures, "0" * 32])

    assert "said_count=2" in answer.headers["Location"]
    assert pictures[:2] == [intent.image_id for intent in office.asked()]


def test_a_decided_picture_cannot_be_decided_again(office):
    """The page of a colleague may be old."""
    _, (picture,) = office.made(office.add(1), "published", "published")

    answer = office.post(f"/review/{picture}/approve")

    assert 409 == answer.status_code
    assert "somebody has decided" in text(answer)
    assert [] == office.asked()


def test_a_rejected_picture_keeps_its_reason(office):
    """It is shown in the history."""
    _, (picture,) = office.made(office.add(1), "awaiting_review", "staged")

    office.post(f"/review/{picture}/reject", reason="Two shades.")

    image = office.house.jobs.image(picture)
    assert (ImageState.REJECTED, "Two shades.") == (image.state, image.reason)
    assert "Two shades." in text(office.get("/products/1"))


def test_a_failed_job_is_tried_again_once(office):
    """Pressing twice is one wish."""
    job_id, _ = office.made(office.add(1), "failed", "failed", reason="No room.")
    assert "1 photo No room." in text(office.get("/attention"))

    office.post("/products/1/retry", once="1")
    office.post("/attention/retry", job=job_id, once="2")
    office.post("/attention/retry", job=job_id, once="2")

    assert [JobRetried(job_id=job_id)] * 2 == office.asked()


@pytest.mark.parametrize(
    "path",
    [
        "/review/{picture}/approve",
        "/review/{picture}/reject",
        "/pictures/{picture}/anew",
        "/pictures/{picture}/back",
        "/products/1/retry",
        "/attention/retry",
    ],
)
def test_another_stores_ids_lead_nowhere(office, path):
    """An id is no secret."""
    job_id, (picture,) = office.made(office.add(1), "awaiting_review", "staged")

    answer = office.post(path.format(picture=picture), shop=OTHER_SHOP, job=job_id)

    assert answer.status_code in (303, 404)
    assert [] == office.asked()
    assert ImageState.STAGED == office.house.jobs.image(picture).state


def test_another_stores_pictures_are_not_shown(office):
    """Each store sees its own."""
    office.made(office.add(1), "awaiting_review", "staged")
    del office.store.titles["gid://shopify/Product/1"]

    for path in ("/", "/review", "/activity", "/attention"):
        assert "Brass lamp" not in text(office.get(path, shop=OTHER_SHOP))
    assert 404 == office.get("/products/1", shop=OTHER_SHOP).status_code


def test_an_approval_says_words_place_and_whether_the_others_go(office):
    """One decision, one request."""
    _, pictures = office.made(office.add(1), "awaiting_review", "staged", "staged")

    office.post(f"/review/{pictures[0]}/approve", alt="A lamp.", place="second", alone="true")

    wish = ImageApproved(image_id=pictures[0], by=ME, alt="A lamp.", place="second", alone=True, saw="staged")
    assert [wish] == office.asked()


def test_a_backfill_is_taken_back_by_its_own_store(office):
    """From the page as from the command line; the worker does it, and the page says how far it is."""
    office.post("/backfills", query="status:active")
    (backfill,) = office.house.backfills.recent(shop=SHOP)
    assert 409 == office.post(f"/backfills/{backfill.id}/rollback").status_code, "nothing was started"
    started = datetime(2026, 11, 22, tzinfo=UTC)
    office.house.backfill_rows.move(backfill.id, ["planning"], "done", started_at=started, pictures=2)
    job_id, _ = office.made(office.add(1), "published", "published", "rolled_back")
    with office.house.database.write() as connection:
        connection.exec_driver_sql("update jobs set backfill_id = ? where id = ?", (backfill.id, job_id))
    page = text(office.get("/backfills"))
    assert "Take it all back" in page
    assert "1 photo taken back" in page

    assert 404 == office.post(f"/backfills/{backfill.id}/rollback", shop=OTHER_SHOP).status_code
    assert [] == office.asked()
    office.post(f"/backfills/{backfill.id}/rollback", delete_files="true", once="1")
    wish = {"id": f"admin:{SHOP}:rollback:{backfill.id}:1", "backfill_id": backfill.id, "by": ME, "delete_files": True}
    assert [BackfillRollbackRequested(**wish)] == office.asked()


@pytest.mark.parametrize(("language", "said"), [("en", "taken back already"), ("de", "wird schon zurückgenommen")])
def test_a_backfill_that_somebody_takes_back_is_not_taken_back_twice(office, language, said):
    """The terminal was quicker: the page has no button for it, and an older page's button is answered in words."""
    office.post("/backfills", query="status:active")
    (backfill,) = office.house.backfills.recent(shop=SHOP)
    started = datetime(2026, 11, 22, tzinfo=UTC)
    office.house.backfill_rows.move(backfill.id, ["planning"], "rolling_back", started_at=started)
    answer = office.post(f"/backfills/{backfill.id}/rollback?locale={language}")

    assert (409, True) == (answer.status_code, said in text(answer))
    assert backfill.id not in text(answer)
    assert "rollback" not in office.get("/backfills").get_data(as_text=True).partition(backfill.id)[2]
    assert [] == office.asked()


@pytest.mark.parametrize("form", [{"alt": "x" * 513}, {"place": "third"}])
def test_an_impossible_approval_is_explained(office, form):
    """Not a stack trace."""
    _, (picture,) = office.made(office.add(1), "awaiting_review", "staged")

    assert 422 == office.post(f"/review/{picture}/approve", **form).status_code
    assert [] == office.asked()


def test_an_approved_picture_says_that_it_is_on_its_way(office):
    """Until the worker has done it, nobody is asked again; what could not be done may be tried again."""
    _, (picture,) = office.made(office.add(1), "awaiting_review", "staged")
    office.post(f"/review/{picture}/approve")
    assert "Approved; being put on the product" in text(office.get("/review"))

    (arrival,) = office.house.inbox.waiting(9)
    office.house.inbox.answer(arrival.id, job_id=None, reason="The product was deleted.")
    assert "The product was deleted." in text(office.get("/review"))
    office.post(f"/review/{picture}/approve")
    assert 2 == len(office.asked())


def test_another_one_is_asked_for_with_a_note_and_followed(office):
    """ "Brighter, no plants" is what a merchant says when the first is nearly right."""
    _, (picture,) = office.made(office.add(1), "published", "published")

    answer = office.post(f"/pictures/{picture}/anew", note=" brighter ", once="abc")

    assert [RegenerateRequested(image_id=picture, note="brighter", by=ME)] == office.asked()
    assert "Looking at the product" in text(office.get(answer.headers["Location"]))


def test_what_taking_back_would_do_is_said_before(office):
    """Nothing of the merchant's is touched, and that is said first."""
    _, (picture, kept) = office.made(office.add(1), "published", "published", "published")
    undoing = Undoing(image_id=picture, does="takes_off", words="Taken off the product.")
    undone = Undone(product_id="x", product_title="Brass lamp", pictures=(undoing,), notes=("You moved a photo.",))
    office.house.__dict__["rollback"] = SimpleNamespace(
        of_product=lambda shop, product: (picture, kept), would=lambda shop, wish: (undone,)
    )

    said = text(office.get(f"/products/1/rollback?image={picture}"))
    office.post("/products/1/rollback", image=picture, once="1")

    assert "Comes off Taken off the product. You moved a photo." in said
    assert [RollbackRequested(images=(picture,), by=ME)] == office.asked()
    assert 404 == office.get("/products/1/rollback?image=stranger").status_code


def test_a_rejected_picture_can_be_put_on_the_product(office):
    """People change their minds."""
    _, (picture,) = office.made(office.add(1), "nothing_published", "rejected")

    office.post(f"/pictures/{picture}/back", once="1")

    assert [ImageApproved(image_id=picture, by=ME)] == office.asked()


def test_a_backfill_is_planned_started_and_stopped_by_its_own_store(office):
    """Planning spends nothing; each button does what it says; a stranger's does nothing."""
    office.post("/backfills", query="status:active", most="10")
    (backfill,) = office.house.backfills.recent(shop=SHOP)
    assert ("planning", "status:active", 10, ME) == (backfill.state, backfill.query, backfill.most, backfill.created_by)

    assert 404 == office.post(f"/backfills/{backfill.id}/cancel", shop=OTHER_SHOP).status_code
    assert 409 == office.post(f"/backfills/{backfill.id}/start").status_code
    office.post(f"/backfills/{backfill.id}/cancel")
    assert "Cancelled" in text(office.get("/backfills"))


def test_a_plan_of_one_photo_says_so(office):
    """The smallest plan is the one that a careful merchant tries first."""
    office.post("/backfills", query="status:active")
    (backfill,) = office.house.backfills.recent(shop=SHOP)
    office.house.backfill_rows.move(backfill.id, ["planning"], "planned", products=1, pictures=1, worst_microusd=60_000)

    assert "1 product, 1 photo, at most $0.06" in text(office.get("/backfills"))
    assert "1 Produkt, 1 Foto, höchstens 0,06 $" in text(office.get("/backfills?locale=de"))


def planned(office):
    """A plan of one photo, ready to be started."""
    office.post("/backfills", query="status:active")
    (backfill,) = office.house.backfills.recent(shop=SHOP)
    office.house.backfill_rows.move(backfill.id, ["planning"], "planned", products=1, pictures=1, worst_microusd=60_000)
    return backfill.id


def test_a_plan_is_started_with_a_ceiling_and_hours(office):
    """As in the terminal, for those who never open one; the clock that is meant is named before."""
    backfill_id = planned(office)
    assert "by your store’s clock (Europe/Berlin)" in text(office.get("/backfills"))

    limits = {"max_usd": "$0.05", "hours": "22 - 6", "skip_changed": "on"}
    assert 303 == office.post(f"/backfills/{backfill_id}/start", **limits).status_code
    found = office.house.backfills.find(backfill_id)
    assert ("running", 50_000, "skip") == (found.state, found.ceiling_microusd, found.on_change)
    assert ("22-06", "Europe/Berlin") == (found.hours, found.time_zone)
    assert "Buys from 22-06 only (Europe/Berlin)." in text(office.get("/backfills"))
    assert "Kauft nur von 22-06 Uhr" in text(office.get("/backfills?locale=de"))


@pytest.mark.parametrize("given", ["", "1000"], ids=["empty", "more than the plan"])
def test_a_ceiling_is_never_above_the_plan(office, given):
    """What was promised on the button is the most, whatever is typed beside it."""
    backfill_id = planned(office)
    office.post(f"/backfills/{backfill_id}/sample", max_usd=given, hours="")

    found = office.house.backfills.find(backfill_id)
    assert ("running", 60_000, "", "replan") == (found.state, found.ceiling_microusd, found.hours, found.on_change)


@pytest.mark.parametrize(
    ("language", "field", "given", "said"),
    [
        ("en", "max_usd", "a lot", "'a lot': an amount in US dollars looks like 12.50"),
        ("en", "max_usd", "1e999999", "an amount in US dollars looks like 12.50"),
        ("en", "max_usd", "-1", "an amount in US dollars looks like 12.50"),
        ("de", "max_usd", "viel", "Ein Betrag in US-Dollar sieht aus wie 12,50"),
        ("en", "hours", "at night", "'at night': hours look like 22-06"),
        ("de", "hours", "25-26", "Stunden sehen aus wie 22-06"),
    ],
)
def test_limits_that_are_not_understood_start_nothing(office, language, field, given, said):
    """Told beside the field, in the terminal's words; what was typed stays there."""
    backfill_id = planned(office)
    other = {"max_usd": "hours", "hours": "max_usd"}[field]
    answer = office.post(f"/backfills/{backfill_id}/start?locale={language}", **{field: given, other: ""})

    assert (422, "planned") == (answer.status_code, office.house.backfills.find(backfill_id).state)
    assert said in unescape(text(answer))
    assert f'value="{given}" aria-invalid="true"' in answer.get_data(as_text=True)


def test_a_store_that_does_not_answer_hides_no_plan(office):
    """Its clock is a courtesy; the page is not."""
    backfill_id = planned(office)
    office.store.away = True
    page = text(office.get("/backfills"))

    assert "For example 22-06, by your store’s clock. Empty" in page
    office.post(f"/backfills/{backfill_id}/start", max_usd="", hours="")
    assert "running" == office.house.backfills.find(backfill_id).state


def over(office, products=1):
    """A backfill that is over: its first product got a photo, and one for which there was no money."""
    office.post("/backfills", query="status:active")
    (backfill,) = office.house.backfills.recent(shop=SHOP)
    rows, job_id = office.house.backfill_rows, office.made(office.add(1), "partly_published", "published", "unfit")[0]
    rows.take_planning(backfill.id, "me", silent_since=backfill.created_at)
    rows.add(
        backfill.id,
        "me",
        [an_item(backfill.id, number, job_id if number == 1 else None) for number in range(1, products + 1)],
    )
    rows.freeze(backfill.id, "me", products=products, pictures=2, worst_microusd=120_000)
    rows.move(backfill.id, ["planned"], "done", started_at=datetime(2026, 11, 22, tzinfo=UTC), ceiling_microusd=120_000)
    with office.house.database.write() as connection:
        connection.exec_driver_sql("update jobs set backfill_id = ? where id = ?", (backfill.id, job_id))
    return backfill.id


def an_item(backfill_id, number, job_id):
    state, reason = ("begun", "") if job_id else ("skipped", "Gift cards get no lifestyle photos.")
    fields = {"product_id": f"gid://shopify/Product/{number}", "product_title": f"=Lamp {number}", "job_id": job_id}
    return Item(backfill_id=backfill_id, number=number, state=state, reason=reason, **fields)


def test_a_report_is_looked_at_in_the_admin(office):
    """Before and after, what it cost and why not, for a merchant who never opens a terminal."""
    backfill_id = over(office, products=2)
    answer = office.get(f"/backfills/{backfill_id}/report")
    page, source = text(answer), answer.get_data(as_text=True)

    assert f'href="/backfills/{backfill_id}/report"' in office.get("/backfills").get_data(as_text=True)
    assert "=Lamp 1 Partly published $0.00" in page
    assert "=Lamp 2 Gets none $0.00 Gift cards get no lifestyle photos." in page
    assert (1, 1) == (
        source.count("https://cdn.example/1.jpg?width="),
        source.count("https://cdn.example/000.jpg?width="),
    )
    assert "Gutscheine bekommen keine" in text(office.get(f"/backfills/{backfill_id}/report?locale=de"))


def test_a_long_report_has_pages(office, monkeypatch):
    """A catalogue of 100,000 products is no page."""
    monkeypatch.setattr(backfill_report, "PER_PAGE", 2)
    path = f"/backfills/{over(office, products=5)}/report"
    seen = []
    while path:
        source = office.get(path).get_data(as_text=True)
        seen += re.findall(r"<bdi>=Lamp (\d+)", source)
        following = re.search(r'href="([^"]*after=[^"]*)"', source)
        path = unescape(following[1]) if following else ""

    assert ["1", "2", "3", "4", "5"] == seen


def test_a_report_without_the_store_has_gaps(office):
    """What we know ourselves is shown, whoever else is away."""
    path = f"/backfills/{over(office)}/report"
    office.store.away = True
    answer = office.get(path)

    assert (200, True) == (answer.status_code, "=Lamp 1 Partly published" in text(answer))
    assert "cdn.example/000" not in answer.get_data(as_text=True)


def test_reports_and_plans_are_downloaded(office):
    """The same as the terminal writes, under a name of its own; a title that is a formula stays a title."""
    backfill_id = over(office, products=2)
    files = {name: office.get(f"/backfills/{backfill_id}/{name}") for name in ("report.csv", "report.json", "plan.csv")}
    table, plan = (list(csv.DictReader(io.StringIO(files[name].text))) for name in ("report.csv", "plan.csv"))
    document = json.loads(files["report.json"].text)

    assert ["published", "unfit", ""] == [row["picture"] for row in table]
    assert ["'=Lamp 1", "'=Lamp 2"] == [row["title"] for row in plan]
    assert (backfill_id, 2) == (document["backfill"], len(document["products"]))
    assert document["committed_microusd"] == document["ledger_microusd"] == 0
    for name, file in files.items():
        assert f'attachment; filename="{backfill_id}-{name}"' == file.headers["Content-Disposition"]
        assert "no-store" == file.headers["Cache-Control"]
    assert ["text/csv; charset=utf-8", "application/json; charset=utf-8", "text/csv; charset=utf-8"] == [
        file.headers["Content-Type"] for file in files.values()
    ]


@pytest.mark.parametrize("name", ["report", "report.csv", "report.json", "plan.csv"])
def test_another_store_s_report_is_not_there(office, name):
    """What a competitor sells, and spends, is nobody's business."""
    backfill_id = over(office)

    assert 404 == office.get(f"/backfills/{backfill_id}/{name}", shop=OTHER_SHOP).status_code
    assert 404 == office.get(f"/backfills/bf-none/{name}").status_code


def test_a_job_outside_its_hours_is_not_paused(office):
    """Nobody has to mend anything: it says what it waits for, and until when."""
    reason = OFF_HOURS.format("22-06", "Europe/Berlin")
    office.made(office.add(1), "paused", "planned", reason=reason)

    for path in ("/", "/products", "/products/1", "/activity"):
        page = text(office.get(path))
        assert "Waits for its hours" in page, path
        assert "The plan that it is part of waits for its hours, 22-06 Europe/Berlin; it goes on then." in page, path
        assert "Paused" not in page, path
    german = text(office.get("/products/1?locale=de"))
    assert "wartet auf seine Stunden, 22-06 Europe/Berlin; dann geht es weiter." in german


def test_a_restyle_is_planned_from_the_page(office):
    """After a change of style, for a merchant without a terminal."""
    office.post("/backfills", query="status:active", restyle="on")

    assert [True] == [each.restyle for each in office.house.backfills.recent(shop=SHOP)]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "there is no colour: to search by"), ("de", "Nach colour: kann nicht gesucht werden")]
)
def test_a_query_that_is_not_understood_is_explained_where_it_was_typed(office, language, said):
    """Named by the word that is wrong; what was typed stays, and nothing is planned."""
    answer = office.post(f"/backfills?locale={language}", query="tag:summer colour:red", most="7")
    page = answer.get_data(as_text=True)

    assert (422, True) == (answer.status_code, said in text(answer))
    assert 'value="tag:summer colour:red" aria-invalid="true"' in page
    assert 'value="7"' in page
    assert [] == office.house.backfills.recent(shop=SHOP)


def under_way(office, state, **fields):
    """A backfill of two photos, one of them made."""
    office.post("/backfills", query="status:active")
    (backfill,) = office.house.backfills.recent(shop=SHOP)
    started = datetime(2026, 11, 22, tzinfo=UTC)
    values = {"started_at": started, "products": 1, "pictures": 2, "ceiling_microusd": 120_000} | fields
    office.house.backfill_rows.move(backfill.id, ["planning"], state, **values)
    job_id, _ = office.made(office.add(1), "published", "published", "over_budget")
    with office.house.database.write() as connection:
        connection.exec_driver_sql("update jobs set backfill_id = ? where id = ?", (backfill.id, job_id))
    return backfill.id


def test_a_running_backfill_says_how_far_it_is_and_why_something_failed(office):
    """Before the form for the next one: it is what somebody comes to see."""
    backfill_id = under_way(office, "running")
    page = text(office.get("/backfills"))

    assert "of 2 photos bought" in page
    assert page.index(backfill_id) < page.index("Plan first, pay later")
    assert "1 ×" in page


def test_where_nothing_is_under_way_the_form_comes_first(office):
    """What is over does not push the next plan down."""
    backfill_id = under_way(office, "done")
    page = text(office.get("/backfills"))

    assert page.index("Plan first, pay later") < page.index(backfill_id)


@pytest.mark.parametrize("keeps", [True, False], ids=["kept", "used"])
def test_whoever_cancels_says_what_becomes_of_paid_photos(office, keeps):
    """As on the command line; what cannot be taken back asks before it is done."""
    backfill_id = under_way(office, "running")
    assert "paid for, and not on their products yet" in text(office.get("/backfills"))

    office.post(f"/backfills/{backfill_id}/cancel", **({"keep_candidates": "on"} if keeps else {}))
    found = office.house.backfills.find(backfill_id)
    assert ("cancelled", keeps) == (found.state, found.keep_candidates)


# ── settings and style ──

FORM = {
    "trigger.on_create": "on",
    "trigger.on_first_photo": "on",
    "trigger.statuses": ["active"],
    "trigger.quiet_s": "60",
    "trigger.storm_threshold": "100",
    "images.per_product": "2",
    "images.aspect_ratio": "4:5",
    "publish.mode": "auto",
    "publish.position": "last",
    "images.link_variants": "all",
    "budget.per_image_usd": "0.25",
    "budget.per_day_usd": "5",
    "budget.per_month_usd": "50",
    "version": "0",
}


def test_only_what_differs_is_kept(office):
    """A default that changes in the settings file still reaches the stores that never chose otherwise."""
    changes = {"images.per_product": "3", "publish.mode": "review", "trigger.rules.not_tags": "sample, spare part"}

    assert 303 == office.post("/settings", **FORM | changes).status_code

    saved = office.house.tailor.current(SHOP)
    expected = {
        "images": {"per_product": "3"},
        "publish": {"mode": "review"},
        "trigger": {"rules": {"not_tags": ["sample", "spare part"]}},
    }
    assert (expected, ME) == (saved.document, saved.saved_by)
    assert 3 == office.house.tailor.settings(SHOP).images.per_product


def test_saving_the_same_makes_no_version(office):
    """A history of nothing hides what mattered."""
    answer = office.post("/settings", **FORM)

    assert "nothing_changed" in answer.headers["Location"]
    assert 0 == office.house.tailor.current(SHOP).version


def test_a_wrong_value_is_said_beside_its_field_and_nothing_is_lost(office):
    """What was typed stays typed."""
    answer = office.post("/settings", **FORM | {"images.per_product": "11", "trigger.rules.types": "Lamps"})

    html = answer.get_data(as_text=True)
    assert 422 == answer.status_code
    assert 'id="wrong-images-per_product"' in html
    assert 'value="11"' in html
    assert 'value="Lamps"' in html
    assert 0 == office.house.tailor.current(SHOP).version


def test_two_people_do_not_overwrite_each_other_unseen(office):
    """The second is told, and keeps what was typed."""
    office.post("/settings", **FORM | {"images.per_product": "3"})

    answer = office.post("/settings", **FORM | {"images.per_product": "4"})

    assert 409 == answer.status_code
    assert "Somebody saved other settings meanwhile" in text(answer)
    assert 3 == office.house.tailor.settings(SHOP).images.per_product


def test_an_earlier_version_is_used_again(office):
    """Every save can be taken back, to the beginning."""
    office.post("/settings", **FORM | {"images.per_product": "3"})
    office.post("/settings", **FORM | {"images.per_product": "4", "version": "1"})

    office.post("/settings/1/restore")
    assert 3 == office.house.tailor.settings(SHOP).images.per_product
    office.post("/settings/0/restore")
    assert 2 == office.house.tailor.settings(SHOP).images.per_product
    assert 404 == office.post("/settings/99/restore").status_code


def style_form(office, **changes):
    scenes = [scene.full_id for scene in office.house.tailor.studio(SHOP).library.scenes]
    return {"scene": scenes, "prompts.style.people": "never", "version": "0"} | changes


def test_a_style_is_saved_beside_the_settings(office):
    """One document, one history."""
    office.post("/settings", **FORM | {"images.per_product": "3"})
    form = style_form(office, version="1", **{"prompts.style.look": "shot on film", "prompts.style.avoid": "wine"})
    form["scene"] = form["scene"][1:]
    form |= {"prompts.by_tag.name": ["christmas", ""], "prompts.by_tag.note": ["festive", ""]}
    form |= {"prompts.by_tag.category": ["", ""], "prompts.by_tag.row": ["1", "0"]}
    form |= {"prompts.by_tag.scenes-1": ["apparel/oak-chair", "bags/cafe-chair"]}

    assert 303 == office.post("/style", **form).status_code

    settings = office.house.tailor.settings(SHOP)
    assert (3, "shot on film", ("wine",)) == (
        settings.images.per_product,
        settings.prompts.style.look,
        settings.prompts.style.avoid,
    )
    assert 1 == len(settings.prompts.scenes_off)
    christmas = settings.prompts.by_tag["christmas"]
    assert ("festive", ("apparel/oak-chair", "bags/cafe-chair")) == (christmas.note, christmas.scenes)
    assert 'by_tag.scenes-1" value="bags/cafe-chair" checked' in office.get("/style").get_data(as_text=True)


def test_the_words_are_previewed_with_the_style_as_typed_and_nothing_is_saved(office):
    """Trying a style costs nothing and changes nothing."""
    office.add(1)
    form = style_form(office, do="preview", product="1", **{"prompts.style.look": "shot on grainy film"})

    said = text(office.post("/style", **form))

    assert "shot on grainy film" in said
    assert 0 == office.house.tailor.current(SHOP).version


def test_a_style_image_is_kept_in_files_and_in_the_settings(office):
    """Saved with the style, shown on the page, taken out again; the file is the merchant's."""
    assert 303 == office.post("/style", **style_form(office), style_image=(io.BytesIO(scene()), "mood.png")).status_code

    style = office.house.tailor.settings(SHOP).prompts.style
    (name,) = office.store.files
    assert (f"https://cdn.example/{name}", "gid://shopify/MediaImage/9000") == (style.image, style.image_id)
    assert name in office.get("/style").get_data(as_text=True)

    form = style_form(office, version="1", **{"prompts.style.image_id": style.image_id})
    assert "nothing_changed" in office.post("/style", **form).headers["Location"]
    office.post("/style", **form, no_style_image="on")
    assert "" == office.house.tailor.settings(SHOP).prompts.style.image
    assert [name] == office.store.files


def test_a_form_cannot_name_an_address_for_the_style_image(office):
    """Only the store says where its files are."""
    form = style_form(office, **{"prompts.style.image": "https://evil.example/x.jpg"})

    office.post("/style", **form)

    assert "" == office.house.tailor.settings(SHOP).prompts.style.image


@pytest.mark.parametrize("odd", [b"<svg/>", b"GIF89a", b"x" * 3000], ids=["drawing", "damaged", "large"])
def test_what_is_no_picture_is_said_beside_its_field(office, odd, monkeypatch):
    """Everything else that was typed stays typed."""
    monkeypatch.setattr("shopify_imagegen.admin.pages.style_image.MAX_BYTES", 2500)
    form = style_form(office, **{"prompts.style.look": "on film"}, style_image=(io.BytesIO(odd), "x.jpg"))

    answer = office.post("/style", **form)

    html = answer.get_data(as_text=True)
    assert 422 == answer.status_code
    assert 'id="wrong-prompts-style-image"' in html
    assert 'value="on film"' in html
    assert [] == office.store.files


def test_a_form_that_is_far_too_large_is_not_read(office, monkeypatch):
    """The page says so; the web role's memory is everybody's."""
    monkeypatch.setattr("shopify_imagegen.admin.pages.style_image.MAX_BODY_BYTES", 1000)

    answer = office.post("/style", style_image=(io.BytesIO(b"x" * 3000), "x.jpg"))

    assert 413 == answer.status_code
    assert "at most 10 MB" in text(answer)


def test_the_style_image_is_in_the_preview(office):
    """What will be sent is shown before anything is paid for, chosen a moment ago or saved before."""
    office.add(1)
    form = style_form(office, do="preview", product="1", style_image=(io.BytesIO(scene()), "mood.png"))

    html = office.post("/style", **form).get_data(as_text=True)

    assert "Your style image goes along" in html
    assert "THE LAST IMAGE IS A STYLE REFERENCE" in html
    assert 'name="prompts.style.image_id" value="gid://shopify/MediaImage/9000"' in html
    assert 0 == office.house.tailor.current(SHOP).version


def test_the_record_names_what_and_who(office):
    """ "Who did that?" has an answer."""
    office.made(office.add(1), "awaiting_review", "staged")

    said = text(office.get("/activity"))

    assert "Photo put into Files Brass lamp The app" in said


# ── test pictures ──


def tried_on(office, state="staged"):
    """A product whose test picture of the saved style is made, and the picture's id."""
    lamp = office.add(1)
    wish = GenerateRequested(product_id=lamp, trigger=Trigger.TEST, count=1)
    decision = office.house.look.preview(SHOP, wish)
    job = planned_job(SHOP, decision, Trigger.TEST, datetime.now(UTC))
    office.house.jobs.begin(job, decision)
    (brief,) = decision.briefs
    office.house.jobs.move_image(brief.key, ImageState(state), file_id="gid://shopify/MediaImage/5")
    office.house.jobs.move(job.id, JobState.TESTED)
    return brief.key


def test_a_test_picture_has_its_price_before_its_button(office):
    """And is asked for as a test: nothing of it is an order for the product."""
    office.add(1)

    said = text(office.get("/style/test/1"))
    answer = office.post("/style/test/1", once="abc")

    assert "One photo, about $0.06" in said
    assert "It goes on no product" in said
    assert [GenerateRequested(product_id="gid://shopify/Product/1", trigger=Trigger.TEST, count=1)] == office.asked()
    assert "once=abc" in answer.headers["Location"]
    assert "Make the test photo" not in text(office.get(answer.headers["Location"]))


def test_the_same_style_and_product_are_shown_again_for_nothing(office):
    """Looking twice is no reason to pay twice."""
    tried_on(office)

    said = text(office.get("/style/test/1"))
    answer = office.post("/style/test/1", once="abc")

    assert "looking at it again costs nothing" in said
    assert "Make the test photo" not in said
    assert "made_before" in answer.headers["Location"]
    assert [] == office.asked()


def test_another_style_is_another_test_picture(office):
    """The one that was made before stays to compare with."""
    tried_on(office)
    office.post("/style", **style_form(office, **{"prompts.style.look": "shot on film"}))

    said = text(office.get("/style/test/1"))

    assert "Make the test photo, $0.06" in said
    assert "Test photos with other styles" in said


def test_a_test_picture_is_kept_apart(office):
    """It waits for nobody's approval, and is none of the product's photos, until a person puts it there."""
    image_id = tried_on(office)

    history = text(office.get("/products/1"))
    assert "Test photos Made to try a style" in history
    assert "No lifestyle photos were made for this product yet." in history
    assert "Nothing to approve" in text(office.get("/review"))
    assert "None yet" in text(office.get("/products"))

    office.post(f"/pictures/{image_id}/back", once="abc")
    assert [ImageApproved(image_id=image_id, by=ME)] == office.asked()


def test_a_test_picture_that_was_not_bought_may_be_tried_again(office):
    """With its reason: the day's budget was used up, and tomorrow is another day."""
    tried_on(office, "over_budget")

    assert "Make the test photo, $0.06" in text(office.get("/style/test/1"))


def test_a_style_that_is_not_saved_is_not_tested(office):
    """The picture would be made with another one."""
    office.add(1)
    form = style_form(office, do="preview", product="1")

    assert "/style/test/1" in office.post("/style", **form).get_data(as_text=True)
    changed = office.post("/style", **form | {"prompts.style.look": "shot on film"}).get_data(as_text=True)
    assert "/style/test/1" not in changed
    assert "Save this style first" in changed


def test_the_record_names_the_product_of_a_test_picture(office):
    """A number says nothing to whoever reads it; and one purchase is one line."""
    image_id = tried_on(office)
    for _ in range(3):
        office.house.jobs.move_image(image_id, ImageState.BOUGHT)

    said = text(office.get("/activity"))

    assert "Test photo made Brass lamp The app" in said
    assert 1 == said.count("Photo bought and checked")
