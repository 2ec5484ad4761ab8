"""POST /webhooks: who is let in, who is sent away with which status, and what the log says."""

import io
import logging

import pytest

from shopify_imagegen.errors import NoAnswer, Unavailable
from shopify_imagegen.models import ProductChanged
from tests.webhooks.conftest import OLD_SECRET, SAMPLES, SECRET, FakeInbox, classic_headers, door, events_headers
from webhooks.routes import MAX_BODY_BYTES
from webhooks.signature import sign
from webhooks.topics import READERS


class Overlong(io.RawIOBase):
    """A chunked body without an end; counts what was read of it."""

    bytes_read = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        self.bytes_read += len(buffer)
        buffer[:] = b" " * len(buffer)
        return len(buffer)


@pytest.mark.parametrize("topic", READERS)
def test_every_topic_is_recorded_and_answered(knock, inbox, topic):
    """One address serves all."""
    answer = knock(topic)

    [arrival] = inbox.arrivals.values()
    assert 200 == answer.status_code
    assert ("webhook", topic, "nice-lamps.myshopify.com") == (arrival.source, arrival.topic, arrival.shop)
    assert arrival.intent is not None


@pytest.mark.parametrize("path", ["/webhooks", "/webhooks/", "/webhooks/products", "/webhooks/a/b"])
def test_a_path_below_is_the_same_door(knock, inbox, path):
    """A subscription made with a longer path is not lost, nor answered with a redirect that counts as a failure."""
    assert 200 == knock(path=path).status_code
    assert 1 == len(inbox.arrivals)


def test_the_newer_header_family_is_understood(knock, inbox):
    """Events will follow webhooks; the door takes both."""
    body = (SAMPLES / "events_product_update.json").read_bytes()
    signature = {"X-Shopify-Hmac-Sha256": None, "shopify-hmac-sha256": sign(body, SECRET).decode()}

    answer = knock(body=body, base=events_headers("Product", "update"), headers=signature)

    gid = "gid://shopify/Product/788032119674292922"
    assert 200 == answer.status_code
    assert ProductChanged(product_id=gid, created=False) == inbox.arrivals["e-0001"].intent


def test_the_same_delivery_twice_is_one_row(knock, inbox):
    """Shopify repeats itself, sometimes within the same instant; it must hear 200 or it goes on."""
    answers = [knock(), knock()]

    assert [200, 200] == [answer.status_code for answer in answers]
    assert 1 == len(inbox.arrivals)


def test_an_unknown_topic_is_recorded_without_intent(knock, inbox, caplog):
    """A refusal would make Shopify repeat it for hours, and silence would hide a wrong subscription."""
    answer = knock("orders/create", body={"id": 1})

    [arrival] = inbox.arrivals.values()
    assert 200 == answer.status_code
    assert arrival.intent is None
    assert ["unknown_topic"] == [record.verdict for record in caplog.records]


def test_the_old_secret_still_opens(knock):
    """After a rotation Shopify signs with the old secret for up to an hour."""
    assert 200 == knock(secret=OLD_SECRET).status_code


@pytest.mark.parametrize(
    "signature",
    [None, "", "garbage", "ü" * 44, "\x80\xff", "=" * 10_000],
    ids=["none", "empty", "garbage", "not ASCII", "raw bytes", "long"],
)
def test_a_bad_signature_is_401(knock, inbox, signature):
    """Also when it is not ASCII: a forger must not get a 500."""
    assert 401 == knock(headers={"X-Shopify-Hmac-Sha256": signature}).status_code
    assert {} == inbox.arrivals


@pytest.mark.parametrize("topic", READERS)
def test_a_forged_delivery_is_401(knock, inbox, topic):
    """App review knocks at the privacy topics with a wrong signature."""
    assert 401 == knock(topic, secret="wrong").status_code
    assert {} == inbox.arrivals


def test_a_forged_body_is_refused_before_it_is_read(knock):
    """Otherwise anyone could feed our parser."""
    assert 401 == knock(body=b"not json", secret="wrong").status_code


def test_a_changed_body_is_401(knock):
    """The signature is over the raw bytes; even a blank counts."""
    signature = sign(b'{"id": 7}', SECRET).decode()

    assert 401 == knock(body=b'{"id":7}', headers={"X-Shopify-Hmac-Sha256": signature}).status_code


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"not json", {}),
        (b"[]", {}),
        (b"", {}),
        (b"{}", {}),
        (None, {"X-Shopify-Topic": None}),
        (None, {"X-Shopify-Webhook-Id": None}),
        (None, {"X-Shopify-Shop-Domain": None}),
        (None, {"X-Shopify-Shop-Domain": "example.com"}),
        (None, {"X-Shopify-Topic": "nonsense"}),
    ],
    ids=["words", "list", "empty", "no id", "no topic", "no webhook id", "no shop", "other domain", "no such form"],
)
def test_a_signed_but_broken_delivery_is_400(knock, inbox, body, headers):
    """Signed with our secret, and still not a delivery."""
    assert 400 == knock(body=body, headers=headers).status_code
    assert {} == inbox.arrivals


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "§", None])
def test_the_content_type_does_not_matter(knock, kind):
    """A form parser that eats the body would make every signature wrong."""
    assert 200 == knock(headers={"Content-Type": kind}).status_code


