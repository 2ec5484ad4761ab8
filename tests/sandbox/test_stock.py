"""The drawn stock: complete listings, photos that can be told apart."""

import io
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import pytest
from PIL import Image

from shopify_imagegen.sandbox.stock import ANGLES, SITTERS, photo
from shopify_imagegen.sandbox.stock.catalogue import LISTINGS


@pytest.fixture(scope="module")
def photos():
    """Every photo of the stock: handle -> angle -> JPEG; painted side by side, as that takes seconds."""
    wanted = [(listing.handle, angle) for listing in LISTINGS for angle in ANGLES]
    with ThreadPoolExecutor(max_workers=2) as painters:
        painted = dict(zip(wanted, painters.map(lambda one: photo(*one), wanted), strict=True))
    return {each.handle: {angle: painted[each.handle, angle] for angle in ANGLES} for each in LISTINGS}


def opened(data):
    return Image.open(io.BytesIO(data))


def test_the_stock_is_wide_enough_for_a_demo():
    """Every category rule of the house should find something to work on."""
    assert len(LISTINGS) >= 14
    assert len({listing.category for listing in LISTINGS}) >= 12


def test_every_listing_has_a_drawing_and_every_drawing_a_listing():
    """A product that cannot be drawn would only fail in the middle of somebody's demo."""
    assert sorted(SITTERS) == sorted(listing.handle for listing in LISTINGS)


def test_titles_are_unique():
    """People find products by their title."""
    assert len(LISTINGS) == len({listing.title for listing in LISTINGS})


def test_every_product_has_photos_that_decode(photos):
    """A merchant's photos: at least two, JPEG, large enough for a shop."""
    assert len(ANGLES) >= 2
    for data in (data for angles in photos.values() for data in angles.values()):
        image = opened(data)
        image.load()
        assert ("JPEG", (1200, 1200)) == (image.format, image.size)


def test_no_two_photos_are_alike(photos):
    """The picture of the back must not be the picture of the front, nor a lamp a table."""
    everything = [data for angles in photos.values() for data in angles.values()]
    thumbs = {opened(data).convert("L").resize((24, 24)).tobytes() for data in everything}

    assert len(everything) == len(set(everything)) == len(thumbs)


def test_the_backdrop_is_pale_and_the_product_is_not(photos):
    """What a plain product photo is; cutting the product out relies on it."""
    for handle, angles in photos.items():
        front = opened(angles["front"]).convert("L").resize((60, 60), Image.Resampling.BOX)
        border = [front.getpixel((x, y)) for x in range(60) for y in (0, 59)]
        assert min(border) > 200, handle
        assert front.getextrema()[0] < 190, handle


def test_the_same_photo_is_drawn_every_time():
    """Deterministic: a test may compare bytes, a catalogue import may compare files."""
    first = photo("oak-side-table", "front", size_px=200)
    photo.cache_clear()

    assert first == photo("oak-side-table", "front", size_px=200)


def test_an_unknown_photo_is_an_error():
    """A typing error must not become an empty product."""
    with pytest.raises(KeyError):
        photo("oak-side-table", "from-below")
    with pytest.raises(KeyError):
        photo("flying-carpet")


def test_prices_options_and_descriptions_are_usable():
    """Listings go through the Admin API and prompts; markup must balance and prices must parse."""
    for listing in LISTINGS:
        assert float(listing.price) > 0
        assert all(name and values for name, values in listing.options)
        parser = Balance()
        parser.feed(listing.description_html)
        assert 0 == parser.open
        assert parser.words


class Balance(HTMLParser):
    open = 0
    words = ""

    def handle_starttag(self, tag, attrs):
        self.open += 1

    def handle_endtag(self, tag):
        self.open -= 1

    def handle_data(self, data):
        self.words += data
