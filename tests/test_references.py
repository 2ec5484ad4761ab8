"""What merchants upload, and what may leave the house as a reference."""

import io
import struct
import threading
import warnings
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, ImageOps, PngImagePlugin

from shopify_imagegen.errors import Rejected
from shopify_imagegen.likeness import distance, fingerprint, shape
from shopify_imagegen.references import decoded, distinct, prepare

RED, GREEN, BLUE, GREY = (200, 40, 40), (40, 160, 40), (40, 60, 200), (128, 128, 128)


def photo(size=(160, 120), colour=RED):
    """A product that is different in each corner, so that a turn shows."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.rectangle((width // 4, height // 4, width * 3 // 4, height * 3 // 4), fill=colour)
    draw.rectangle((0, 0, width // 4, height // 4), fill=(0, 0, 0))
    return image


def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(image):
    picture = Image.open(io.BytesIO(image))
    picture.load()
    return picture


def near(expected, actual, levels=6):
    return all(abs(one - other) <= levels for one, other in zip(expected, actual, strict=True))


def centre(picture):
    return picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_chunk(png, name, body):
    """The PNG with one more chunk after IHDR."""
    return png[:33] + chunk(name, body) + png[33:]


def png_header(width, height):
    """A PNG of a few bytes that claims to be large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def adobe_rgb_like():
    """A wide RGB profile: sRGB's own, with its red and green primaries moved outwards."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for tag, xyz in ((b"rXYZ", (0.6097, 0.3111, 0.0195)), (b"gXYZ", (0.2053, 0.6257, 0.0609))):
        entry = profile.index(tag, 128)
        offset = int.from_bytes(profile[entry + 4 : entry + 8])
        profile[offset + 8 : offset + 20] = struct.pack(">3i", *(round(value * 65536) for value in xyz))
    return bytes(profile)


def srgb():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(orientation=1):
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "PhoneMaker"
    tags.get_ifd(0x8825)[1] = "N"
    tags.get_ifd(0x8825)[2] = (48.0, 12.0, 30.0)
    return tags


def paletted():
    image = Image.new("P", (160, 120), 1)
    image.putpalette([255, 0, 255, *RED, *BLUE])
    image.paste(0, (0, 0, 40, 120))
    return image


def with_alpha(mode="RGBA", colour=RED):
    image = Image.new("RGBA", (160, 120), (0, 0, 0, 0))
    image.paste((*colour, 255), (40, 30, 120, 90))
    return image.convert(mode)


def grey_16_bits(level=32768):
    return Image.new("I;16", (160, 120), level)


KINDS = {
    "jpeg": (lambda: encoded(photo(), "JPEG"), RED),
    "progressive jpeg": (lambda: encoded(photo(), "JPEG", progressive=True), RED),
    "grey jpeg": (lambda: encoded(photo(colour=GREY).convert("L"), "JPEG"), GREY),
    "grey jpeg with an RGB profile": (
        lambda: encoded(photo(colour=GREY).convert("L"), "JPEG", icc_profile=srgb()),
        GREY,
    ),
    "cmyk jpeg": (lambda: encoded(photo().convert("CMYK"), "JPEG"), RED),
    "cmyk jpeg with an RGB profile": (lambda: encoded(photo().convert("CMYK"), "JPEG", icc_profile=srgb()), RED),
    "mpo": (lambda: encoded(photo(), "MPO", save_all=True, append_images=[photo(colour=BLUE)]), RED),
    "png": (lambda: encoded(photo(), "PNG"), RED),
    "rgba png": (lambda: encoded(with_alpha(), "PNG"), RED),
    "la png": (lambda: encoded(with_alpha("LA", GREY), "PNG"), GREY),
    "palette png": (lambda: encoded(paletted(), "PNG"), RED),
    "palette png, one clear colour": (lambda: encoded(paletted(), "PNG", transparency=0), RED),
    "palette png, clear bytes": (lambda: encoded(paletted(), "PNG", transparency=b"\x00\xff\xff"), RED),
    "rgb png, one clear colour": (lambda: encoded(photo(), "PNG", transparency=(255, 255, 255)), RED),
    "1-bit png": (lambda: encoded(Image.new("1", (160, 120), 1), "PNG"), (255, 255, 255)),
    "16-bit png": (lambda: encoded(grey_16_bits(), "PNG"), GREY),
    "16-bit png, clear level": (lambda: encoded(grey_16_bits(), "PNG", transparency=7), GREY),
    "16-bit tiff": (lambda: encoded(grey_16_bits(), "TIFF"), GREY),
    "png with a damaged profile": (lambda: encoded(photo(), "PNG", icc_profile=b"not a profile"), RED),
    "png with a damaged animation": (lambda: with_chunk(encoded(photo(), "PNG"), b"acTL", bytes(8)), RED),
    "apng": (lambda: encoded(photo(), "PNG", save_all=True, append_images=[photo(colour=BLUE)]), RED),
    "gif": (lambda: encoded(photo(), "GIF"), RED),
    "animated gif": (lambda: encoded(photo(), "GIF", save_all=True, append_images=[photo(colour=BLUE)]), RED),
    "clear gif": (lambda: encoded(paletted(), "GIF", transparency=0), RED),
    "webp": (lambda: encoded(photo(), "WEBP", lossless=True), RED),
    "animated webp": (
        lambda: encoded(photo(), "WEBP", save_all=True, append_images=[photo(colour=BLUE)], lossless=True),
        RED,
    ),
    "rgba webp": (lambda: encoded(with_alpha(), "WEBP", lossless=True), RED),
    "avif": (lambda: encoded(photo(), "AVIF"), RED),
    "tiff": (lambda: encoded(photo(), "TIFF"), RED),
    "cmyk tiff": (lambda: encoded(photo().convert("CMYK"), "TIFF"), RED),
    "bmp": (lambda: encoded(photo(), "BMP"), RED),
    "jpeg that is also a zip": (lambda: encoded(photo(), "JPEG") + b"PK\x03\x04" + bytes(200), RED),
}


@pytest.mark.parametrize(("make", "colour"), KINDS.values(), ids=KINDS.keys())
def test_any_usual_photo_becomes_an_rgb_jpeg_of_the_same_look(make, colour):
    """Merchants upload what their camera, designer or supplier gave them."""
    image = make()

    picture = opened(prepare(image))

    assert ("JPEG", "RGB", (160, 120)) == (picture.format, picture.mode, picture.size)
    assert near(colour, centre(picture)), centre(picture)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_comes_out_upright(orientation, kind):
    """A provider ignores EXIF: a lamp lying on its side would be put into the scene lying on its side."""
    tags = exif(orientation)
    expected = ImageOps.exif_transpose(opened(encoded(photo(), "PNG", exif=tags)))

    picture = opened(prepare(encoded(photo(), kind, exif=tags)))

    assert expected.size == picture.size
    assert distance(shape(expected), shape(picture)) <= 2


def test_a_large_turned_photo_is_upright_after_the_fast_decode():
    """The decoder shrinks before we turn; both must agree on what is width and what is height."""
    image = encoded(photo((4000, 2000)), "JPEG", exif=exif(6))

    picture = opened(prepare(image, max_edge_px=1000))

    assert (500, 1000) == picture.size
    assert near((0, 0, 0), picture.getpixel((480, 20)))


def test_a_shrunken_photo_keeps_its_shape_and_a_small_one_its_size():
    """Enlarging invents detail; a stretched product is not the merchant's product."""
    large, small = encoded(photo((3000, 1500)), "PNG"), encoded(photo((90, 70)), "PNG")

    assert (1536, 768) == opened(prepare(large)).size
    assert (90, 70) == opened(prepare(small)).size


