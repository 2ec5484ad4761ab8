"""The system's Chromium, without a window."""

import contextlib
import shutil

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextlib.contextmanager
def chromium():
    """Raises: RuntimeError: there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise RuntimeError(f"no browser here; one of these is needed: {', '.join(NAMES)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()
