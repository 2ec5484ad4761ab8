"""/auth in words: what a store's owner is told when the way in is not open."""

import pytest
from flask import Flask

from shopify_imagegen.errors import BadCredentials, NoAnswer, NotSignedIn, ShopClosed, Unavailable
from webhooks.install import install

SHOP = "nice-lamps.myshopify.com"


class FakeConsent:
    """Asks and believes everybody."""

    def __init__(self):
        self.error = None
        self.asked = []

    def question(self, shop, *, back_to):
        if self.error:
            raise self.error
        self.asked.append((shop, back_to))
        return f"https://{shop}/admin/oauth/authorize"

    def answer(self, query):
        return query["shop"], "the-code"

    def app_address(self, shop):
        return f"https://{shop}/admin/apps/the-id"


@pytest.fixture
def consent():
    return FakeConsent()


@pytest.fixture
def knock(consent):
    """A client; *error* is what buying the token comes to."""

    def knock(error=None, public_url="https://photos.example.com"):
        def consented(shop, code):
            if error:
                raise error

        app = Flask(__name__, static_folder=None)
        app.register_blueprint(install(consent=consent, consented=consented, public_url=public_url))
        return app.test_client()

    return knock


@pytest.mark.parametrize(
    ("public_url", "back_to"),
    [
        ("https://photos.example.com", "https://photos.example.com/auth/callback"),
        ("", "http://localhost/auth/callback"),
    ],
    ids=["public", "this machine"],
)
def test_the_owner_is_sent_to_shopifys_page_and_back_to_us(knock, consent, public_url, back_to):
    """The way back must be one that the app has declared at Shopify."""
    answer = knock(public_url=public_url).get("/auth", query_string={"shop": SHOP.upper()})

    assert (302, f"https://{SHOP}/admin/oauth/authorize") == (answer.status_code, answer.headers["Location"])
    assert [(SHOP, back_to)] == consent.asked


def test_an_app_without_its_settings_says_so(knock, consent):
    """Whoever set it up must see which."""
    consent.error = BadCredentials("shopify.client_id is empty")
    answer = knock().get("/auth", query_string={"shop": SHOP})

    assert 503 == answer.status_code
    assert "shopify.client_id is empty" in answer.text


ENDS = {
    "a used code": (NotSignedIn("used"), 401, f"Begin again: /auth?shop={SHOP}"),
    "a frozen store": (ShopClosed("the store is frozen"), 403, "the store is frozen"),
    "Shopify is away": (Unavailable("503"), 503, "in a moment"),
    "silence": (NoAnswer("no answer"), 503, "in a moment"),
}


@pytest.mark.parametrize(("error", "status", "words"), ENDS.values(), ids=ENDS.keys())
def test_an_installation_that_does_not_end_well_says_what_to_do(knock, error, status, words):
    """Plain words: there is no page of ours yet."""
    answer = knock(error).get("/auth/callback", query_string={"shop": SHOP})

    assert (status, "text/plain") == (answer.status_code, answer.mimetype)
    assert words in answer.text
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_one_that_does_leads_to_the_app(knock):
    """In the store's own admin."""
    answer = knock().get("/auth/callback", query_string={"shop": SHOP})

    assert (302, f"https://{SHOP}/admin/apps/the-id") == (answer.status_code, answer.headers["Location"])


def test_a_scanner_of_links_does_not_use_up_the_code(knock):
    """A mail program or a proxy may look at the address before its owner does."""
    assert 200 == knock(AssertionError("redeemed")).head("/auth/callback", query_string={"shop": SHOP}).status_code
