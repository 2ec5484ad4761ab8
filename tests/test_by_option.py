"""One picture for each colour: from its own photos, shown by its variants, and taken back with what was before."""

import pytest

from shopify_imagegen.errors import Conflict, ImagegenError, NoAnswer, Rejected, Unavailable
from shopify_imagegen.models import (
    GenerateRequested,
    ImageState,
    Option,
    Photo,
    Plan,
    Product,
    RollbackRequested,
    Variant,
)
from shopify_imagegen.settings import ImagesSection, Settings
from shopify_imagegen.variety import VariedCatalog, Variety
from tests.fakes import CDN, LAMP, SHOP, START, a_job, brief, lamp

RED, BLUE, GREEN = "gid://shopify/MediaImage/1", "gid://shopify/MediaImage/2", "gid://shopify/MediaImage/3"
COLOURS = Option(name="Color", values=("Red", "Blue", "Green"))


def photo(media_id, name):
    url = f"{CDN}/{name}.jpg"
    return Photo(id=media_id, kind="IMAGE", status="READY", url=url, reference_url=url)


def variant(number, colour, size, media_id=None):
    options = (("Color", colour), ("Size", size))
    return Variant(id=f"v{number}", title=f"{colour} / {size}", options=options, media_id=media_id)


def product(**changes):
    """Red and Blue in two sizes each, Green without a photo of its own."""
    variants = (
        variant(1, "Red", "S", RED),
        variant(2, "Red", "M"),
        variant(3, "Blue", "S", BLUE),
        variant(4, "Blue", "M", BLUE),
        variant(5, "Green", "S"),
    )
    usual = {"options": (COLOURS,), "variants": variants, "media": (photo(RED, "red"), photo(BLUE, "blue"))}
    return lamp(**usual | changes)


@pytest.fixture
def open_world(open_world):
    return lambda **images: open_world(settings=Settings(images=ImagesSection(**images)))


def planned(world, found=None, **wish):
    world.catalog.products[LAMP] = found or product()
    return world.look.preview(SHOP, GenerateRequested(product_id=LAMP, **wish))


# Which pictures


def test_each_colour_gets_a_picture_from_its_own_photos(open_world):
    """A red lamp made from a photo of the blue one would be a lie."""
    plan = planned(open_world(per_variant_option="color"))

    assert ["Color: Red", "Color: Blue"] == [each.option for each in plan.briefs]
    assert [[RED], [BLUE]] == [[reference.media_id for reference in each.references] for each in plan.briefs]
    assert [("v1", "v2"), ("v3", "v4")] == [each.variants for each in plan.briefs]
    assert 1 == len({each.scene for each in plan.briefs})
    assert 2 == len({each.key for each in plan.briefs})


def test_the_colour_is_in_the_words(open_world):
    """In the prompt, and for those who cannot see the picture."""
    for each in planned(open_world(per_variant_option="Color")).briefs:
        value = each.option.removeprefix("Color: ")
        assert each.option in each.prompt
        assert f", {value}, " in each.alt


def test_a_colour_without_a_photo_is_named(open_world):
    """It gets none, and the preview says so."""
    assert (
        "“Green” has no photo of its own, so it gets no picture."
        in planned(open_world(per_variant_option="Color")).notes
    )


@pytest.mark.parametrize(
    "found",
    [product(variants=()), product(variants=(variant(1, "Red", "S", RED), variant(2, "Red", "M")))],
    ids=["no such option", "one value"],
)
def test_a_product_without_a_choice_gets_its_pictures_as_ever(open_world, found):
    """The setting is for products that come in several."""
    plan = planned(open_world(per_variant_option="Color"), found)

    assert [""] * 2 == [each.option for each in plan.briefs]


def test_without_the_setting_nothing_is_different(open_world):
    """The same keys as ever: nothing is bought again because the setting exists."""
    plain = planned(open_world(), product(variants=()))
    with_variants = planned(open_world(), product())

    assert [each.key for each in plain.briefs] == [each.key for each in with_variants.briefs]


