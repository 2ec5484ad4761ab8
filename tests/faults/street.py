"""An installation with a shop for each fault, so that many faults are played side by side and none meets another."""

import contextlib
import hashlib
import json
import subprocess
import sys
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shopify_imagegen.models import FINAL_JOB_STATES, RESTING_JOB_STATES, Arrival, JobRetried, Shop, ShopToken
from shopify_imagegen.sandbox.server import running
from shopify_imagegen.settings import load
from shopify_imagegen.wiring import House as Parts
from tests.end_to_end.house import QUICK, ROOT, House, numbers, wait_for

WAITS = 0.004  # an hour is 14 seconds
LIMIT_S = 200
RESTING = {str(state) for state in RESTING_JOB_STATES}
ENDED = {str(state) for state in FINAL_JOB_STATES}
ENV = {
    "IMAGEGEN__IMAGES__PER_PRODUCT": "1",
    "IMAGEGEN__BUDGET__PER_DAY_USD": "1000",
    "IMAGEGEN__BUDGET__PER_MONTH_USD": "1000",
    "IMAGEGEN__PROVIDER__GETIMG__TIMEOUT_S": "15",
    "IMAGEGEN__SHOPIFY__TIMEOUT_S": "5",
    "IMAGEGEN__TRIGGER__STORM_THRESHOLD": "1000",
}


@dataclass(frozen=True)
class Found:
    """What there is to be seen of one product, by its app's books and with the sandbox's eyes."""

    state: str  #: of the job; of the product where there is no job
    reason: str
    images: list  #: (state, reason)
    ledger: Counter  #: state → purchases; a receipt that waits for its picture is "sold"
    ledger_microusd: int  #: of paid, sold and unknown
    bill_microusd: int  #: that the image API says it charged for this product
    sold: int
    kept: int  #: pictures whose bytes we hold
    files: int  #: of ours, in the store
    shown: int  #: of ours on the product


class Street(House):
    """One installation, many shops."""

    def start_hasty(self):
        """A worker with short waits."""
        log = (self.folder / f"worker-{next(numbers)}.log").open("wb")
        command = [sys.executable, "-m", "tests.faults.hasty", str(WAITS)]
        process = subprocess.Popen(
            command, env=self.environment(), cwd=ROOT, stdin=subprocess.DEVNULL, stderr=log, stdout=log
        )
        log.close()
        process.log = log.name
        self.processes["worker"] = process
        wait_for(self.is_working, 60, lambda: Path(log.name).read_text())

    @property
    def parts(self):
        """The house's own parts in this process, to speak to its database."""
        if not hasattr(self, "_parts"):
            self._parts = Parts(load(self.folder / "config.toml", self.env))
        return self._parts

    def close(self):
        super().close()
        if hasattr(self, "_parts"):
            self._parts.database.close()

    def new_shop(self):
        """A store with a static token; its domain."""
        domain = f"fault-{next(numbers)}.myshopify.com"
        installed_at = datetime.now(UTC) - timedelta(minutes=1)  # Shopify's dates have no fractions of a second
        self.parts.shops.save(Shop(domain=domain, grant="static", installed_at=installed_at))
        self.parts.shops.save_token(domain, ShopToken(access=self.sandbox.tokens.mint(domain).value), QUICK.scopes)
        return domain

    def announce(self, shop, product):
        """Tell the app of a product that was added quietly."""
        store = self.sandbox.store
        with store.lock:
            store.announce(store.shop(shop), ["products/create"], product)

    def retry(self, job_id, shop):
        """As `jobs retry` does."""
        intent = JobRetried(job_id=job_id)
        self.parts.inbox.record(Arrival(id=f"cli-{uuid.uuid4()}", source="cli", topic="", shop=shop, intent=intent))

    def refresh(self):
        """Look at all products at once, for `rests`."""
        self._jobs = {row["product_id"]: row for row in self.rows("select * from jobs order by created_at")}
        soon = (datetime.now(UTC) + timedelta(minutes=5)).strftime("%Y-%m-%d %H:%M:%S")
        settled = "select shop, product_id, state from watched_products where coalesce(due_at, '9') > ? and state != ''"
        looking = "select workflow_uuid from workflow_status where workflow_uuid like 'look:%' and status in "
        busy = self.rows(looking + "('PENDING', 'ENQUEUED', 'DELAYED')", file="imagegen.engine.db")
        shops = {row["workflow_uuid"].split(":")[1] for row in busy}
        rows = [row for row in self.rows(settled, soon) if row["shop"] not in shops]
        self._settled = {row["product_id"]: row["state"] for row in rows}

    def rests(self, product, states=None, *, after=""):
        """Whether nothing of the product is under way: its job is in one of *states*, or it has none and is named."""
        job = self._jobs.get(product.gid)
        if job is None:
            return self._settled.get(product.gid, "job") not in ("job", "shop_paused" if states else "")
        return job["state"] in (states or RESTING) and job["updated_at"] > after

    def ended(self, product, *, after=""):
        """Whether it rests, and need not be waited for: it is not paused, and has moved since *after*."""
        return self.rests(product, ENDED, after=after)

    def revision(self, product):
        """How often the app has heard of the product."""
        rows = self.rows("select revision from watched_products where product_id = ?", product.gid)
        return rows[0]["revision"] if rows else 0

    def found(self, shop, product):
        """What there is to be seen of *product* now."""
        job = self.job(product)
        state, reason = (job["state"], job["reason"]) if job else (self.state(product) or ("", ""))
        purchases = self.purchases(product)
        sales = self._sales(job["images"] if job else [])
        keys = [image["id"] for image in job["images"]] if job else []
        return Found(
            state=state,
            reason=reason,
            images=[(image["state"], image["reason"]) for image in (job["images"] if job else [])],
            ledger=Counter(_state(row) for row in purchases),
            ledger_microusd=sum(_microusd(row) for row in purchases),
            bill_microusd=sum(round(float(sale["cost_usd"]) * 1_000_000) for sale in sales),
            sold=len(sales),
            kept=sum(len(self.rows("select 1 from spool where key = ?", key)) for key in keys),
            files=len(self.files_of_ours(shop, product)),
            shown=len(self.ours(product)),
        )

    def _sales(self, images):
        """The bill's lines for these pictures."""
        prompts = {hashlib.sha256(prompt_of(image).encode()).hexdigest() for image in images}
        return [sale for sale in self.bill()["sales"] if sale["prompt_sha256"] in prompts]


def prompt_of(image):
    return json.loads(image["brief"])["prompt"]


def _state(purchase):
    return "sold" if purchase["state"] == "sent" and purchase["receipt"] else purchase["state"]


def _microusd(purchase):
    """What counts as spent."""
    if purchase["state"] == "refused":
        return 0
    cost = purchase["cost_microusd"]
    return purchase["reserved_microusd"] if cost is None else cost


@contextlib.contextmanager
def opened_street(folder, **env):
    """An installation beside a sandbox of its own; nothing of it is left running."""
    with running(QUICK) as sandbox:
        street = Street(sandbox, folder, **ENV | env)
        try:
            street.start("web")
            street.start_hasty()
            yield street
        finally:
            street.close()
