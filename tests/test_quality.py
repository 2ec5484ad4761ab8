"""What may be shown in a shop window, and what may not."""

import io
import struct
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from shopify_imagegen.likeness import copies, framed
from shopify_imagegen.models import Verdict
from shopify_imagegen.quality import inspect

WHITE, PALE, DARK = (255, 255, 255), (236, 232, 226), (60, 50, 50)
KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


def product(size=(1000, 1000), *, backdrop=WHITE, middle=(0.5, 0.5), scale=0.6):
    """A lamp: a shade, a stem and a foot."""
    image = Image.new("RGB", size, backdrop)
    draw = ImageDraw.Draw(image)
    edge = min(size) * scale
    left, top = size[0] * middle[0] - edge / 2, size[1] * middle[1] - edge / 2

    def box(*parts):
        x0, y0, x1, y1 = parts
        return (left + x0 * edge, top + y0 * edge, left + x1 * edge, top + y1 * edge)

    draw.polygon([*box(0.35, 0, 0.65, 0), *box(0.85, 0.4, 0.15, 0.4)], fill=(190, 120, 40))
    draw.rectangle(box(0.47, 0.4, 0.53, 0.9), fill=(40, 40, 40))
    draw.ellipse(box(0.25, 0.85, 0.75, 1), fill=(90, 60, 30))
    return image


def scene(size=(1024, 1280)):
    """The lamp on a table, before a wall with a window."""
    image = product(size, backdrop=(150, 165, 150), middle=(0.35, 0.55), scale=0.4)
    draw = ImageDraw.Draw(image)
    draw.rectangle((size[0] * 0.6, 0, size[0] * 0.9, size[1] * 0.5), fill=(235, 240, 250))
    draw.rectangle((0, size[1] * 0.72, *size), fill=(110, 75, 45))
    return image


def encoded(image, kind="JPEG", **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def seen(image, *, aspect_ratio="4:5", resolution="1K", references=()):
    bytes_ = image if isinstance(image, bytes) else encoded(image)
    return inspect(bytes_, aspect_ratio=aspect_ratio, resolution=resolution, references=references)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_scene_is_fit(kind):
    """A refusal here throws away what was paid for."""
    verdict = seen(encoded(scene(), kind), references=[encoded(product())])

    assert Verdict(fit=True) == verdict


SOLD = [
    ("1:1", "1K", (1024, 1024)),
    ("3:2", "1K", (1536, 1024)),
    ("4:3", "1K", (1024, 768)),
    ("16:9", "1K", (1360, 768)),
    ("21:9", "1K", (2016, 864)),
    ("9:16", "1K", (864, 1536)),
    ("3:2", "2K", (2048, 1360)),
    ("4:5", "2K", (2048, 2560)),
    ("21:9", "2K", (2688, 1152)),
]


@pytest.mark.parametrize(("aspect_ratio", "resolution", "size"), SOLD)
def test_every_size_that_is_sold_is_accepted(aspect_ratio, resolution, size):
    """Providers round to multiples of 16; that is no fault."""
    assert seen(scene(size), aspect_ratio=aspect_ratio, resolution=resolution).fit


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_lies_is_measured_as_it_is_shown(kind):
    """Its width and height are those of the file's grid until a browser turns it upright."""
    lying = Image.Exif()
    lying[ExifTags.Base.Orientation] = 6
    picture = encoded(scene().transpose(Image.Transpose.ROTATE_90), kind, exif=lying)

    assert Verdict(fit=True) == seen(picture, references=[encoded(product())])


@pytest.mark.parametrize("size", [(1024, 1024), (1280, 1024), (1050, 1280), (1000, 1280)])
def test_another_ratio_than_ordered_is_unfit(size):
    """A gallery with one square among tall pictures jumps."""
    verdict = seen(scene(size))

    assert not verdict.fit
    assert f"{size[0]} x {size[1]} pixels, which is not the ordered 4:5" in verdict.reason


@pytest.mark.parametrize(("size", "resolution", "fit"), [
    ((800, 1000), "1K", True),
    ((796, 995), "1K", False),
    ((1200, 1500), "2K", True),
    ((1196, 1495), "2K", False),
])  # fmt: skip
def test_a_smaller_picture_than_ordered_is_unfit(size, resolution, fit):
    """It blurs when a buyer zooms, and 2K costs twice as much."""
    assert fit == seen(scene(size), resolution=resolution).fit


def test_all_that_is_wrong_is_said_at_once():
    """The merchant should not learn of the second fault after paying for the first."""
    reason = seen(Image.new("RGB", (300, 300), "white")).reason

    assert all(words in reason for words in ("ordered 4:5", "at least 1000", "blank")), reason


@pytest.mark.parametrize("colour", ["white", "black", (200, 190, 180)])
def test_a_blank_picture_is_unfit(colour):
    """Providers return one now and then, with status 200 and a price."""
    assert "blank" in seen(Image.new("RGB", (1024, 1280), colour)).reason


def test_a_fully_transparent_picture_is_unfit():
    """Its hidden pixels may be a fine scene, but no buyer sees them."""
    picture = scene().convert("RGBA")
    picture.putalpha(0)

    assert "transparent" in seen(encoded(picture, "PNG")).reason


def test_a_pale_picture_is_fit():
    """White on white is a style; only a person can tell."""
    assert seen(Image.blend(Image.new("RGB", (1024, 1280), "white"), scene(), 0.12)).fit


BAD = {
    "nothing": b"",
    "zeros": bytes(5000),
    "html": b"<html>502 Bad Gateway</html>",
    "json": b'{"error": {"code": "rate_limit"}}',
    "gif": encoded(scene((1024, 1280)), "GIF"),
    "tiff": encoded(scene((100, 125)), "TIFF"),
    "a JPEG's first bytes": b"\xff\xd8\xff\xe0",
    "a PNG's first bytes": b"\x89PNG\r\n\x1a\n",
    "a WebP's first bytes": b"RIFF\x00\x00\x00\x00WEBP",
}


@pytest.mark.parametrize("image", BAD.values(), ids=BAD.keys())
def test_what_is_no_publishable_picture_is_unfit(image):
    """Shopify would refuse it minutes later, in words that nobody connects with us."""
    verdict = seen(image)

    assert not verdict.fit
    assert verdict.reason.endswith(".")


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.95, 0.99])
@pytest.mark.parametrize("kind", KINDS)
def test_half_a_download_is_unfit(kind, share):
    """Only decoding all of it finds out; the header of half a picture is perfect."""
    image = encoded(Image.effect_noise((1024, 1280), 90).convert("RGB"), kind)

    assert "damaged" in seen(image[: int(len(image) * share)]).reason


