"""Mark a picture as made by AI, in its XMP, without touching a pixel. Pure: bytes in, bytes out."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from xml.dom.minidom import Document, Element, parseString
from xml.parsers.expat import ExpatError

from shopify_imagegen.errors import Rejected

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"  # the term that Google names
TOOL = "shopify-imagegen"

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
XMP = "http://ns.adobe.com/xap/1.0/"
EMPTY_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about=""/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
).encode()
MAX_PACKET_BYTES = 1_000_000  #: of a packet that we would keep

JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
JPEG_SEGMENT_BYTES = 65_533  #: a segment's length field has 16 bits and counts itself
JPEG_START, JPEG_SCAN, JPEG_END = b"\xff\xd8", b"\xff\xda", 0xD9
JPEG_BARE = {bytes([marker]) for marker in (0x01, *range(0xD0, 0xD8))}  #: markers without a length
PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_XMP = b"XML:com.adobe.xmp\0"
PNG_AFTER_IHDR = 2  #: parts: the start and IHDR, which must come first
WEBP_HAS_ALPHA, WEBP_HAS_XMP = 0x10, 0x04


class Part(NamedTuple):
    """A piece of a container; the pieces together are the file."""

    name: bytes
    raw: bytes
    packet: bytes | None = None  #: the XMP in it


class Container(NamedTuple):
    """How one kind of file holds its XMP."""

    parts: Callable[[bytes], list[Part]]  #: raises Rejected
    place: Callable[[Sequence[Part]], int]  #: where a new packet goes
    wrap: Callable[[bytes], bytes]  #: packet → piece
    joined: Callable[[Sequence[Part]], bytes]
    max_packet_bytes: int = MAX_PACKET_BYTES


def stamp(image: bytes, *, mime: str) -> bytes:
    """Write the IPTC DigitalSourceType "trainedAlgorithmicMedia" into the picture's XMP.

    What else the XMP says is kept if it can be read. A stamped picture comes back as it is. A C2PA manifest stays where
    it was, byte for byte; whoever checks its hashes will see that something was added.

    Args:
        mime: what the bytes are: "image/jpeg", "image/png" or "image/webp".

    Returns:
        The same picture: what encodes the pixels is copied, never encoded again.

    Raises:
        Rejected: another kind of file, or one whose structure is damaged. What encodes the pixels is not looked at.
    """
    container = CONTAINERS.get(mime)
    if container is None:
        raise Rejected(f"a file of type {mime} cannot carry the AI mark; JPEG, PNG and WebP can")
    parts = container.parts(image)
    packets = [part.packet for part in parts if part.packet is not None]
    if len(packets) == 1 and _complete(packets[0]):
        return image
    packet = _marked(packets[0] if packets else EMPTY_PACKET)
    if len(packet) > container.max_packet_bytes:
        packet = _marked(EMPTY_PACKET)
    return container.joined(_with_packet(parts, packet, container))


def mark(image: bytes) -> str | None:
    """The DigitalSourceType that the picture's XMP names; None when there is none or it cannot be read."""
    for container in CONTAINERS.values():
        try:
            packets = [part.packet for part in container.parts(image) if part.packet is not None]
        except Rejected:
            continue
        return next(filter(None, map(_source_type, packets)), None)
    return None


def _with_packet(parts: Sequence[Part], packet: bytes, container: Container) -> list[Part]:
    """The parts with one packet only: in place of the first, or where a new one goes."""
    first = next((index for index, part in enumerate(parts) if part.packet is not None), container.place(parts))
    others = [[part for part in side if part.packet is None] for side in (parts[:first], parts[first:])]
    return [*others[0], Part(b"xmp", container.wrap(packet), packet), *others[1]]


# The packet


def _read(packet: bytes) -> Document | None:
    """The packet as a tree, if it is small and plain enough to be trusted."""
    if len(packet) > MAX_PACKET_BYTES or b"<!DOCTYPE" in packet:  # its entities may expand without end
        return None
    try:
        tree = parseString(packet.decode("utf-8").strip("\0 \t\r\n"))
        tree.toxml()  # nested too deeply to be written is as good as unreadable
    except (ExpatError, UnicodeError, ValueError, RecursionError):
        return None
    return tree


def _descriptions(tree: Document) -> list[Element]:
    """What the packet says of the picture itself, and not of its ingredients."""
    roots = tree.getElementsByTagNameNS(RDF, "RDF")
    return [node for node in roots[0].childNodes if isinstance(node, Element)] if roots else []


