"""Every picture says by machine that AI made it, and not one of its pixels changes for it."""

import io
import os
import shutil
import struct
import subprocess
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from shopify_imagegen.errors import Rejected
from shopify_imagegen.provenance import mark, stamp

TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
MIMES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
APP1_XMP = b"http://ns.adobe.com/xap/1.0/\0"


def picture(mode="RGB"):
    return Image.effect_noise((61, 47), 60).convert("RGB").convert(mode)


def encoded(kind, image=None, *, xmp=None, **options):
    """A file by Pillow; PNG takes its XMP as a text chunk."""
    if xmp is not None and kind == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode(), zip=options.pop("zip", False))
    elif xmp is not None:
        options["xmp"] = xmp
    out = io.BytesIO()
    (image or picture()).save(out, kind, **options)
    return out.getvalue()


def packet(inside, attributes=""):
    """An XMP packet as an editing tool writes it, with padding."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description r:about="uuid:7" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'xmlns:xmp="http://ns.adobe.com/xap/1.0/" {attributes}>{inside}</r:Description></r:RDF></x:xmpmeta>'
        + " " * 200
        + '<?xpacket end="w"?>'
    ).encode()


TITLE = '<dc:title><r:Alt><r:li xml:lang="x-default">Lämp &amp; shade</r:li></r:Alt></dc:title>'
OTHER_MARKS = {
    "none": (TITLE, ""),
    "an attribute": (TITLE, f'ext:DigitalSourceType="{COMPOSITE}"'),
    "an element": (f"<ext:DigitalSourceType>{COMPOSITE}</ext:DigitalSourceType>{TITLE}", ""),
    "a resource": (f'{TITLE}<ext:DigitalSourceType r:resource="{COMPOSITE}"/>', ""),
}
VARIANTS = {
    "jpeg": lambda: encoded("JPEG"),
    "progressive jpeg": lambda: encoded("JPEG", progressive=True),
    "grey jpeg": lambda: encoded("JPEG", picture("L")),
    "cmyk jpeg without JFIF": lambda: encoded("JPEG", picture("CMYK")),
    "jpeg with exif": lambda: encoded("JPEG", exif=exif()),
    "jpeg with restarts": lambda: encoded("JPEG", restart_marker_rows=1),
    "jpeg with fill bytes": lambda: encoded("JPEG").replace(b"\xff\xdb", b"\xff\xff\xdb", 1),
    "jpeg with a tail": lambda: encoded("JPEG") + b"PK\x03\x04 and more",
    "png": lambda: encoded("PNG"),
    "rgba png": lambda: encoded("PNG", picture("RGBA")),
    "palette png": lambda: encoded("PNG", picture("P"), transparency=3),
    "webp": lambda: encoded("WEBP"),
    "lossless webp": lambda: encoded("WEBP", lossless=True),
    "clear lossless webp": lambda: encoded("WEBP", clear_corner(), lossless=True),
    "clear webp": lambda: encoded("WEBP", clear_corner()),
    "webp with exif": lambda: encoded("WEBP", exif=exif()),
    "animated webp": lambda: encoded("WEBP", save_all=True, append_images=[picture("L")]),
}


def exif():
    tags = Image.Exif()
    tags[0x010F] = "Maker"
    return tags


def clear_corner():
    image = picture("RGBA")
    image.putpixel((0, 0), (1, 2, 3, 0))
    return image


def mime_of(image):
    return MIMES[Image.open(io.BytesIO(image)).format]


def stamped(image):
    return stamp(image, mime=mime_of(image))


def pixels(image):
    opened = Image.open(io.BytesIO(image))
    return opened.mode, opened.size, opened.tobytes()


def xmp_of(image):
    """By Pillow, which does not know our parser."""
    return Image.open(io.BytesIO(image)).info["xmp"]


@pytest.mark.parametrize("make", VARIANTS.values(), ids=VARIANTS.keys())
def test_a_stamped_picture_is_marked_and_has_the_same_pixels(make):
    """Google asks for the mark, the merchant paid for the pixels."""
    image = make()
    assert mark(image) is None

    result = stamped(image)

    assert TRAINED == mark(result)
    assert pixels(image) == pixels(result)
    assert b'xmp:CreatorTool="shopify-imagegen"' in xmp_of(result)


@pytest.mark.parametrize("make", VARIANTS.values(), ids=VARIANTS.keys())
def test_stamping_twice_is_stamping_once(make):
    """A step may run again after a crash; the picture's hash must not depend on it."""
    once = stamped(make())

    assert once == stamped(once)


