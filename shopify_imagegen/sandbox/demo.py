"""The demo: the sandbox, the real app beside it, and the main job told as it happens, by the sandbox's own eyes."""

from __future__ import annotations

import re
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from shopify_imagegen.sandbox import server
from shopify_imagegen.sandbox.demo_app import App, Failed, is_free
from shopify_imagegen.sandbox.shop.catalogue_csv import read_catalogue
from shopify_imagegen.sandbox.shop.intake import stocked

SHOP = "demo.myshopify.com"
PRODUCT = "guji-coffee"  # of the stock: the one that the demo adds
PICTURES = 2
OURS = re.compile(r"-lsp[0-9a-f]{12}")
AI_MARK = b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
DONE_WITHIN_S, STILL_FOR_S, LOOK_S = 120, 60, 0.1
SAY_EVERY_S = 5
MOST_TOLD = 20
INTERRUPTED = 130  # the exit code that shells use for Ctrl-C
ENOUGH_USD = "100000"

Product = Mapping[str, Any]


def tell(*, once: bool, catalogue: Path | None, images: Path | None, port: int) -> int:
    """Run the demo.

    Args:
        once: return when the job is done instead of waiting for Ctrl-C.
        catalogue: a Shopify product CSV to fill the store with, its photos in the folder *images*.
        port: of the sandbox; another one is used if it is taken; 0 picks one.

    Returns:
        The exit code: 0 when every picture is on its product and was verified.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    demo = None
    try:
        with server.running(port=_usable(port)) as sandbox, tempfile.TemporaryDirectory(prefix="imagegen-") as folder:
            demo = Demo(sandbox.base_url, Path(folder))
            demo.run(once=once, catalogue=catalogue, images=images)
    except Failed as failure:
        say(f"\nThe demo failed: {failure}")
        return 1
    except KeyboardInterrupt:
        say("")
        return 0 if demo and demo.is_told else INTERRUPTED
    return 0


def say(words: str, detail: str = "") -> None:
    print(f"{words:30}{detail}".rstrip(), flush=True)


class Demo:
    """One telling. *base_url* is the sandbox's."""

    def __init__(self, base_url: str, folder: Path) -> None:
        self.is_told = False
        self._base_url = base_url
        self._app = App(base_url, folder)
        self._control = httpx.Client(base_url=f"{base_url}/sandbox/api", timeout=600, trust_env=False)

    def run(self, *, once: bool, catalogue: Path | None, images: Path | None) -> None:
        say("Sandbox store and image API", self._base_url)
        if catalogue:
            check(catalogue, images)
        self._post("/app", {"url": self._app.url})
        httpx.post(f"{self._base_url}/images-api/bank", json={"balance_usd": ENOUGH_USD}, trust_env=False)
        self._app.run("shops", "add", SHOP)
        with self._app.serving():
            say("shopify-imagegen", f"{self._app.url}  (web and worker, SQLite)\n")
            if catalogue:
                self._whole_catalogue(catalogue, images)
            else:
                self._one_product()
            self.is_told = True
            if not once:
                self._stay_open(shelves=not catalogue)

    def _stay_open(self, *, shelves: bool) -> None:
        say(f"\nOpen {self._base_url} to add a product of your own. Ctrl-C ends the demo.")
        if shelves:
            self._fill_shelves()
        while True:
            time.sleep(3600)

    def _one_product(self) -> None:
        began = time.monotonic()
        product_id = self._post("/seed", {"shop": SHOP, "handles": [PRODUCT], "announce": True})["products"][0]
        product = self._product(product_id)
        say("A product is created", f"{product['title']}, {len(product['media'])} plain photos")
        product = self._await_pictures(product_id)
        verify(product)
        for file in filter(is_ready_and_ours, product["media"]):
            say("A lifestyle photo is on it", f"{file['alt']}\n{'':30}{file['url']}")
        self._tell_bill()
        say("From product to pictures", f"{time.monotonic() - began:.1f} s")
        say("Verified", "shown by the store, after the originals, each with the AI mark")

    def _fill_shelves(self) -> None:
        """The rest of the stock, as products that were there before the app: they are left alone."""
        for handle in stocked():
            if handle != PRODUCT:
                self._post("/seed", {"shop": SHOP, "handles": [handle]})

    def _await_pictures(self, product_id: int) -> Product:
        """The product, once its new pictures are shown."""
        deadline = time.monotonic() + DONE_WITHIN_S
        while time.monotonic() < deadline:
            product = self._product(product_id)
            if len(pictures_of(product)) >= PICTURES:
                return product
            time.sleep(LOOK_S)
        states = "; ".join(f"{job['state']}: {job['reason']}" for job in self._app.jobs()) or "no job"
        raise Failed(f"no pictures within {DONE_WITHIN_S} s ({states})")

    def _whole_catalogue(self, catalogue: Path, images: Path | None) -> None:
        began = time.monotonic()
        fields = {"shop": SHOP, "csv": str(catalogue.resolve()), "images": str(images.resolve()) if images else None}
        result = self._post("/catalogue", fields | {"announce": True})
        say("The catalogue is imported", f"{result['products']} products")
        tell_some(result["problems"])
        wanted = [product["id"] for product in self._products() if is_for_pictures(product)]
        left_alone = result["products"] - len(wanted)
        if left_alone:
            say(
                "Left alone", f"{left_alone} products: not active, without a photo, a gift card, or tagged no-ai-images"
            )
        if not wanted:
            raise Failed("the catalogue holds no product that pictures could be made for")
        self._await_all(wanted)
        without = [product for product in self._products() if product["id"] in wanted and not pictures_of(product)]
        say("Products with new pictures", f"{len(wanted) - len(without)}")
        self._tell_bill()
        say("In", f"{time.monotonic() - began:.0f} s")
        if without:
            self._explain(without)
        for product in self._products():
            if product["id"] in wanted:
                verify(product)

    def _await_all(self, wanted: Sequence[int]) -> None:
        """Until every product has its pictures, or nothing has moved for a while."""
        seen, moved_at, said_at = -1, time.monotonic(), 0.0
        while time.monotonic() - moved_at < STILL_FOR_S:
            have = [len(pictures_of(product)) for product in self._products() if product["id"] in wanted]
            if all(count >= PICTURES for count in have):
                return
            if sum(have) != seen:
                seen, moved_at = sum(have), time.monotonic()
            if time.monotonic() - said_at > SAY_EVERY_S:
                said_at = time.monotonic()
                say("", f"{sum(have)} of {PICTURES * len(wanted)} pictures are on their products")
            time.sleep(LOOK_S * 5)

    def _explain(self, without: Sequence[Product]) -> None:
        """Why products have no pictures, in the app's own words."""
        reasons = {job["product_id"]: f"{job['state']}: {job['reason']}" for job in self._app.jobs()}
        tell_some([f"{product['title']}: {reasons.get(product['gid'], 'no job')}" for product in without])
        raise Failed("not every product got its pictures")

    def _tell_bill(self) -> None:
        bill = self._get("/bill")
        say("Bought", f"{bill['count']} pictures, ${bill['total_usd']} (sandbox money)")
        if bill["bought_twice"]:
            raise Failed("a picture was bought twice")

    # The sandbox, by its control API alone

    def _products(self) -> list[Product]:
        products: list[Product] = self._get(f"/state?shop={SHOP}")["shops"][SHOP]["products"]
        return products

    def _product(self, product_id: int) -> Product:
        return next(product for product in self._products() if product["id"] == product_id)

    def _get(self, path: str) -> Any:
        return self._control.get(path).raise_for_status().json()

    def _post(self, path: str, fields: Mapping[str, Any]) -> Any:
        answer = self._control.post(path, json=dict(fields))
        if answer.is_error:
            raise Failed(answer.json().get("error", answer.text))
        return answer.json()