def _values(tree: Document, namespace: str, name: str) -> Iterator[str]:
    """A simple property's values, in each of the three forms that RDF allows."""
    for description in _descriptions(tree):
        if description.hasAttributeNS(namespace, name):
            yield description.getAttributeNS(namespace, name)
        for child in _children(description, namespace, name):
            text = "".join(node.data for node in child.childNodes if node.nodeType == node.TEXT_NODE)
            yield child.getAttributeNS(RDF, "resource") or text.strip()


def _children(description: Element, namespace: str, name: str) -> list[Element]:
    elements = [node for node in description.childNodes if isinstance(node, Element)]
    return [node for node in elements if (node.namespaceURI, node.localName) == (namespace, name)]


def _source_type(packet: bytes) -> str | None:
    tree = _read(packet)
    return next(_values(tree, IPTC, "DigitalSourceType"), None) if tree else None


def _complete(packet: bytes) -> bool:
    tree = _read(packet)
    if tree is None:
        return False
    return [*_values(tree, IPTC, "DigitalSourceType")] == [SOURCE_TYPE] and any(_values(tree, XMP, "CreatorTool"))


def _marked(packet: bytes) -> bytes:
    """The packet saying that the picture is made by AI; a new one if this one cannot be kept."""
    tree = _read(packet)
    if tree is None or not _descriptions(tree):
        return _marked(EMPTY_PACKET)
    _unmark(tree)
    _describe(tree, _descriptions(tree)[0])
    return "".join(node.toxml() for node in tree.childNodes).encode()


def _unmark(tree: Document) -> None:
    for description in _descriptions(tree):
        if description.hasAttributeNS(IPTC, "DigitalSourceType"):
            description.removeAttributeNS(IPTC, "DigitalSourceType")
        for child in _children(description, IPTC, "DigitalSourceType"):
            description.removeChild(child)


def _describe(tree: Document, first: Element) -> None:
    """Add our properties in an element of its own, so that no prefix in use changes its meaning."""
    ours = tree.createElementNS(RDF, "rdf:Description")
    ours.setAttribute("xmlns:rdf", RDF)
    ours.setAttributeNS(RDF, "rdf:about", first.getAttributeNS(RDF, "about"))
    ours.setAttribute("xmlns:Iptc4xmpExt", IPTC)
    ours.setAttributeNS(IPTC, "Iptc4xmpExt:DigitalSourceType", SOURCE_TYPE)
    if not any(_values(tree, XMP, "CreatorTool")):
        ours.setAttribute("xmlns:xmp", XMP)
        ours.setAttributeNS(XMP, "xmp:CreatorTool", TOOL)
    parent = first.parentNode
    assert parent is not None
    parent.appendChild(ours)


# JPEG: segments up to the scan, then everything else as one part


def _jpeg_parts(image: bytes) -> list[Part]:
    if not image.startswith(JPEG_START):
        raise Rejected("this is not a JPEG file")
    parts, at = [Part(b"start", JPEG_START)], len(JPEG_START)
    while image[at : at + 2] != JPEG_SCAN:
        raw = image[at : at + _jpeg_size(image[at : at + 4])]
        is_xmp = raw.startswith(b"\xff\xe1") and raw[4:].startswith(JPEG_XMP)
        parts.append(Part(raw[1:2], raw, raw[4 + len(JPEG_XMP) :] if is_xmp else None))
        at += len(raw)
    return [*parts, Part(b"scan", image[at:])]


def _jpeg_size(head: bytes) -> int:
    """Of the segment that begins with these four bytes; of a fill byte or a bare marker when it is one."""
    if head[:2] == b"\xff\xff":
        return 1
    if head[:1] == b"\xff" and head[1:2] in JPEG_BARE:
        return 2
    size = 2 + int.from_bytes(head[2:])
    if len(head) < 4 or head[0] != 0xFF or head[1] == JPEG_END or size < 4:
        raise Rejected("the JPEG file is damaged or incomplete")
    return size


def _jpeg_place(parts: Sequence[Part]) -> int:
    """After the start, JFIF and EXIF, which readers expect first."""
    in_front = [part.name in (b"start", b"\xe0") or part.raw[4:].startswith(b"Exif\0") for part in parts]
    return in_front.index(False)


def _jpeg_segment(packet: bytes) -> bytes:
    return b"\xff\xe1" + (2 + len(JPEG_XMP) + len(packet)).to_bytes(2) + JPEG_XMP + packet


