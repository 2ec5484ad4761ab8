"""One product, one installation, and workers that die: from the delivery to what the sandbox saw in the end."""

import contextlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime

import httpx
import sqlalchemy as sa
from PIL import Image, ImageDraw

from shopify_imagegen.adapters.database.database import Database
from shopify_imagegen.adapters.database.inbox import SqlInbox
from shopify_imagegen.adapters.database.migrate import migrate
from shopify_imagegen.adapters.database.shops import SqlShops
from shopify_imagegen.adapters.database.vault import Vault, key_of
from shopify_imagegen.models import Arrival, ProductChanged, Shop
from shopify_imagegen.sandbox.shop.products import Draft, Photo, add_product
from shopify_imagegen.sandbox.shop.state import Subscription
from shopify_imagegen.wiring import engine_url
from tests.crash.nursery import ROOT
from tests.end_to_end.house import OURS, free_port, photo, wait_for

PICTURES, PHOTOS, PRICE_MICROUSD = 2, 2, 60_000
WITHIN_S = 60  # of a restart: the promise
SETTINGS = """\
[app]
data_dir = "{folder}"
stop_within_s = 5
[database]
url = "{url}"
[shopify]
client_id = "sandbox-client-id"
client_secret = "sandbox-client-secret"
base_url = "{sandbox}/shops/{{shop}}"
[provider.getimg]
api_key = "life-{number:04}"
base_url = "{sandbox}/images-api"
requests_per_minute = 6000
concurrency = 1
[images]
per_product = {pictures}
[sweep]
every_s = 86400
[trigger]
quiet_s = 0
"""
ENDED = ("published", "partly_published", "nothing_published", "failed", "cancelled")
TOPICS = ("products/create", "products/update")
BUSY = "status in ('PENDING', 'ENQUEUED', 'DELAYED')"

ONE_MIGRATION = threading.Lock()  # in a process: alembic's environment is a global

numbers = itertools.count(1)


def quick_picture(prompt, _reference, size_px):
    """In place of the sandbox's art: any picture that passes inspection, drawn in a moment."""
    chance = random.Random(prompt)
    image = Image.new("RGB", size_px, "white")
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = (chance.randrange(edge) for edge in size_px)
        draw.rectangle((x, y, x + 300, y + 300), fill=tuple(chance.randrange(256) for _ in "rgb"))
    return image


