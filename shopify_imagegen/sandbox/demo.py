"""The demo: the sandbox, the real app beside it, and the main job told as it happens.

The app is started by its own command line with settings that name the sandbox's addresses; it does not know better.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from shopify_imagegen.sandbox import server
from shopify_imagegen.sandbox.shop.intake import stocked

SHOP = "demo.myshopify.com"
PRODUCT = "guji-coffee"  # of the stock: the one that the demo adds
PICTURES = 2
OURS = re.compile(r"-lsp[0-9a-f]{12}")
AI_MARK = b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
START_WITHIN_S, DONE_WITHIN_S, LONGEST_CATALOGUE_S = 60, 120, 3600
SETTLED = {"published", "partly_published", "nothing_published", "failed", "cancelled", "awaiting_review"}

Product = Mapping[str, Any]


class Failed(Exception):
    """The demo did not come to its good end; the message says where."""


def tell(*, once: bool, catalogue: Path | None, images: Path | None, port: int) -> int:
    """Run the demo.

    Args:
        once: return when the job is done instead of waiting for Ctrl-C.
        catalogue: a Shopify product CSV to fill the store with, its photos in the folder *images*.
        port: of the sandbox; 0 picks a free one.

    Returns:
        The exit code: 0 when every picture is on its product and was verified.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with server.running(port=port) as sandbox, tempfile.TemporaryDirectory(prefix="imagegen-demo-") as folder:
            return Demo(sandbox.base_url, Path(folder)).run(once=once, catalogue=catalogue, images=images)
    except Failed as failure:
        say(f"\nThe demo failed: {failure}")
        return 1
    except KeyboardInterrupt:
        return 0


def say(words: str) -> None:
    print(words, flush=True)


