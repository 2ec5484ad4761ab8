"""What every image provider must do. A provider's tests subclass `ProviderCases` and say how its neighbour talks."""

import pytest

from shopify_imagegen.errors import (
    BadCredentials,
    BadInput,
    Moderated,
    NoAnswer,
    NoFunds,
    NotSent,
    RateLimited,
    Unavailable,
)
from tests.fakes import packshot

KEY = "sk_0123456789-very-secret"
GATEWAY_PAGE = (502, "<html><h1>502 Bad Gateway</h1></html>", {"content-type": "text/html"})


class Wire:
    """Answers each request with `answer`: (status, JSON or text, headers), or an error to raise. Remembers requests."""

    def __init__(self, http):
        self.http = http  #: httpx, or the package that took its name
        self.answer = None
        self.requests = []

    def client(self):
        return self.http.Client(transport=self.http.MockTransport(self))

    def __call__(self, request):
        request.read()
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        status, body, headers = (*self.answer, {})[:3]
        if isinstance(body, str):
            return self.http.Response(status, text=body, headers=headers)
        return self.http.Response(status, json=body, headers=headers)


class ProviderCases:
    """Subclass, and give `http`, `provider(wire)`, `sold`, and what the neighbour says of each refusal."""

    http = None  #: the HTTP package that the SDK speaks
    sold = None  #: (status, body) of a sale
    refusals = None  #: "moderated", "bad input", "no funds", "bad key", "rate limited", "failed" → (status, body)

    @pytest.fixture
    def wire(self):
        return Wire(self.http)

    @pytest.fixture
    def provider(self, wire):
        return self.make(wire.client())

    @pytest.fixture
    def buy(self, wire, provider, order):
        def buy(answer):
            wire.answer = answer
            receipts = []
            return provider.render(order, [packshot()], on_receipt=receipts.append)

        return buy

    def test_a_sale_is_one_request_with_all_that_decides_the_picture(self, wire, buy, order):
        """Whatever is not sent cannot show."""
        rendering = buy(self.sold)

        (request,) = wire.requests
        sent = request.content.decode(errors="replace")
        assert all(word in sent for word in (order.model, order.prompt, order.output_format))
        assert f"Bearer {KEY}" == request.headers["authorization"]
        assert rendering.image
        assert rendering.cost_microusd

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("moderated", Moderated),
            ("bad input", BadInput),
            ("no funds", NoFunds),
            ("bad key", BadCredentials),
            ("forbidden", BadCredentials),
            ("rate limited", RateLimited),
            ("failed", Unavailable),
        ],
    )
    def test_what_was_certainly_not_charged_is_told_apart(self, buy, name, kind):
        """Each asks for something else: other words, money, a key, patience."""
        with pytest.raises(kind) as caught:
            buy(self.refusals[name])

        assert kind is type(caught.value)

    def test_it_says_how_long_to_wait(self, buy):
        """The neighbour knows best."""
        status, body = self.refusals["rate limited"]

        with pytest.raises(RateLimited) as caught:
            buy((status, body, {"retry-after": "7"}))

        assert 7 == caught.value.retry_after_s

    @pytest.mark.parametrize("header", ["soon", "nan", "inf", ""])
    def test_a_senseless_wait_is_no_wait(self, buy, header):
        """A header must not stop the line for ever."""
        status, body = self.refusals["rate limited"]

        with pytest.raises(RateLimited) as caught:
            buy((status, body, {"retry-after": header}))

        assert caught.value.retry_after_s is None

    @pytest.mark.parametrize("name", ["ConnectError", "ConnectTimeout", "PoolTimeout"])
    def test_what_never_left_may_be_sent_again(self, buy, name):
        """Refused, no DNS, no free connection: nobody can have charged for it."""
        with pytest.raises(NotSent):
            buy(getattr(self.http, name)("refused"))

    @pytest.mark.parametrize("name", ["ReadTimeout", "WriteTimeout", "ReadError", "WriteError", "RemoteProtocolError"])
    def test_what_left_and_was_not_answered_is_unknown(self, buy, name):
        """It may have been made and charged: never sent again."""
        with pytest.raises(NoAnswer):
            buy(getattr(self.http, name)("silence"))

    @pytest.mark.parametrize(
        "answer",
        [
            GATEWAY_PAGE,
            (504, {"message": "upstream timed out"}),
            (503, ""),
            (200, "<html>"),
            (200, '{"data": [{"ur'),
            (200, {}),
            (200, {"data": []}),
            (200, {"data": None}),
            (200, []),
            (408, {}),
            (409, {}),
        ],
        ids=str,
    )
    def test_what_cannot_be_read_is_unknown(self, buy, answer):
        """A gateway's page may hide a finished picture; a 200 nearly always does."""
        with pytest.raises(NoAnswer):
            buy(answer)

    @pytest.mark.parametrize("name", ["rate limited", "failed", "silence", "gateway"])
    def test_a_paid_call_is_sent_once(self, wire, buy, name):
        """The SDK would repeat it up to five times; whether that is safe is for us to say."""
        answers = self.refusals | {"silence": self.http.ReadTimeout("silence"), "gateway": GATEWAY_PAGE}

        with pytest.raises(Exception):  # noqa: B017 - which one is the other tests' business
            buy(answers[name])

        assert 1 == len(wire.requests)

    @pytest.mark.parametrize("name", ["bad key", "forbidden", "failed", "silence", "unwritable"])
    def test_the_key_is_in_no_error_and_no_log(self, buy, caplog, name):
        """Providers quote keys when they refuse them, and so does httpx when it cannot write a header."""
        unwritable = self.http.LocalProtocolError(f"Illegal header value b'Bearer {KEY}'")
        answers = self.refusals | {"silence": self.http.ReadTimeout(KEY), "unwritable": unwritable}
        with caplog.at_level("DEBUG", logger="shopify_imagegen"), pytest.raises(Exception) as caught:
            buy(answers[name])

        assert KEY not in str(caught.value)
        assert KEY not in caplog.text
        if name == "unwritable":  # a traceback would print what it came from
            assert caught.value.__suppress_context__

    def test_a_key_that_cannot_be_sent_is_a_bad_key(self, buy):
        """A line break copied along: nothing left, and nothing can be unknown about that."""
        with pytest.raises(BadCredentials, match="api_key"):
            buy(self.http.LocalProtocolError("Illegal header value"))

    def test_without_a_key_nothing_is_sent(self, wire, order):
        """It says which setting is missing."""
        provider = self.make(wire.client(), key="")

        with pytest.raises(BadCredentials, match="api_key is not set"):
            provider.render(order, [packshot()], on_receipt=lambda _: None)

        assert [] == wire.requests

    def test_a_key_is_freed_of_what_came_along_with_it(self, wire, order):
        """Copied with a line break at its end."""
        wire.answer = self.sold
        self.make(wire.client(), key=f" {KEY}\n").render(order, [packshot()], on_receipt=lambda _: None)

        assert f"Bearer {KEY}" == wire.requests[0].headers["authorization"]

    def test_the_balance_can_be_asked_for_without_cost(self, wire, provider):
        """It is how a pause ends: a good key is enough where the balance is not told."""
        wire.answer = self.balance

        assert self.left_microusd == provider.balance()
        assert "GET" == wire.requests[0].method

    def test_the_balance_says_when_the_key_is_refused(self, wire, provider):
        """Then the pause goes on."""
        wire.answer = self.refusals["bad key"]

        with pytest.raises(BadCredentials):
            provider.balance()
