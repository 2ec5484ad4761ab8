"""Files that somebody might upload to hurt us, the same ones for the same seed: (what it is, its bytes)."""

import io
import random
import struct
import zlib

from PIL import Image, ImageDraw, PngImagePlugin

SIDE_PX = 160
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF", "BMP")
XMP = "http://ns.adobe.com/xap/1.0/"
DEEP = b"<a>" * 50_000
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (each, b"&a%d;" % (each - 1) * 10 if each else b"&a;" * 10) for each in range(9))
    + b"]><x>&a8;</x>"
)
PACKED = (  # chunks of a PNG that hold compressed text, up to where it begins
    (b"zTXt", b"k\0\0"),
    (b"iTXt", b"k\0\1\0\0\0"),
    (b"iCCP", b"p\0\0"),
    (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0"),
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


def files(seed=0):
    """All of them; more seeds make more of the chance ones."""
    chance = random.Random(seed)
    plain = {kind: photo(kind) for kind in FORMATS}
    yield from cut(plain)
    yield from damaged(plain, chance)
    yield from claims()
    yield from bombs()
    yield from packets()
    yield from metadata(plain)
    yield from strangers(plain, chance)


def photo(kind, **options):
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), "white")
    ImageDraw.Draw(image).ellipse((20, 20, 130, 130), fill=(200, 60, 40))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def cut(plain):
    """The connection broke, or somebody wants the decoder to read on."""
    for kind, whole in plain.items():
        for part in (0.01, 0.1, 0.3, 0.5, 0.8, 0.99):
            yield f"{kind} cut at {part:.0%}", whole[: max(1, int(len(whole) * part))]


def damaged(plain, chance, each=10):
    """Single bytes, runs of them, pieces twice, pieces of another file."""
    for kind, whole in plain.items():
        for number in range(each):
            broken = bytearray(whole)
            for _ in range(chance.randrange(1, 30)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            at, to = sorted(chance.randrange(len(whole)) for _ in range(2))
            if number % 3 == 1:
                broken[at:at] = broken[at:to]
            if number % 3 == 2:
                broken[at:to] = chance.randbytes(min(to - at, 2_000))
            yield f"{kind} damaged {number}", bytes(broken)


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, *chunks, bits=8, colour=2, data=b""):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def claims():
    """A few bytes that claim to be large: a decoder may believe them and ask for the memory."""
    for width, height in ((65_535, 65_535), (2**31 - 1, 1), (1, 2**31 - 1), (30_000, 30_000), (0, 0), (0, 5)):
        yield f"PNG of {width} x {height}", png(width, height, data=zlib.compress(bytes(100)))
        yield f"BMP of {width} x {height}", bmp(width, height)
        yield f"GIF of {width} x {height}", b"GIF89a" + struct.pack("<HHBBB", width & 65_535, height & 65_535, 0, 0, 0)
        yield f"JPEG of {width} x {height}", jpeg(width & 65_535, height & 65_535)
        yield f"TIFF of {width} x {height}", tiff(width, height)
    yield "WEBP of 16383 x 16383", webp(16_383, 16_383)
    yield "PNG of 16 bits, 9000 x 9000", png(9_000, 9_000, bits=16, colour=6, data=zlib.compress(bytes(1_000)))


def bmp(width, height):
    header = struct.pack("<IiiHHIIiiII", 40, width & 0x7FFFFFFF, height & 0x7FFFFFFF, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + header


def jpeg(width, height):
    frame = struct.pack(">HBHHB", 17, 8, height, width, 3) + b"\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    whole = photo("JPEG")
    start = whole.index(b"\xff\xc0")
    return whole[: start + 2] + frame + whole[start + 19 :]


def tiff(width, height, *, following=0):
    """One directory; *following* names the next, and may name itself."""
    tags = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (278, height), (279, 1)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value & 0xFFFFFFFF) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", following)


def webp(width, height):
    head = struct.pack("<I", (width - 1) | (height - 1) << 14)
    body = b"VP8L" + struct.pack("<I", 5) + b"\x2f" + head
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def bombs():
    """Small files that unpack to much: pixels, text, profiles, frames, directories."""
    row = bytes(1 + 8_000 * 3)
    packed = zlib.compressobj(9)
    yield (
        "PNG that unpacks to 190 MB",
        png(8_000, 8_000, data=b"".join(packed.compress(row) for _ in range(8_000)) + packed.flush()),
    )
    yield "PNG with more data than pixels", png(100, 100, data=zlib.compress(bytes(50_000_000), 9))
    for name, before in PACKED:
        packed = before + zlib.compress(bytes(100_000_000), 9)
        yield f"PNG with 100 MB in {name.decode()} ({len(before)})", png(64, 64, chunk(name, packed))
    yield "PNG with a promise of frames", png(64, 64, chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)))
    yield "GIF of 500 frames", frames(500)
    yield "TIFF whose directory follows itself", tiff(64, 64, following=8)
    yield "TIFF without an end", tiff(64, 64, following=2**31)
    yield "a picture as large as we take", photo_of(8_900, 8_900)


