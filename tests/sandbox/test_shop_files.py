"""Files and staged uploads, as strict as the facts about Shopify."""

import io
import struct
import zlib

import httpx
import pytest
from PIL import Image

from .client import eventually, jpeg


def codes(errors):
    return [error["code"] for error in errors]


def form(target):
    return {each["name"]: each["value"] for each in target["parameters"]}


def claims_png(width, height):
    """A few bytes that claim to be a large picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    body = b"".join(struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_file_becomes_ready_in_its_own_time(start, connect):
    """The app must poll: fileCreate answers long before there is a picture."""
    shop = connect(start(media_delay_s=1.0))
    (made,) = shop.create()["files"]

    assert "UPLOADED" == made["fileStatus"]
    assert shop.file(made["id"])["image"] is None
    eventually(lambda: shop.file(made["id"])["status"] == "PROCESSING")
    ready = shop.settled(made["id"])
    assert ("READY", 80, 60) == (ready["status"], ready["image"]["width"], ready["image"]["height"])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html>not found</html>", "UNSUPPORTED_IMAGE_FILE_TYPE"),
        (jpeg(400, 400)[:-300], "IMAGE_PROCESSING_FAILURE"),
        (claims_png(5001, 5000), "INVALID_IMAGE_RESOLUTION"),
        (claims_png(30000, 30000), "INVALID_IMAGE_RESOLUTION"),
        (jpeg() + b"\0" * 20 * 1024 * 1024, "INVALID_IMAGE_FILE_SIZE"),
    ],
    ids=["html", "truncated", "over 25 MP", "bomb", "over 20 MB"],
)
def test_what_is_no_picture_ends_failed(shop, content, code):
    """A failed file must be told from a slow one, with its reason."""
    failed = shop.settled(shop.create(content)["files"][0]["id"])

    assert "FAILED" == failed["fileStatus"]
    assert [code] == codes(failed["mediaErrors"])
    assert failed["image"] is None


def test_nothing_uploaded_is_no_source(shop):
    """A staged target that nothing was put in must not become a file."""
    source = shop.stage()["resourceUrl"]

    assert ["INVALID_IMAGE_SOURCE_URL"] == codes(shop.create(originalSource=source)["userErrors"])


def test_an_address_on_this_machine_is_fetched(shop):
    """Shopify takes public URLs too; here those of this machine."""
    url = shop.file(shop.ready_file())["image"]["url"]

    assert "READY" == shop.settled(shop.create(originalSource=url)["files"][0]["id"])["fileStatus"]


@pytest.mark.parametrize("url", ["http://203.0.113.1/a.jpg", "http://127.0.0.1:9/a.jpg"], ids=["foreign", "closed"])
def test_an_address_that_cannot_be_fetched_fails(shop, url):
    """And no request ever leaves this machine."""
    failed = shop.settled(shop.create(originalSource=url, filename="a.jpg")["files"][0]["id"])

    assert ["IMAGE_DOWNLOAD_FAILURE"] == codes(failed["mediaErrors"])


def test_a_long_alt_text_is_refused(shop):
    """512 characters are the limit, on both ways in."""
    assert ["ALT_VALUE_LIMIT_EXCEEDED"] == codes(shop.create(alt="a" * 513)["userErrors"])
    assert ["ALT_VALUE_LIMIT_EXCEEDED"] == codes(shop.update(shop.ready_file(alt="a" * 512), alt="a" * 513))


def test_a_clash_of_names_gets_a_uuid(shop):
    """The default mode never replaces a merchant's file."""
    first, second = shop.ready_file(), shop.ready_file()
    urls = [shop.file(gid)["image"]["url"] for gid in (first, second)]

    assert "/oak.jpg?" in urls[0]
    assert "/oak_" in urls[1]
    assert first != second


def test_raise_error_refuses_a_name_that_is_taken(shop):
    """This mode is how a lost answer is found out."""
    shop.ready_file()

    refused = shop.create(duplicateResolutionMode="RAISE_ERROR")
    assert (None, ["FILENAME_ALREADY_EXISTS"]) == (refused["files"], codes(refused["userErrors"]))


