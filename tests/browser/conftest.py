"""A real browser in the shop's admin of a sandbox, with the real app beside it."""

import importlib.util
import os
import shutil
from importlib import resources

import pytest

from tests.end_to_end.house import numbers, opened

WIDTHS_PX = (1280, 320)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def browser():
    """Chromium as the system has it; skipped where there is none, except in CI.

    Its driver keeps an event loop running in this process, which the engine's tests must not meet.
    """
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found or not importlib.util.find_spec("playwright"):
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("no browser: chromium, or the package playwright that drives it, is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The app, its worker and the sandbox; pictures are asked for, and wait for approval."""
    folder = tmp_path_factory.mktemp("house")
    with opened(folder, IMAGEGEN__PUBLISH__MODE="review", IMAGEGEN__TRIGGER__ON_CREATE="false") as house:
        house.start("serve")
        yield house


@pytest.fixture
def shop(house):
    """A store of its own, so that no test finds another's products. Opening the app in it installs the app."""
    domain = f"lamps-{next(numbers)}.myshopify.com"
    with house.sandbox.store.lock:
        house.sandbox.store.shop(domain)
    return domain


@pytest.fixture
def admin(browser, house, shop):
    page = browser.new_page(viewport={"width": WIDTHS_PX[0], "height": 900}, bypass_csp=True)
    page.set_default_timeout(PATIENCE_MS)
    admin = Admin(page, house, shop)
    yield admin
    page.close()
    assert [] == admin.troubles


class Admin:
    """The app within the shop's admin, as a person sees it."""

    def __init__(self, page, house, shop):
        self.page, self.troubles = page, []
        self.home = f"{house.sandbox.base_url}/store/{shop.partition('.')[0]}/app"
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)

    def open(self, path=""):
        self.page.goto(f"{self.home}/{path}".rstrip("/"))
        self.title()
        return self

    @property
    def frame(self):
        return self.page.frame_locator("iframe")

    def title(self):
        heading = self.frame.get_by_role("heading", level=1)
        heading.wait_for()
        return heading.inner_text()

    def link(self, name):
        self.frame.get_by_role("link", name=name).first.click()

    def press(self, name):
        self.frame.get_by_role("button", name=name).first.click()

    def sees(self, words):
        self.frame.get_by_text(words).first.wait_for()

    def badge(self, words):
        self.frame.locator(".badge", has_text=words).first.wait_for()

    def within(self):
        """The app's own document, for what a script asks of it."""
        return next(frame for frame in self.page.frames if frame != self.page.main_frame)

    def is_accessible(self):
        """No broken rule of WCAG AA, and nothing wider than the window, wide and narrow."""
        for width_px in WIDTHS_PX:
            self.page.set_viewport_size({"width": width_px, "height": 900})
            document = self.within()
            assert 0 >= document.evaluate("document.documentElement.scrollWidth - innerWidth"), width_px
            assert [] == self._broken_rules(document), width_px
        self.page.set_viewport_size({"width": WIDTHS_PX[0], "height": 900})

    @staticmethod
    def _broken_rules(document):
        if not document.evaluate("'axe' in window"):
            document.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
        found = document.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]
