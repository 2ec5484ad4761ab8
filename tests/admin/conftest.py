"""The story of these tests: somebody opens the embedded app, with or without a right to."""

import pytest
from flask import Blueprint, Flask

from shopify_imagegen.adapters.shopify import SessionTokens
from shopify_imagegen.admin.gate import Gate, asking_shop, session
from shopify_imagegen.sandbox.shop.session_tokens import session_token

SHOP = "nice-lamps.myshopify.com"
CLIENT = {"client_id": "the-id", "secret": "shpss_" + "a" * 32}
SCRIPT = "https://cdn.shopify.com/shopifycloud/app-bridge.js"


class FakeAdmit:
    """Lets every shop in, unless it was told what is wrong with them."""

    def __init__(self):
        self.wrong = None
        self.admitted = []

    def __call__(self, session, token):
        if self.wrong:
            raise self.wrong
        self.admitted.append((session.shop, token))


@pytest.fixture
def admit():
    return FakeAdmit()


@pytest.fixture
def knock(admit):
    """A client of a small app behind the gate: one page, one form, one static file."""

    def knock(public_url="https://photos.example.com", pace=None):
        sessions = SessionTokens(client_id=CLIENT["client_id"], secrets=[CLIENT["secret"]])
        fixed = {"client_id": "the-id", "app_bridge_url": SCRIPT, "public_url": public_url, "pace": pace}
        gate = Gate(sessions=sessions, admit=admit, **fixed)
        pages = Blueprint("pages", __name__, static_folder=".", static_url_path="/files")
        gate.guard(pages)
        pages.get("/who", endpoint="who")(lambda: {"shop": session().shop, "user": session().user_id})
        pages.post("/do", endpoint="do")(lambda: {"done": True})
        app = Flask(__name__, static_folder=None)
        app.register_blueprint(gate.blueprint)
        app.register_blueprint(pages)
        app.after_request(lambda answer: answer.headers.update({"X-Shop": asking_shop()}) or answer)
        return app.test_client()

    return knock


@pytest.fixture
def client(knock):
    return knock()


def good(shop=SHOP, **changes):
    return session_token(shop, **CLIENT | changes)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}
