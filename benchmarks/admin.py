"""How quick the admin's pages are in a store with thousands of products: the server, and a browser beside it.

    python -m benchmarks.admin

The web role over SQLite, the sandbox as the store, Chromium as the merchant. For each page: the server's answer (the
quickest of five), the largest contentful paint of a first load within the shop's admin, and the slowest answer to a key
or a click; 0 is less than a browser measures, 16 ms. Between pages the store's patience grows back: it throttles, too.
"""

import contextlib
import platform
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import httpx
import sqlalchemy as sa

from benchmarks.chromium import chromium
from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.tables import audit, images, jobs, purchases
from shopify_imagegen.sandbox.shop.products import Draft, Photo, add_product
from shopify_imagegen.sandbox.shop.session_tokens import session_token
from tests.end_to_end.house import opened, photo

SHOP = "demo.myshopify.com"
PAGES = [
    "",
    "products",
    "products?show=missing",
    "products?show=published",
    "review",
    "attention",
    "activity",
    "settings",
]
ASKED = 5
PATIENCE_S = 6
BATCH = 500


@click.command()
@click.option("--products", default=5000, show_default=True)
def main(products):
    """Measure, and print a table in Markdown."""
    with tempfile.TemporaryDirectory(prefix="imagegen-benchmark-") as folder, opened(Path(folder)) as house:
        house.command("shops", "add", SHOP)
        ids = stock(house, products)
        remember(f"sqlite:///{folder}/imagegen.db", ids)
        house.start("web")
        print("| page | server ms | largest contentful paint ms | slowest interaction ms |\n|---|---|---|---|")
        with chromium() as browser:
            for page in PAGES:
                time.sleep(PATIENCE_S)
                server_ms = served_ms(house, page)
                paint_ms, answer_ms = seen(browser, house, page)
                print(f"| /{page} | {server_ms:.0f} | {paint_ms:.0f} | {answer_ms:.0f} |", flush=True)
        print(
            f"\n{products} products, {2 * products} pictures; {platform.machine()}, Python {platform.python_version()}"
        )


def stock(house, count):
    """Products in the sandbox that nobody was told about; the ids of two thirds have pictures later."""
    store, picture = house.sandbox.store, Photo("lamp.jpg", photo())
    with store.lock:
        shop = store.shop(SHOP)
        drafts = (Draft(title=f"Lamp {number}", product_type="Lamps", photos=[picture]) for number in range(count))
        return [add_product(store, shop, draft, quietly=True).gid for draft in drafts]


def remember(url, product_ids):
    """What the app would know after a year: a job a product, two pictures each, some waiting, some failed."""
    database, now = Database(url), datetime.now(UTC)
    for batch in batches(list(enumerate(product_ids))):
        rows = [
            row for number, product_id in batch for row in told(number, product_id, now - timedelta(minutes=number))
        ]
        with database.write() as connection:
            for table in (jobs, images, purchases, audit):
                values = [row for its, row in rows if its is table]
                connection.execute(sa.insert(table), values)
    database.close()


def batches(items):
    return (items[at : at + BATCH] for at in range(0, len(items), BATCH))


def told(number, product_id, at):
    """The rows of one product."""
    state = {0: "awaiting_review", 1: "failed"}.get(number % 50, "published")
    picture = {"awaiting_review": "staged", "failed": "over_budget"}.get(state, "published")
    about = {"shop": SHOP, "product_id": product_id, "job_id": f"job:{number}"}
    moments = {"created_at": at, "updated_at": at}
    job = {"id": f"job:{number}", "product_title": f"Lamp {number}", "recipe": "r" * 32, "trigger": "new_listing"}
    yield jobs, {"shop": SHOP, "product_id": product_id, **job, "state": state, "reason": "", **moments}
    for slot in range(2):
        key = f"{number:016x}{slot:016x}"
        yield (
            images,
            {"id": key, **about, "slot": slot, "state": picture, "reason": "", "brief": brief(key, slot), **moments},
        )
        cost = {"reserved_microusd": 60_000, "cost_microusd": 60_000, "day": f"{at:%Y-%m-%d}", "counted": []}
        bought = {"key": key, "recipe": "r" * 32, "slot": slot, "trigger": "new_listing", "state": "paid"}
        yield purchases, about | bought | cost | {"created_at": at}
        for action in ("image_planned", "image_bought", f"image_{picture}"):
            yield audit, {"at": at, **about, "image_id": key, "actor": "app", "action": action, "detail": {}}


def brief(key, slot):
    return {
        "key": key,
        "slot": slot,
        "scene": "lighting/bedside-evening",
        "scene_title": "Bedside in the evening",
        "prompt": "PHOTO of a lamp. " * 150,
        "references": [],
        "model": "gpt-image-2",
        "aspect_ratio": "4:5",
        "resolution": "1K",
        "output_format": "jpeg",
        "price_microusd": 60_000,
        "alt": "Lamp by a bed",
        "file_name": f"lamp-lsp{key[:12]}.jpg",
    }


def served_ms(house, page):
    """The server's answer, without a browser."""
    with httpx.Client(base_url=house.url, timeout=60, trust_env=False) as client:
        times = []
        for _ in range(ASKED):
            token = session_token(SHOP, client_id="sandbox-client-id", secret="sandbox-client-secret")
            begun = time.perf_counter()
            client.get(f"/{page}", headers={"Authorization": f"Bearer {token}"}).raise_for_status()
            times.append((time.perf_counter() - begun) * 1000)
    return min(times)


WATCH = """
window.seen = {paint: 0, answer: 0};
const watch = (options, note) => new PerformanceObserver(list => list.getEntries().forEach(note)).observe(options);
watch({type: 'largest-contentful-paint', buffered: true}, each => { seen.paint = each.startTime; });
watch({type: 'event', durationThreshold: 16, buffered: true}, each => {
  seen.answer = Math.max(seen.answer, each.duration);
});
"""


def seen(browser, house, page):
    """(largest contentful paint, slowest answer to a key or a click), as the app's own frame measures them."""
    with contextlib.closing(browser.new_context(viewport={"width": 1280, "height": 900})) as context:
        context.add_init_script(WATCH)
        tab = context.new_page()
        tab.goto(f"{house.sandbox.base_url}/store/demo/app/{page}".rstrip("/"))
        tab.frame_locator("iframe").get_by_role("heading", level=1).wait_for()
        tab.wait_for_timeout(1500)
        frame = next(each for each in tab.frames if each != tab.main_frame)
        paint = frame.evaluate("seen.paint")  # before a key: interactions end the measuring
        tab.frame_locator("iframe").locator("main").click(position={"x": 2, "y": 2})
        for key in ("j", "j", "x", "k", "Tab"):
            tab.keyboard.press(key)
            tab.wait_for_timeout(150)
        return paint, frame.evaluate("seen.answer")


if __name__ == "__main__":
    main()