# PNG: chunks with a checksum each


def _png_parts(image: bytes) -> list[Part]:
    if not image.startswith(PNG_START):
        raise Rejected("this is not a PNG file")
    parts, at = [Part(b"start", PNG_START)], len(PNG_START)
    while parts[-1].name != b"IEND":
        size = 12 + int.from_bytes(image[at : at + 4])
        raw = image[at : at + size]
        if len(raw) < size or zlib.crc32(raw[4:-4]).to_bytes(4) != raw[-4:]:
            raise Rejected("the PNG file is damaged or incomplete")
        parts.append(Part(raw[4:8], raw, _png_packet(raw)))
        at += size
    if parts[1].name != b"IHDR":
        raise Rejected("the PNG file is damaged or incomplete")
    return [*parts, Part(b"rest", image[at:])]


def _png_packet(chunk: bytes) -> bytes | None:
    """The XMP in an iTXt chunk: keyword, compression flag and method, language, translated keyword, text."""
    if not chunk[4:].startswith(b"iTXt" + PNG_XMP):
        return None
    rest = chunk[8 + len(PNG_XMP) : -4]
    text = rest[2:].split(b"\0", 2)[-1]
    if not rest.startswith(b"\1"):
        return text
    try:
        return zlib.decompressobj().decompress(text, MAX_PACKET_BYTES + 1)
    except zlib.error:
        return b""  # it is there, and cannot be kept


def _png_chunk(packet: bytes) -> bytes:
    body = b"iTXt" + PNG_XMP + b"\0\0\0\0" + packet
    return (len(body) - 4).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)


# WebP: RIFF chunks; only the extended form may carry XMP


def _webp_parts(image: bytes) -> list[Part]:
    if image[:4] != b"RIFF" or image[8:12] != b"WEBP":
        raise Rejected("this is not a WebP file")
    end = 8 + int.from_bytes(image[4:8], "little")
    parts, at = [Part(b"start", image[:12])], 12
    while at < end:
        size = int.from_bytes(image[at + 4 : at + 8], "little")
        raw = image[at : at + 8 + size + size % 2]
        if len(raw) < 8 + size + size % 2 or at + len(raw) > end:
            raise Rejected("the WebP file is damaged or incomplete")
        parts.append(Part(raw[:4], raw, raw[8 : 8 + size] if raw[:4] == b"XMP " else None))
        at += len(raw)
    if len(parts) < 2 or (parts[1].name == b"VP8X" and len(parts[1].raw) < 18):
        raise Rejected("the WebP file is damaged or incomplete")
    return [*parts, Part(b"rest", image[at:])]


def _webp_joined(parts: Sequence[Part]) -> bytes:
    start, *chunks, rest = parts
    header = chunks.pop(0).raw if chunks[0].name == b"VP8X" else _webp_header(chunks[0])
    flagged = header[:8] + bytes([header[8] | WEBP_HAS_XMP]) + header[9:]
    body = b"WEBP" + flagged + b"".join(chunk.raw for chunk in chunks)
    return start.raw[:4] + len(body).to_bytes(4, "little") + body + rest.raw


def _webp_header(picture: Part) -> bytes:
    """The VP8X chunk of a simple file: flags, then width - 1 and height - 1 in 24 bits each."""
    flags, width, height = 0, 0, 0
    data = picture.raw[8:]
    if picture.name == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    elif picture.name == b"VP8L" and data[:1] == b"\x2f":
        bits = int.from_bytes(data[1:5], "little")
        flags = WEBP_HAS_ALPHA if bits >> 28 & 1 else 0
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if not (width and height):
        raise Rejected("the WebP file is damaged or incomplete")
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X" + (10).to_bytes(4, "little") + bytes([flags, 0, 0, 0]) + size


def _webp_chunk(packet: bytes) -> bytes:
    return b"XMP " + len(packet).to_bytes(4, "little") + packet + b"\0" * (len(packet) % 2)


def _joined(parts: Sequence[Part]) -> bytes:
    return b"".join(part.raw for part in parts)


CONTAINERS = {
    "image/jpeg": Container(_jpeg_parts, _jpeg_place, _jpeg_segment, _joined, JPEG_SEGMENT_BYTES - len(JPEG_XMP)),
    "image/png": Container(_png_parts, lambda _: PNG_AFTER_IHDR, _png_chunk, _joined),
    "image/webp": Container(_webp_parts, lambda parts: len(parts) - 1, _webp_chunk, _webp_joined),
}
