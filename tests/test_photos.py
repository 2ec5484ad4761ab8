"""The merchant's photos, fetched and made fit to be sent."""

import io

import pytest
from PIL import Image

from shopify_imagegen import photos
from shopify_imagegen.errors import Rejected, Unavailable
from shopify_imagegen.models import Brief, Reference
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
    found = photos.fetch(downloads, wanted("main", "twin", "back"), limit=4)

    assert 2 == len(found)
    assert (800, 1000) == Image.open(io.BytesIO(found[0])).size


def test_no_more_than_the_provider_takes(downloads):
    """One too many and the whole call is refused."""
    assert 1 == len(photos.fetch(downloads, wanted("main", "back"), limit=1))


@pytest.mark.parametrize("odd", [b"<html>", Rejected("404")], ids=["not a picture", "gone"])
def test_an_unusable_photo_is_left_out(downloads, odd):
    """One good photo is enough."""
    downloads.pages["odd"] = odd

    assert 1 == len(photos.fetch(downloads, wanted("odd", "main"), limit=4))


def test_without_any_usable_photo_each_reason_is_named(downloads):
    """The merchant can mend it only when told."""
    downloads.pages["gone"] = Rejected("cdn answered 404")

    with pytest.raises(Rejected, match=r"None of the product's photos can be used: .*404"):
        photos.fetch(downloads, wanted("odd", "gone"), limit=4)


def test_a_cdn_that_is_away_is_no_verdict_on_the_photo(downloads):
    """It may be there in a minute: a plan without the main photo would be another plan."""
    downloads.pages["main"] = Unavailable("503")

    with pytest.raises(Unavailable):
        photos.fetch(downloads, wanted("main", "back"), limit=4)


def test_the_style_image_comes_last_and_takes_a_place(downloads):
    """The words call it the last image; and one image too many is a refused call."""
    downloads.pages["style"] = scene()
    brief = Brief.model_construct(references=tuple(wanted("main", "back")), style_image=wanted("style")[0])

    found = photos.of(downloads, brief, limit=2)

    assert [photos.references.prepare(packshot()), photos.references.prepare(scene())] == found


def test_without_its_style_image_nothing_is_bought(downloads):
    """A picture in another style is not what was asked for."""
    downloads.pages["style"] = Rejected("cdn answered 404")
    brief = Brief.model_construct(references=tuple(wanted("main")), style_image=wanted("style")[0])

    with pytest.raises(Rejected, match="The style image cannot be used: cdn answered 404"):
        photos.of(downloads, brief, limit=4)
