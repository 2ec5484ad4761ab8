"""The drawn stock: complete listings, photos that can be told apart."""

import io
from html.parser import HTMLParser

import pytest
from PIL import Image

from shopify_imagegen.sandbox.stock import ANGLES, SITTERS, handles, photo, stock
from shopify_imagegen.sandbox.stock.catalogue import LISTINGS


@pytest.fixture(scope="module")
def products():
    return stock()


def opened(data):
    return Image.open(io.BytesIO(data))


def test_the_stock_is_wide_enough_for_a_demo(products):
    """Every category rule of the house should find something to work on."""
    assert len(products) >= 14
    assert len({product.category for product in products}) >= 12


def test_every_listing_has_a_drawing_and_every_drawing_a_listing():
    """A product that cannot be drawn would only fail in the middle of somebody's demo."""
    assert set(SITTERS) == set(handles())
    assert len(LISTINGS) == len(handles())


def test_titles_and_handles_are_unique(products):
    """Shopify's handles are unique, and people find products by their title."""
    assert len(products) == len({product.title for product in products})
    assert len(products) == len({product.handle for product in products})


def test_every_product_has_photos_that_decode(products):
    """A merchant's photos: at least two, JPEG, large enough for a shop."""
    for product in products:
        assert len(product.photos) >= 2
        for data in product.photos:
            image = opened(data)
            image.load()
            assert ("JPEG", (1200, 1200)) == (image.format, image.size)


def test_no_two_photos_are_alike(products):
    """The picture of the back must not be the picture of the front, nor a lamp a table."""
    everything = [data for product in products for data in product.photos]
    thumbs = {opened(data).convert("L").resize((24, 24)).tobytes() for data in everything}

    assert len(everything) == len(set(everything)) == len(thumbs)


def test_the_backdrop_is_pale_and_the_product_is_not(products):
    """What a plain product photo is; cutting the product out relies on it."""
    for product in products:
        front = opened(product.photos[0]).convert("L").resize((60, 60), Image.Resampling.BOX)
        border = [front.getpixel((x, y)) for x in range(60) for y in (0, 59)]
        assert min(border) > 200, product.handle
        assert front.getextrema()[0] < 190, product.handle


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


def test_prices_options_and_descriptions_are_usable(products):
    """Listings go through the Admin API and prompts; markup must balance and prices must parse."""
    for product in products:
        assert float(product.price) > 0
        assert all(name and values for name, values in product.options)
        parser = Balance()
        parser.feed(product.description_html)
        assert 0 == parser.open
        assert parser.words


def test_every_angle_is_a_photo(products):
    """Other rooms of the sandbox list photos by angle."""
    assert all(len(ANGLES) == len(product.photos) for product in products)


class Balance(HTMLParser):
    open = 0
    words = ""

    def handle_starttag(self, tag, attrs):
        self.open += 1

    def handle_endtag(self, tag):
        self.open -= 1

    def handle_data(self, data):
        self.words += data
