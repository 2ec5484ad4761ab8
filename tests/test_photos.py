"""The merchant's photos, fetched and made fit to be sent."""

import io
import threading

import pytest
from PIL import Image

from shopify_imagegen import references
from shopify_imagegen.errors import Rejected, Unavailable
from shopify_imagegen.models import Brief, Reference
from shopify_imagegen.photos import KEPT_FOR_S, Photos
from tests.fakes import FakeDownloads, packshot, scene


@pytest.fixture
def downloads():
    downloads = FakeDownloads()
    downloads.pages = {"main": packshot(), "twin": packshot(), "back": scene(), "odd": b"<html>"}
    return downloads


def wanted(*urls):
    return [Reference(media_id=url, url=url) for url in urls]


def test_photos_keep_their_order_and_lose_their_twins(downloads):
    """The main photo leads; a second copy of it would only cost tokens."""
    found = Photos(downloads).fetch(wanted("main", "twin", "back"), limit=4)

    assert 2 == len(found)
    assert (800, 1000) == Image.open(io.BytesIO(found[0])).size


def test_no_more_than_the_provider_takes(downloads):
    """One too many and the whole call is refused."""
    assert 1 == len(Photos(downloads).fetch(wanted("main", "back"), limit=1))


@pytest.mark.parametrize("odd", [b"<html>", Rejected("404")], ids=["not a picture", "gone"])
def test_an_unusable_photo_is_left_out(downloads, odd):
    """One good photo is enough."""
    downloads.pages["odd"] = odd

    assert 1 == len(Photos(downloads).fetch(wanted("odd", "main"), limit=4))


def test_without_any_usable_photo_each_reason_is_named(downloads):
    """The merchant can mend it only when told."""
    downloads.pages["gone"] = Rejected("cdn answered 404")

    with pytest.raises(Rejected, match=r"None of the product's photos can be used: .*404"):
        Photos(downloads).fetch(wanted("odd", "gone"), limit=4)


def test_a_cdn_that_is_away_is_no_verdict_on_the_photo(downloads):
    """It may be there in a minute: a plan without the main photo would be another plan."""
    downloads.pages["main"] = Unavailable("503")

    with pytest.raises(Unavailable):
        Photos(downloads).fetch(wanted("main", "back"), limit=4)


def test_the_style_image_comes_last_and_takes_a_place(downloads):
    """The words call it the last image; and one image too many is a refused call."""
    downloads.pages["style"] = scene()
    brief = Brief.model_construct(references=tuple(wanted("main", "back")), style_image=wanted("style")[0])

    found = Photos(downloads).of(brief, limit=2)

    assert [references.prepare(packshot()), references.prepare(scene())] == found


def test_without_its_style_image_nothing_is_bought(downloads):
    """A picture in another style is not what was asked for."""
    downloads.pages["style"] = Rejected("cdn answered 404")
    brief = Brief.model_construct(references=tuple(wanted("main")), style_image=wanted("style")[0])

    with pytest.raises(Rejected, match="The style image cannot be used: cdn answered 404"):
        Photos(downloads).of(brief, limit=4)


class Counted(FakeDownloads):
    """Counts the downloads; while `held`, they wait."""

    def __init__(self):
        super().__init__()
        self.pages = {"main": packshot(), "back": scene()}
        self.asked, self.has_begun, self.may_go_on = [], threading.Event(), threading.Event()
        self.may_go_on.set()

    def get(self, url, *, max_bytes):
        self.asked.append(url)
        self.has_begun.set()
        assert self.may_go_on.wait(10)
        return super().get(url, max_bytes=max_bytes)


def test_a_photo_is_fetched_once_for_all_pictures_of_a_product():
    """Two pictures, and their inspections: four times the same photo, which takes longer to make fit than all else."""
    downloads = Counted()
    album = Photos(downloads)

    first, second = album.fetch(wanted("main"), limit=4), album.fetch(wanted("main"), limit=4)

    assert first == second
    assert ["main"] == downloads.asked


def test_two_that_ask_at_once_share_a_download():
    """A product's pictures are bought side by side."""
    downloads, found = Counted(), []
    album = Photos(downloads)
    downloads.may_go_on.clear()
    threads = [threading.Thread(target=lambda: found.append(album.fetch(wanted("main"), limit=4))) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert downloads.has_begun.wait(10)
    downloads.may_go_on.set()
    for thread in threads:
        thread.join()

    assert found[0] == found[1]
    assert ["main"] == downloads.asked


def test_a_photo_is_not_trusted_for_ever():
    """A CDN of another kind may serve another photo under the same address."""
    now = [0.0]
    downloads = Counted()
    album = Photos(downloads, monotonic=lambda: now[0])
    album.fetch(wanted("main"), limit=4)
    now[0] = KEPT_FOR_S

    album.fetch(wanted("main"), limit=4)

    assert ["main", "main"] == downloads.asked


def test_memory_has_an_end():
    """A catalogue has more photos than a machine has memory: the one that was used last is kept longest."""
    downloads = Counted()
    size = len(Photos(downloads).fetch(wanted("back"), limit=4)[0])
    downloads.asked.clear()
    album = Photos(downloads, kept_bytes=size)
    for url in ("main", "back", "back", "main"):
        album.fetch(wanted(url), limit=4)

    assert ["main", "back", "main"] == downloads.asked


def test_what_failed_is_asked_for_again():
    """A CDN that was away for a moment."""
    downloads = Counted()
    downloads.pages["main"] = Unavailable("503")
    album = Photos(downloads)
    with pytest.raises(Unavailable):
        album.fetch(wanted("main"), limit=4)
    downloads.pages["main"] = packshot()

    assert 1 == len(album.fetch(wanted("main"), limit=4))