def frames(count):
    out = io.BytesIO()
    images = [Image.new("P", (64, 64), number % 256) for number in range(count)]
    images[0].save(out, "GIF", save_all=True, append_images=images[1:])
    return out.getvalue()


def photo_of(width, height):
    out = io.BytesIO()
    Image.new("L", (width, height), 200).save(out, "PNG", compress_level=1)
    return out.getvalue()


def packets():
    """XMP that is made for its reader: entities, depth, length, other encodings."""
    words = {"laughs": LAUGHS, "outside": OUTSIDE, "deep": DEEP, "long": b"<x>" + b"a" * 3_000_000 + b"</x>"}
    words |= {"utf-16": "<x>ä</x>".encode("utf-16"), "nul": b"<x>\0</x>", "none": b"", "half": b"<x:xmpmeta"}
    words |= {"attributes": b"<x " + b" ".join(b'a%d="1"' % each for each in range(20_000)) + b"/>"}
    for name, packet in words.items():
        info = PngImagePlugin.PngInfo()
        info.add(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)
        yield f"PNG with XMP: {name}", photo("PNG", pnginfo=info)
        yield f"WEBP with XMP: {name}", photo("WEBP", xmp=packet)
        segment = XMP.encode() + b"\0" + packet[:60_000]
        whole = photo("JPEG")
        yield (
            f"JPEG with XMP: {name}",
            whole[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + whole[2:],
        )


def with_segment(jpeg_, marker, body, *, times=1):
    segment = b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body
    return jpeg_[:2] + segment * times + jpeg_[2:]


def metadata(plain):
    """Mountains of notes around a small picture."""
    jpeg_, png_ = plain["JPEG"], plain["PNG"]
    for name, marker in (("comments", 0xFE), ("EXIF", 0xE1), ("profiles", 0xE2), ("IPTC", 0xED)):
        heads = {"EXIF": b"Exif\0\0MM\0*\0\0\0\x08", "profiles": b"ICC_PROFILE\0\x01\xff", "IPTC": b"Photoshop 3.0\0"}
        body = heads.get(name, b"") + bytes(60_000)
        yield f"JPEG with 6 MB of {name}", with_segment(jpeg_, marker, body, times=100)
    yield "PNG with 20,000 texts", png_[:33] + chunk(b"tEXt", b"k\0v") * 20_000 + png_[33:]
    yield "PNG with a text of 10 MB", png_[:33] + chunk(b"tEXt", b"k\0" + bytes(10_000_000)) + png_[33:]
    loop = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x08\0\0\0\x08"
    yield (
        "JPEG whose EXIF points at itself",
        jpeg_[:2] + b"\xff\xe1" + struct.pack(">H", len(loop) + 2) + loop + jpeg_[2:],
    )
    for turn in (0, 9, 65_535):
        tags = Image.Exif()
        tags[0x0112] = turn
        yield f"JPEG turned by {turn}", photo("JPEG", exif=tags)
    yield "JPEG with a hollow profile", photo("JPEG", icc_profile=bytes(4_000))
    yield "PNG with a profile that lies about its length", photo("PNG", icc_profile=b"\xff" * 132 + b"acsp" * 50)


def strangers(plain, chance):
    """Other kinds of files under a picture's name, and files that are two kinds at once."""
    kinds = {
        "nothing": b"",
        "one byte": b"\xff",
        "a start alone": b"\xff\xd8\xff",
        "zeros": bytes(100_000),
        "noise": chance.randbytes(100_000),
        "text": b"hello " * 1_000,
        "JSON": b'{"a": [' * 10_000,
        "HTML": b"<!doctype html><script>alert(1)</script>",
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "SVG with entities": LAUGHS.replace(b"<x>", b"<svg>"),
        "PDF": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>",
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (r) file\n",
        "a program": b"\x7fELF" + bytes(500),
        "a ZIP": b"PK\x03\x04" + bytes(500),
        "gzip": b"\x1f\x8b\x08" + bytes(50),
        "HEIC": b"\0\0\0\x18ftypheic" + bytes(200),
        "a film": b"\0\0\0\x18ftypmp42" + bytes(200),
        "PSD": b"8BPS\0\x01" + bytes(200),
        "an icon": b"\0\0\x01\0\x01\0" + bytes(200),
        "PPM": b"P6\n99999 99999\n255\n",
        "FLI": struct.pack("<IHHHH", 500, 0xAF11, 1, 65_000, 65_000) + bytes(200),
        "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(200),
        "XBM": b"#define x_width 99999\n#define x_height 99999\nstatic char x_bits[] = {",
    }
    yield from kinds.items()
    for kind, whole in plain.items():
        yield f"{kind} and a ZIP", whole + b"PK\x03\x04" + bytes(300) + b"PK\x05\x06" + bytes(18)
        yield f"{kind} and a script", whole + b"<script>fetch('/')</script>"
        yield f"{kind} behind a PDF", b"%PDF-1.7\n" + whole
        other = chance.choice([each for each in FORMATS if each != kind])
        yield f"{kind} that goes on as {other}", whole[: len(whole) // 2] + plain[other][len(plain[other]) // 2 :]
        yield f"{kind} under {other}'s first bytes", plain[other][:12] + whole[12:]