def test_a_wished_number_of_pictures_goes_before_the_setting(open_world):
    """A person asked for three pictures of the product."""
    assert 3 == len(planned(open_world(per_variant_option="Color"), count=3).briefs)


def test_a_variants_photo_that_is_exchanged_is_another_recipe(open_world):
    """What a picture is made from is part of its key."""
    world = open_world(per_variant_option="Color")
    before = planned(world).recipe
    exchanged = product(media=(photo(RED, "red"), photo(GREEN, "other-blue")))
    moved = tuple(
        each.model_copy(update={"media_id": GREEN}) if each.media_id == BLUE else each for each in exchanged.variants
    )

    assert before == planned(world).recipe != planned(world, exchanged.model_copy(update={"variants": moved})).recipe


# Reading variants


class Shelf:
    def __init__(self, found: Product):
        self.found, self.reads = found, 0

    def product(self, shop, product_id):
        return self.found

    def of(self, shop, product_id):
        self.reads += 1
        return product().variants


@pytest.mark.parametrize(
    ("option", "found", "reads"),
    [
        ("color", product(variants=()), 1),
        ("", product(variants=()), 0),
        ("Size", product(variants=()), 0),
        ("Color", product(variants=(), options=(Option(name="Color", values=("Red",)),)), 0),
    ],
    ids=["wanted", "off", "another option", "one value"],
)
def test_variants_are_read_only_where_they_matter(option, found, reads):
    """Each read costs some of the store's allowance."""
    shelf = Shelf(found)
    catalog = VariedCatalog(shelf, Variety(variants=shelf, option=lambda shop: option))

    assert 5 * reads == len(catalog.product(SHOP, LAMP).variants)
    assert reads == shelf.reads


# Showing and taking back


@pytest.fixture
def store(open_world):
    """A product whose red variants are v1, with the merchant's photo, and v2, with none; a picture for both waits."""
    return lambda **images: stocked(open_world(per_variant_option="Color", **images))


def stocked(world):
    world.media.variants = {each.id: each.options for each in product().variants}
    world.media.shown_by = {"v1": world.media.galleries[LAMP][0]}
    (world.image_id,) = world.staged()
    world.rewrite(world.image_id, variants=("v1", "v2"), option="Color: Red")
    return world


def publish(world):
    for _ in range(4):
        try:
            if world.line.attach([world.image_id]).next == "go_on":
                break
        except ImagegenError:
            continue
    world.line.finish(world.jobs.image(world.image_id).job_id)
    return world.jobs.image(world.image_id).file_id


def test_all_variants_of_the_colour_show_it(store):
    """The merchant chose that; what they showed before is written down."""
    world = store()
    medium = publish(world)

    assert {"v1": medium, "v2": medium} == world.media.shown_by
    assert {"v1": world.media.galleries[LAMP][0], "v2": None} == world.pictures.links(SHOP, LAMP)[world.image_id]


def test_variants_with_a_photo_of_their_own_may_keep_it(store):
    """link_variants = "free"."""
    world = store(link_variants="free")
    before = dict(world.media.shown_by)

    assert before | {"v2": publish(world)} == world.media.shown_by


def test_a_rollback_gives_the_variants_back_what_they_showed(store):
    """Links that we changed are restored; so the pictures are no reason to keep ours."""
    world = store()
    before = dict(world.media.shown_by)
    publish(world)

    (undone,) = world.rollback.run(SHOP, RollbackRequested(images=(world.image_id,)))

    assert before == world.media.shown_by
    assert ["takes_off"] == [each.does for each in undone.pictures]
    assert ("Variants show again what they showed before.",) == undone.notes