@pytest.mark.parametrize("name", [name for name in VARIANTS if "jpeg" in name])
def test_a_stamped_jpeg_is_the_old_one_with_a_piece_put_in(name):
    """The scan is copied byte for byte; encoding again would cost sharpness."""
    image = VARIANTS[name]()
    result = stamped(image)
    at = result.index(b"\xff\xe1", result.find(b"Maker")) if b"Maker" in result else result.index(b"\xff\xe1")
    size = 2 + int.from_bytes(result[at + 2 : at + 4])

    assert result[at + 4 :].startswith(APP1_XMP)
    assert image == result[:at] + result[at + size :]


def test_jfif_and_exif_stay_in_front():
    """Strict readers expect them first and take the file for damaged otherwise."""
    plain, with_exif = stamped(encoded("JPEG")), stamped(encoded("JPEG", exif=exif()))

    assert plain.index(b"JFIF\0") < plain.index(APP1_XMP) < plain.index(b"\xff\xdb")
    assert with_exif.index(b"Exif\0") < with_exif.index(APP1_XMP) < with_exif.index(b"\xff\xdb")


@pytest.mark.parametrize("kind", MIMES)
@pytest.mark.parametrize(("inside", "attributes"), OTHER_MARKS.values(), ids=OTHER_MARKS.keys())
def test_what_the_xmp_already_says_is_kept(inside, attributes, kind):
    """Google asks to preserve it; only the source type is ours to say."""
    image = encoded(kind, xmp=packet(inside, attributes))

    result = stamped(image)

    assert TRAINED == mark(result)
    assert COMPOSITE.encode() not in result
    assert "Lämp &amp; shade".encode() in xmp_of(result)
    assert 1 == result.count(b"W5M0MpCehiHzreSzNTczkc9d")
    assert 2 == xmp_of(result).count(b'about="uuid:7"')  # ours speaks of the same picture
    assert result == stamped(result)
    assert pixels(image) == pixels(result)


@pytest.mark.parametrize(("inside", "attributes"), list(OTHER_MARKS.values())[1:], ids=list(OTHER_MARKS)[1:])
def test_a_mark_is_read_in_each_of_its_forms(inside, attributes):
    """Other tools write it differently; we read back what is there, not what we would have written."""
    assert COMPOSITE == mark(encoded("JPEG", xmp=packet(inside, attributes)))


def test_a_mark_of_an_ingredient_is_not_the_pictures_own():
    """A manifest of ingredients says how the *source* was made."""
    theirs = f"<ext:DigitalSourceType>{COMPOSITE}</ext:DigitalSourceType>"
    image = encoded("JPEG", xmp=packet(f'<ext:Ingredient r:parseType="Resource">{theirs}</ext:Ingredient>'))

    assert mark(image) is None
    assert COMPOSITE.encode() in stamped(image)


def test_the_tool_that_made_the_picture_keeps_its_name():
    """The provider's name there is provenance too."""
    image = encoded("JPEG", xmp=packet("", 'xmp:CreatorTool="Pixelworks 3"'))

    assert b"Pixelworks 3" in stamped(image)
    assert b"shopify-imagegen" not in stamped(image)


def test_a_compressed_packet_is_read():
    """PNG tools may deflate it."""
    image = encoded("PNG", xmp=packet(*OTHER_MARKS["an element"]), zip=True)

    assert COMPOSITE == mark(image)
    assert TRAINED == mark(stamped(image))


UNREADABLE = {
    "not xml": b"<x:xmpmeta",
    "empty": b"",
    "no rdf": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
    "entities": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + packet(TITLE).partition(b"\n")[2],
    "utf-16": packet(TITLE).decode().encode("utf-16"),
    "too deep": b"<a>" * 5_000 + b"</a>" * 5_000,
    "too long for a segment beside ours": packet(TITLE + "x" * (65_504 - len(packet(TITLE)))),
}


