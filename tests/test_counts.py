"""One thing, many things: whoever has a single product reads "1 product" everywhere."""

import ast
import io
import re
from itertools import pairwise
from pathlib import Path

from shopify_imagegen.backfills import sheets
from shopify_imagegen.commands.backfill_shows import size
from shopify_imagegen.models import Backfill
from tests.fakes import SHOP, START

HOUSE = Path(__file__).parents[1] / "shopify_imagegen"
PLURAL = re.compile(
    r"^ (\w+ )?(checks|days|deliveries|files|images|jobs|photos|pictures|plans|products|purchases|scenes|stores)\b"
)
ONE = Backfill(id="bf-1", shop=SHOP, state="planned", products=1, pictures=1, created_at=START, updated_at=START)


def test_a_plan_of_one_picture_says_so():
    """The smallest plan is the one that a careful merchant tries first."""
    assert "1 picture of 1 product" == size(ONE)
    assert "2,000 pictures of 1,000 products" == size(ONE.model_copy(update={"products": 1000, "pictures": 2000}))


def test_a_contact_sheet_of_one_product_says_so():
    """It is what a merchant hands on."""
    sheet = io.StringIO()
    sheets.contact_sheet(ONE, [], sheet)

    assert f"<p>1 product of {SHOP}</p>" in sheet.getvalue()


def test_no_module_puts_a_plural_behind_a_number():
    """`counts.counted` does it: written by hand it is wrong for one."""
    found = [hit for file in sorted(HOUSE.rglob("*.py")) if "sandbox" not in file.parts for hit in by_hand(file)]

    assert [] == found


def by_hand(file):
    """F-strings with a number, as it seems, and a plural right behind it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        parts = node.values if isinstance(node, ast.JoinedStr) else []
        for value, text in pairwise(parts):
            if isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant) and PLURAL.match(text.value):
                yield f"{file.name}:{text.lineno}: {{…}}{text.value}"
