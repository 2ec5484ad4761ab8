"""Faults: the switchboard, and what each fault of the shop does on the wire."""

import threading

import httpx
import pytest

from shopify_imagegen.sandbox.faults import KNOWN, Faults, UnknownFault

from .client import jpeg

EDIT = 'mutation Edit($id: ID!) { productUpdate(product: {id: $id, title: "New"}) { product { title } } }'


@pytest.fixture
def edit(shop):
    """Change a title; `edit.happened()` tells whether it took effect."""
    product = shop.add_product("Old")

    def act():
        return shop.post(EDIT, {"id": product["gid"]}, operation="Edit")

    act.happened = lambda: shop.data("Facts", id=product["gid"])["title"] == "New"
    return act


def test_a_fault_strikes_as_often_as_told():
    """`times` is how a test says "once"."""
    faults = Faults()
    faults.set("shopify.429", times=2, retry_after_s=3)

    assert [{"retry_after_s": 3}, {"retry_after_s": 3}, None] == [faults.take("shopify.429") for _ in range(3)]
    assert [] == faults.active()


def test_a_fault_can_be_narrowed():
    """One operation fails, the others go on."""
    faults = Faults()
    faults.set("shopify.500", operation="FileCreate")

    assert faults.take("shopify.500", operation="FileUpdate") is None
    assert faults.take("shopify.500") is None
    assert faults.take("shopify.500", operation="FileCreate") is not None


def test_probability_is_a_share_of_the_chances():
    """Soak tests want one in ten, the same ones each time."""
    faults = Faults()
    faults.set("shopify.500", probability=0.1)

    assert 50 < sum(faults.take("shopify.500") is not None for _ in range(1000)) < 150


def test_a_fault_is_cleared_by_name_or_with_all():
    """Each test, and each visitor, ends with a whole shop."""
    faults = Faults()
    for name in ("shopify.500", "shopify.502"):
        faults.set(name)
    faults.clear("shopify.500")
    assert ["shopify.502"] == [fault["name"] for fault in faults.active()]

    faults.clear()
    assert [] == faults.active()


def test_threads_share_the_strikes():
    """Two workers must not both get the one fault."""
    faults, taken = Faults(), []
    faults.set("shopify.500", times=5)
    threads = [threading.Thread(target=lambda: taken.append(faults.take("shopify.500"))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 5 == sum(each is not None for each in taken)


@pytest.mark.parametrize("act", [Faults.set, Faults.take, Faults.clear])
def test_an_unknown_name_is_an_error(act):
    """A test with a typo would pass without its fault."""
    with pytest.raises(UnknownFault, match=r"shopify\.429"):
        act(Faults(), "shopify.42")


@pytest.mark.parametrize("bad", [{"probability": 1.1}, {"probability": -1}, {"times": 0}])
def test_a_fault_that_can_never_be_is_an_error(bad):
    """So is one that would never strike."""
    with pytest.raises(ValueError, match="probability"):
        Faults().set("shopify.500", **bad)


def test_every_fault_has_a_meaning():
    """The browser page shows them."""
    assert all(meaning and not meaning.endswith(".") for meaning in KNOWN.values())


@pytest.mark.parametrize("status", [401, 402, 423, 429, 430, 500, 502, 503])
def test_a_refusal_has_no_effect(sandbox, shop, edit, status):
    """The app may repeat these."""
    sandbox.faults.set(f"shopify.{status}", operation="Edit")

    assert status == edit().status_code
    assert not edit.happened()


def test_429_says_when_to_come_back(sandbox, edit):
    """In seconds, as a decimal."""
    sandbox.faults.set("shopify.429", retry_after_s=1.5)

    assert "1.5" == edit().headers["Retry-After"]


@pytest.mark.parametrize("name", ["shopify.500", "shopify.502", "shopify.503", "shopify.html"])
def test_a_gateway_may_have_passed_it_on(sandbox, edit, name):
    """The same answer, and yet it happened: only reading back tells."""
    sandbox.faults.set(name, times=1, effect=True)
    edit()

    assert edit.happened()


def test_html_instead_of_json(sandbox, edit):
    """With 200: a client that trusts the status falls over."""
    sandbox.faults.set("shopify.html", times=1)
    response = edit()

    assert (200, "text/html") == (response.status_code, response.headers["Content-Type"].partition(";")[0])
    assert not edit.happened()


def test_a_truncated_answer_happened(sandbox, edit):
    """Half of the JSON."""
    sandbox.faults.set("shopify.truncated", times=1)
    response = edit()

    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        response.json()
    assert edit.happened()


@pytest.mark.parametrize(("name", "happened"), [("shopify.reset_before", False), ("shopify.reset_after", True)])
def test_a_closed_connection_says_nothing(sandbox, edit, name, happened):
    """The two cannot be told apart by the client; that is the point."""
    sandbox.faults.set(name, times=1)

    with pytest.raises(httpx.TransportError):
        edit()
    assert happened == edit.happened()


def test_a_hanging_answer_happened(sandbox, shop, edit):
    """A timeout is no proof that nothing happened."""
    sandbox.faults.set("shopify.hang", times=1, seconds=5)
    shop.http.timeout = 0.2

    with pytest.raises(httpx.ReadTimeout):
        edit()
    shop.http.timeout = 5
    assert edit.happened()


def test_throttled_by_fault(sandbox, edit):
    """Without emptying a bucket."""
    sandbox.faults.set("shopify.throttled", times=1)

    assert "THROTTLED" == edit().json()["errors"][0]["extensions"]["code"]
    assert not edit.happened()


def test_a_staged_target_refuses(sandbox, shop):
    """Signed URLs run out."""
    sandbox.faults.set("staged.403", times=1)
    target = shop.stage()
    fields = {each["name"]: each["value"] for each in target["parameters"]}

    assert [403, 201] == [
        shop.http.post(target["url"], data=fields, files={"file": jpeg()}).status_code for _ in range(2)
    ]


def test_media_fails_with_a_reason(sandbox, shop):
    """Processing fails now and then, for good pictures too."""
    sandbox.faults.set("media.failed", times=1, code="UNKNOWN")
    failed = shop.settled(shop.create()["files"][0]["id"])

    assert [{"code": "UNKNOWN"}] == failed["mediaErrors"]


def test_media_that_is_stuck_stays_processing(start, connect):
    """The app must give up at some time, and say so."""
    sandbox = start(media_delay_s=0.0)
    shop = connect(sandbox)
    sandbox.faults.set("media.stuck", times=1)
    stuck = shop.create(filename="a.jpg", originalSource=shop.upload())["files"][0]["id"]
    shop.ready_file()

    assert "PROCESSING" == shop.file(stuck)["status"]


def test_invisible_media_is_attached_without_a_trace(sandbox, shop):
    """A write without an error is not a write that happened: read it back."""
    product, file = shop.add_product(), shop.ready_file()
    sandbox.faults.set("media.invisible", times=1)

    assert [] == shop.update(file, referencesToAdd=[product["gid"]])
    assert [] == shop.media(product)