def test_a_body_of_the_limit_is_read(knock):
    """The limit itself is allowed."""
    body = b'{"id": 7}'.ljust(MAX_BODY_BYTES)

    assert 200 == knock(body=body).status_code


def test_an_oversize_body_is_413(knock, inbox):
    """Before its signature is looked at: to check it, all of it would have to be read."""
    body = b'{"id": 7}'.ljust(MAX_BODY_BYTES + 1)

    assert 413 == knock(body=body).status_code
    assert {} == inbox.arrivals


def test_a_body_without_a_length_is_read_to_the_limit_only(knock):
    """A chunked body says no length; one without an end must not fill our memory."""
    stream = Overlong()
    environ = {"wsgi.input": stream, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}

    answer = knock.client.post("/webhooks", headers=classic_headers("products/create"), environ_overrides=environ)

    assert 413 == answer.status_code
    assert stream.bytes_read <= MAX_BODY_BYTES + 1


def test_a_body_cut_short_is_400(knock):
    """The connection broke: not a forger, and not our bug."""
    answer = knock.client.post("/webhooks", data=b"{}", environ_overrides={"CONTENT_LENGTH": "5000"})

    assert 400 == answer.status_code


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("path", ["/webhooks", "/webhooks/products"])
def test_only_post_is_answered(knock, method, path):
    """A browser, a scanner, a preflight: none of them delivers webhooks."""
    assert 405 == knock.client.open(path, method=method).status_code


@pytest.mark.parametrize("error", [Unavailable("database is locked"), NoAnswer("connection lost")], ids=repr)
def test_a_delivery_that_cannot_be_recorded_is_asked_for_again(error):
    """A 200 here would lose it for ever; Shopify repeats what got a 503."""
    inbox = FakeInbox(error)
    body = b'{"id": 7}'
    headers = classic_headers("products/create") | {"X-Shopify-Hmac-Sha256": sign(body, SECRET).decode()}
    client = door(inbox)

    first, second = (client.post("/webhooks", data=body, headers=headers) for _ in range(2))

    assert (503, "30") == (first.status_code, first.headers["Retry-After"])
    assert 200 == second.status_code
    assert 1 == len(inbox.arrivals)


@pytest.mark.parametrize(
    ("secrets", "signature", "words"),
    [
        ((SECRET,), "garbage", "webhook HMAC does not match; check shopify.client_secret; webhooks made in the admin"),
        ((SECRET,), "", "webhook without x-shopify-hmac-sha256"),
        (("", ""), "garbage", "shopify.client_secret is not set"),
    ],
    ids=["wrong", "missing", "not configured"],
)
def test_the_log_names_the_likely_mistake(caplog, secrets, signature, words):
    """ "Unauthorized" alone has cost others days."""
    headers = classic_headers("products/create") | {"X-Shopify-Hmac-Sha256": signature}

    answer = door(FakeInbox(), secrets=secrets).post("/webhooks", data=b"{}", headers=headers)

    assert 401 == answer.status_code
    assert words in caplog.text
    assert words not in answer.text


def test_the_log_line_has_the_fields_that_machines_look_for(knock, caplog):
    """A delivery is found again by its id."""
    caplog.set_level(logging.INFO)
    knock("products/update")

    [record] = caplog.records
    fields = {name: getattr(record, name) for name in ("action", "delivery", "topic", "shop", "verdict")}
    assert {
        "action": "received",
        "delivery": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "topic": "products/update",
        "shop": "nice-lamps.myshopify.com",
        "verdict": "accepted",
    } == fields


def test_signatures_and_bodies_stay_out_of_the_log(knock, caplog):
    """Logs travel further than databases; a customer's address has no business there."""
    caplog.set_level(logging.DEBUG)
    knock("customers/redact")
    knock("customers/redact", secret="wrong")

    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert 2 == len(caplog.records)
    assert "john@example.com" not in logged
    assert sign((SAMPLES / "customers_redact.json").read_bytes(), SECRET).decode() not in logged


def test_a_forger_cannot_write_lines_into_the_log(knock, caplog):
    """The headers of an unsigned request are anyone's words."""
    environ = {"HTTP_X_SHOPIFY_SHOP_DOMAIN": "evil\nINFO all is well\x1b[2J" + "x" * 1000}
    knock.client.post("/webhooks", data=b"{}", environ_overrides=environ)

    [record] = caplog.records
    assert record.shop.startswith(r"evil\nINFO all is well\x1b[2J")
    assert record.shop.isprintable()
    assert len(record.shop) < 150