class Life:
    """A folder with a database of its own, a store in the shared sandbox, and one new product in it."""

    def __init__(self, sandbox, folder, *, template=None, url=None):
        self.number = next(numbers)
        self.sandbox, self.folder = sandbox, folder
        self.shop = f"life-{self.number}.myshopify.com"
        self.url = url or f"sqlite:///{folder}/imagegen.db"
        self.workers, self.diaries = [], []
        if template:
            shutil.copytree(template, folder, dirs_exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        settings = SETTINGS.format(
            folder=folder, url=self.url, sandbox=sandbox.base_url, number=self.number, pictures=PICTURES
        )
        (folder / "config.toml").write_text(settings)
        self._ours = sa.create_engine(self.url.replace("postgresql://", "postgresql+psycopg://"))
        self._theirs = sa.create_engine(engine_url(str(self._ours.url))) if self._ours.name == "sqlite" else self._ours

    @property
    def environment(self):
        return {"IMAGEGEN_CONFIG": str(self.folder / "config.toml")}

    # the merchant, and Shopify

    def open_shop(self):
        """The store has installed the app."""
        with _database(self.url) as database:
            with ONE_MIGRATION:
                migrate(database)
            shops = SqlShops(database, Vault([key_of(self.folder)]))
            shops.save(Shop(domain=self.shop, grant="client_credentials", installed_at=datetime.now(UTC)))

    def add_product(self, *, announce=False):
        """A new product; told to our web role, if it shall be announced."""
        store = self.sandbox.store
        photos = [Photo(f"lamp-{at}.jpg", photo(seed=at)) for at in range(PHOTOS)]
        draft = Draft(title="Brass lamp", product_type="Lamps", photos=photos)
        with store.lock:
            product = add_product(store, store.shop(self.shop), draft, quietly=True)
            if announce:
                store.announce(store.shop(self.shop), TOPICS, product)
        self.originals = [(file.id, file.alt, file.content) for file in product.media]
        return product

    def deliver(self, product):
        """What the web role does with a products/create, without the web role."""
        arrival = Arrival(
            id=f"delivery-{product.id}",
            source="webhook",
            topic="products/create",
            shop=self.shop,
            intent=ProductChanged(product_id=product.gid, created=True),
        )
        with _database(self.url) as database:
            assert SqlInbox(database, lambda: datetime.now(UTC)).record(arrival)

    # workers

    def worker(self, nursery, **mortal):
        """A worker from the nursery; one that is watched when *mortal* says so."""
        if mortal:
            self.diaries.append(self.folder / f"diary-{len(self.diaries)}.txt")
            mortal |= {"diary": str(self.diaries[-1])}
        self.workers.append(nursery.start(self.log_file, self.environment, **mortal))
        return self.workers[-1]

    def web(self):
        """The web role, which the store's webhooks go to; returns when it listens."""
        self.port = getattr(self, "port", None) or free_port()
        url = f"http://127.0.0.1:{self.port}"
        store = self.sandbox.store
        shop = store.shop(self.shop)
        if not shop.subscriptions:
            for topic in TOPICS:
                made = Subscription(store.next_id(), topic, f"{url}/webhooks", store.now(), declared=True)
                shop.subscriptions[made.id] = made
        process = self.role("shopify_imagegen", "web", "--port", str(self.port))
        wait_for(lambda: is_listening(url) or process.poll() is not None, 60, lambda: self.log)
        assert process.poll() is None, self.log
        return process

    def undelivered(self):
        deliveries = list(self.sandbox.store.webhooks.deliveries.values())
        return [each for each in deliveries if each.shop == self.shop and each.state != "delivered"]

    def role(self, *command, cwd=ROOT, **env):
        """A process of its own, as an operator starts it."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("IMAGEGEN")}
        with self.log_file.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                env=inherited | self.environment | env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(process)
        return process

    @property
    def log_file(self):
        return self.folder / "worker.log"

    @property
    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def until_dead(self, worker, limit_s=WITHIN_S):
        """The worker's exit code."""
        wait_for(lambda: worker.poll() is not None, limit_s, lambda: f"the end of a worker\n{self.log[-3000:]}")
        return worker.poll()

    def until_done(self, product, limit_s=WITHIN_S):
        """The product's job has ended, and nothing is left to do."""
        wait_for(lambda: self.is_done(product), limit_s, lambda: f"{self.state(product)}\n{self.log[-3000:]}")

    def is_done(self, product):
        rows = self.rows("select state from jobs where product_id = :product", product=product.gid)
        return bool(rows) and all(row.state in ENDED for row in rows) and not self.unfinished()

    def close(self):
        for worker in self.workers:
            with contextlib.suppress(ProcessLookupError):
                worker.send_signal(signal.SIGKILL)  # also of one that is stopped
            wait_for(lambda worker=worker: worker.poll() is not None, 30, "a worker that was killed")
        self._ours.dispose()
        self._theirs.dispose()

    # what can be seen

    def rows(self, query, **parameters):
        with self._ours.connect() as connection:
            return connection.execute(sa.text(query), parameters).all()

    def unfinished(self):
        """Work that waits or runs: arrivals, looks, workflows."""
        arrivals = self.rows("select id from deliveries where done_at is null")
        looks = self.rows("select product_id from watched_products where due_at is not null")
        with self._theirs.connect() as connection:
            table = "workflow_status" if connection.dialect.name == "sqlite" else "dbos.workflow_status"
            workflows = connection.execute(sa.text(f"select workflow_uuid from {table} where {BUSY}")).all()
        return [*arrivals, *looks, *workflows]

    def state(self, product):
        return {
            "jobs": self.rows("select id, state, reason from jobs where product_id = :product", product=product.gid),
            "images": self.rows("select state, reason from images where product_id = :product", product=product.gid),
            "unfinished": self.unfinished(),
        }

    def seen(self, product):
        """The end of the story, by the sandbox's eyes and by our own books."""
        sales = self.sales()
        with self.sandbox.store.lock:
            media = [(file.id, file.alt, file.content) for file in product.media]
            ours = [file.filename for file in product.media if OURS in file.filename and file.ready]
            files = [file for file in self.sandbox.store.shop(self.shop).files.values() if OURS in file.filename]
        books = Counter(row.state for row in self.rows("select state from purchases where shop = :s", s=self.shop))
        images = Counter(row.state for row in self.rows("select state from images where shop = :s", s=self.shop))
        return {
            "sold": len(sales),
            "sold twice": len(sales) - len({sale["fingerprint"] for sale in sales}),
            "files": len(files),
            "on the product": len(ours),
            "twice on the product": len(ours) - len(set(ours)),
            "originals first, as they were": media[:PHOTOS] == self.originals,
            "strangers": len(media) - PHOTOS - len(ours),
            "books": dict(books),
            "pictures": dict(images),
            "jobs": [row.state for row in self.rows("select state from jobs where shop = :s", s=self.shop)],
            "spooled": len(self.rows("select key from spool")),
            "counted": self.counted(),
        }

    def sales(self):
        """What the image API has billed to this installation's key."""
        bill = httpx.get(f"{self.sandbox.base_url}/sandbox/api/bill", trust_env=False).raise_for_status().json()
        return [sale for sale in bill["sales"] if sale["key"] == f"…{self.number:04}"]

    def counted(self):
        """Micro-dollars that our ledger holds against the budgets."""
        rows = self.rows("select state, reserved_microusd, cost_microusd from purchases where shop = :s", s=self.shop)
        known = {"paid": lambda row: row.cost_microusd, "refused": lambda row: 0}
        return sum(known.get(row.state, lambda row: row.reserved_microusd)(row) for row in rows)


@contextlib.contextmanager
def _database(url):
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def is_listening(url):
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/healthz", trust_env=False).is_success


def template_of(sandbox, nursery, folder):
    """A database with all its tables, ours and the engine's, to be copied for each life."""
    life = Life(sandbox, folder)
    try:
        worker = life.worker(nursery)
        wait_for(lambda: "worker started" in life.log or worker.poll() is not None, 60, lambda: life.log)
        assert worker.poll() is None, life.log
    finally:
        life.close()
    return folder
