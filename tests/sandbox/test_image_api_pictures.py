"""The pictures of the stand-in API: the words choose the scene, the product stays itself."""

import io
import re
import time

import pytest
from PIL import Image, ImageChops, ImageStat

from shopify_imagegen.sandbox.image_api.brief import OWN_SURFACE, ROOM_WORDS, SURFACE_WORDS, read
from shopify_imagegen.sandbox.image_api.composite import compose
from shopify_imagegen.sandbox.image_api.cutout import cut_out
from shopify_imagegen.sandbox.image_api.rooms import ROOMS
from shopify_imagegen.sandbox.image_api.surfaces import MAKERS
from shopify_imagegen.sandbox.stock import SITTERS, photo

SIZE = (400, 500)


@pytest.fixture(scope="module")
def kettle():
    return Image.open(io.BytesIO(photo("enamel-kettle", size_px=500)))


def scene(words, product=None):
    return compose(f"A photograph.\nSCENE: {words}\nKEEP THE PRODUCT as it is.", product, SIZE)


@pytest.mark.parametrize(
    ("words", "room", "surface"),
    [
        ("a sunlit kitchen counter of marble", "kitchen", "marble"),
        ("next to a sofa in a calm living room, walnut sideboard", "living_room", "walnut"),
        ("a tidy desk in a home office, oak desk top", "office", "oak"),
        ("the ledge of a bathtub, bathroom, travertine stone", "bathroom", "stone"),
        ("beach at noon, on the sand", "beach", "sand"),
        ("a mossy rock in the forest, moss", "forest", "moss"),
        ("a café in the evening, slate table", "cafe", "darkstone"),
        ("a gym by the window, rubber tiles of rubber", "gym", "rubber"),
    ],
)
def test_the_scenes_words_choose_the_set(words, room, surface):
    """A prompt for a kitchen must not come back as a beach."""
    setting = read(f"SCENE: {words}\nCOMPOSITION: eye level")

    assert (room, surface) == (setting.room, setting.surface)


def test_labelled_parts_of_the_scene_decide():
    """ "Surface:" and "Light:" are what they say, whatever else the sentence mentions."""
    setting = read("SCENE: a garden seen from the kitchen, oak trees. Surface: white marble. Light: dusk. Mood: sunny")

    assert ("garden", "marble", "evening") == (setting.room, setting.surface, setting.light)


def test_only_the_scene_is_read_for_the_room():
    """ "Keep the kitchen timer as it is" speaks of the product, not of the place."""
    prompt = "Image 1 shows a kitchen timer.\nSCENE: a desk by the window\nKEEP THE PRODUCT: kitchen kitchen kitchen"

    assert "office" == read(prompt).room


@pytest.mark.parametrize(
    ("prompt", "staging"),
    [
        ("SCENE: hanging on a peg in the hallway. Linen shirt", "hanger"),
        ("A linen shirt. SCENE: flat lay on pale wood", "flat"),
        ("An oak side table. SCENE: living room, soft light", "floor"),
        ("A candle. SCENE: living room, soft light", "table"),
        ("A lamp.\nSCENE: a desk with a closed notebook, pegs on the wall", "table"),
        ("A dog bed.\nSCENE: a hall. Surface: pale floor tiles. Light: soft", "floor"),
    ],
)
def test_things_stand_lie_or_hang(prompt, staging):
    """A shirt does not stand on a table, a table does not stand on a table."""
    assert staging == read(prompt).staging


def test_every_word_leads_to_something_that_can_be_drawn():
    """The word lists, the rooms and the surfaces are written in three modules."""
    assert set(ROOM_WORDS) == set(ROOMS) == set(OWN_SURFACE)
    assert set(SURFACE_WORDS) <= set(MAKERS)
    assert {surface for own in OWN_SURFACE.values() for surface in own} <= set(MAKERS)


def test_every_room_looks_different():
    """At least ten scenes that nobody would take for one another."""
    thumbs = [scene(f"{words.split()[0]}, soft light").resize((16, 20)) for words in ROOM_WORDS.values()]
    apart = [
        sum(ImageStat.Stat(ImageChops.difference(one, other)).mean)
        for at, one in enumerate(thumbs)
        for other in thumbs[:at]
    ]

    assert len(thumbs) >= 10
    assert min(apart) > 12


def test_the_same_prompt_gives_the_same_picture(kettle):
    """Deterministic by the prompt, varied by it."""
    first = scene("a kitchen counter", kettle)

    assert first.tobytes() == scene("a kitchen counter", kettle).tobytes()
    assert first.tobytes() != scene("a kitchen counter, again", kettle).tobytes()


def test_the_product_keeps_its_colours(kettle):
    """A mustard kettle stays mustard; an empty kitchen shows none of it."""

    def mustard(image):
        hue, strength, _ = image.convert("HSV").split()
        yellow = hue.point([255 if 24 <= level <= 34 else 0 for level in range(256)])
        strong = strength.point([255 if level > 120 else 0 for level in range(256)])
        return sum(ImageChops.multiply(yellow, strong).histogram()[128:]) / (image.width * image.height)

    assert mustard(scene("a kitchen, marble, soft light", kettle)) > 0.05
    assert mustard(scene("a kitchen, marble, soft light")) < 0.01


def test_the_watermark_is_visible(monkeypatch):
    """Nobody shall take a sandbox's picture for a real one."""
    marked = scene("studio, soft light")
    monkeypatch.setattr("shopify_imagegen.sandbox.image_api.composite.watermarked", lambda picture: picture)
    difference = ImageChops.difference(marked, scene("studio, soft light")).convert("L")

    assert sum(difference.point([255 if level > 8 else 0 for level in range(256)]).histogram()[128:]) > 1000


@pytest.mark.parametrize("handle", SITTERS)
def test_every_stock_photo_can_be_cut_out(handle):
    """The demo shows products in scenes, not photos on cards."""
    image = Image.open(io.BytesIO(photo(handle, size_px=500)))
    cut = cut_out(image)

    assert cut is not None
    assert cut.width < 480
    assert cut.getchannel("A").getextrema() == (0, 255)
    shown = ImageStat.Stat(cut.getchannel("A")).mean[0] / 255
    assert 0.2 < shown < 0.99


def test_light_shows_through_a_handle():
    """The backdrop inside a ring is backdrop too."""
    cut = cut_out(Image.open(io.BytesIO(photo("emerald-silver-ring", size_px=500))))

    assert cut.getchannel("A").getpixel((cut.width // 2, cut.height * 2 // 3)) < 30


def test_a_photo_without_a_backdrop_becomes_a_print():
    """A busy photo cannot be cut out; it is shown whole, as a framed print."""
    noisy = Image.effect_mandelbrot((300, 300), (-2, -1.5, 1, 1.5), 60).convert("RGB")

    assert cut_out(noisy) is None
    assert SIZE == scene("studio, soft light", noisy).size


def test_a_picture_is_quick(kettle):
    """The demo makes many of them; the limit leaves room for a busy machine."""
    compose("SCENE: kitchen", kettle, (1024, 1280))
    start = time.process_time()
    compose("SCENE: kitchen, marble", kettle, (1024, 1280))

    assert time.process_time() - start < 2.5


def test_all_words_are_plain():
    """The word lists are split at spaces and matched as words; a stray character would never match."""
    for words in (*ROOM_WORDS.values(), *SURFACE_WORDS.values()):
        assert all(re.fullmatch(r"[a-zé-]+", word) for word in words.split())
