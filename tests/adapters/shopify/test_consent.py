"""The owner's consent: asked on Shopify's own page, and believed only if both signatures are good and fresh."""

import hashlib
import hmac
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import shopify as shopifyapi

from shopify_imagegen.adapters.shopify import Consent
from shopify_imagegen.adapters.shopify.consent import ANSWER_FOR, STATE_FOR, signed_text
from shopify_imagegen.errors import BadCredentials, NotSignedIn
from shopify_imagegen.sandbox.shop.embedding import signed

from .conftest import SHOP, START

SECRET, OLD = "shpss_new", "shpss_old"
BACK = "https://photos.example.com/auth/callback"


@pytest.fixture
def make(time):
    def make(secrets=(SECRET, OLD), client_id="the-id"):
        return Consent(
            client_id=client_id,
            secrets=secrets,
            base_url="https://{shop}",
            scopes=("write_products", "write_files"),
            clock=time.clock,
        )

    return make


@pytest.fixture
def consent(make):
    return make()


def asked(consent, shop=SHOP):
    address = urlsplit(consent.question(shop, back_to=BACK))
    return address, {key: value[0] for key, value in parse_qs(address.query).items()}


def answer(consent, time, secret=SECRET, **changes):
    """What Shopify sends back."""
    good = {
        "code": "the-code",
        "shop": SHOP,
        "state": asked(consent)[1]["state"],
        "timestamp": str(int(time.clock().timestamp())),
    }
    return signed(good | changes, secret)


def test_the_question_is_put_on_the_stores_own_page(consent):
    """With all that the app needs, and the way back."""
    address, query = asked(consent)

    assert ("https", SHOP, "/admin/oauth/authorize") == (address.scheme, address.netloc, address.path)
    assert ("the-id", "write_products,write_files", BACK) == (
        query["client_id"],
        query["scope"],
        query["redirect_uri"],
    )


@pytest.mark.parametrize("secret", [SECRET, OLD], ids=["current", "old"])
def test_a_good_answer_brings_the_code(consent, time, secret):
    """Also while the secret rotates."""
    assert (SHOP, "the-code") == consent.answer(answer(consent, time, secret))


def test_a_state_from_before_the_rotation_is_good(make, time):
    """The owner read the page while the secret was changed."""
    before = make(secrets=(OLD,))

    assert (SHOP, "the-code") == make().answer(answer(before, time))


@pytest.mark.parametrize(
    ("field", "value"), [("code", ""), ("state", ""), ("state", "1.2.3"), ("timestamp", ""), ("timestamp", "-5")]
)
def test_a_signed_answer_that_lacks_something_is_refused(consent, time, field, value):
    """Shopify's signature alone does not say that we have asked."""
    with pytest.raises(NotSignedIn):
        consent.answer(answer(consent, time, **{field: value}))


def test_a_state_is_good_for_one_store(consent, time):
    """Else an answer could be turned to another."""
    other = asked(consent, "other.myshopify.com")[1]["state"]

    with pytest.raises(NotSignedIn, match="another store"):
        consent.answer(answer(consent, time, state=other))


@pytest.mark.parametrize("delta", [-1, 1], ids=["early", "late"])
def test_an_answer_is_good_for_some_minutes_and_either_clock_may_be_off(consent, time, delta):
    """Whoever finds it in a log a day later gets nothing."""
    found = answer(consent, time)
    time.now_s += delta * (ANSWER_FOR.total_seconds() - 1)
    consent.answer(found)
    time.now_s += delta * 2

    with pytest.raises(NotSignedIn, match="begin again"):
        consent.answer(found)


def test_a_question_is_good_for_half_an_hour(consent, time):
    """The owner may ask somebody first."""
    state = asked(consent)[1]["state"]
    time.now_s += (STATE_FOR + timedelta(seconds=1)).total_seconds()

    with pytest.raises(NotSignedIn, match="installation"):
        consent.answer(answer(consent, time, state=state))


@pytest.mark.parametrize(("client_id", "secrets"), [("", (SECRET,)), ("the-id", ("",))], ids=["id", "secret"])
def test_without_the_apps_settings_nothing_is_asked(make, client_id, secrets):
    """And nothing is signed with an empty secret."""
    with pytest.raises(BadCredentials, match=r"shopify\.client"):
        make(secrets, client_id).question(SHOP, back_to=BACK)


def test_the_signed_text_is_the_one_that_shopifys_own_library_signs():
    """A second opinion on the escaping."""
    query = {"shop": SHOP, "code": "a&b=c%d", "x=y": "é", "timestamp": str(START.timestamp())}

    class Theirs(shopifyapi.Session):
        secret = SECRET

    assert Theirs.calculate_hmac(query) == signed_mac(query)


def signed_mac(query):
    return hmac.new(SECRET.encode(), signed_text(query).encode(), hashlib.sha256).hexdigest()
