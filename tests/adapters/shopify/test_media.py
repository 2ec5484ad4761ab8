"""Files and galleries: what is sent, and what each refusal of Shopify means to us."""

import re

import httpx
import pytest

from shopify_imagegen.errors import (
    BadInput,
    Conflict,
    NoAnswer,
    NotFound,
    Rejected,
    Temporary,
    Unavailable,
)
from shopify_imagegen.models import StoredFile
from tests.adapters.shopify.conftest import SHOP, data

FILE = "gid://shopify/MediaImage/9"
PRODUCT = "gid://shopify/Product/1"
NAME = "oak-table-kitchen-lsp0123456789ab.jpg"
CDN = f"https://cdn.shopify.com/s/files/1/1/files/{NAME}?v=1"
RESOURCE = "https://storage.example/tmp/1"
STORED = httpx.Response(201)


def error(code, message="Shopify's words.", **more):
    return {"code": code, "field": ["files", "0"], "message": message} | more


def target(url="https://storage.example/", resource=RESOURCE, **fields):
    parameters = [{"name": name, "value": value} for name, value in (fields or {"key": "tmp/1", "policy": "p"}).items()]
    made = {"url": url, "resourceUrl": resource, "parameters": parameters}
    return data(stagedUploadsCreate={"stagedTargets": [made], "userErrors": []})


def created(*errors, status="UPLOADED"):
    files = [] if errors else [{"__typename": "MediaImage", "id": FILE, "fileStatus": status}]
    return data(fileCreate={"files": files, "userErrors": list(errors)})


def updated(*errors):
    return data(fileUpdate={"files": [], "userErrors": list(errors)})


def node(file_id=FILE, url=CDN, status="READY", kind="MediaImage"):
    image = {"image": {"url": url} if url else None} if kind == "MediaImage" else {}
    return {"__typename": kind, "id": file_id, "alt": "Oak table", "fileStatus": status} | image


def found(*nodes):
    return data(files={"nodes": list(nodes)})


@pytest.fixture
def media(neighbour):
    return neighbour.media


# Upload


def upload(media):
    return media.upload(SHOP, b"\xff\xd8picture", file_name=NAME, mime="image/jpeg")


def test_an_upload_sends_every_parameter_in_order_and_the_file_last(media, shopify):
    """The storage ignores what comes after the file, and refuses what is signed and missing."""
    shopify.says("StagedUploads", target(key="tmp/1", policy="p", acl="private"))
    shopify.says("storage", STORED)

    assert RESOURCE == upload(media)
    (wanted,) = shopify.sent("StagedUploads")[0]["input"]
    assert {"filename": NAME, "mimeType": "image/jpeg", "resource": "IMAGE", "httpMethod": "POST"} == wanted
    (request,) = shopify.sent("storage")
    assert ["key", "policy", "acl", "file"] == re.findall(r' name="(\w+)"', request.content.decode("latin-1"))
    assert b"\xff\xd8picture" in request.content
    assert f'filename="{NAME}"'.encode() in request.content


def test_our_token_never_reaches_the_storage(media, shopify):
    """It belongs to Shopify's own hosts only."""
    shopify.says("StagedUploads", target())
    shopify.says("storage", STORED)
    upload(media)

    (request,) = shopify.sent("storage")
    assert "x-shopify-access-token" not in request.headers
    assert b"shpat_" not in request.content


@pytest.mark.parametrize(
    "trouble",
    [httpx.Response(400), httpx.Response(403), httpx.Response(503), httpx.ReadTimeout("silence")],
    ids=["400", "403", "503", "silence"],
)
def test_a_refused_upload_is_tried_on_a_new_target_once(trouble, media, shopify):
    """A target may have been used or be over; bytes on a target harm no one."""
    shopify.says("StagedUploads", target(key="first"), target(key="second"))
    shopify.says("storage", trouble, STORED)

    assert RESOURCE == upload(media)
    assert b"first" in shopify.sent("storage")[0].content
    assert b"second" in shopify.sent("storage")[1].content


def test_a_storage_that_keeps_refusing_is_left_for_later(media, shopify):
    """The paid picture is kept; publishing is tried again."""
    shopify.says("StagedUploads", target())
    shopify.says("storage", httpx.Response(403))

    with pytest.raises(Temporary, match="403"):
        upload(media)
    assert 2 == len(shopify.sent("storage"))


def test_too_large_a_picture_is_rejected(media, shopify):
    """The same bytes will not do better on another target."""
    shopify.says("StagedUploads", target())
    shopify.says("storage", httpx.Response(413))

    with pytest.raises(Rejected):
        upload(media)
    assert 1 == len(shopify.sent("storage"))


def test_an_unsafe_target_gets_no_bytes(media, shopify):
    """https, or loopback for the sandbox."""
    shopify.says("StagedUploads", target(url="http://storage.example/"))

    with pytest.raises(Rejected, match="not https"):
        upload(media)
    assert [] == shopify.sent("storage")