def test_the_fast_decode_never_falls_below_the_wanted_size():
    """A JPEG is decoded at 1/2, 1/4 or 1/8; one step too far would send a blurred reference."""
    image = encoded(photo((3001, 2000)), "JPEG")

    assert max(decoded(image, shrink_to_px=1500).size) in range(1500, 3001)
    assert max(opened(prepare(image, max_edge_px=1500)).size) == 1500


def test_colours_of_a_wide_profile_are_translated():
    """Reading AdobeRGB numbers as sRGB would send a paler product than the merchant sells."""
    colour = (120, 180, 60)
    plain = encoded(photo(colour=colour), "PNG")
    wide = encoded(photo(colour=colour), "PNG", icc_profile=adobe_rgb_like())

    assert near(colour, centre(opened(prepare(plain))))
    assert centre(opened(prepare(wide)))[0] < colour[0] - 10


@pytest.mark.parametrize(("level", "expected"), [(0, 0), (1000, 4), (32768, 128), (65535, 255)])
def test_16_bit_grey_is_scaled_and_not_cut_off(level, expected):
    """Pillow's own conversion turns everything above 1/256 of the range white."""
    picture = opened(prepare(encoded(grey_16_bits(level), "PNG")))

    assert near((expected,) * 3, centre(picture), levels=1)