def test_replace_keeps_the_id_and_changes_the_picture(shop):
    """The same name, so every product that shows it changes."""
    old = shop.ready_file()
    (made,) = shop.create(jpeg(30, 20), duplicateResolutionMode="REPLACE")["files"]

    assert old == made["id"]
    assert 30 == shop.settled(old)["image"]["width"]
    assert "v=2" in shop.file(old)["image"]["url"]


def test_an_extension_must_be_that_of_the_source(shop):
    """A JPEG called .png is refused before it is a file."""
    wanted = shop.create(originalSource=shop.upload(), filename="oak.png")

    assert ["MISMATCHED_FILENAME_AND_ORIGINAL_SOURCE"] == codes(wanted["userErrors"])


def test_all_files_or_none(shop):
    """One bad entry must not leave half a batch behind."""
    good = {"originalSource": shop.upload(), "contentType": "IMAGE"}
    payload = shop.data("CreateFiles", files=[good, {**good, "alt": "a" * 513}])

    assert [["files", "1", "alt"]] == [error["field"] for error in payload["userErrors"]]
    assert [] == shop.data("Files")["nodes"]


def test_only_a_ready_file_can_be_updated(start, connect):
    """The app must wait before it attaches."""
    shop = connect(start(media_delay_s=30.0))
    (made,) = shop.create()["files"]

    assert ["NON_READY_STATE"] == codes(shop.update(made["id"], alt="A lamp"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"referencesToAdd": ["gid://shopify/Collection/1"]}, "UNSUPPORTED_FILE_REFERENCE"),
        ({"referencesToAdd": ["gid://shopify/Product/1"]}, "REFERENCE_TARGET_DOES_NOT_EXIST"),
        ({"referencesToRemove": ["gid://shopify/Page/1"]}, "UNSUPPORTED_FILE_REFERENCE"),
        ({"filename": "oak.png"}, "INVALID_FILENAME_EXTENSION"),
        ({"filename": "taken.jpg"}, "FILENAME_ALREADY_EXISTS"),
        ({"originalSource": "ftp://127.0.0.1/a.jpg"}, "INVALID_IMAGE_SOURCE_URL"),
    ],
)
def test_an_update_that_shopify_refuses(shop, changes, code):
    """Each has its own code, and the app its own answer to it."""
    shop.ready_file(filename="taken.jpg")

    assert [code] == codes(shop.update(shop.ready_file(), **changes))


def test_a_file_that_is_not_there(shop):
    """Deleted by the merchant in the meantime: named, not an exception."""
    gone = "gid://shopify/MediaImage/1"

    assert ["FILE_DOES_NOT_EXIST"] == codes(shop.update(gone, alt="A"))
    assert ["FILE_DOES_NOT_EXIST"] == codes(shop.data("DeleteFiles", ids=[gone])["userErrors"])
    assert [None] == shop.data("Nodes", ids=[gone])


def test_alt_and_filename_can_be_changed(shop):
    """A new name is a new address."""
    file = shop.ready_file()

    assert [] == shop.update(file, alt="An oak lamp", filename="lamp.jpg")
    changed = shop.file(file)
    assert "An oak lamp" == changed["alt"]
    assert "/lamp.jpg?" in changed["image"]["url"]


def test_new_content_keeps_the_address(shop):
    """Caches must not key on the URL's path alone."""
    file = shop.ready_file()

    assert [] == shop.update(file, originalSource=shop.upload(jpeg(50, 50)))
    assert 50 == shop.settled(file)["image"]["width"]
    assert "/oak.jpg?v=2" in shop.file(file)["image"]["url"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filename:oak.jpg", True),
        ("filename:oak", True),
        ("filename:'OAK.jpg'", True),
        ("filename:oa", False),
        ("status:ready", True),
        ("status:FAILED", False),
        ("filename:oak AND status:failed", False),
        ("filename:oak OR status:failed", True),
        ("-filename:oak", False),
    ],
)
def test_files_are_found_by_exact_name_and_status(shop, query, found):
    """A lost answer to fileCreate is resolved by this search; a fuzzy match would attach a stranger's file."""
    file = shop.ready_file()

    assert ([{"id": file}] if found else []) == shop.data("Files", query=query)["nodes"]


