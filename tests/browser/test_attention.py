"""The pages of a bad day, all at once: nothing runs, money is in doubt, a catalogue came in. For everybody, too."""

import os
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from shopify_imagegen.adapters.database.holds import SqlHolds
from shopify_imagegen.adapters.database.tables import backfills
from shopify_imagegen.errors import NoFunds, ShopClosed
from shopify_imagegen.look import planned_job
from shopify_imagegen.models import ImageState, JobState, Plan, Purchase, PurchaseState, Trigger
from shopify_imagegen.pausing import ShopPauses
from shopify_imagegen.settings import load
from shopify_imagegen.wiring import House
from tests.admin.shop import a_brief
from tests.end_to_end.house import opened

LONG = "A very long title that came from a supplier's feed with every keyword in it, " * 3


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The app without a worker: what is filled in below stays so."""
    with opened(tmp_path_factory.mktemp("house")) as house:
        house.start("web")
        yield house


@pytest.fixture
def ours(house):
    """The app's own parts, over the same database."""
    parts = House(load(house.folder / "config.toml", {**os.environ, **house.env}))
    yield parts
    parts.database.close()


def ended(ours, shop, product, picture, reason):
    """A product's job that came to nothing; its pictures."""
    number = int(product.gid.rpartition("/")[2])
    facts = {"product_id": product.gid, "product_title": product.title, "category": "home", "facts": ""}
    decision = Plan(**facts, recipe="r" * 32, briefs=(a_brief(f"{number:032x}", 0),))
    job = ours.jobs.begin(planned_job(shop, decision, Trigger.PERSON, datetime.now(UTC)), decision)
    for brief in decision.briefs:
        ours.jobs.move_image(brief.key, ImageState(picture), reason)
    ours.jobs.move(job.id, JobState.NOTHING_PUBLISHED, reason)
    return ours.jobs.images(job.id)


def in_doubt(ours, image):
    """Its purchase may have been charged."""
    now = datetime.now(UTC)
    names = {"key": image.id, "shop": image.shop, "product_id": image.product_id, "job_id": image.job_id}
    money = {"reserved_microusd": 60_000, "day": f"{now:%Y-%m-%d}", "created_at": now}
    row = {"recipe": "r", "slot": 0, "trigger": Trigger.PERSON, "state": PurchaseState.RESERVED}
    ours.ledger.reserve(Purchase(**names, **money, **row), ())
    ours.ledger.sent(image.id)
    ours.ledger.unknown(image.id, image.reason)


def held(ours, shop, product):
    """One of many new products at once."""
    ours.watch.touch(shop, product.gid, created=True, due_at=datetime.now(UTC) + timedelta(days=1))
    SqlHolds(ours.database, lambda: datetime.now(UTC)).keep(
        shop, product.gid, storm=True, held="held", dismissed="left"
    )


def test_all_that_needs_a_person_is_said_with_what_to_do(admin, house, shop, ours):
    """Nobody reads a log on a bad day: the page names each trouble, its price and its button."""
    lamps = [house.add_product(shop, title=f"{LONG}{number}", announce=False) for number in range(4)]
    admin.open()
    for lamp, (picture, reason) in zip(lamps, REASONS, strict=True):
        (image,) = ended(ours, shop, lamp, picture, reason)
        if picture == "unknown":
            in_doubt(ours, image)
    for _ in range(3):
        held(ours, shop, house.add_product(shop, announce=False))
    ours.provider_pauses.pause(NoFunds("The balance is used up."))
    ShopPauses(shops=ours.shops).pause(shop, ShopClosed("Shopify says that the shop is inactive: Unavailable Shop"))

    admin.open("attention")
    for words in ("The worker is not running", "Your store is paused", "No photos are bought for now"):
        admin.sees(words)
    admin.sees("3 new products at once")
    admin.sees("1 photo may have been charged")
    admin.sees("Photos that were not made or not published")
    admin.is_accessible()
    admin.open("attention?locale=de")
    admin.sees("Der Worker läuft nicht")
    admin.is_accessible()
    admin.open()
    admin.sees("The worker is not running")
    admin.is_accessible()


REASONS = [
    ("unknown", "getimg did not answer: timed out; whether it was charged is not known."),
    ("over_budget", "Not bought: the daily budget of $5.00 has no room for $0.06."),
    ("unfit", "The picture is blank: it shows one even colour."),
    ("failed", "Bought and kept, but not in the store yet: Shopify could not be reached: timed out"),
]


def test_a_whole_catalogue_under_way_is_for_everybody(admin, shop, ours):
    """Planned, running, paused and done, each with its numbers and buttons."""
    admin.open()
    for number, state in enumerate(["planned", "running", "paused", "done"]):
        made = ours.backfills.create(shop, f"tag:summer vendor:v{number} {'-tag:x ' * 20}", by="admin:1")
        numbers = {"products": 1200, "pictures": 2400, "skipped": 3, "worst_microusd": 144_000_000}
        values = {"state": state, "started_at": datetime.now(UTC), "ceiling_microusd": 144_000_000, **numbers}
        filled(ours, made, **values)

    admin.open("backfills")

    admin.sees("1,200 products, 2,400 photos, at most $144.00")
    admin.badge("Running")
    admin.is_accessible()


def test_numbers_move_under_a_keyboard_s_focus(admin, shop, ours):
    """Whoever has come to a button by keyboard stays there, and sees how far it is meanwhile."""
    admin.open()
    made = ours.backfills.create(shop, "tag:summer", by="admin:1")
    filled(ours, made, state="running", started_at=datetime.now(UTC), products=2, pictures=4)
    admin.open("backfills")
    admin.frame.get_by_role("button", name="Pause").focus()

    filled(ours, made, products=3, pictures=6)
    admin.sees("3 products, 6 photos")
    filled(ours, made, state="paused")
    admin.badge("Paused")
    assert "Pause" in admin.within().evaluate("document.activeElement.textContent").split()


def filled(ours, made, **values):
    with ours.database.write() as connection:
        connection.execute(sa.update(backfills).where(backfills.c.id == made.id).values(values))