def test_transparency_becomes_white():
    """Left alone, transparent pixels turn black or show what was hidden under them."""
    picture = opened(prepare(encoded(with_alpha(), "PNG")))

    assert near((255, 255, 255), picture.getpixel((5, 5)))


def test_a_white_product_gets_a_grey_backdrop():
    """White on white, the provider would see nothing to copy."""
    picture = opened(prepare(encoded(with_alpha(colour=(250, 250, 250)), "PNG")))

    assert near((224, 224, 224), picture.getpixel((5, 5)))
    assert near((250, 250, 250), centre(picture))


def test_an_invisible_image_is_refused():
    """It would be a paid picture of an empty page."""
    with pytest.raises(Rejected, match="entirely transparent"):
        prepare(encoded(Image.new("RGBA", (100, 100), (1, 2, 3, 0)), "PNG"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_nothing_but_the_look_leaves_the_house(kind):
    """A merchant's photo may hold their home's GPS position and their name."""
    image = encoded(photo(), kind, exif=exif(), icc_profile=srgb(), xmp=b"<x:xmpmeta>Jane Doe</x:xmpmeta>")
    assert b"PhoneMaker" in image

    prepared = prepare(image)

    assert {"jfif", "jfif_version", "jfif_unit", "jfif_density"} == opened(prepared).info.keys()
    assert not opened(prepared).getexif()
    assert not any(secret in prepared for secret in (b"PhoneMaker", b"Exif", b"Jane", b"ICC_PROFILE"))


@pytest.mark.parametrize("kind", ["JPEG", "GIF"])
def test_a_comment_does_not_travel_along(kind):
    """Pillow copies it from one file to the next by itself."""
    image = encoded(photo(), kind, comment=b"for the boss only")
    assert b"boss" in image

    assert b"boss" not in prepare(image)


def test_giant_metadata_does_not_matter():
    """Editing tools store megabytes of history; none of it is the picture."""
    plain = encoded(photo(), "JPEG")
    segment = b"\xff\xe2" + (65535).to_bytes(2) + bytes(65533)
    text = PngImagePlugin.PngInfo()
    text.add_text("history", "x" * 900_000)

    assert prepare(plain) == prepare(plain[:2] + segment * 150 + plain[2:])
    assert len(prepare(encoded(photo(), "PNG", pnginfo=text))) < 20_000


@pytest.mark.parametrize("name", ["jpeg", "rgba png", "animated webp", "avif"])
def test_the_same_photo_gives_the_same_bytes(name):
    """What was sent is recorded by its hash; a retry must send the same."""
    image = KINDS[name][0]()

    assert prepare(image) == prepare(image)


REFUSED = {
    "nothing": (lambda: b"", "empty"),
    "zeros": (lambda: bytes(1000), "not an image"),
    "web page": (lambda: b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
    "svg": (lambda: b'\xef\xbb\xbf<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
    "pdf": (lambda: b"%PDF-1.7 ...", "PDF"),
    "heic": (lambda: b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(100), "HEIC.*JPEG"),
    "eps": (lambda: encoded(photo(), "EPS"), "not an image"),
    "bomb": (lambda: png_header(30_000, 30_000), "too many pixels"),
    "bomb below Pillow's limit": (lambda: png_header(9_000, 9_000), "too many pixels: 9000 x 9000"),
    "bomb at Pillow's warning": (lambda: png_header(10_000, 10_000), "too many pixels"),
    "too small": (lambda: encoded(photo((300, 63)), "PNG"), "too small: 300 x 63"),
    "too many bytes": (lambda: encoded(photo(), "JPEG") + bytes(25_000_000), "too large: 25.0 MB"),
    "float": (lambda: encoded(Image.new("F", (100, 100), 0.5), "TIFF"), "16 bits"),
    "a JPEG's first bytes": (lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF", "damaged"),
    "no picture data": (lambda: png_header(100, 100), "damaged"),
}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_the_unusable_is_refused_with_a_reason(make, reason):
    """The merchant reads it, and must know what to do."""
    with pytest.raises(Rejected, match=reason):
        prepare(make())


def test_just_large_enough_is_accepted():
    """The limits name the first size that is refused, not the last that is accepted."""
    assert (64, 64) == opened(prepare(encoded(photo((64, 64)), "PNG"))).size
    assert prepare(encoded(photo((100, 100)), "PNG"), max_pixels=10_000)
    with pytest.raises(Rejected, match="too many pixels"):
        prepare(encoded(photo((100, 100)), "PNG"), max_pixels=9_999)


def test_pillows_own_limit_holds_above_ours():
    """A generous setting must not open the door that Pillow keeps closed; it only warns there."""
    with pytest.raises(Rejected, match="too many pixels"):
        prepare(png_header(10_000, 10_000), max_pixels=1_000_000_000)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "BMP"])
def test_half_an_upload_is_refused(kind, share):
    """A cut-off photo decodes to a grey half; the provider would copy it faithfully."""
    noise = Image.effect_noise((160, 160), 80).convert("RGB")
    image = encoded(noise, kind)

    with pytest.raises(Rejected):
        prepare(image[: int(len(image) * share)])


def test_a_photo_with_damaged_exif_is_still_a_photo():
    """The shop window shows it without complaint, so must we."""
    whole = encoded(photo(), "JPEG", exif=exif(6))
    at = whole.index(b"Exif\0\0") + 6

    assert (160, 120) == opened(prepare(whole[:at] + b"\xff" * 8 + whole[at + 8 :])).size


def test_pillow_is_left_as_it_was():
    """Its limit and the warning filters belong to the whole process, and many threads prepare photos at once."""
    limit, filters = Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    images = [make() for make, _ in KINDS.values()] * 2

    threads = [threading.Thread(target=prepare, args=(image,)) for image in images]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert (limit, filters) == (Image.MAX_IMAGE_PIXELS, list(warnings.filters))


SEEDS = [make() for name, (make, _) in KINDS.items() if name not in {"bmp", "tiff", "cmyk tiff", "16-bit tiff"}]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    image=st.sampled_from(SEEDS),
    edits=st.lists(st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=4)), min_size=1, max_size=6),
    kept=st.floats(0.2, 1),
)
def test_whatever_arrives_a_valid_jpeg_or_a_refusal_comes_out(image, edits, kept):
    """Anything else would stop the line: decoders meet hostile bytes with a dozen kinds of error."""
    changed = bytearray(image)
    for where, what in edits:
        at = int(where * len(changed))
        changed[at : at + len(what)] = what

    try:
        prepared = prepare(bytes(changed[: int(len(changed) * kept)]), max_pixels=2_000_000)
    except Rejected:
        return
    assert ("JPEG", "RGB") == (opened(prepared).format, opened(prepared).mode)