def test_a_target_is_refused_in_shopifys_words(media, shopify):
    """stagedUploadsCreate has errors without codes."""
    refused = {"stagedTargets": [], "userErrors": [{"field": None, "message": "No more uploads"}]}
    shopify.says("StagedUploads", data(stagedUploadsCreate=refused))

    with pytest.raises(Rejected, match="No more uploads"):
        upload(media)


@pytest.mark.parametrize("answer", [data(stagedUploadsCreate=None), target(url=None)], ids=["no payload", "no url"])
def test_a_target_without_an_address_may_come_with_one_later(answer, media, shopify):
    """The schema allows null everywhere."""
    shopify.says("StagedUploads", answer)

    with pytest.raises(Unavailable):
        upload(media)


# Files


def create(media):
    return media.create_file(SHOP, RESOURCE, file_name=NAME, alt="Oak table in a kitchen")


def test_a_file_is_created_by_its_name_or_not_at_all(media, shopify):
    """RAISE_ERROR makes the name a key: a repeat can never make a second file."""
    shopify.says("FileCreate", created())

    assert StoredFile(id=FILE, status="UPLOADED", alt="Oak table in a kitchen") == create(media)
    assert [
        {
            "originalSource": RESOURCE,
            "filename": NAME,
            "alt": "Oak table in a kitchen",
            "contentType": "IMAGE",
            "duplicateResolutionMode": "RAISE_ERROR",
        }
    ] == shopify.sent("FileCreate")[0]["files"]


def test_a_status_that_is_new_to_us_is_passed_on(media, shopify):
    """Enums grow inside a stable API version."""
    shopify.says("FileCreate", created(status="POLISHING"))

    assert "POLISHING" == create(media).status


@pytest.mark.parametrize(
    ("code", "ours", "words"),
    [
        ("FILENAME_ALREADY_EXISTS", Conflict, NAME),
        ("FILE_LOCKED", Temporary, "busy"),
        ("INVALID", BadInput, "store"),
        ("INVALID_FILENAME_EXTENSION", BadInput, "store"),
        ("UNACCEPTABLE_ASSET", Rejected, "kind of file"),
        ("UNACCEPTABLE_TRIAL_ASSET", Rejected, "free trial"),
        ("UNACCEPTABLE_UNVERIFIED_TRIAL_ASSET", Rejected, "verify"),
        ("NON_IMAGE_MEDIA_PER_SHOP_LIMIT_EXCEEDED", Rejected, "store"),
        ("SOMETHING_NEW", BadInput, "store"),
        (None, BadInput, "store"),
    ],
)
def test_a_refused_file_says_why(code, ours, words, media, shopify):
    """Plain words for the merchant, and Shopify's own for a search engine."""
    shopify.says("FileCreate", created(error(code)))

    with pytest.raises(ours, match=words) as caught:
        create(media)
    assert ours is type(caught.value)
    assert '"Shopify\'s words."' in str(caught.value)


@pytest.mark.parametrize(
    "answer", [data(fileCreate=None), created() | data(fileCreate={"files": None, "userErrors": []})]
)
def test_a_creation_without_a_clear_answer_is_to_be_read_back(answer, media, shopify):
    """`find_file` tells what happened; a repeat would guess."""
    shopify.says("FileCreate", answer)

    with pytest.raises(NoAnswer):
        create(media)
    assert 1 == len(shopify.requests)


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([node()], FILE),
        ([node(url=CDN.upper())], FILE),
        ([node(url=None, status="UPLOADED")], FILE),
        ([node("other", url=CDN.replace(".jpg", "_a1b2.jpg")), node()], FILE),
        ([node("other", url=None, status="PROCESSING"), node()], FILE),
        ([node("other", url=CDN.replace(".jpg", "_a1b2.jpg"))], None),
        ([node("other", url="https://cdn.shopify.com/my-oak-table-kitchen-lsp0123456789ab.jpg")], None),
        ([node("video", kind="Video")], None),
        ([], None),
    ],
    ids=["exact", "case", "unready", "twin", "unready beside", "uuid", "suffix", "video", "none"],
)
def test_a_file_is_found_by_exactly_its_name(nodes, expected, media, shopify):
    """Search is fuzzy; publishing somebody else's file would be worse than failing."""
    shopify.says("FilesSearch", found(*nodes))
    file = media.find_file(SHOP, NAME)

    assert expected == (file.id if file else None)
    assert f'filename:"{NAME}"' == shopify.sent("FilesSearch")[0]["query"]


def test_two_files_that_cannot_be_told_apart_yet_are_waited_for(media, shopify):
    """Guessing could attach another product's picture."""
    shopify.says("FilesSearch", found(node("a", url=None), node("b", url=None)))

    with pytest.raises(Temporary):
        media.find_file(SHOP, NAME)


