"""Stage 6: our pictures come onto the product once, in their place, and nothing of the merchant's is ever moved."""

from dataclasses import replace

import pytest

from shopify_imagegen import naming
from shopify_imagegen.errors import BadCredentials, NoAnswer, Rejected, ShopClosed, Unavailable
from shopify_imagegen.models import ImageState
from shopify_imagegen.provenance import stamp
from tests.fakes import CDN, LAMP, SHOP, away, brief, packshot


def gallery(world):
    """The product's gallery: our slots as numbers, the merchant's photos by name."""
    slots = {naming.mark_of(brief(slot).file_name): slot for slot in range(3)}
    return [slots.get(naming.mark_of(name.replace("_0f0f-copy", "")), name) for name in world.media.names()]


def attach_until_it_ends(world, ids, *, tries=6):
    """As the engine does: again after `later`, and after what may pass."""
    for _ in range(tries):
        try:
            outcome = world.attach.attach(ids)
        except (Unavailable, NoAnswer) as error:
            outcome = error
            continue
        if outcome.next != "later":
            return outcome
    return outcome


def states(world, ids):
    return [world.state(image_id).value for image_id in ids]


def test_pictures_come_after_the_merchants_photos_with_their_words(world):
    """The way it should be; what the store shows is what counts as published."""
    ids = world.staged(2)

    assert "go_on" == world.attach.attach(ids).next
    assert ["lamp.jpg", 0, 1] == gallery(world)
    assert [brief(0).alt, brief(1).alt] == [photo.alt for photo in world.media.gallery(SHOP, LAMP)[1:]]
    assert ["published", "published"] == states(world, ids)


@pytest.mark.parametrize(
    ("position", "wanted"),
    [("last", ["a.jpg", "b.jpg", 0, 1]), ("second", ["a.jpg", 0, 1, "b.jpg"]), ("first", [0, 1, "a.jpg", "b.jpg"])],
)
def test_pictures_are_put_where_the_settings_say(open_world, position, wanted):
    """Only ours are moved; the merchant's keep their order among themselves."""
    world = open_world(position=position)
    world.media.product(LAMP, "a.jpg", "b.jpg")

    assert "go_on" == world.attach.attach(world.staged(2)).next
    assert wanted == gallery(world)


def test_attaching_again_changes_nothing(world):
    """A finished step that runs again."""
    ids = world.staged(2)
    world.attach.attach(ids)
    world.media.asked.clear()

    assert "go_on" == world.attach.attach(ids).next
    assert [] == world.media.asked


