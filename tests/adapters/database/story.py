"""A lamp, its purchases and its ceilings, as the database tests tell them."""

import re
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from shopify_imagegen.adapters.database.tables import budgets, purchases
from shopify_imagegen.models import (
    Brief,
    Ceiling,
    Job,
    JobState,
    Plan,
    Purchase,
    PurchaseState,
    Receipt,
    Reference,
    Rendering,
    Trigger,
)

SHOP, OTHER_SHOP = "nice-lamps.myshopify.com", "nice-bags.myshopify.com"
LAMP = "gid://shopify/Product/7"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
PRICE = 60_000
JPEG = b"\xff\xd8\xff the bytes of a picture \x00\x01"


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def go_on(self, **delta):
        self.now += timedelta(**delta)
        return self.now


def key(number):
    return f"{number:032x}"


def purchase(number=1, **fields):
    usual = {
        "key": key(number),
        "shop": SHOP,
        "product_id": LAMP,
        "job_id": "job:1",
        "recipe": "r" * 32,
        "slot": 0,
        "trigger": Trigger.NEW_LISTING,
        "state": PurchaseState.RESERVED,
        "reserved_microusd": PRICE,
        "day": "2026-11-22",
        "created_at": NOW,
    }
    return Purchase(**usual | fields)


def ceilings(shop=SHOP, *, day=10**9, month=10**9, all_day=10**9, all_month=10**9):
    """A shop's two ceilings and the two of all shops together."""
    limits = [
        (f"shop:{shop}", "2026-11", month),
        (f"shop:{shop}", "2026-11-22", day),
        ("all", "2026-11", all_month),
        ("all", "2026-11-22", all_day),
    ]
    return tuple(
        Ceiling(scope=scope, period=period, limit_microusd=limit, words=f"{scope} {period}")
        for scope, period, limit in limits
    )


def rendering(cost=PRICE, request_id="req-1", image=JPEG):
    return Rendering(image=image, mime="image/jpeg", cost_microusd=cost, request_id=request_id)


def receipt(cost=PRICE, request_id="req-1"):
    return Receipt(url="https://cdn.example/p.jpg?sig=1", mime="image/jpeg", cost_microusd=cost, request_id=request_id)


def brief(number=1, slot=0):
    return Brief(
        key=key(number),
        slot=slot,
        scene="kitchen/morning-counter",
        scene_title="Sunlit kitchen counter",
        prompt="A lamp on a counter.",
        references=(Reference(media_id="gid://shopify/MediaImage/1", url="https://cdn.example/1.jpg"),),
        model="gpt-image-2",
        aspect_ratio="4:5",
        resolution="1K",
        output_format="jpeg",
        price_microusd=PRICE,
        alt="Lamp on a counter",
        file_name=f"lamp-lsp{number:012x}.jpg",
    )


def plan(*briefs, recipe="a" * 32):
    return Plan(product_id=LAMP, product_title="Lamp", recipe=recipe, category="furniture", facts="Lamp", briefs=briefs)


def job(**fields):
    usual = {
        "id": "job:nice-lamps.myshopify.com:7:aaaaaaaaaaaa",
        "shop": SHOP,
        "product_id": LAMP,
        "product_title": "Lamp",
        "recipe": "a" * 32,
        "trigger": Trigger.NEW_LISTING,
        "state": JobState.PLANNED,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Job(**usual | fields)


def committed(database):
    """(scope, period) -> micro-dollars, as the budgets say; without those at nothing."""
    with database.read() as connection:
        rows = connection.execute(sa.select(budgets)).all()
    return {(row.scope, row.period): row.committed_microusd for row in rows if row.committed_microusd}


def counted(database):
    """The same, added up anew from the purchases."""
    sums = {}
    with database.read() as connection:
        rows = connection.execute(sa.select(purchases)).all()
    for row in rows:
        amount = {"refused": 0, "paid": row.cost_microusd}.get(row.state, row.reserved_microusd)
        for scope, period in row.counted:
            sums[scope, period] = sums.get((scope, period), 0) + amount
    return {budget: amount for budget, amount in sums.items() if amount}


def statements(database, write, *args, **fields):
    """The verb and the table of each statement that it takes."""
    heard = []

    def hear(_connection, _cursor, statement, *_):
        verb, table = re.match(r"(\w+)(?:.*?FROM|.*?INTO)?\s+(\w+)", statement, re.DOTALL).groups()
        heard.append(f"{verb} {table}")

    sa.event.listen(database.engine, "before_cursor_execute", hear)
    write(*args, **fields)
    sa.event.remove(database.engine, "before_cursor_execute", hear)
    return [each for each in heard if not each.startswith("BEGIN")]