@pytest.mark.parametrize("xmp", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_packet_that_cannot_be_kept_is_replaced(xmp):
    """The mark is a promise, another tool's broken words are not."""
    image = encoded("JPEG")
    segment = b"\xff\xe1" + (2 + len(APP1_XMP + xmp)).to_bytes(2) + APP1_XMP + xmp
    image = image[:2] + segment + image[2:]

    result = stamp(image, mime="image/jpeg")

    assert TRAINED == mark(result)
    assert 1 == result.count(APP1_XMP)
    assert b"dc:title" not in result
    assert result == stamp(result, mime="image/jpeg")


def test_of_two_packets_one_remains():
    """A reader that takes the second would read the opposite of ours."""
    first = encoded("JPEG", xmp=packet(TITLE, f'ext:DigitalSourceType="{TRAINED}" xmp:CreatorTool="x"'))
    second = packet(*OTHER_MARKS["an attribute"])
    segment = b"\xff\xe1" + (2 + len(APP1_XMP + second)).to_bytes(2) + APP1_XMP + second
    at = first.index(b"\xff\xdb")

    result = stamped(first[:at] + segment + first[at:])

    assert 1 == result.count(APP1_XMP)
    assert COMPOSITE.encode() not in result


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


MANIFEST = b"JP\x00\x01\x00\x00\x00\x01" + b"jumb c2pa manifest" * 300


def signed(kind):
    """A file with a C2PA manifest where that kind of file has it."""
    image = encoded(kind)
    if kind == "JPEG":
        return image[:20] + b"\xff\xeb" + (2 + len(MANIFEST)).to_bytes(2) + MANIFEST + image[20:]
    if kind == "PNG":
        return image[:33] + chunk(b"caBX", MANIFEST) + image[33:]
    image = encoded(kind, exif=exif()) + b"C2PA" + len(MANIFEST).to_bytes(4, "little") + MANIFEST
    return image[:4] + (len(image) - 8).to_bytes(4, "little") + image[8:]


@pytest.mark.parametrize("kind", MIMES)
def test_a_manifest_is_not_touched(kind):
    """The provider's signed history of the picture is not ours to edit."""
    result = stamped(signed(kind))

    assert MANIFEST in result
    assert TRAINED == mark(result)


@pytest.mark.parametrize("name", [name for name in VARIANTS if "png" in name])
def test_every_chunk_of_a_stamped_png_has_its_checksum(name):
    """A wrong one makes browsers show nothing at all."""
    result, at, names = stamped(VARIANTS[name]()), 8, []
    while at < len(result):
        size = int.from_bytes(result[at : at + 4])
        body = result[at + 4 : at + 8 + size]
        assert zlib.crc32(body) == int.from_bytes(result[at + 8 + size : at + 12 + size])
        names.append(body[:4])
        at += 12 + size

    assert [b"IHDR", b"iTXt"] == names[:2]
    assert b"IEND" == names[-1]


@pytest.mark.parametrize("name", [name for name in VARIANTS if "webp" in name])
def test_a_stamped_webp_describes_itself_truly(name):
    """Readers take the size, the alpha and the XMP flag from the header, not from what follows."""
    image = VARIANTS[name]()
    result = stamped(image)
    opened = Image.open(io.BytesIO(result))

    assert len(result) == 8 + int.from_bytes(result[4:8], "little")
    assert b"VP8X" == result[12:16]
    assert opened.size == tuple(1 + int.from_bytes(result[at : at + 3], "little") for at in (24, 27))
    assert (result[20] & 0x04, bool(result[20] & 0x10)) == (0x04, "clear" in name)


REFUSED = {
    "another kind of file": (lambda: encoded("GIF"), "image/gif"),
    "a jpeg called png": (lambda: encoded("JPEG"), "image/png"),
    "a png called webp": (lambda: encoded("PNG"), "image/webp"),
    "a webp called jpeg": (lambda: encoded("WEBP"), "image/jpeg"),
    "nothing": (lambda: b"", "image/jpeg"),
    "only a start": (lambda: b"\xff\xd8", "image/jpeg"),
    "a jpeg that ends at once": (lambda: b"\xff\xd8\xff\xd9", "image/jpeg"),
    "a jpeg with a segment of no length": (lambda: b"\xff\xd8\xff\xe0\x00\x00" + bytes(20), "image/jpeg"),
    "a jpeg cut in its head": (lambda: encoded("JPEG")[:100], "image/jpeg"),
    "a png cut in its data": (lambda: encoded("PNG")[:500], "image/png"),
    "a png with a wrong checksum": (lambda: encoded("PNG").replace(b"IDAT", b"IDAU", 1), "image/png"),
    "a png without a header": (lambda: b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), "image/png"),
    "a webp cut in its data": (lambda: encoded("WEBP")[:200], "image/webp"),
    "a webp of nothing": (lambda: b"RIFF\x04\x00\x00\x00WEBP", "image/webp"),
    "a webp without a frame": (lambda: b"RIFF\x0c\x00\x00\x00WEBPVP8 \x00\x00\x00\x00", "image/webp"),
    "a webp with half a header": (lambda: b"RIFF\x0e\x00\x00\x00WEBPVP8X\x02\x00\x00\x00\x00\x00", "image/webp"),
}