@pytest.mark.parametrize("refuses", [False, True], ids=["by reference", "by address"])
@pytest.mark.parametrize("position", ["last", "second"])
@pytest.mark.parametrize("method", ["gallery", "attach", "add_to_gallery", "move", "delete_file", "file"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("error", [NoAnswer("silence"), Unavailable("500")], ids=["silence", "500"])
def test_promise_no_second_attachment_at_any_failure(open_world, refuses, position, method, moment, error):
    """Each call fails once, without and with its effect, and the step runs until it ends: each picture once."""
    world = open_world(position=position)
    world.media.refuses_references = refuses
    ids = world.staged(2)
    getattr(world.media, moment)[method] = [error]

    assert "go_on" == attach_until_it_ends(world, ids).next
    assert ["lamp.jpg", 0, 1] == gallery(world)
    assert ["published", "published"] == states(world, ids)


def test_an_attachment_without_an_answer_is_read_back_at_once(world):
    """Neither of two pictures waits for the next run of the step because of one lost answer."""
    ids = world.staged(2)
    world.media.after["attach"] = [NoAnswer("silence")]

    assert "go_on" == world.attach.attach(ids).next
    assert ["published", "published"] == states(world, ids)


@pytest.mark.parametrize("refuses", [False, True], ids=["by reference", "by address"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_promise_no_second_attachment_when_our_database_is_away(open_world, refuses, moment):
    """It is on the product and we could not write that down."""
    world = open_world()
    world.media.refuses_references = refuses
    ids = world.staged(2)
    getattr(world.jobs, moment)["move_image"] = [away()]

    assert "go_on" == attach_until_it_ends(world, ids).next
    assert ["lamp.jpg", 0, 1] == gallery(world)
    assert ["published", "published"] == states(world, ids)


def test_promise_no_second_attachment_of_a_copy_that_is_not_shown_yet(world):
    """A copy has an id that we do not know: what Shopify took once is waited for, however long, and not added again."""
    world.media.refuses_references = True
    (image_id,) = world.staged()
    product = world.media.galleries[LAMP]
    world.media.galleries[LAMP] = hidden = HidesAdditions(product)
    for _ in range(3):
        assert "later" == world.attach.attach([image_id]).next
    world.media.refuses_references = False
    world.prepare.give_up(image_id, "not shown")
    world.prepare.take_up(image_id)
    assert "later" == world.attach.attach([image_id]).next

    world.media.galleries[LAMP] = product + hidden.additions

    assert "go_on" == world.attach.attach([image_id]).next
    assert ["lamp.jpg", 0] == gallery(world)


class HidesAdditions(list):
    """A gallery that shows nothing new for now."""

    def __init__(self, shown):
        super().__init__(shown)
        self.additions = []

    def append(self, file_id):
        self.additions.append(file_id)


def test_where_references_are_refused_a_copy_is_attached_and_remembered(world):
    """Shopify makes a copy under another id: that one is ours on the product, and the staged file can go."""
    world.media.refuses_references = True
    (image_id,) = world.staged()
    staged = world.jobs.image(image_id).file_id

    assert "go_on" == world.attach.attach([image_id]).next
    shown = world.media.galleries[LAMP][-1]
    assert shown == world.jobs.image(image_id).file_id
    assert {staged, shown} <= world.jobs.our_media(SHOP, LAMP)
    assert [staged] == world.media.deleted
    assert brief().alt == world.media.gallery(SHOP, LAMP)[-1].alt


def test_a_copy_under_a_name_of_shopifys_own_is_known_by_its_words(world):
    """No one promises that a copy keeps our file's name; taken for a stranger's, it would be awaited without end."""
    world.media.refuses_references, world.media.copies_are_named = True, "media-7.jpg"
    (image_id,) = world.staged()

    assert "go_on" == world.attach.attach([image_id]).next
    assert ["lamp.jpg", "media-7.jpg"] == gallery(world)
    assert world.media.galleries[LAMP][-1] == world.jobs.image(image_id).file_id


def test_a_photo_with_our_words_that_was_there_before_is_the_merchants(world):
    """Who typed the very words of our alt text has not made a picture of ours: it is neither counted nor deleted."""
    world.media.refuses_references = True
    (image_id,) = world.staged()
    theirs = world.media.new("typed-by-hand.jpg", brief().alt).id
    world.media.galleries[LAMP].insert(0, theirs)

    assert "go_on" == world.attach.attach([image_id]).next
    assert ["typed-by-hand.jpg", "lamp.jpg", 0] == gallery(world)
    assert theirs != world.jobs.image(image_id).file_id


def test_a_file_that_comes_after_its_copy_leaves_one_of_the_two(world):
    """Shopify took the reference, showed nothing, then refused it: the picture must not hang in the window twice."""
    world.media.shows_nothing = True
    (image_id,) = world.staged()
    world.attach.attach([image_id])
    world.media.shows_nothing, world.media.refuses_references = False, True
    world.media.new_status = "PROCESSING"
    world.attach.attach([image_id])
    copy = world.media.galleries[LAMP][-1]
    world.media.files[copy] = replace(world.media.files[copy], status="READY")
    world.media.galleries[LAMP].append(world.jobs.image(image_id).file_id)

    assert "go_on" == world.attach.attach([image_id]).next
    assert ["lamp.jpg", 0] == gallery(world)


def test_a_picture_that_nothing_else_looks_like_is_put_on_without_asking_what_was_there(world):
    """What we wrote down of the gallery is read where it can matter: thousands of pictures need none of it."""
    ids = world.staged(2)
    world.pictures.before["remembered"] = [away()]

    assert "go_on" == world.attach.attach(ids).next
    assert 1 == len(world.pictures.before["remembered"])


def test_the_history_tells_the_media_that_a_picture_got(world):
    """Of one that is published under another medium; of the file itself, the row of its staging tells."""
    world.media.refuses_references = True
    (copied,) = world.staged()
    world.attach.attach([copied])

    assert world.jobs.image(copied).file_id == world.jobs.history(copied)[-1]["detail"]["file_id"]


@pytest.mark.parametrize("closed", [ShopClosed("402"), BadCredentials("401"), Unavailable("500")], ids=str)
def test_a_store_that_closes_between_a_copy_and_its_double_is_not_left_with_both(world, closed):
    """The job waits with the store, and takes the double away when it is open again."""
    world.media.refuses_references = True
    (image_id,) = world.staged()
    staged = world.jobs.image(image_id).file_id
    world.media.before["delete_file"] = [closed]
    with pytest.raises(type(closed)):
        world.attach.attach([image_id])
    assert world.is_(image_id, "staged")
    world.media.galleries[LAMP].insert(1, staged)

    assert "go_on" == world.attach.attach([image_id]).next
    assert ["lamp.jpg", 0] == gallery(world)


def test_a_copy_in_processing_is_not_made_a_second_time(world):
    """It has no address yet that could show our mark: its words are all there is."""
    world.media.refuses_references = True
    (image_id,) = world.staged()
    world.media.new_status = "PROCESSING"
    assert ["later", "later"] == [world.attach.attach([image_id]).next for _ in range(2)]

    made = world.media.galleries[LAMP][-1]
    world.media.looks_until_ready = 1
    world.media.file(SHOP, made)

    assert "go_on" == world.attach.attach([image_id]).next
    assert ["lamp.jpg", 0] == gallery(world)


@pytest.fixture
def failing(world):
    """A staged picture whose copy fails: Shopify does not fetch its own address, as where it is a stand-in."""
    world.media.refuses_references, world.media.new_status = True, "FAILED"
    (image_id,) = world.staged()
    world.downloads.pages[f"{CDN}/{brief().file_name}?v=1"] = stamp(packshot(), mime="image/jpeg")
    return image_id


def test_where_a_copy_fails_the_picture_itself_is_given(world, failing):
    """It is paid for, and there is another way in: Shopify gets the bytes instead of an address."""
    assert "later" == world.attach.attach([failing]).next
    assert ["lamp.jpg"] == gallery(world)  # what failed does not lie about on the listing
    world.media.new_status = "READY"

    assert "go_on" == world.attach.attach([failing]).next
    assert [f"{CDN}/{brief().file_name}?v=1", f"https://staged.example/{brief().file_name}"] == world.media.sources
    assert ["lamp.jpg", 0] == gallery(world)


def test_a_copy_that_fails_both_ways_keeps_the_good_file(world, failing):
    """Only a copy that the store shows lets the staged file go; and nothing is tried without end."""
    staged = world.jobs.image(failing).file_id

    assert ["later", "go_on"] == [world.attach.attach([failing]).next for _ in range(2)]
    assert world.is_(failing, "failed")
    assert (["lamp.jpg"], True) == (gallery(world), staged in world.media.files)


def test_a_copy_that_never_got_ready_is_made_anew_when_its_job_is_taken_up(world):
    """It would be waited for without end, and the paid picture never be seen. The unfinished copy is ours to delete."""
    world.media.refuses_references = True
    (image_id,) = world.staged()
    world.downloads.pages[f"{CDN}/{brief().file_name}?v=1"] = stamp(packshot(), mime="image/jpeg")
    world.media.new_status = "PROCESSING"
    world.attach.attach([image_id])
    stuck = world.media.galleries[LAMP][-1]
    world.prepare.give_up(image_id, "not shown")
    world.media.new_status = "READY"

    world.line.reopen(world.jobs.image(image_id).job_id, refused=False)
    assert ([stuck], True) == (world.media.deleted, stuck in world.jobs.our_media(SHOP, LAMP))

    assert "go_on" == world.attach.attach([image_id]).next
    assert ["lamp.jpg", 0] == gallery(world)


def test_a_copy_that_shopify_did_not_speak_of_is_known_for_ours_too(world):
    """It was taken, its answer was lost, and it failed: without an address it shows no mark, and is in the way."""
    world.media.refuses_references = True
    (image_id,) = world.staged()
    world.downloads.pages[f"{CDN}/{brief().file_name}?v=1"] = stamp(packshot(), mime="image/jpeg")
    world.media.new_status = "FAILED"
    world.media.after["add_to_gallery"] = [NoAnswer("silence")]
    world.attach.attach([image_id])
    world.media.new_status = "READY"

    world.prepare.take_up(image_id)
    world.attach.take_up(image_id)

    assert "go_on" == world.attach.attach([image_id]).next
    assert ["lamp.jpg", 0] == gallery(world)


def test_a_picture_that_the_store_does_not_show_is_not_published(world):
    """200 is not proof: later, and in the end a named state; never a silent tick."""
    world.media.shows_nothing = True
    (image_id,) = world.staged()

    outcome = world.attach.attach([image_id])

    assert ("later", True) == (outcome.next, "does not show" in outcome.reason)
    assert world.is_(image_id, "staged")


def test_one_refused_picture_does_not_keep_the_other_out(world):
    """Per-item outcomes: one says why not, the other is published."""
    ids = world.staged(2)
    world.media.before["attach"] = [Rejected("Shopify does not accept this kind of file")]

    assert "go_on" == world.attach.attach(ids).next
    assert ["failed", "published"] == states(world, ids)
    assert "does not accept" in world.jobs.image(ids[0]).reason
    assert ["lamp.jpg", 1] == gallery(world)


def test_one_busy_picture_does_not_hold_the_other_back(world):
    """The file is locked by another change: it comes later, the other is published now."""
    ids = world.staged(2)
    world.media.before["attach"] = [Unavailable("the file is busy")]

    assert "later" == world.attach.attach(ids).next
    assert ["staged", "published"] == states(world, ids)
    assert "go_on" == world.attach.attach(ids).next
    assert ["published", "published"] == states(world, ids)


@pytest.mark.parametrize(
    ("position", "wanted"),
    [("last", ["a.jpg", "b.jpg", 0, 1]), ("second", ["a.jpg", 0, 1, "b.jpg"]), ("first", [0, 1, "a.jpg", "b.jpg"])],
)
@pytest.mark.parametrize("late", [0, 1])
def test_a_picture_that_comes_later_joins_the_other(open_world, position, wanted, late):
    """Two pictures, published by two runs, in the order of their slots all the same."""
    world = open_world(position=position)
    world.media.product(LAMP, "a.jpg", "b.jpg")
    ids = world.staged(2)

    world.attach.attach([ids[1 - late]])
    world.attach.attach(ids)

    assert wanted == gallery(world)


def test_promise_never_first_beside_one_that_the_merchant_put_first(world):
    """The merchant made a picture of ours the main one; that is no wish for another in front of it."""
    ids = world.staged(2)
    world.attach.attach(ids[1:])
    world.media.galleries[LAMP].reverse()

    world.attach.attach(ids)

    assert [1, 0, "lamp.jpg"] == gallery(world)


def test_promise_never_touch_an_original_only_our_media_is_moved(open_world):
    """Whatever the place, the ids that are moved or deleted are in our own table."""
    world = open_world(position="first")
    world.media.product(LAMP, "a.jpg", "b.jpg", "c.jpg")
    moved = []
    move = world.media.move
    world.media.move = lambda shop, product_id, places: (moved.extend(places), move(shop, product_id, places))
    ids = world.staged(2)

    world.attach.attach(ids)

    assert moved
    assert set(moved) | set(world.media.deleted) <= world.jobs.our_media(SHOP, LAMP)


def test_what_the_merchant_has_moved_stays_there(open_world):
    """A published picture is where the merchant wants it; a later one joins it there."""
    world = open_world(position="first")
    world.media.product(LAMP, "a.jpg", "b.jpg")
    ids = world.staged(2)
    world.attach.attach(ids[:1])
    mine = world.media.galleries[LAMP].pop(0)
    world.media.galleries[LAMP].append(mine)

    world.attach.attach(ids)

    assert ["a.jpg", "b.jpg", 0, 1] == gallery(world)


def test_promise_never_first_when_the_merchant_has_no_photo_left(world):
    """All photos were deleted meanwhile: ours would become the main picture of the product."""
    ids = world.staged(2)
    world.media.galleries[LAMP].clear()

    assert "stop" == world.attach.attach(ids).next
    assert [] == gallery(world)
    assert ["failed", "failed"] == states(world, ids)
    assert "main picture" in world.jobs.image(ids[0]).reason


def test_promise_never_first_when_shopify_puts_it_there(world):
    """Wherever it lands, the merchant's photo stays the main one."""
    (image_id,) = world.staged()
    file_id = world.jobs.image(image_id).file_id
    world.media.galleries[LAMP].insert(0, file_id)

    world.attach.attach([image_id])

    assert ["lamp.jpg", 0] == gallery(world)
    assert world.is_(image_id, "published")


def test_a_full_gallery_is_a_named_end(world):
    """249 media and two pictures: one finds room."""
    world.media.product(LAMP, *(f"{number}.jpg" for number in range(249)))
    ids = world.staged(2)

    world.attach.attach(ids)

    assert ["published", "failed"] == states(world, ids)
    assert "250" in world.jobs.image(ids[1]).reason


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_deleted_product_is_a_named_end(world, when):
    """The picture is kept in Files; the merchant reads why it is not shown."""
    ids = world.staged(2)
    if when == "before":
        del world.media.galleries[LAMP]
    else:
        attach = world.media.attach
        world.media.attach = lambda *about: (world.media.galleries.clear(), attach(*about))

    assert "stop" == world.attach.attach(ids).next
    assert ["failed", "failed"] == states(world, ids)
    assert "product was deleted" in world.jobs.image(ids[0]).reason


@pytest.mark.parametrize("refuses", [False, True], ids=["by reference", "by address"])
def test_a_deleted_file_is_a_named_end_for_that_picture_only(world, refuses):
    """The merchant deleted it from Files before it was on the product: there is no copy, and the reason says so."""
    ids = world.staged(2)
    world.media.refuses_references = refuses
    world.media.remove(world.jobs.image(ids[0]).file_id)

    assert "go_on" == world.attach.attach(ids).next
    assert ["failed", "published"] == states(world, ids)
    assert "no copy" in world.jobs.image(ids[0]).reason


@pytest.mark.parametrize("error", [Rejected("no"), NoAnswer("silence"), Unavailable("still reordering")])
def test_a_place_that_cannot_be_had_does_not_unpublish(open_world, error):
    """The picture is on the product: that it is not in its place is a log line, not a lost picture."""
    world = open_world(position="first")
    (image_id,) = world.staged()
    world.media.before["move"] = [error, error]

    assert "go_on" == world.attach.attach([image_id]).next
    assert world.is_(image_id, "published")


def test_a_revoked_token_leaves_the_pictures_waiting(world):
    """A person can mend that."""
    (image_id,) = world.staged()
    world.media.before["attach"] = [BadCredentials("401")]

    with pytest.raises(BadCredentials):
        world.attach.attach([image_id])

    assert world.is_(image_id, "staged")


def test_a_picture_that_was_rejected_meanwhile_is_not_attached(world):
    """What a person has decided stands."""
    (image_id,) = world.staged()
    world.jobs.move_image(image_id, ImageState.REJECTED, "by a person")

    assert "go_on" == world.attach.attach([image_id]).next
    assert ["lamp.jpg"] == gallery(world)
