"""Only Shopify and we can sign."""

import pytest

from webhooks.signature import matches, sign

BODY = '{"id":1,"title":"Lampe à huile"}'.encode()
# printf '%s' '{"id":1,"title":"Lampe à huile"}' | openssl dgst -sha256 -hmac shpss_test_current -binary | base64
KNOWN = "aA3vj3jRWW2hL5uNiuhFltGoNMDFqPOjt7/+lHKr/gA="


def test_the_signature_is_the_one_openssl_makes():
    """Our own sign and matches could agree on a wrong rule; openssl does not."""
    assert sign(BODY, "shpss_test_current") == KNOWN.encode()


@pytest.mark.parametrize(
    ("header", "secrets", "expected"),
    [
        (KNOWN, ["shpss_test_current"], True),
        (KNOWN, ["shpss_test_new", "shpss_test_current"], True),
        (KNOWN, ["", "shpss_test_current"], True),
        (KNOWN, ["shpss_test_new"], False),
        (KNOWN, [], False),
        ("", ["shpss_test_current"], False),
        (KNOWN[:-1], ["shpss_test_current"], False),
        (KNOWN.lower(), ["shpss_test_current"], False),
        (KNOWN + "=", ["shpss_test_current"], False),
        ("ü" * 44, ["shpss_test_current"], False),
        ("\udcff\ud800", ["shpss_test_current"], False),
    ],
    ids=[
        "right",
        "right under the old secret",
        "right beside an empty secret",
        "wrong secret",
        "no secret",
        "no signature",
        "cut short",
        "other case",
        "too long",
        "not ASCII",
        "lone surrogates",
    ],
)
def test_a_signature_matches_only_under_one_of_our_secrets(header, secrets, expected):
    """A webhook is trusted for nothing but this."""
    assert expected is matches(BODY, header, secrets)


def test_an_empty_secret_matches_nothing():
    """Without a configured secret, a forger who signs with the empty string must not come in."""
    forged = sign(BODY, "").decode()

    assert not matches(BODY, forged, ["", ""])


def test_every_secret_is_tried(monkeypatch):
    """An early exit would tell by its time which secret is the right one."""
    tried = []
    monkeypatch.setattr("webhooks.signature.sign", lambda body, secret: tried.append(secret) or KNOWN.encode())

    assert matches(BODY, KNOWN, ["one", "two", "three"])
    assert ["one", "two", "three"] == tried