@pytest.mark.parametrize(("make", "mime"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_cannot_be_marked_is_refused(make, mime):
    """Publishing it unmarked would break the promise silently."""
    image = make()
    with pytest.raises(Rejected):
        stamp(image, mime=mime)


@pytest.mark.parametrize("image", [b"", b"\xff\xd8", b"hello", b"RIFF", b"\x89PNG\r\n\x1a\n"])
def test_reading_a_mark_never_fails(image):
    """It is asked about anything that Shopify gives back."""
    assert mark(image) is None


SEEDS = [make() for make in VARIANTS.values()] + [encoded(kind, xmp=packet(TITLE)) for kind in MIMES]


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    image=st.sampled_from(SEEDS),
    edits=st.lists(st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=4)), min_size=1, max_size=6),
    near_start=st.booleans(),
)
def test_of_a_damaged_file_a_refusal_or_a_marked_picture_comes_out(image, edits, near_start):
    """A picture that is half stamped would be published unmarked, or not at all."""
    mime, changed = mime_of(image), bytearray(image)
    for where, what in edits:
        at = int(where * (min(len(changed), 400) if near_start else len(changed)))
        changed[at : at + len(what)] = what

    try:
        result = stamp(bytes(changed), mime=mime)
    except Rejected:
        return
    assert TRAINED == mark(result)
    assert result == stamp(result, mime=mime)


@pytest.fixture
def exiftool():
    """Runs exiftool on bytes: a reader that knows nothing of us."""
    program = shutil.which("exiftool")
    if program is None and os.environ.get("CI") == "true":
        pytest.fail("exiftool is not installed, and CI must check the mark with it")
    if program is None:
        pytest.skip("exiftool is not installed: the mark was read by our own parser and Pillow only")

    def run(image, *arguments):
        done = subprocess.run([program, *arguments, "-"], input=image, capture_output=True, timeout=60, check=False)
        return done.stdout.decode().strip()

    return run


FAULTS = ("-validate", "-warning", "-a", "-s3")


@pytest.mark.parametrize("name", ["jpeg", "jpeg with exif", "rgba png", "webp", "clear lossless webp"])
def test_exiftool_reads_the_mark_and_finds_no_new_fault(name, exiftool):
    """Google's reader is not ours; a second opinion before a shop relies on it."""
    image = VARIANTS[name]()
    result = stamped(image)

    assert TRAINED == exiftool(result, "-XMP-iptcExt:DigitalSourceType", "-n", "-s3")
    assert "shopify-imagegen" == exiftool(result, "-XMP-xmp:CreatorTool", "-s3")
    assert exiftool(image, *FAULTS) == exiftool(result, *FAULTS)


@pytest.mark.parametrize("kind", MIMES)
def test_exiftool_reads_what_was_kept(kind, exiftool):
    """Two descriptions in one packet must read as one."""
    result = stamped(encoded(kind, xmp=packet(*OTHER_MARKS["an attribute"])))

    assert "Lämp & shade" == exiftool(result, "-XMP-dc:Title", "-s3")
    assert TRAINED == exiftool(result, "-a", "-XMP-iptcExt:DigitalSourceType", "-n", "-s3")