def test_a_variant_that_the_merchant_gave_another_photo_keeps_that(store):
    """Theirs is the last word."""
    world = store()
    publish(world)
    other = world.media.new("other.jpg", "").id
    world.media.galleries[LAMP].append(other)
    world.media.shown_by["v1"] = other

    world.rollback.run(SHOP, RollbackRequested(images=(world.image_id,)))

    assert {"v1": other} == world.media.shown_by


def test_a_photo_that_is_gone_does_not_come_back(store):
    """The merchant deleted what the variant showed before."""
    world = store()
    packshot = world.media.galleries[LAMP][0]
    publish(world)
    world.media.galleries[LAMP].append(world.media.new("late.jpg", "").id)
    world.media.galleries[LAMP].remove(packshot)

    world.rollback.run(SHOP, RollbackRequested(images=(world.image_id,)))

    assert {} == world.media.shown_by


@pytest.mark.parametrize("method", ["variants", "show_no_more", "show"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("error", [NoAnswer("silence"), Unavailable("500")], ids=["silence", "500"])
def test_linking_may_be_interrupted_anywhere(store, method, moment, error):
    """Between taking the old photo off a variant and showing ours there is a moment without either."""
    world = store()
    before = dict(world.media.shown_by)
    getattr(world.media, moment)[method] = [error]

    medium = publish(world)
    assert {"v1": medium, "v2": medium} == world.media.shown_by
    world.rollback.run(SHOP, RollbackRequested(images=(world.image_id,)))

    assert before == world.media.shown_by


@pytest.mark.parametrize("method", ["variants", "show", "gallery"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_giving_back_may_be_interrupted_anywhere(store, method, moment):
    """Run again, and the variants show what they showed."""
    world = store()
    before = dict(world.media.shown_by)
    publish(world)
    getattr(world.media, moment)[method] = [Unavailable("500")]
    for _ in range(3):
        try:
            world.rollback.run(SHOP, RollbackRequested(images=(world.image_id,)))
            break
        except ImagegenError:
            continue

    assert before == world.media.shown_by


@pytest.mark.parametrize("error", [Rejected("no"), Conflict("another was quicker")], ids=["refused", "conflict"])
def test_a_refused_link_holds_nothing_up_and_leaves_no_variant_bare(store, error):
    """The picture is on the product all the same, and the variant shows again what it showed."""
    world = store()
    before = dict(world.media.shown_by)
    world.media.before["show"] = [error]

    publish(world)

    assert world.is_(world.image_id, "published")
    assert before == world.media.shown_by


def test_a_picture_made_anew_takes_over_the_variants(store):
    """Those that the merchant chose for the old one too; and a rollback goes all the way back."""
    world = store()
    before = dict(world.media.shown_by)
    old = publish(world)
    world.media.shown_by["v5"] = old
    new = newer(world)

    assert {"v1": new, "v2": new, "v5": new} == world.media.shown_by
    world.rollback.run(SHOP, RollbackRequested(images=world.rollback.of_product(SHOP, LAMP)))

    assert before == world.media.shown_by


def test_going_back_to_the_earlier_picture_takes_the_variants_along(store):
    """They show what they showed before the newer one came."""
    world = store()
    old = publish(world)
    newer(world)

    world.rollback.run(SHOP, RollbackRequested(images=(brief(7).key,)))

    assert {"v1": old, "v2": old} == world.media.shown_by


def newer(world):
    """Another picture in its place, published; its medium."""
    anew = {"slot": 0, "replaces": world.image_id, "generation": 2, "variants": ("v1", "v2"), "option": "Color: Red"}
    again = brief(7).model_copy(update=anew)
    plan = Plan(product_id=LAMP, product_title="Lamp", recipe="n" * 32, category="home", facts="", briefs=(again,))
    job = world.jobs.begin(a_job(START, id=f"job:{SHOP}:1:nnn", recipe="n" * 32), plan)
    file = world.media.new(again.file_name, again.alt)
    world.jobs.move_image(again.key, ImageState.STAGED, file_id=file.id)
    world.line.attach([again.key])
    world.line.finish(job.id)
    return file.id
