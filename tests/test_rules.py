import pytest

from shopify_imagegen.models import Skip, SkipReason, Trigger
from shopify_imagegen.plan import gone, plan, why_not

from .prompts.examples import ask, photo, product, studio

ALL_OFF = ", ".join(
    f'"furniture/{scene}"'
    for scene in ("sunlit-living-room", "reading-corner", "entrance-hall", "dining-area", "soft-bedroom")
)
OUR_URL = "https://cdn.example/files/oak-hall-lsp0123456789ab.jpg"
PERSON, FLOW, BACKFILL = Trigger.PERSON, Trigger.FLOW, Trigger.BACKFILL


def rule(line):
    return f"[trigger.rules]\n{line}"


SKIPS = {
    "gift card": (SkipReason.GIFT_CARD, {"is_gift_card": True}, {}, ""),
    "opted out": (SkipReason.OPTED_OUT, {"tags": ("No-AI-Images",)}, {}, ""),
    "opted out, a person asks": (SkipReason.OPTED_OUT, {"tags": ("no-ai-images",)}, {"trigger": PERSON}, ""),
    "draft": (SkipReason.STATUS, {"status": "DRAFT"}, {}, ""),
    "archived": (SkipReason.STATUS, {"status": "ARCHIVED"}, {}, ""),
    "type left out": (SkipReason.RULES, {}, {}, rule('not_types = ["SIDE TABLE"]')),
    "taxonomy left out": (SkipReason.RULES, {}, {}, rule('not_types = ["end tables"]')),
    "type not in the list": (SkipReason.RULES, {}, {}, rule('types = ["Lamp"]')),
    "vendor left out": (SkipReason.RULES, {}, {}, rule('not_vendors = ["nordhjem"]')),
    "vendor not in the list": (SkipReason.RULES, {}, {}, rule('vendors = ["Other"]')),
    "tag left out": (SkipReason.RULES, {}, {}, rule('not_tags = ["ECO"]')),
    "tag not in the list": (SkipReason.RULES, {}, {}, rule('tags = ["sale"]')),
    "collection left out": (SkipReason.RULES, {}, {}, rule('not_collections = ["living-room"]')),
    "collection not in the list": (SkipReason.RULES, {}, {}, rule('collections = ["bath"]')),
    "not wins": (SkipReason.RULES, {}, {}, rule('tags = ["eco"]\nnot_tags = ["wood"]')),
    "rules hold in a backfill": (SkipReason.RULES, {}, {"trigger": BACKFILL}, rule('tags = ["sale"]')),
    "on create is off": (SkipReason.RULES, {}, {}, "trigger.on_create = false"),
    "on first photo is off": (SkipReason.RULES, {}, {"waited_for_photo": True}, "trigger.on_first_photo = false"),
    "no photo and nothing to wait for": (SkipReason.RULES, {"media": ()}, {}, "trigger.on_first_photo = false"),
    "old": (SkipReason.NOT_NEW, {}, {"is_new": False}, ""),
    "busy": (SkipReason.IN_PROGRESS, {}, {"busy": True}, ""),
    "busy, a person asks": (SkipReason.IN_PROGRESS, {}, {"busy": True, "trigger": PERSON}, ""),
    "shown": (SkipReason.HAS_PICTURES, {}, {"shown": 1}, ""),
    "shown by id": (SkipReason.HAS_PICTURES, {}, {"ours": frozenset({photo(10).id})}, ""),
    "shown by name": (SkipReason.HAS_PICTURES, {"media": (photo(9), photo(10, url=OUR_URL))}, {}, ""),
    "shown, in a backfill": (SkipReason.HAS_PICTURES, {}, {"shown": 1, "trigger": BACKFILL}, ""),
    "no photos": (SkipReason.NO_PHOTOS, {"media": ()}, {}, ""),
    "a video only": (SkipReason.NO_PHOTOS, {"media": (photo(9, kind="VIDEO"),)}, {}, ""),
    "all failed": (SkipReason.NO_PHOTOS, {"media": (photo(9, status="FAILED", url=None),)}, {}, ""),
    "only ours": (SkipReason.NO_PHOTOS, {"media": (photo(9, url=OUR_URL),)}, {"trigger": PERSON}, ""),
    "first still processing": (
        SkipReason.PHOTOS_NOT_READY,
        {"media": (photo(9, status="PROCESSING", url=None), photo(10))},
        {},
        "",
    ),
    "second just uploaded": (
        SkipReason.PHOTOS_NOT_READY,
        {"media": (photo(9), photo(10, status="UPLOADED", url=None))},
        {},
        "",
    ),
    "none ready, a person asks": (
        SkipReason.PHOTOS_NOT_READY,
        {"media": (photo(9, status="PROCESSING", url=None),)},
        {"trigger": PERSON},
        "",
    ),
    "no room": (SkipReason.MEDIA_LIMIT, {"media_count": 249}, {}, ""),
    "scenes off": (SkipReason.NO_SCENES, {}, {}, f"prompts.scenes_off = [{ALL_OFF}]"),
    "too expensive": (SkipReason.TOO_EXPENSIVE, {}, {}, "budget.per_image_usd = 0.05"),
}