def test_quotes_in_a_name_stay_within_the_phrase(media, shopify):
    """A name must not become search syntax."""
    shopify.says("FilesSearch", found())
    media.find_file(SHOP, 'a" OR filename:"b\\')

    assert r'filename:"a\" OR filename:\"b\\"' == shopify.sent("FilesSearch")[0]["query"]


def test_a_failed_file_says_why(media, shopify):
    """The merchant sees it in the picture's story."""
    wrong = {"code": "IMAGE_PROCESSING_FAILURE", "details": "Too odd.", "message": "Could not be processed."}
    shopify.says(
        "FilesById", data(nodes=[node(url=None, status="FAILED") | {"status": "FAILED", "mediaErrors": [wrong]}])
    )

    expected = StoredFile(id=FILE, status="FAILED", alt="Oak table", errors=("Could not be processed. Too odd.",))
    assert expected == media.file(SHOP, FILE)


@pytest.mark.parametrize(
    "nodes", [[None], [], [{"__typename": "Product", "id": PRODUCT}]], ids=["null", "none", "other"]
)
def test_a_file_that_is_gone_is_not_found(nodes, media, shopify):
    """The merchant may delete anything at any time."""
    shopify.says("FilesById", data(nodes=nodes))

    with pytest.raises(NotFound, match=FILE):
        media.file(SHOP, FILE)


def test_deleting_what_is_gone_is_done(media, shopify):
    """A rollback that is run twice must end the same."""
    gone = data(fileDelete={"deletedFileIds": None, "userErrors": [error("FILE_DOES_NOT_EXIST")]})
    shopify.says("FileDelete", gone)

    assert media.delete_file(SHOP, FILE) is None
    assert [FILE] == shopify.sent("FileDelete")[0]["ids"]


def test_a_delete_that_is_refused_is_not_silent(media, shopify):
    """Only "gone" is as good as deleted."""
    shopify.says("FileDelete", data(fileDelete={"deletedFileIds": [], "userErrors": [error("FILE_LOCKED")]}))

    with pytest.raises(Temporary):
        media.delete_file(SHOP, FILE)


# Galleries


def test_attach_and_detach_touch_nothing_but_the_reference(media, shopify):
    """Null or an empty alt would erase what the merchant wrote."""
    shopify.says("FileUpdate", updated())
    media.attach(SHOP, PRODUCT, FILE)
    media.detach(SHOP, PRODUCT, FILE)

    assert [
        [{"id": FILE, "referencesToAdd": [PRODUCT]}],
        [{"id": FILE, "referencesToRemove": [PRODUCT]}],
    ] == [each["files"] for each in shopify.sent("FileUpdate")]


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("UNSUPPORTED_FILE_REFERENCE", Conflict),
        ("INVALID", Conflict),
        ("SOMETHING_NEW", Conflict),
        (None, Conflict),
        ("NON_READY_STATE", Temporary),
        ("MEDIA_CANNOT_BE_MODIFIED", Temporary),
        ("FILE_DOES_NOT_EXIST", NotFound),
        ("REFERENCE_TARGET_DOES_NOT_EXIST", NotFound),
        ("PRODUCT_DOES_NOT_EXIST", NotFound),
        ("PRODUCT_MEDIA_LIMIT_EXCEEDED", Rejected),
        ("PRODUCT_SUSPENDED", Rejected),
    ],
)
def test_a_refused_attach_says_whether_there_is_another_way(code, ours, media, shopify):
    """Conflict sends the caller to `add_to_gallery`; nothing else may."""
    shopify.says("FileUpdate", updated(error(code)))

    with pytest.raises(ours) as caught:
        media.attach(SHOP, PRODUCT, FILE)
    assert ours is type(caught.value)


def test_an_unknown_refusal_of_detach_is_no_conflict(media, shopify):
    """There is no other way to take a picture off."""
    shopify.says("FileUpdate", updated(error("SOMETHING_NEW")))

    with pytest.raises(BadInput):
        media.detach(SHOP, PRODUCT, FILE)


def test_the_other_way_in_adds_a_new_medium(media, shopify):
    """productUpdate appends; no field of the product itself is sent."""
    shopify.says("ProductAddMedia", data(productUpdate={"product": {"id": PRODUCT}, "userErrors": []}))
    media.add_to_gallery(SHOP, PRODUCT, source_url=CDN, alt="Oak table")

    assert {
        "product": {"id": PRODUCT},
        "media": [{"alt": "Oak table", "mediaContentType": "IMAGE", "originalSource": CDN}],
    } == shopify.sent("ProductAddMedia")[0]