def test_files_are_found_by_id(shop):
    """By number, and by the whole gid."""
    file = shop.ready_file()
    shop.ready_file()

    assert [{"id": file}] == shop.data("Files", query=f"id:{file.rpartition('/')[2]}")["nodes"]


def test_an_unknown_search_field_is_named(shop):
    """Shopify leaves it out of the search, and says so where nobody looks."""
    answer = shop.ask("Files", query="colour:red")

    assert "colour" == answer["extensions"]["search"][0]["warnings"][0]["field"]


def test_a_put_target_takes_raw_bytes(shop):
    """The default method of stagedUploadsCreate is PUT."""
    target = shop.stage(method="PUT")

    assert 403 == httpx.put(target["url"], content=jpeg(), headers={"Content-Type": "image/png"}).status_code
    assert 200 == httpx.put(target["url"], content=jpeg(), headers={"Content-Type": "image/jpeg"}).status_code
    assert [] == shop.create(originalSource=target["resourceUrl"])["userErrors"]


@pytest.mark.parametrize("change", ["missing", "wrong", "after the file", "no file"])
def test_a_form_that_is_not_as_signed_is_refused(shop, change):
    """Every parameter, in the form, before the file: as S3 and GCS want it."""
    target = shop.stage()
    fields = form(target)
    parts = [(name, (None, value)) for name, value in fields.items()]
    file = ("file", ("oak.jpg", jpeg()))
    parts = {
        "missing": [*parts[1:], file],
        "wrong": [*parts[:-1], ("x-goog-signature", (None, "forged")), file],
        "after the file": [*parts[:-1], file, parts[-1]],
        "no file": parts,
    }[change]

    assert 403 == shop.http.post(target["url"], files=parts).status_code
    assert ["INVALID_IMAGE_SOURCE_URL"] == codes(shop.create(originalSource=target["resourceUrl"])["userErrors"])


def test_a_target_that_is_over_is_refused(start, connect):
    """Targets are minted just before use."""
    shop = connect(start(staged_target_life_s=0.0))
    target = shop.stage()

    assert 403 == shop.http.post(target["url"], data=form(target), files={"file": jpeg()}).status_code


def test_the_cdn_serves_the_uploaded_bytes(shop):
    """The AI mark is in the metadata: the original keeps it."""
    original = jpeg(90, 60, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    url = shop.file(shop.ready_file(original))["image"]["url"]

    assert original == shop.http.get(url).content


@pytest.mark.parametrize(
    ("transform", "size", "mime_type"),
    [
        ({"maxWidth": 40}, (40, 30), "image/jpeg"),
        ({"maxHeight": 15}, (20, 15), "image/jpeg"),
        ({"maxWidth": 4000}, (80, 60), "image/jpeg"),
        ({"maxWidth": 20, "maxHeight": 20, "crop": "CENTER"}, (20, 20), "image/jpeg"),
        ({"maxWidth": 20, "scale": 2, "preferredContentType": "WEBP"}, (40, 30), "image/webp"),
    ],
    ids=["width", "height", "never enlarged", "crop", "scale and format"],
)
def test_a_transform_makes_a_copy(shop, transform, size, mime_type):
    """References for the image API are fetched like this."""
    file = shop.ready_file()
    query = """query Copy($id: ID!, $transform: ImageTransformInput!) {
        nodes(ids: [$id]) { ... on MediaImage { image { url(transform: $transform) } } } }"""
    (node,) = shop.data(query, id=file, transform=transform)
    copy = shop.http.get(node["image"]["url"])

    with Image.open(io.BytesIO(copy.content)) as image:
        assert size == image.size
    assert mime_type == copy.headers["Content-Type"]


def test_a_deleted_file_is_gone_everywhere(shop):
    """fileDelete is for good: from the CDN, the search and every product."""
    product, file = shop.add_product(), shop.ready_file()
    url = shop.file(file)["image"]["url"]
    shop.update(file, referencesToAdd=[product["gid"]])

    assert [file] == shop.data("DeleteFiles", ids=[file])["deletedFileIds"]
    assert [] == shop.media(product)
    assert [] == shop.data("Files")["nodes"]
    assert 404 == shop.http.get(url).status_code
