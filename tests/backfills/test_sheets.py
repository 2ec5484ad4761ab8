"""What a merchant opens in a browser or a spreadsheet: whole, adding up, and harmless whatever a product is called."""

import csv
import io
import json

from shopify_imagegen.backfills import reports, sheets
from shopify_imagegen.models import Backfill, Image, Item, Made, Plan, PurchaseState
from tests.fakes import PRICE, SHOP, START, World, a_job, brief

EVIL = '=cmd|" /C calc"!A0 <script>alert(1)</script>'
FOUND = Backfill(id="bf-1", shop=SHOP, state="done", products=1, created_at=START, updated_at=START)


def item(**fields):
    plan = Plan(product_id="gid://shopify/Product/1", product_title=EVIL, recipe="r", category="c", facts="",
                briefs=(brief(0), brief(1)))  # fmt: skip
    usual = {"backfill_id": "bf-1", "number": 1, "product_id": plan.product_id, "product_title": EVIL, "state": "begun",
             "pictures": 2, "price_microusd": 2 * PRICE, "plan": plan}  # fmt: skip
    return Item(**usual | fields)


def made(world):
    """A product with a published picture, one that was refused, and a purchase that stepped aside."""
    ids = world.begin(2)
    pictures = tuple(world.jobs.image(each) for each in ids)
    shown = Image.model_validate(
        pictures[0].model_dump() | {"state": "published", "file_id": "gid://shopify/MediaImage/9"}
    )
    refused = Image.model_validate(pictures[1].model_dump() | {"state": "refused", "reason": "No <b>."})
    paid = world.purchase(ids[0]).model_copy(update={"state": PurchaseState.PAID, "cost_microusd": 59_000})
    aside = paid.model_copy(update={"key": f"{ids[0]}:1", "state": PurchaseState.UNKNOWN, "cost_microusd": None})
    no = paid.model_copy(update={"key": ids[1], "state": PurchaseState.REFUSED, "cost_microusd": 0})
    return Made(item=item(), job=a_job(START), images=(shown, refused), purchases=(paid, aside, no))


def test_a_table_adds_up_and_runs_nothing(tmp_path):
    """What stepped aside is money too; and a title that is a formula stays a title."""
    world = World(tmp_path)
    line = made(world)
    world.close()
    rows = list(csv.DictReader(reports.as_csv([line])))

    assert line.committed_microusd == 59_000 + PRICE == sum(round(float(row["cost_usd"]) * 1e6) for row in rows)
    assert ["published", "refused", "bought before"] == [row["picture"] for row in rows]
    assert all(row["title"].startswith("'=") for row in rows)


def test_a_page_shows_before_and_after_and_runs_nothing(tmp_path):
    """A product's words may be anything."""
    world, file = World(tmp_path), io.StringIO()
    line = made(world)
    reports.as_html(FOUND, {"paid_usd": "0.06"}, [line], file, lambda _shop, ids: {ids[0]: "https://cdn/after.jpg"})
    world.close()
    page = file.getvalue()

    assert "https://cdn/after.jpg" in page
    assert line.item.plan.briefs[0].references[0].url in page
    assert "<script>" not in page
    assert "No <b>" not in page


def test_json_is_one_document(tmp_path):
    """However it was written, a script reads it whole."""
    world = World(tmp_path)
    document = "".join(reports.as_json({"backfill": "bf-1"}, [made(world), made(world)]))
    world.close()

    assert [59_000 + PRICE] * 2 == [product["cost_microusd"] for product in json.loads(document)["products"]]


def test_an_empty_report_is_still_one():
    """A backfill of nothing, or one that has not begun."""
    document = "".join(reports.as_json({"backfill": "bf-1"}, []))

    assert {"backfill": "bf-1", "products": []} == json.loads(document)


def test_a_plan_as_table_and_photos():
    """Every product with its words; the sheet shows the photo that the pictures are made from, and no script."""
    sheet = io.StringIO()
    table = sheets.plan_csv([item(), item(number=2, state="skipped", plan=None, pictures=0)])

    assert 1 == sheets.contact_sheet(FOUND, [item()], sheet)
    assert [2, 0] == [int(row["pictures"]) for row in csv.DictReader(table)]
    assert item().plan.briefs[0].references[0].url in sheet.getvalue()
    assert "<script>" not in sheet.getvalue()


def test_the_photo_before_is_shown_when_the_plan_s_words_are_forgotten(tmp_path):
    """Words are dropped after a season; the report of then still shows before and after."""
    world, file = World(tmp_path), io.StringIO()
    line = made(world)
    line = line.model_copy(update={"item": item(plan=None)})
    reports.as_html(FOUND, {}, [line], file, lambda _shop, _ids: {})
    world.close()

    assert line.images[0].brief.references[0].url in file.getvalue()
