"""The real app as processes on this machine, over real HTTP, beside a sandbox in this process. One harness for all."""

import contextlib
import io
import itertools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx
from PIL import Image, ImageDraw

from shopify_imagegen.sandbox.server import running
from shopify_imagegen.sandbox.shop.gallery import attach
from shopify_imagegen.sandbox.shop.products import Draft, Photo, add_product, edit_product, upload
from shopify_imagegen.sandbox.shop.state import Rules

ROOT = Path(__file__).parents[2]
QUICK = Rules(media_delay_s=0.05, job_delay_s=0.05, webhook_retry_base_s=0.2)
POLL_S = 0.05
OURS = "-lsp"
DONE = "('published','partly_published','nothing_published','failed','cancelled','awaiting_review')"
SETTINGS = """\
[app]
data_dir = "{folder}"
stop_within_s = 20
[database]
url = "sqlite:///{folder}/imagegen.db"
[shopify]
client_id = "sandbox-client-id"
client_secret = "sandbox-client-secret"
base_url = "{sandbox}/shops/{{shop}}"
extension_origins = ["{sandbox}"]
app_bridge_url = "{sandbox}/page-files/app-bridge.js"
[provider.getimg]
api_key = "sandbox-key"
base_url = "{sandbox}/images-api"
requests_per_minute = 6000
[trigger]
quiet_s = 0.2
"""

numbers = itertools.count(1)


def wait_for(condition, limit_s, what):
    """What *condition* returns, once it is true of the world; a failed test if it is not within *limit_s*."""
    deadline = time.monotonic() + limit_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {limit_s} s: {what() if callable(what) else what}"
        time.sleep(POLL_S)
    return found


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def photo(seed=0, *, size_px=320):
    """A small JPEG of its own: quick to draw, and no near-duplicate of another."""
    chance = random.Random(seed)
    image = Image.new("RGB", (size_px, size_px), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        x, y = chance.randrange(40, size_px - 120), chance.randrange(40, size_px - 120)
        colour = tuple(chance.randrange(30, 220) for _ in "rgb")
        draw.rectangle((x, y, x + chance.randrange(30, 80), y + chance.randrange(30, 80)), fill=colour)
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=85)
    return encoded.getvalue()