class Demo:
    """One telling. *base_url* is the sandbox's; *folder* holds the app's database for as long as it lasts."""

    def __init__(self, base_url: str, folder: Path) -> None:
        self._base_url = base_url
        self._folder = folder
        self._port = _free_port()
        self._control = httpx.Client(base_url=f"{base_url}/sandbox/api", timeout=30)

    def run(self, *, once: bool, catalogue: Path | None, images: Path | None) -> int:
        say(f"Sandbox store and image API   {self._base_url}")
        self._declare()
        self._app("shops", "add", SHOP)
        with self._serving():
            say(f"shopify-imagegen              http://127.0.0.1:{self._port}  (web and worker, SQLite)\n")
            if catalogue:
                self._whole_catalogue(catalogue, images)
            else:
                self._one_product()
            if not once:
                self._fill_shelves()
                say(f"\nOpen {self._base_url} to add a product of your own. Ctrl-C ends the demo.")
                while True:
                    time.sleep(3600)
        return 0

    def _one_product(self) -> None:
        began = time.monotonic()
        added = self._post("/seed", {"shop": SHOP, "handles": [PRODUCT], "announce": True})["products"]
        product = self._product(added[0])
        say(f"A product is created          {product['title']}, {len(product['media'])} plain photos")
        product = self._await_pictures(added[0])
        self._verify(product)
        self._report(product, time.monotonic() - began)

    def _fill_shelves(self) -> None:
        """The rest of the stock, as products that were there before the app: they are left alone."""
        rest = [handle for handle in stocked() if handle != PRODUCT]
        for handle in rest:
            self._post("/seed", {"shop": SHOP, "handles": [handle]})

    def _await_pictures(self, product_id: int) -> Product:
        """The product, once its new pictures are shown."""
        deadline = time.monotonic() + DONE_WITHIN_S
        while time.monotonic() < deadline:
            product = self._product(product_id)
            if len([file for file in product["media"] if is_ready_and_ours(file)]) >= PICTURES:
                return product
            time.sleep(0.1)
        states = "; ".join(f"{job['state']}: {job['reason']}" for job in self._jobs()) or "no job"
        raise Failed(f"no pictures within {DONE_WITHIN_S} s ({states})")

    def _verify(self, product: Product) -> None:
        """Seen with the sandbox's eyes: on the product, ready, after the merchant's photos, and marked as AI-made."""
        media = product["media"]
        ours = [file for file in media if is_ready_and_ours(file)]
        if len(ours) != PICTURES:
            raise Failed(f"{len(ours)} pictures are ready on the product, {PICTURES} were expected")
        if media[-PICTURES:] != ours or media[0] in ours:
            raise Failed("the pictures are not behind the merchant's photos")
        for file in ours:
            if AI_MARK not in httpx.get(file["url"], timeout=30).content:
                raise Failed(f"{file['filename']} does not carry the AI mark")

    def _report(self, product: Product, seconds: float) -> None:
        for file in product["media"]:
            if is_ready_and_ours(file):
                say(f"A lifestyle photo is on it    {file['alt']}\n{'':30}{file['url']}")
        self._tell_bill()
        say(f"From product to pictures      {seconds:.1f} s")
        say("Verified                      shown by the store, after the originals, each with the AI mark")

    def _whole_catalogue(self, catalogue: Path, images: Path | None) -> None:
        began = time.monotonic()
        fields = {"shop": SHOP, "csv": str(catalogue.resolve()), "images": str(images.resolve()) if images else None}
        result = self._post("/catalogue", fields | {"announce": True})
        say(f"The catalogue is imported     {result['products']} products")
        for problem in result["problems"]:
            say(f"{'':30}{problem}")
        if not result["products"]:
            raise Failed("the catalogue holds no product that could be read")
        jobs = self._await_jobs(result["products"])
        states = [job["state"] for job in jobs]
        for state in sorted(set(states)):
            say(f"{state.replace('_', ' ').capitalize():30}{states.count(state)} products")
        self._tell_bill()
        say(f"In                            {time.monotonic() - began:.0f} s")
        if not jobs or set(states) != {"published"}:
            raise Failed("not every product got its pictures; see `jobs` for the reasons")

    def _tell_bill(self) -> None:
        bill = self._get("/bill")
        say(f"Bought                        {bill['count']} pictures, ${bill['total_usd']} (sandbox money)")
        if bill["bought_twice"]:
            raise Failed("a picture was bought twice")

    def _await_jobs(self, products: int) -> list[Product]:
        """The jobs of the catalogue, when nothing has moved for a while or all have ended."""
        deadline, quiet_until, seen = time.monotonic() + LONGEST_CATALOGUE_S, time.monotonic() + 30, ""
        while time.monotonic() < min(deadline, quiet_until):
            jobs = self._jobs()
            ended = [job for job in jobs if job["state"] in SETTLED]
            if len(ended) == products:
                return jobs
            if (now := f"{len(jobs)} {len(ended)}") != seen:
                seen, quiet_until = now, time.monotonic() + 30
            time.sleep(1)
        return self._jobs()

    # The app, by its command line alone

    @contextmanager
    def _serving(self) -> Iterator[None]:
        command = [sys.executable, "-m", "shopify_imagegen", "serve", "--port", str(self._port)]
        app = subprocess.Popen(command, env=self._environment(), cwd=self._folder, start_new_session=True)
        try:
            self._until_ready(app)
            yield
        finally:
            app.send_signal(signal.SIGTERM)
            app.wait(timeout=60)

    def _until_ready(self, app: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline and app.poll() is None:
            try:
                if httpx.get(f"http://127.0.0.1:{self._port}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass  # not listening yet
            time.sleep(0.2)
        raise Failed(f"the app was not ready within {START_WITHIN_S} s")

    def _app(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "shopify_imagegen", *arguments]
        done = subprocess.run(
            command, env=self._environment(), cwd=self._folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Failed(f"`shopify-imagegen {' '.join(arguments)}`: {done.stderr.strip()}")
        return done.stdout

    def _jobs(self) -> list[Product]:
        jobs: list[Product] = json.loads(self._app("jobs", "--json", "--limit", "1000"))
        return jobs

    def _environment(self) -> dict[str, str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("IMAGEGEN")}
        return inherited | {
            "IMAGEGEN__APP__DATA_DIR": str(self._folder),
            "IMAGEGEN__APP__LOG_LEVEL": "warning",
            "IMAGEGEN__APP__STOP_WITHIN_S": "10",
            "IMAGEGEN__DATABASE__URL": f"sqlite:///{self._folder}/imagegen.db",
            "IMAGEGEN__SHOPIFY__CLIENT_ID": "sandbox-client-id",
            "IMAGEGEN__SHOPIFY__CLIENT_SECRET": "sandbox-client-secret",
            "IMAGEGEN__SHOPIFY__BASE_URL": f"{self._base_url}/shops/{{shop}}",
            "IMAGEGEN__PROVIDER__GETIMG__API_KEY": "sandbox-key",
            "IMAGEGEN__PROVIDER__GETIMG__BASE_URL": f"{self._base_url}/images-api",
            "IMAGEGEN__PROVIDER__GETIMG__REQUESTS_PER_MINUTE": "300",
            "IMAGEGEN__TRIGGER__QUIET_S": "1",
            "IMAGEGEN__BUDGET__PER_DAY_USD": "1000",
            "IMAGEGEN__BUDGET__PER_MONTH_USD": "1000",
        }

    # The sandbox, by its control API alone

    def _declare(self) -> None:
        self._post("/app", {"url": f"http://127.0.0.1:{self._port}"})

    def _product(self, product_id: int) -> Product:
        products = self._get(f"/state?shop={SHOP}")["shops"][SHOP]["products"]
        found: Product = next(product for product in products if product["id"] == product_id)
        return found

    def _get(self, path: str) -> Any:
        return self._control.get(path).raise_for_status().json()

    def _post(self, path: str, fields: Mapping[str, Any]) -> Any:
        answer = self._control.post(path, json=dict(fields))
        if answer.is_error:
            raise Failed(answer.json().get("error", answer.text))
        return answer.json()


def is_ready_and_ours(file: Mapping[str, Any]) -> bool:
    return bool(OURS.search(file["filename"])) and file["status"] == "READY"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
