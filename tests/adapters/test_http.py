"""The border to every neighbour: foreign errors become ours, and only what may be repeated is."""

import httpx
import pytest

from shopify_imagegen.adapters import http
from shopify_imagegen.errors import (
    BadCredentials,
    BadInput,
    MissingScope,
    NoAnswer,
    NotFound,
    NotSent,
    Permanent,
    RateLimited,
    Rejected,
    ShopClosed,
    Temporary,
    Unavailable,
)

LAMPS = "Lamps Ltd"


def get(raises):
    def handler(request):
        raise raises

    with http.our_errors(LAMPS):
        httpx.Client(transport=httpx.MockTransport(handler)).get("https://lamps.example")


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        (httpx.ConnectError("refused"), NotSent),
        (httpx.ConnectTimeout("slow"), NotSent),
        (httpx.PoolTimeout("no free connection"), NotSent),
        (httpx.UnsupportedProtocol("ftp"), NotSent),
        (httpx.ReadTimeout("silence"), NoAnswer),
        (httpx.WriteTimeout("half written"), NoAnswer),
        (httpx.ReadError("reset"), NoAnswer),
        (httpx.RemoteProtocolError("cut off"), NoAnswer),
        (httpx.DecodingError("not gzip"), NoAnswer),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.__name__,
)
def test_an_error_of_httpx_says_whether_the_request_left(foreign, ours):
    """All that is allowed after a failure hangs on this one difference."""
    with pytest.raises(ours, match=LAMPS) as caught:
        get(foreign)

    assert foreign is caught.value.__cause__


def test_a_header_that_cannot_be_written_is_not_quoted():
    """httpx would show the header's value, and the header is the token."""
    with pytest.raises(Permanent) as caught:
        get(httpx.LocalProtocolError("Illegal header value b'shpat_secret'"))

    assert "shpat_secret" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("status", "unsure", "ours"),
    [
        (301, False, Permanent),
        (400, False, BadInput),
        (401, False, BadCredentials),
        (403, False, MissingScope),
        (404, False, NotFound),
        (408, False, Unavailable),
        (418, False, Permanent),
        (422, False, BadInput),
        (429, False, RateLimited),
        (429, True, RateLimited),
        (430, True, RateLimited),
        (500, False, Unavailable),
        (500, True, NoAnswer),
        (502, True, NoAnswer),
        (503, False, Unavailable),
    ],
)
def test_each_status_has_one_meaning(status, unsure, ours):
    """A 5xx of a write is the dangerous one: a gateway may have passed it on."""
    response = httpx.Response(status, text="words", headers={"location": "https://b.example/x"})

    with pytest.raises(ours) as caught:
        http.check(LAMPS, response, unsure=unsure)

    assert ours is type(caught.value)
    assert f"{LAMPS} answered {status}" in str(caught.value)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_every_success_passes(status):
    """Upload storages answer 201 or 204."""
    assert http.check(LAMPS, httpx.Response(status), unsure=True) is None


def test_a_neighbour_may_have_its_own_table():
    """423 means a locked shop at Shopify, and nothing in general."""
    with pytest.raises(ShopClosed):
        http.check(LAMPS, httpx.Response(423), unsure=False, table={423: ShopClosed})


def test_a_message_keeps_the_neighbours_words_but_no_page():
    """People search for the words; nobody reads a page of markup in a log."""
    assert ": Locked" == http.said(httpx.Response(423, json={"errors": "Locked"}))
    assert ': {"errors":{"id":"wrong"}}' == http.said(httpx.Response(400, json={"errors": {"id": "wrong"}}))
    assert ": no such lamp" == http.said(httpx.Response(400, text="no\n such   lamp"))
    assert ": an HTML page" == http.said(httpx.Response(502, text="  <!DOCTYPE html><h1>Bad gateway</h1>"))
    assert ": ExpiredToken" == http.said(httpx.Response(400, text="<?xml?><Error><Code>ExpiredToken</Code></Error>"))
    assert http.SAID_CHARS + 2 == len(http.said(httpx.Response(400, text="x" * 5000)))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2.0"}, 2.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 09:00:00 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 0.0),
    ],
    ids=str,
)
def test_retry_after_is_understood_or_left_alone(headers, seconds):
    """Garbage in a header must not stop the line, nor make it wait for ever."""
    assert seconds == http.retry_after_s(httpx.Headers(headers))


@pytest.mark.parametrize(
    "url", ["https://cdn.example/a.jpg", "http://127.0.0.1:80/a", "http://localhost/a", "http://[::1]/a"]
)
def test_https_and_loopback_are_safe(url):
    """The sandbox lives on loopback."""
    assert url == http.safe(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example/a.jpg?sig=secret",
        "ftp://cdn.example/a",
        "file:///etc/passwd",
        "https:///a",
        "https://user:secret@cdn.example/a",
        "https://[secret/a",
        "a.jpg",
        "",
    ],
)
def test_any_other_address_is_refused_without_being_quoted(url):
    """Bytes in the clear may be changed on the way; a signature in a log is a key in a log."""
    with pytest.raises(Rejected) as caught:
        http.safe(url)

    assert "secret" not in str(caught.value)


class Calls:
    """A call that raises what is queued, then returns "done". Remembers how long it was waited for."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.made = 0
        self.waits_s = []

    def __call__(self):
        self.made += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    def patiently(self, **changed):
        limits = {"on": (Temporary,), "attempts": 4, "total_s": 100, "first_wait_s": 1, "longest_wait_s": 10}
        return http.patience(**{**limits, **changed}, sleep=self.waits_s.append)(self)


def test_patience_repeats_what_it_is_told_to():
    """The common case: a neighbour has a bad second."""
    calls = Calls(Unavailable("a"), NotSent("b"))

    assert "done" == calls.patiently()
    assert 3 == calls.made
    assert 1 <= calls.waits_s[0] <= 2 <= calls.waits_s[1] <= 3


def test_patience_repeats_nothing_else():
    """After NoAnswer a repeat could buy, or write, a second time."""
    calls = Calls(NoAnswer("silence"))

    with pytest.raises(NoAnswer):
        calls.patiently()
    assert 1 == calls.made


def test_patience_ends_with_the_last_error():
    """The first error may be an old story by then."""
    calls = Calls(*[Unavailable(str(number)) for number in range(9)])

    with pytest.raises(Unavailable, match="3"):
        calls.patiently()
    assert 4 == calls.made


def test_patience_waits_as_long_as_it_was_asked_to_up_to_its_own_limit():
    """Retry-After is the neighbour's word; an hour of it is not our plan."""
    calls = Calls(RateLimited("a", retry_after_s=7), RateLimited("b", retry_after_s=3600))

    assert "done" == calls.patiently()
    assert [7, 10] == calls.waits_s


def test_patience_begins_no_wait_that_ends_too_late():
    """A worker that sleeps past its time helps nobody."""
    calls = Calls(*[RateLimited("a", retry_after_s=8)] * 9)

    with pytest.raises(RateLimited):
        calls.patiently(attempts=50, total_s=20)
    assert [8, 8] == calls.waits_s


def test_patience_within_patience_counts_for_itself():
    """An upload is patient, and so is the request for its target."""
    inner, outer = Calls(Unavailable("inner")), Calls()
    persist = http.patience(
        on=(Temporary,), attempts=2, total_s=9, first_wait_s=0, longest_wait_s=0, sleep=outer.waits_s.append
    )

    assert "done" == persist(lambda: persist(inner))
    assert 2 == inner.made