def test_the_first_photo_is_always_sent_and_the_same_again_is_not():
    """Ten near-identical photos cost bandwidth and tell the provider nothing."""
    front, side = encoded(photo(), "JPEG"), encoded(photo().rotate(90, expand=True), "JPEG")
    again = encoded(photo(), "JPEG", quality=60)
    smaller = encoded(photo().resize((120, 90)), "PNG")

    assert [0, 3] == distinct([front, again, smaller, side], limit=4)


def test_another_colour_of_the_same_product_is_sent():
    """A variant has the same shape in grey; the buyer of the green one must see green."""
    colours = [encoded(photo(colour=colour), "JPEG") for colour in (RED, (40, 110, 40), (60, 60, 200))]
    shapes = {fingerprint(opened(image)).shape for image in colours}

    assert max(distance(one, other) for one in shapes for other in shapes) <= 3
    assert [0, 1, 2] == distinct(colours, limit=4)


def test_another_pattern_in_the_same_colours_is_sent():
    """Stripes the other way are another side of the product, though the colours agree block by block."""
    stripes = Image.new("L", (160, 160), 255)
    for start in range(0, 160, 40):
        stripes.paste(60, (start, 0, start + 20, 160))
    images = [encoded(each, "JPEG") for each in (stripes, stripes.transpose(Image.Transpose.ROTATE_90))]

    assert [0, 1] == distinct(images, limit=4)


@pytest.mark.parametrize(("limit", "expected"), [(0, []), (1, [0]), (2, [0, 1]), (9, [0, 1, 2])])
def test_no_more_photos_than_the_provider_takes(limit, expected):
    """It would refuse the whole request."""
    images = [encoded(photo(colour=colour), "JPEG") for colour in (RED, GREEN, BLUE)]

    assert expected == distinct(images, limit=limit)