@pytest.mark.parametrize(
    ("message", "ours"), [("Product does not exist", NotFound), ("Image is odd", BadInput)], ids=["gone", "other"]
)
def test_errors_without_a_code_are_read_by_their_words(message, ours, media, shopify):
    """productUpdate has no codes."""
    wrong = {"product": None, "userErrors": [{"field": ["id"], "message": message}]}
    shopify.says("ProductAddMedia", data(productUpdate=wrong))

    with pytest.raises(ours, match=message):
        media.add_to_gallery(SHOP, PRODUCT, source_url=CDN, alt="")


def page(*ids, more=False, cursor=None):
    nodes = [
        {"__typename": "MediaImage", "id": each, "alt": None, "status": "READY", "image": {"url": CDN}} for each in ids
    ]
    return data(
        product={"id": PRODUCT, "media": {"nodes": nodes, "pageInfo": {"hasNextPage": more, "endCursor": cursor}}}
    )


def test_a_gallery_is_read_to_its_end(media, shopify):
    """Up to 250 media: a picture on the last page is on the product too."""
    shopify.says("ProductMedia", page("a", "b", more=True, cursor="x"), page("c"))

    assert ["a", "b", "c"] == [photo.id for photo in media.gallery(SHOP, PRODUCT)]
    assert [None, "x"] == [each["after"] for each in shopify.sent("ProductMedia")]


def test_a_gallery_without_an_end_is_given_up(media, shopify):
    """A cursor that never moves must not hold a worker for ever."""
    shopify.says("ProductMedia", page("a", more=True, cursor="x"))

    with pytest.raises(Unavailable):
        media.gallery(SHOP, PRODUCT)


def test_a_gallery_names_what_is_not_an_image(media, shopify):
    """Positions count videos as well."""
    video = {"__typename": "Video", "id": "v", "alt": "How to", "status": "PROCESSING"}
    answer = page("a")
    answer["data"]["product"]["media"]["nodes"].append(video)
    shopify.says("ProductMedia", answer)
    photo, film = media.gallery(SHOP, PRODUCT)

    assert ("IMAGE", CDN, "") == (photo.kind, photo.url, photo.alt)
    assert ("VIDEO", None, "PROCESSING") == (film.kind, film.url, film.status)


def test_the_gallery_of_a_deleted_product_is_not_found(media, shopify):
    """Read-back must tell "gone" from "empty"."""
    shopify.says("ProductMedia", data(product=None))

    with pytest.raises(NotFound):
        media.gallery(SHOP, PRODUCT)


def reordering(*errors, done=False, job=True):
    job = {"id": "gid://shopify/Job/1", "done": done} if job and not errors else None
    return data(productReorderMedia={"job": job, "mediaUserErrors": list(errors)})


def test_moves_are_text_and_go_from_the_front_on(media, shopify):
    """UnsignedInt64 is a JSON string; Shopify makes the moves one after the other."""
    shopify.says("ProductReorderMedia", reordering(done=True))
    media.move(SHOP, PRODUCT, {"b": 2, "a": 1})

    moves = [{"id": "a", "newPosition": "1"}, {"id": "b", "newPosition": "2"}]
    assert moves == shopify.sent("ProductReorderMedia")[0]["moves"]


def test_a_move_returns_when_shopify_has_done_it(media, shopify):
    """Reading back too early would find the old order."""
    job = {"id": "gid://shopify/Job/1", "done": False}
    shopify.says("ProductReorderMedia", reordering())
    shopify.says("JobStatus", data(job=job), data(job=job), data(job=job | {"done": True}))
    media.move(SHOP, PRODUCT, {"a": 1})

    assert 3 == len(shopify.sent("JobStatus"))


def test_a_job_that_shopify_has_forgotten_is_done(media, shopify):
    """Jobs are kept for a while only."""
    shopify.says("ProductReorderMedia", reordering())
    shopify.says("JobStatus", data(job=None))

    assert media.move(SHOP, PRODUCT, {"a": 1}) is None


def test_a_move_that_never_ends_is_left_for_later(media, shopify, time):
    """A minute is enough; the pictures are on the product already."""
    shopify.says("ProductReorderMedia", reordering())
    shopify.says("JobStatus", data(job={"id": "gid://shopify/Job/1", "done": False}))

    with pytest.raises(Temporary):
        media.move(SHOP, PRODUCT, {"a": 1})
    assert 60 == time.now_s


def test_a_refused_move_says_why(media, shopify):
    """mediaUserErrors, not userErrors."""
    shopify.says("ProductReorderMedia", reordering(error("MEDIA_DOES_NOT_EXIST_ON_PRODUCT")))

    with pytest.raises(NotFound):
        media.move(SHOP, PRODUCT, {"a": 1})


def test_nothing_to_move_asks_nothing(media, shopify):
    """An empty list is an error at Shopify."""
    media.move(SHOP, PRODUCT, {})

    assert [] == shopify.requests
