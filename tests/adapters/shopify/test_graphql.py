"""The way to the Admin API: what is repeated, what never is, and what each answer means."""

import json
import logging

import httpx
import pytest

from shopify_imagegen.errors import (
    BadCredentials,
    BadInput,
    MissingScope,
    NoAnswer,
    NotSent,
    Permanent,
    RateLimited,
    ShopClosed,
    Unavailable,
)
from tests.adapters.shopify.conftest import ATTACHED, DELETED, JOB_DONE, SHOP, cost, data, wrong

PRODUCT = "gid://shopify/Product/1"
FILE = "gid://shopify/MediaImage/9"
THROTTLED = wrong("THROTTLED", "Throttled") | cost(requested=200, available=50)
RESET = httpx.ReadError("connection reset")
HTML = httpx.Response(200, text="<html>One moment please</html>")
TRUNCATED = httpx.Response(200, text='{"data": {"fileDelete": {"deletedFi')


@pytest.fixture
def read(neighbour):
    """Any query: it changes nothing."""
    return lambda: neighbour.media._admin.to(SHOP).job_status("gid://shopify/Job/1")


@pytest.fixture
def write(neighbour):
    """Any mutation: it changes the store."""
    return lambda: neighbour.media.attach(SHOP, PRODUCT, FILE)


def test_a_document_goes_to_its_shop_with_its_token(read, shopify):
    """Two shops in one process must never meet."""
    shopify.says("JobStatus", JOB_DONE)

    assert read().job.done
    (_, request), *_ = shopify.requests
    assert "https://nice-lamps.myshopify.com/admin/api/2026-10/graphql.json" == str(request.url)
    assert "shpat_first" == request.headers["x-shopify-access-token"]
    assert {"query", "operationName", "variables"} == json.loads(request.content).keys()


def test_a_base_url_may_hold_the_shop_anywhere(reach, shopify):
    """The sandbox serves many shops from one address."""
    shopify.says("FileDelete", DELETED)
    reach(base_url="http://127.0.0.1:9/shops/{shop}").media.delete_file(SHOP, FILE)

    assert f"/shops/{SHOP}/admin/api/2026-10/graphql.json" == shopify.requests[0][1].url.path


@pytest.mark.parametrize(
    "trouble",
    [httpx.ConnectError("refused"), THROTTLED, httpx.Response(429), httpx.Response(430)],
    ids=["not sent", "throttled", "429", "430"],
)
def test_read_and_write_are_repeated_after_what_certainly_took_no_effect(trouble, read, write, shopify):
    """Shopify refused before any work, so that a second time is a first time."""
    shopify.says("JobStatus", trouble, JOB_DONE)
    shopify.says("FileUpdate", trouble, ATTACHED)
    read()
    write()

    assert ["JobStatus"] * 2 + ["FileUpdate"] * 2 == shopify.kinds


DOUBTS = {
    "reset": RESET,
    "silence": httpx.ReadTimeout("silence"),
    "500": httpx.Response(500),
    "502": httpx.Response(502, text="<html>Bad gateway</html>"),
    "503": httpx.Response(503),
    "html": HTML,
    "truncated": TRUNCATED,
    "empty": httpx.Response(200, text=""),
    "a list": httpx.Response(200, json=[]),
    "no data": {"data": None},
    "nothing": {},
    "internal error": wrong("INTERNAL_SERVER_ERROR", "Internal error"),
    "timeout": wrong("TIMEOUT", "Query has been timed out"),
}


@pytest.mark.parametrize("doubt", DOUBTS.values(), ids=DOUBTS)
def test_a_doubtful_read_is_repeated(doubt, read, shopify):
    """Reading twice costs a few points."""
    shopify.says("JobStatus", doubt, doubt, JOB_DONE)

    assert read().job.done
    assert 3 == len(shopify.requests)


@pytest.mark.parametrize("doubt", DOUBTS.values(), ids=DOUBTS)
def test_a_doubtful_write_is_never_repeated(doubt, write, shopify):
    """It may have happened: a repeat could put a second picture into the shop window."""
    shopify.says("FileUpdate", doubt, ATTACHED)

    with pytest.raises(NoAnswer):
        write()
    assert 1 == len(shopify.requests)


@pytest.mark.parametrize("doubt", DOUBTS.values(), ids=DOUBTS)
def test_a_deletion_is_repeated_until_it_is_certain(doubt, neighbour, shopify):
    """Deleting twice is deleting once; a copy that nobody needs must not stay in the merchant's Files."""
    shopify.says("FileDelete", doubt, DELETED)

    neighbour.media.delete_file(SHOP, FILE)
    assert 2 == len(shopify.requests)


def test_a_write_that_began_and_then_failed_in_unknown_words_is_doubtful(write, shopify):
    """`data` in the answer means that Shopify had begun."""
    shopify.says("FileUpdate", {"data": {"fileUpdate": None}} | wrong("SOMETHING_NEW"))

    with pytest.raises(NoAnswer):
        write()


