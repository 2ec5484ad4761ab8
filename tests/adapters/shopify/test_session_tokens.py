"""Session tokens: only Shopify's own, of now, for this app, for one real shop; every other one says why not."""

import time
from datetime import UTC, datetime

import jwt
import pytest

from shopify_imagegen.adapters.shopify import SessionTokens
from shopify_imagegen.adapters.shopify.session_tokens import LEEWAY_S
from shopify_imagegen.errors import NotSignedIn
from shopify_imagegen.models import Session
from shopify_imagegen.sandbox.shop.session_tokens import session_token

SHOP = "nice-lamps.myshopify.com"
SECRET, OLD_SECRET = "shpss_" + "a" * 32, "shpss_" + "b" * 32
SESSIONS = SessionTokens(client_id="the-id", secrets=[SECRET, OLD_SECRET])


def token(secret=SECRET, algorithm="HS256", **changes):
    """A good token with *changes*; a claim given as None is left out."""
    now = int(time.time())
    good = {
        "iss": f"https://{SHOP}/admin",
        "dest": f"https://{SHOP}",
        "aud": "the-id",
        "sub": "42",
        "exp": now + 60,
        "nbf": now,
        "iat": now,
    }
    claims = {name: value for name, value in (good | changes).items() if value is not None}
    return jwt.encode(claims, secret, algorithm=algorithm)


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET], ids=["current", "old"])
def test_a_good_token_says_who_asks(secret):
    """While secrets rotate, pages that are open keep working."""
    now = int(time.time())
    asks = Session(shop=SHOP, issued_at=datetime.fromtimestamp(now, UTC), user_id="42")

    assert asks == SESSIONS.read(token(secret, nbf=now))


def test_the_sandboxs_own_token_is_read():
    """It is written by other code than ours: a second opinion on the format."""
    made = session_token(SHOP, client_id="the-id", secret=SECRET, user_id=7)

    assert (SHOP, "7") == (SESSIONS.read(made).shop, SESSIONS.read(made).user_id)


def test_a_short_secret_works_without_a_complaint():
    """Old apps have short secrets; a warning with every page would fill the log."""
    made = session_token(SHOP, client_id="the-id", secret="short")

    assert SHOP == SessionTokens(client_id="the-id", secrets=["short"]).read(made).shop


def test_a_clock_that_is_a_little_off_is_forgiven():
    """App Bridge writes the times; the visitor's clock and ours differ by seconds."""
    now = time.time()

    assert SHOP == SESSIONS.read(token(nbf=now + LEEWAY_S - 5, exp=now - LEEWAY_S + 5)).shop


NOW = time.time()
WRONG = {
    "over": ({"exp": NOW - 60}, "expired"),
    "not yet": ({"nbf": NOW + 600}, "not yet valid"),
    "another app": ({"aud": "other-id"}, "udience"),
    "several apps": ({"aud": ["the-id", "other-id"]}, "claim format"),
    "issued for another shop": ({"iss": "https://evil.myshopify.com/admin"}, "another store"),
    "no shop": ({"iss": "https://evil.example/admin", "dest": "https://evil.example"}, "not for a store"),
    "a shop's name elsewhere": (
        {"iss": f"https://{SHOP}.evil.example/admin", "dest": f"https://{SHOP}.evil.example"},
        "not for a store",
    ),
    "in the clear": ({"iss": f"http://{SHOP}/admin", "dest": f"http://{SHOP}"}, "not for a store"),
    "a line break": ({"iss": f"https://{SHOP}%0A/admin", "dest": f"https://{SHOP}%0A"}, "not for a store"),
    "no address at all": ({"dest": "https://[x"}, "not for a store"),
    "a number as its person": ({"sub": 42}, "string"),
    "forged": ({"secret": "shpss_" + "c" * 32}, "not signed with our secret"),
    "another algorithm": ({"algorithm": "HS512", "secret": SECRET * 2}, "alg"),
} | {f"no {claim}": ({claim: None}, claim) for claim in ("iss", "dest", "aud", "sub", "exp", "nbf")}


@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG.keys())
def test_every_other_token_is_refused_by_name(changes, said):
    """One door left open is open to everyone."""
    with pytest.raises(NotSignedIn, match=said):
        SESSIONS.read(token(**changes))


@pytest.mark.parametrize("rubbish", ["", "rubbish", "a.b.c", "é.é.é", "\ud83d", "." * 5000], ids=ascii)
def test_rubbish_is_refused_too(rubbish):
    """Anyone can send anything."""
    with pytest.raises(NotSignedIn):
        SESSIONS.read(rubbish)


def test_a_token_without_a_signature_is_refused():
    """The oldest trick of all."""
    unsigned = jwt.encode(jwt.decode(token(), options={"verify_signature": False}), None, algorithm="none")

    with pytest.raises(NotSignedIn):
        SESSIONS.read(unsigned)


@pytest.mark.parametrize(("client_id", "secrets"), [("", [SECRET]), ("the-id", ["", ""])], ids=["id", "secret"])
def test_without_settings_nobody_is_let_in(client_id, secrets):
    """An empty secret must not be one that a token can be signed with."""
    with pytest.raises(NotSignedIn, match=r"shopify\.client"):
        SessionTokens(client_id=client_id, secrets=secrets).read(token())
