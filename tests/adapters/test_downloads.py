"""Downloads: a picture comes whole, within its cap and its time, or not at all."""

import gzip

import httpx
import pytest

from shopify_imagegen.adapters.downloads import Downloads
from shopify_imagegen.errors import NotSent, RateLimited, Rejected, Temporary, Unavailable

URL = "https://cdn.example/a.jpg?signature=secret"
PICTURE = b"\xff\xd8picture"


class Web:
    """Answers each request with the next of `answers`, the last one again and again."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.waits_s = []

    def __call__(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def get(self, url=URL, max_bytes=1000, **more):
        client = httpx.Client(transport=httpx.MockTransport(self))
        return Downloads(client, sleep=self.waits_s.append, **more).get(url, max_bytes=max_bytes)


class Pieces(httpx.SyncByteStream):
    """A body that arrives piece by piece, and may break off."""

    def __init__(self, *pieces):
        self.pieces = pieces

    def __iter__(self):
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


def ok(body=PICTURE, **headers):
    return httpx.Response(200, content=body, headers=headers)


def to(location, status=302):
    return httpx.Response(status, headers={"location": location})


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("https://cdn.shopify.com/a.jpg", True),
        ("https://shops.shopifycdn.com/a.jpg", True),
        ("https://CDN.Shopify.com/a.jpg", True),
        ("https://shopifycdn.com.evil.example/a.jpg", False),
        ("https://evil.example/cdn.shopify.com/a.jpg", False),
        ("https://evil.example#.shopifycdn.com/a.jpg", False),
        ("https://xcdn.shopify.com/a.jpg", False),
    ],
)
def test_pictures_come_from_known_hosts_only(url, known):
    """An address in a product's data is somebody's word; our machine must not fetch what they like."""
    web = Web(ok())
    hosts = ["cdn.shopify.com", "*.shopifycdn.com"]

    if known:
        assert PICTURE == web.get(url, hosts=hosts)
    else:
        with pytest.raises(Rejected, match=r"app\.picture_hosts"):
            web.get(url, hosts=hosts)
        assert [] == web.requests


def test_a_redirect_stays_among_the_known_hosts():
    """The first address is checked, and so is every next one."""
    web = Web(to("https://evil.example/a.jpg"), ok())

    with pytest.raises(Rejected, match=r"evil\.example"):
        web.get("https://cdn.shopify.com/a.jpg", hosts=["cdn.shopify.com"])
    assert 1 == len(web.requests)


def test_a_picture_comes_back_as_it_is():
    """Any change of its bytes would break its mark and its checksum."""
    web = Web(ok())

    assert PICTURE == web.get()


def test_no_credentials_leave_with_a_download():
    """The address may be anybody's."""
    web = Web(ok())
    web.get()

    assert {"host", "accept", "accept-encoding", "connection", "user-agent"} == set(web.requests[0].headers)


def test_a_body_over_the_cap_is_refused_before_it_fills_the_memory():
    """A wrong or a hostile address must not cost us the process."""
    pieces = [b"x" * 600, b"x" * 600, AssertionError("read on beyond the cap")]

    with pytest.raises(Rejected, match="larger than 1,000 bytes"):
        Web(httpx.Response(200, stream=Pieces(*pieces))).get()


def test_a_body_of_exactly_the_cap_is_fine():
    """The cap is the most that is allowed."""
    assert 1000 == len(Web(ok(b"x" * 1000)).get())


def test_a_compressed_body_is_refused():
    """It may be small on the wire and huge in memory; we asked for none."""
    with pytest.raises(Rejected, match="compressed"):
        Web(ok(gzip.compress(b"x" * 100_000), **{"content-encoding": "gzip"})).get()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 304])
def test_what_is_not_there_is_refused_at_once(status):
    """A merchant deleted the photo: asking again changes nothing."""
    web = Web(httpx.Response(status))

    with pytest.raises(Rejected, match=rf"cdn.example/a.jpg answered {status}"):
        web.get()
    assert 1 == len(web.requests)


@pytest.mark.parametrize(
    ("failure", "ours"),
    [
        (httpx.Response(408), Unavailable),
        (httpx.Response(429), RateLimited),
        (httpx.Response(500), Unavailable),
        (httpx.Response(503), Unavailable),
        (httpx.ConnectError("refused"), NotSent),
        (httpx.ReadTimeout("silence"), Unavailable),
        (httpx.RemoteProtocolError("cut off"), Unavailable),
    ],
    ids=repr,
)
def test_what_may_pass_is_tried_again(failure, ours):
    """A GET changes nothing, so every doubt allows a repeat."""
    assert PICTURE == Web(failure, ok()).get()

    lasting = Web(failure)
    with pytest.raises(ours) as caught:
        lasting.get(attempts=3)
    assert isinstance(caught.value, Temporary)
    assert 3 == len(lasting.requests)


def test_retry_after_is_kept():
    """The CDN knows best when it will answer again."""
    web = Web(httpx.Response(429, headers={"retry-after": "4"}), ok())
    web.get()

    assert [4] == web.waits_s


def test_a_body_that_breaks_off_is_fetched_anew():
    """Half a picture must never reach the line."""
    broken = httpx.Response(200, stream=Pieces(PICTURE[:4], httpx.RemoteProtocolError("peer closed")))

    assert PICTURE == Web(broken, ok()).get()


def test_a_body_that_trickles_ends_at_the_deadline():
    """Each piece comes in time, the whole never does."""
    now_s = iter(range(0, 1000, 4))
    drip = httpx.Response(200, stream=Pieces(*[b"x"] * 100))

    with pytest.raises(Unavailable, match="did not arrive within 10 s"):
        Web(drip).get(total_s=10, attempts=1, monotonic=lambda: next(now_s))


def test_three_redirects_are_followed():
    """Providers hand out addresses that lead to their storage."""
    web = Web(to("/b"), to("https://other.example/c", 307), to("//third.example/d", 301), ok())

    assert PICTURE == web.get()
    assert ["cdn.example", "cdn.example", "other.example", "third.example"] == [each.url.host for each in web.requests]


def test_a_fourth_redirect_is_not():
    """A loop must end."""
    web = Web(to("/again"))

    with pytest.raises(Rejected, match="redirects more than 3 times"):
        web.get()
    assert 4 == len(web.requests)


@pytest.mark.parametrize("location", ["http://cdn.example/a", "http://127.0.0.1:5432/", "file:///etc/passwd"])
def test_a_redirect_leaves_https_for_nothing(location):
    """Otherwise a stranger's server could make us ask a service on our own machine."""
    web = Web(to(location), ok())

    with pytest.raises(Rejected):
        web.get()
    assert 1 == len(web.requests)


@pytest.mark.parametrize("url", ["http://cdn.example/a", "ftp://cdn.example/a", "not a url", "https://a\x00b/"])
def test_an_unsafe_address_is_not_asked_at_all(url):
    """https, or loopback."""
    web = Web(ok())

    with pytest.raises(Rejected):
        web.get(url)
    assert [] == web.requests


def test_no_message_quotes_the_query():
    """A signed address is a key for as long as it lives."""
    for failure in (httpx.Response(404), httpx.Response(500), to("http://b.example"), httpx.ReadTimeout("silence")):
        with pytest.raises((Rejected, Temporary)) as caught:
            Web(failure).get(attempts=1)

        assert "secret" not in str(caught.value)