def test_a_bomb_is_unfit_before_it_is_decoded():
    """A few bytes that unfold to gigabytes would take the worker down, and with it every shop's jobs."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))

    assert "too many pixels" in seen(bomb).reason


def test_what_shopify_would_refuse_is_unfit():
    """Its limits are 20 megapixels and 20 megabytes."""
    many_pixels = encoded(Image.new("L", (4473, 4473)), "PNG")
    many_bytes = encoded(scene()) + bytes(20_000_000)

    assert "too many pixels: 4473 x 4473, at most 20.0 million" in seen(many_pixels, aspect_ratio="1:1").reason
    assert "too large" in seen(many_bytes).reason


COPIES = {
    "as it was": lambda photo: photo,
    "compressed": lambda photo: Image.open(io.BytesIO(encoded(photo, quality=30))),
    "stretched": lambda photo: photo.resize((1024, 1280)),
    "cropped": lambda photo: ImageOps.fit(photo, (1024, 1280)),
    "padded with white": lambda photo: ImageOps.pad(photo, (1024, 1280), color="white"),
    "letterboxed": lambda photo: ImageOps.pad(photo, (1024, 1280), color="black"),
    "padded with grey": lambda photo: ImageOps.pad(photo, (1024, 1280), color=(180, 180, 180)),
    "brightened": lambda photo: ImageEnhance.Brightness(photo.resize((1024, 1280))).enhance(1.05),
    "blurred": lambda photo: photo.resize((1024, 1280)).filter(ImageFilter.GaussianBlur(3)),
    "wide": lambda photo: ImageOps.pad(photo, (1536, 864), color="white"),
}


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES.keys())
@pytest.mark.parametrize(
    "photo",
    [product(), product((1200, 900), backdrop=PALE), scene((900, 900))],
    ids=["on white", "wide, off-white", "in a scene"],
)
def test_a_reference_that_comes_back_is_unfit(photo, change):
    """Models return their input now and then; the listing would show the same photo twice."""
    references = [encoded(scene((640, 800)).rotate(180)), encoded(photo)]

    verdict = seen(change(photo), references=references)

    assert not verdict.fit
    assert "nearly the same as photo 2 of the product" in verdict.reason


@pytest.mark.parametrize("backdrop", [PALE, DARK])
@pytest.mark.parametrize(("middle", "scale"), [((0.4, 0.6), 0.4), ((0.6, 0.5), 0.8), ((0.55, 0.5), 0.7)])
def test_the_product_on_a_plain_backdrop_is_no_copy(backdrop, middle, scale):
    """A studio scene is what some merchants order; it has the same simple shape as the photo."""
    studio = product((1024, 1280), backdrop=backdrop, middle=middle, scale=scale)

    assert seen(studio, references=[encoded(product())]).fit


def test_a_blank_reference_does_not_matter():
    """It has no shape, so nothing can be its copy, not even another blank."""
    blank = Image.new("RGB", (500, 500), "white")

    assert seen(scene(), references=[encoded(blank)]).fit
    assert not copies(blank, framed(blank, 1.0))


def test_no_verdict_speaks_of_identity():
    """We measure sharpness of promises, not of products: no check here can know that it is the same lamp."""
    verdict = seen(scene(), references=[encoded(product())])

    assert not any(word in str(verdict).lower() for word in ("identi", "verified", "authentic"))


SEEDS = [encoded(scene((200, 250)), kind) for kind in KINDS]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    image=st.sampled_from(SEEDS),
    edits=st.lists(st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=4)), min_size=1, max_size=6),
)
def test_no_bytes_stop_the_line(image, edits):
    """The picture is paid for: whatever it is, it ends in a verdict with a reason."""
    changed = bytearray(image)
    for where, what in edits:
        at = int(where * len(changed))
        changed[at : at + len(what)] = what

    verdict = seen(bytes(changed), references=[image])

    assert not verdict.fit  # it is at most 250 px
    assert verdict.reason