class House:
    """One installation. *env* is over its settings file, for every process."""

    def __init__(self, sandbox, folder, **env):
        self.sandbox, self.folder, self.env = sandbox, folder, env
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes = {}
        self._http = httpx.Client(timeout=20, trust_env=False)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text(SETTINGS.format(folder=folder, sandbox=sandbox.base_url))
        self._http.post(f"{sandbox.base_url}/sandbox/api/app", json={"url": self.url}).raise_for_status()
        self._http.post(f"{sandbox.base_url}/images-api/bank", json={"latency_s": 0.05}).raise_for_status()

    # processes

    def environment(self, **env):
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("IMAGEGEN")}
        return inherited | {"IMAGEGEN_CONFIG": str(self.folder / "config.toml")} | self.env | env

    def command(self, *arguments, **env):
        """A subcommand's result: returncode, stdout, stderr."""
        return subprocess.run(
            [sys.executable, "-m", "shopify_imagegen", *arguments],
            env=self.environment(**env),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self, role, **env):
        """`serve`, `web` or `worker`; its lines go to a file. Returns when it works."""
        arguments = ["--port", str(self.port)] if role != "worker" else []
        log = (self.folder / f"{role}-{next(numbers)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "shopify_imagegen", role, *arguments],
            env=self.environment(**env),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stderr=log,
            stdout=log,
            start_new_session=True,
        )
        log.close()
        process.log = log.name
        self.processes[role] = process
        ready = self.is_listening if role == "web" else self.is_working
        wait_for(lambda: ready() or process.poll() is not None, 30, lambda: Path(log.name).read_text())
        assert process.poll() is None, Path(log.name).read_text()
        return process

    def is_listening(self):
        with contextlib.suppress(httpx.TransportError):
            return self._http.get(f"{self.url}/healthz").status_code == 200

    def is_working(self):
        """A worker that started after now has beaten; and where the web role runs, it sees that."""
        process = self.processes.get("worker") or self.processes["serve"]
        if "worker started" not in Path(process.log).read_text():
            return False
        return self.is_listening() if "serve" in self.processes else True

    def stop(self, role, signal_number=signal.SIGTERM, *, limit_s=40):
        """Its exit code, after a signal."""
        process = self.processes.pop(role)
        process.send_signal(signal_number)
        process.wait(timeout=limit_s)
        return process.returncode

    def kill(self, role):
        """kill -9: no handler, no goodbye."""
        return self.stop(role, signal.SIGKILL)

    def close(self):
        for role in list(self.processes):
            process = self.processes[role]
            if process.poll() is None:
                self.stop(role)
        self._http.close()

    def log(self):
        return "\n".join(file.read_text(errors="replace") for file in sorted(self.folder.glob("*.log")))

    # the store, as its owner

    def add_shop(self):
        """A store that has installed the app; its domain."""
        domain = f"lamps-{next(numbers)}.myshopify.com"
        done = self.command("shops", "add", domain)
        assert 0 == done.returncode, done.stderr
        return domain

    def add_product(self, shop, *, photos=1, announce=True, **fields):
        """A new product, told to the app unless *announce* is off; the sandbox's own record of it."""
        number = next(numbers)
        pictures = [Photo(f"lamp-{number}-{at}.jpg", photo(seed=number * 10 + at)) for at in range(photos)]
        draft = Draft(**{"title": f"Brass lamp {number}", "product_type": "Lamps", "photos": pictures} | fields)
        store = self.sandbox.store
        with store.lock:
            return add_product(store, store.shop(shop), draft, quietly=not announce)

    def edit(self, shop, product, **changes):
        store = self.sandbox.store
        with store.lock:
            edit_product(store, store.shop(shop), product, changes)

    def add_photo(self, shop, product):
        store = self.sandbox.store
        picture = Photo(f"late-{next(numbers)}.jpg", photo(seed=next(numbers)))
        with store.lock:
            attach(store, store.shop(shop), product, [upload(store, store.shop(shop), picture)])

    def fault(self, name, *, times=1, **params):
        self.sandbox.faults.set(name, times=times, **params)

    def until_struck(self, limit_s=20):
        """All faults that were set have happened."""
        wait_for(lambda: not self.sandbox.faults.active(), limit_s, lambda: self.sandbox.faults.active())

    # what can be seen

    def ours(self, product):
        """Pictures of ours on the product, ready."""
        with self.sandbox.store.lock:
            return [file for file in product.media if OURS in file.filename and file.ready]

    def originals(self, product):
        with self.sandbox.store.lock:
            return [
                (file.id, file.filename, file.alt, file.content) for file in product.media if OURS not in file.filename
            ]

    def files_of_ours(self, shop, product):
        """Files of ours in the store that were made for *product*, on it or not."""
        with self.sandbox.store.lock:
            files = self.sandbox.store.shop(shop).files.values()
            return [file for file in files if file.filename.startswith(f"{product.handle}-") and OURS in file.filename]

    def bill(self):
        """What the image API has sold: {"count", "total_usd", "bought_twice", …}."""
        return self._http.get(f"{self.sandbox.base_url}/sandbox/api/bill").raise_for_status().json()

    def rows(self, query, *parameters, file="imagegen.db"):
        """Rows of the app's own database, as dicts."""
        with contextlib.closing(sqlite3.connect(self.folder / file, timeout=30)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, parameters)]

    def job(self, product):
        """The product's latest job, with its pictures."""
        found = self.rows("select * from jobs where product_id = ? order by created_at desc limit 1", product.gid)
        for job in found:
            return job | {"images": self.rows("select * from images where job_id = ?", job["id"])}

    def done_job(self, product, limit_s=30):
        """The product's job, once it has ended."""
        query = f"select 1 from jobs where product_id = ? and state in {DONE}"
        wait_for(lambda: self.rows(query, product.gid), limit_s, lambda: (self.job(product), self.state(product)))
        return self.job(product)

    def state(self, product):
        """What the last look at the product found: (state, reason)."""
        rows = self.rows("select state, reason from watched_products where product_id = ?", product.gid)
        return (rows[0]["state"], rows[0]["reason"]) if rows else None

    def until_idle(self, limit_s=30):
        """Every webhook has arrived and was handled, nothing is due, no work is begun or queued."""
        calm = wait_for(lambda: self._is_idle() and self._is_idle(), limit_s, self._unrest)
        assert calm

    def _is_idle(self):
        return not any(self._unrest().values())

    def _unrest(self):
        deliveries = self.sandbox.store.webhooks.deliveries
        busy = "select workflow_uuid, status from workflow_status where status in ('PENDING','ENQUEUED','DELAYED')"
        return {
            "on their way": [each.topic for each in list(deliveries.values()) if each.state == "waiting"],
            "not dispatched": self.rows("select id, topic from deliveries where done_at is null"),
            "due": self.rows("select product_id, due_at from watched_products where due_at is not null"),
            "work": self.rows(busy, file="imagegen.engine.db"),
        }

    def all_delivered(self):
        return not self._unrest()["on their way"]

    def purchases(self, product):
        return self.rows("select * from purchases where product_id = ?", product.gid)

    def jobs_of(self, product):
        return self.rows("select id, state from jobs where product_id = ?", product.gid)

    def json(self, *arguments):
        """What a subcommand prints with --json."""
        return json.loads(self.command(*arguments, "--json").stdout)


@contextlib.contextmanager
def in_use(house, role):
    """For one test: *role* runs, calm, without faults of the test before; `bought` counts, nothing comes twice."""
    house.sandbox.faults.clear()
    if role not in house.processes:
        house.start(role)
    house.until_idle()
    before = house.bill()["count"]
    house.bought = lambda: house.bill()["count"] - before
    yield house
    assert {} == house.bill()["bought_twice"]
    assert "Traceback" not in house.log()


@contextlib.contextmanager
def opened(folder, **env):
    """An installation beside a sandbox of its own; nothing of it is left running."""
    with running(QUICK) as sandbox:
        house = House(sandbox, folder, **env)
        try:
            yield house
        finally:
            house.close()