def check(catalogue: Path, images: Path | None) -> None:
    """Before anything is started for it.

    Raises:
        Failed: the catalogue holds no product.
    """
    try:
        found = read_catalogue(catalogue, images)
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{catalogue} cannot be read: {error}") from None
    if not found.products:
        tell_some(found.problems)
        raise Failed(f"{catalogue} holds no product that could be read")


def verify(product: Product) -> None:
    """Seen with the sandbox's eyes: on the product, ready, after the merchant's photos, and marked as AI-made.

    Raises:
        Failed: what is not so.
    """
    media, ours = product["media"], pictures_of(product)
    if len(ours) != PICTURES:
        raise Failed(f"{product['title']}: {len(ours)} pictures are ready on it, {PICTURES} were expected")
    if media[-PICTURES:] != ours or media[0] in ours:
        raise Failed(f"{product['title']}: the pictures are not behind the merchant's photos")
    for file in ours:
        if AI_MARK not in httpx.get(file["url"], timeout=30, trust_env=False).content:
            raise Failed(f"{file['filename']} does not carry the AI mark")


def pictures_of(product: Product) -> list[Product]:
    return [file for file in product["media"] if is_ready_and_ours(file)]


def is_ready_and_ours(file: Product) -> bool:
    return bool(OURS.search(file["filename"])) and file["status"] == "READY"


def is_for_pictures(product: Product) -> bool:
    """What the app's default settings make pictures for."""
    tags = {tag.lower() for tag in product["tags"]}
    return product["status"] == "ACTIVE" and bool(product["media"]) and "no-ai-images" not in tags


def tell_some(lines: Sequence[str]) -> None:
    for line in lines[:MOST_TOLD]:
        say("", line)
    if len(lines) > MOST_TOLD:
        say("", f"… and {len(lines) - MOST_TOLD} more")


def _usable(port: int) -> int:
    if port == 0 or is_free(port):
        return port
    say(f"Port {port} is taken; the sandbox uses another one.")
    return 0


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
