"""A picture whose style a store likes: checked like every picture, and kept in the store's own Files."""

import pytest

from shopify_imagegen.errors import NoAnswer, Rejected, Unavailable
from shopify_imagegen.style_images import StyleImages
from tests.fakes import FakeMedia, Time, packshot, scene

SHOP = "nice-lamps.myshopify.com"


@pytest.fixture
def media():
    return FakeMedia()


@pytest.fixture
def keep(media):
    images = StyleImages(media=media, sleep=Time().sleep)
    return lambda picture: images.keep(SHOP, picture)


def test_it_becomes_a_file_of_the_store(media, keep):
    """We have no store of pictures, and the merchant sees what is sent along."""
    kept = keep(scene())

    (file,) = media.files.values()
    assert (file.id, file.url) == (kept.media_id, kept.url)
    assert file.name.startswith("lifestyle-style-")


def test_the_same_picture_is_one_file(media, keep):
    """Saved twice, or again after an answer got lost."""
    media.after["create_file"] = [NoAnswer("lost")]

    first = keep(scene())

    assert first == keep(scene())
    assert first != keep(packshot())
    assert 2 == len(media.files)


@pytest.mark.parametrize("odd", [b"", b"<html>", b"%PDF-1.7", scene()[:2000]], ids=["empty", "page", "pdf", "cut off"])
def test_what_is_no_picture_is_not_uploaded(media, keep, odd):
    """It would be sent along with every order."""
    with pytest.raises(Rejected):
        keep(odd)

    assert {} == media.files


def test_a_file_in_processing_is_waited_for_and_not_for_ever(media, keep):
    """A person waits for the page; what was uploaded is found again."""
    media.new_status, media.looks_until_ready = "PROCESSING", 3
    assert keep(scene()).url

    media.looks_until_ready = 100
    with pytest.raises(Unavailable, match="save again in a moment"):
        keep(packshot())


def test_a_file_that_shopify_cannot_process_says_so(media, keep):
    """Its words are all that helps."""
    media.new_status = "FAILED"

    with pytest.raises(Rejected, match="too odd"):
        keep(scene())