@pytest.mark.parametrize(("why", "fields", "question", "toml"), SKIPS.values(), ids=SKIPS)
def test_no_pictures_and_the_reason(why, fields, question, toml):
    """Never silent: a merchant who wonders finds one sentence."""
    found = plan(product(**fields), studio(toml), ask(**question))

    assert isinstance(found, Skip)
    assert why is found.why
    assert found.reason.endswith(".")
    assert " " in found.reason


def test_every_reason_has_an_example():
    """A reason that nothing gives is a lie in the documentation."""
    assert set(SkipReason) == {why for why, *_ in SKIPS.values()} | {gone("gid://shopify/Product/1").why}


GOES_ON = {
    "new listing": ({}, {}, ""),
    "unlisted where wanted": ({"status": "UNLISTED"}, {}, 'trigger.statuses = ["active", "unlisted"]'),
    "rules that fit": ({}, {}, rule('types = ["side table"]\nvendors = ["NORDHJEM"]\ntags = ["Eco"]')),
    "its first photo came": ({}, {"waited_for_photo": True}, "trigger.on_create = false"),
    "draft, a person asks": ({"status": "DRAFT"}, {"trigger": PERSON}, ""),
    "against the rules, Flow asks": ({}, {"trigger": FLOW}, rule('tags = ["sale"]')),
    "old, a person asks": ({}, {"trigger": PERSON, "is_new": False}, ""),
    "old, in a backfill": ({}, {"trigger": BACKFILL, "is_new": False}, ""),
    "shown, a person wants others": ({}, {"trigger": PERSON, "shown": 2}, ""),
    "photos on their way, a person asks": (
        {"media": (photo(9), photo(10, status="PROCESSING", url=None))},
        {"trigger": PERSON},
        "",
    ),
    "one photo failed": ({"media": (photo(9, status="FAILED", url=None), photo(10))}, {}, ""),
    "just enough room": ({"media_count": 248}, {}, ""),
    "price at the limit": ({}, {}, "budget.per_image_usd = 0.06"),
}


@pytest.mark.parametrize(("fields", "question", "toml"), GOES_ON.values(), ids=GOES_ON)
def test_pictures_are_planned(fields, question, toml):
    """What a person asks for, a rule for automatic work does not stop."""
    assert not isinstance(plan(product(**fields), studio(toml), ask(**question)), Skip)


def test_the_no_of_a_merchant_comes_first():
    """Whatever else is wrong with it, "you said so" is the reason that ends the search."""
    found = why_not(product(tags=("no-ai-images",), status="DRAFT", media=()), studio(), ask(busy=True))

    assert SkipReason.OPTED_OUT is found.why
