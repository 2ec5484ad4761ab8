"""One sandbox for all tests that need no rules of their own, and a fresh shop in it for each of them."""

import contextlib
import itertools

import pytest

from shopify_imagegen.sandbox.server import running
from shopify_imagegen.sandbox.shop.state import Rules
from shopify_imagegen.sandbox.shop.webhooks import App

from .client import Client, Listener

numbers = itertools.count(1)
QUICK = {"media_delay_s": 0.03, "job_delay_s": 0.02, "webhook_retry_base_s": 0.01}


@pytest.fixture
def start():
    """Start a sandbox with some rules of its own."""
    with contextlib.ExitStack() as stack:
        yield lambda parts=None, **rules: stack.enter_context(running(Rules(**{**QUICK, **rules}), **(parts or {})))


@pytest.fixture(scope="session")
def shared():
    """To start a sandbox takes longer than most tests."""
    with running(Rules(**QUICK)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared):
    """The shared sandbox; what a test switched on in it ends with the test."""
    yield shared
    shared.faults.clear()
    shared.store.app = App()


@pytest.fixture
def connect():
    """Clients, closed at the end."""
    with contextlib.ExitStack() as stack:

        def connect(sandbox, *args, **token):
            client = Client(sandbox, *args, **token)
            stack.callback(client.http.close)
            return client

        yield connect


@pytest.fixture
def shop(sandbox, connect):
    """A client of a shop that no other test has seen."""
    return connect(sandbox, f"lamps-{next(numbers)}.myshopify.com")


@pytest.fixture
def app(sandbox):
    """The app, listening for webhooks of every shop."""
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def installed(shop, app):
    """The shop, with the app declared; the app hears of no other."""
    app.shop = shop.shop
    shop.control("POST", "app", json={"url": app.url})
    return shop