@pytest.mark.parametrize(
    ("trouble", "ours"),
    [(RESET, NoAnswer), (httpx.ConnectError("refused"), NotSent), (HTML, Unavailable), (THROTTLED, RateLimited)],
    ids=["reset", "not sent", "html", "throttled"],
)
def test_patience_ends(trouble, ours, read, shopify, time):
    """A worker must come back to other work, and say what it met."""
    shopify.says("JobStatus", trouble)

    with pytest.raises(ours):
        read()
    assert 6 == len(shopify.requests)
    assert sum(time.slept_s) <= 120


def test_throttled_is_waited_for_as_long_as_the_bucket_takes(write, shopify, time):
    """(requested 200 - available 50) / 50 a second."""
    shopify.says("FileUpdate", THROTTLED, ATTACHED)
    write()

    assert [3.0] == time.slept_s


@pytest.mark.parametrize(("available", "waited_s"), [(199.9, 0.2), (-1e6, 30.0)])
def test_the_wait_for_the_bucket_has_bounds(available, waited_s, write, shopify, time):
    """Neither a busy loop nor an endless sleep, whatever the answer says."""
    shopify.says("FileUpdate", wrong("THROTTLED") | cost(requested=200, available=available), ATTACHED)
    write()

    assert waited_s == time.slept_s[0]


def test_throttled_without_a_cost_is_waited_for_all_the_same(write, shopify, time):
    """The block is extra; its absence must not become a busy loop."""
    shopify.says("FileUpdate", wrong("THROTTLED"), ATTACHED)
    write()

    assert time.slept_s[0] >= 0.5


def test_retry_after_is_kept(write, shopify, time):
    """429 also comes for limits that have nothing to do with points."""
    shopify.says("FileUpdate", httpx.Response(429, headers={"retry-after": "7"}), ATTACHED)
    write()

    assert [7.0] == time.slept_s


@pytest.mark.parametrize(
    ("answer", "ours", "words"),
    [
        (httpx.Response(402), ShopClosed, "402"),
        (httpx.Response(423), ShopClosed, "423"),
        (httpx.Response(404), ShopClosed, r"shopify\.api_version"),
        (httpx.Response(403, text="denied"), MissingScope, "denied"),
        (httpx.Response(301, headers={"location": "https://new.example/x"}), Permanent, "new.example"),
        (wrong("MAX_COST_EXCEEDED", "Query cost is 1204"), Permanent, "1204"),
        (wrong("SHOP_INACTIVE", "Inactive"), ShopClosed, "Inactive"),
        (wrong("undefinedField", "Field 'x' doesn't exist"), BadInput, "Field 'x'"),
        ({"errors": "[API] Something"}, BadInput, "Something"),
        ({"errors": {"message": "odd"}}, BadInput, "odd"),
        ({"data": {"job": None}} | wrong("X", "partial"), BadInput, "partial"),
    ],
    ids=["402", "423", "404", "403", "301", "cost", "inactive", "undefined", "text", "object", "partial data"],
)
def test_what_repeating_cannot_mend_is_said_at_once(answer, ours, words, read, shopify):
    """Data with errors beside it is not to be trusted either."""
    shopify.says("JobStatus", answer, JOB_DONE)

    with pytest.raises(ours, match=words):
        read()
    assert 1 == len(shopify.requests)


def test_a_missing_scope_is_named_with_what_to_do(write, shopify):
    """The merchant has to grant it: the message is all they get."""
    error = {
        "message": "Access denied for fileUpdate field.",
        "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`write_files` access scope."},
        "path": ["fileUpdate"],
    }
    shopify.says("FileUpdate", {"data": {"fileUpdate": None}, "errors": [error]})

    with pytest.raises(MissingScope) as caught:
        write()
    for word in ("fileUpdate", "`write_files` access scope.", "write_products, write_files", "shopify.scopes"):
        assert word in str(caught.value)


def test_a_refused_static_token_is_not_sent_again(write, shopify):
    """There is no other one to try, and Shopify counts failed logins."""
    shopify.says("FileUpdate", httpx.Response(401))

    with pytest.raises(BadCredentials, match=SHOP):
        write()
    assert ["FileUpdate"] == shopify.kinds


def test_an_answer_of_another_shape_is_one_of_our_errors(read, shopify):
    """Shopify may add kinds of things; a library's error would end the job as a bug."""
    shopify.says("JobStatus", data(job={"id": 7}))

    with pytest.raises(NoAnswer, match=r"JobStatus.*job\.done"):
        read()


def test_another_api_version_is_warned_about_once(read, shopify, caplog):
    """An old version falls forward without a word: fields change under our feet."""
    newer = httpx.Response(200, json=JOB_DONE, headers={"x-shopify-api-version": "2027-01"})
    shopify.says("JobStatus", newer)
    with caplog.at_level(logging.WARNING):
        read()
        read()

    assert ["2027-01"] == [record.answered for record in caplog.records]


def test_no_error_and_no_log_line_holds_the_token(read, shopify, caplog):
    """Logs are copied around."""
    shopify.says("JobStatus", RESET, httpx.Response(500, text="oops"), httpx.Response(401))
    with caplog.at_level(logging.DEBUG), pytest.raises(BadCredentials) as caught:
        read()

    assert "shpat_" not in caplog.text + str(caught.value) + repr(caught.value)
