"""Stages 3 to 5: what was bought is inspected, marked, and put into the store's Files once, whatever happens."""

import hashlib

import pytest
import sqlalchemy as sa

from shopify_imagegen import naming, provenance, quality
from shopify_imagegen.errors import BadCredentials, Conflict, NoAnswer, Rejected, Unavailable
from shopify_imagegen.models import ImageState, Outcome, Verdict
from shopify_imagegen.publish import second
from tests.fakes import PACKSHOT, away, brief, packshot, scene


@pytest.fixture
def stamped(world):
    """A picture that is bought, inspected and marked."""
    return world.stamped()[0]


def files(world):
    """The store's files that are ours."""
    return [file for file in world.media.files.values() if naming.mark_of(file.name)]


def stage_until_it_ends(world, image_id, *, tries=6, step="stage"):
    """As the engine does: again after `later`, and after what may pass."""
    for _ in range(tries):
        try:
            outcome = getattr(world.prepare, step)(image_id)
        except (Unavailable, NoAnswer):
            continue
        if outcome.next != "later":
            return outcome
    return outcome


# All three


def test_a_bought_picture_is_prepared_in_one_go(world):
    """Inspected, marked and in the Files, as if both had run apart: the same row, the same history."""
    apart, together = world.bought(2)
    for step in (world.prepare.inspect, world.prepare.stage):
        assert "go_on" == step(apart).next

    assert "go_on" == world.prepare.prepare(together).next
    assert world.is_(together, "staged")
    assert provenance.SOURCE_TYPE == provenance.mark(world.media.uploads[-1])
    assert seen(world, apart) == seen(world, together)
    assert [None, None] == [world.ledger.read(image_id) for image_id in (apart, together)]


def seen(world, image_id):
    """What we know of a picture, and what was done with it."""
    image = world.jobs.image(image_id)
    actions = [row["action"] for row in world.jobs.history(image_id)]
    return image.sha256, image.width_px, image.height_px, actions


def test_preparing_reads_a_pictures_bytes_once(world):
    """A worker prepares many pictures a second, and the database has one writer: each look is waited for by others."""
    (image_id,) = world.bought()
    asked = []
    sa.event.listen(world.database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    assert "go_on" == world.prepare.prepare(image_id).next
    assert ["images", "spool", "images"] == [
        each.split("FROM ")[1].split()[0] for each in asked if each.startswith("SELECT")
    ]
    assert 2 == sum(each.startswith("BEGIN") for each in asked)  # the file's id, and that it is ready


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(2))
def test_promise_preparing_goes_on_where_our_database_went_away(world, number, moment):
    """Each of its writes fails once, without and with its effect: one marked file in the end, and no bytes kept."""
    (image_id,) = world.bought()
    getattr(world.jobs, moment)["move_image"] = [None] * number + [away()]

    assert "go_on" == stage_until_it_ends(world, image_id, step="prepare").next
    assert 1 == len(files(world))
    assert provenance.SOURCE_TYPE == provenance.mark(world.media.uploads[-1])
    assert world.ledger.read(image_id) is None


def test_what_a_person_decides_while_a_picture_is_prepared_stands(world, monkeypatch):
    """Rejected while it was inspected: nothing of it reaches the store."""
    (image_id,) = world.bought()

    def inspected(*_, **__):
        world.jobs.move_image(image_id, ImageState.REJECTED, "too dark")
        return Verdict(fit=True)

    monkeypatch.setattr(quality, "inspect", inspected)

    assert [Outcome(next="stop", reason="too dark")] * 2 == [world.prepare.prepare(image_id) for _ in range(2)]
    assert [] == files(world)


def test_an_unfit_picture_is_not_prepared_further(world):
    """It stops at the first stage that says no."""
    (image_id,) = world.bought()
    world.ledger.replace(image_id, packshot())

    assert "stop" == world.prepare.prepare(image_id).next
    assert world.is_(image_id, "unfit")
    assert [] == files(world)


# Inspect


def test_what_is_published_is_measured(world):
    """The sizes come from the bytes: the provider's are optional."""
    (image_id,) = world.bought()

    assert "go_on" == world.prepare.stage(image_id).next
    assert (1024, 1280) == (world.jobs.image(image_id).width_px, world.jobs.image(image_id).height_px)


@pytest.mark.parametrize(
    ("picture", "words"),
    [(b"<html>", "not a JPEG"), (scene(1280, 1024), "4:5"), (scene()[:9000], "cannot be used")],
    ids=["html", "shape", "truncated"],
)
def test_what_is_unfit_is_kept_out_of_the_shop_window(world, picture, words):
    """It was paid for and is named so; it never reaches the store, however often the step runs."""
    (image_id,) = world.bought()
    world.ledger.replace(image_id, picture)

    outcome = world.prepare.inspect(image_id)

    assert "stop" == outcome.next
    assert words in outcome.reason
    assert world.is_(image_id, "unfit")
    assert outcome == world.prepare.inspect(image_id)
    assert "stop" == world.prepare.stage(image_id).next
    assert [] == files(world)


def test_a_copy_of_the_reference_is_unfit(world):
    """The provider gave the merchant's own photo back."""
    (image_id,) = world.bought()
    world.ledger.replace(image_id, packshot())

    assert "nearly the same as photo 1" in world.prepare.inspect(image_id).reason


def test_inspection_works_without_the_photos(world):
    """They may be taken off the product meanwhile; the picture is judged by itself then."""
    (image_id,) = world.bought()
    world.downloads.pages[PACKSHOT] = Rejected("404")

    assert "go_on" == world.prepare.inspect(image_id).next


def test_a_paid_picture_without_bytes_says_so(world):
    """Nothing can be published, and silence would hide that money is gone."""
    (image_id,) = world.bought()
    world.ledger.drop(image_id)

    assert "stop" == world.prepare.inspect(image_id).next
    assert world.is_(image_id, "failed")


# Stamp


def test_promise_always_marked(world):
    """What goes to the store carries the machine-readable mark, and we know its hash."""
    (image_id,) = world.bought()

    assert "go_on" == world.prepare.stage(image_id).next
    (sent,) = world.media.uploads
    assert provenance.SOURCE_TYPE == provenance.mark(sent)
    assert hashlib.sha256(sent).hexdigest() == world.jobs.image(image_id).sha256


def test_a_marked_picture_goes_up_as_it_is(world, stamped):
    """A provider may have marked it, or an earlier version of ours."""
    before = world.ledger.read(stamped)

    assert "go_on" == world.prepare.stage(stamped).next
    assert [before] == world.media.uploads


def test_a_picture_that_cannot_be_marked_is_unfit(world, monkeypatch):
    """Without its mark nothing of ours reaches a store."""
    (image_id,) = world.bought()

    def refuse(*_, **__):
        raise Rejected("the file is damaged")

    monkeypatch.setattr(provenance, "stamp", refuse)

    assert "stop" == world.prepare.prepare(image_id).next
    assert "cannot be marked" in world.jobs.image(image_id).reason
    assert [True, []] == [world.is_(image_id, "unfit"), files(world)]


# Stage


def test_a_picture_is_staged_with_its_name_and_words_and_its_bytes_are_dropped(world, stamped):
    """From now on the store's Files keep it; it is attached to nothing."""
    assert "go_on" == world.prepare.stage(stamped).next

    (file,) = files(world)
    assert (brief().file_name, brief().alt) == (file.name, file.alt)
    assert file.id == world.jobs.image(stamped).file_id
    assert world.is_(stamped, "staged")
    assert world.ledger.read(stamped) is None
    assert ["lamp.jpg"] == world.media.names()


@pytest.mark.parametrize("method", ["upload", "create_file", "file"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("error", [NoAnswer("silence"), Unavailable("500")], ids=["silence", "500"])
def test_promise_no_second_file_when_shopify_fails_at_any_moment(world, stamped, method, moment, error):
    """Each call fails once, without and with its effect: one file in the end."""
    getattr(world.media, moment)[method] = [error]

    assert "go_on" == stage_until_it_ends(world, stamped).next
    assert 1 == len(files(world))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(2))
def test_promise_no_second_file_when_our_database_is_away(world, stamped, number, moment):
    """The file is made and we could not write that down: the next run finds it by its name."""
    getattr(world.jobs, moment)["move_image"] = [None] * number + [away()]

    assert "go_on" == stage_until_it_ends(world, stamped).next
    assert 1 == len(files(world))
    assert world.ledger.read(stamped) is None


def test_staging_again_changes_nothing(world, stamped):
    """A finished step that runs again."""
    world.prepare.stage(stamped)
    world.media.asked.clear()

    assert "go_on" == world.prepare.stage(stamped).next
    assert ["file"] == world.media.asked


def test_a_file_that_the_search_does_not_show_yet_is_waited_for(world, stamped):
    """Shopify's index lags behind its files by seconds."""
    world.media.after["create_file"] = [NoAnswer("silence")]
    world.media.searches_in_vain = 3

    assert "go_on" == world.prepare.stage(stamped).next
    assert 1 == len(files(world))


def test_a_file_that_the_search_does_not_show_for_long_is_later(world, stamped):
    """Not known is not failed; a second file cannot come of it, as the name is taken."""
    world.media.after["create_file"] = [NoAnswer("silence")]
    world.media.searches_in_vain = 7

    assert "later" == world.prepare.stage(stamped).next
    assert "go_on" == world.prepare.stage(stamped).next
    assert 1 == len(files(world))


def test_a_strangers_file_of_our_name_is_left_alone(world, stamped):
    """We never publish, change or delete what we did not make: ours gets the other name."""
    stranger = world.media.new(brief().file_name, "a photo of my cat")

    assert "go_on" == world.prepare.stage(stamped).next
    assert stranger in world.media.files.values()
    assert [brief().file_name, second(brief().file_name)] == [file.name for file in files(world)]
    assert naming.mark_of(brief().file_name) == naming.mark_of(second(brief().file_name))


def test_no_name_left_is_said(world, stamped):
    """Both names are taken by strangers: the merchant can do something about it."""
    for name in (brief().file_name, second(brief().file_name)):
        world.media.new(name, "a photo of my cat")

    assert "rename or delete" in world.prepare.stage(stamped).reason
    assert world.is_(stamped, "failed")
    assert world.ledger.read(stamped)


def test_a_file_in_processing_is_waited_for(world, stamped):
    """The bytes stay until the file is ready."""
    world.media.new_status, world.media.looks_until_ready = "PROCESSING", 5

    assert "go_on" == world.prepare.stage(stamped).next
    assert world.is_(stamped, "staged")


def test_a_file_that_stays_in_processing_keeps_our_bytes(world, stamped):
    """Given up in the end, named, and nothing paid for is thrown away."""
    world.media.new_status = "PROCESSING"

    assert "later" == world.prepare.stage(stamped).next
    assert 1 == len(files(world))
    world.prepare.give_up(stamped, "Shopify is still processing the picture.")
    assert world.is_(stamped, "failed")
    assert "still processing" in world.jobs.image(stamped).reason
    assert world.ledger.read(stamped)


def test_a_file_that_failed_is_taken_away_and_made_again(world, stamped):
    """Shopify's processing has its days: the failed file, ours by our own table, makes room for the next try."""
    world.media.new_status = "FAILED"
    outcome = world.prepare.stage(stamped)
    world.media.new_status = "READY"

    assert ("later", True) == (outcome.next, "too odd" in outcome.reason)
    assert "go_on" == world.prepare.stage(stamped).next
    assert 1 == len(files(world))
    assert 1 == len(world.media.deleted)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_taking_a_failed_file_away_may_fail_too(world, stamped, moment):
    """Its answer is lost, before or after the effect: still one good file in the end."""
    world.media.new_status = "FAILED"
    getattr(world.media, moment)["delete_file"] = [NoAnswer("silence")]
    with pytest.raises(NoAnswer):
        world.prepare.stage(stamped)
    world.media.new_status = "READY"

    assert "go_on" == stage_until_it_ends(world, stamped).next
    assert ["READY"] == [file.status for file in files(world)]


def test_a_file_that_the_merchant_deletes_early_is_made_again(world, stamped):
    """While we have the bytes, nothing is lost."""
    world.media.new_status = "PROCESSING"
    world.prepare.stage(stamped)
    world.media.remove(world.jobs.image(stamped).file_id)
    world.media.new_status = "READY"

    assert ["later", "go_on"] == [world.prepare.stage(stamped).next for _ in range(2)]
    assert 1 == len(files(world))


def test_a_file_that_the_merchant_deletes_late_is_said_to_be_gone(world, stamped):
    """The bytes went when the store had them: the picture is lost, and the reason tells how."""
    world.prepare.stage(stamped)
    world.media.remove(world.jobs.image(stamped).file_id)

    outcome = world.prepare.stage(stamped)

    assert "stop" == outcome.next
    assert "deleted from the store's Files" in outcome.reason
    assert world.is_(stamped, "failed")


@pytest.mark.parametrize("error", [Rejected("the store has reached its limit of files")])
def test_what_shopify_refuses_is_kept_and_named(world, stamped, error):
    """Paid, not published, not lost."""
    world.media.before["create_file"] = [error]

    assert "stop" == world.prepare.stage(stamped).next
    assert str(error) in world.jobs.image(stamped).reason
    assert world.is_(stamped, "failed")
    assert world.ledger.read(stamped)


def test_a_revoked_token_leaves_the_picture_waiting(world, stamped):
    """A person can mend that: the picture is neither failed nor lost."""
    world.media.before["upload"] = [BadCredentials("401")]

    with pytest.raises(BadCredentials):
        world.prepare.stage(stamped)

    assert world.is_(stamped, "bought")
    assert world.ledger.read(stamped)


@pytest.mark.parametrize("state", ["rejected", "rolled_back", "failed", "unfit"])
def test_a_picture_that_has_ended_is_not_brought_back(world, stamped, state):
    """A person rejected it while the step was about to run again."""
    world.prepare.stage(stamped)
    world.jobs.move_image(stamped, ImageState(state), "by a person")

    assert ["stop"] * 2 == [getattr(world.prepare, step)(stamped).next for step in ("inspect", "stage")]
    assert world.is_(stamped, state)


def test_the_extension_follows_the_bytes(world, stamped):
    """Asked for PNG, got JPEG: Shopify refuses a name that says something else."""
    image = world.jobs.image(stamped)
    other = image.brief.model_copy(update={"file_name": image.brief.file_name.replace(".jpg", ".png")})
    world.jobs.move_image(stamped, ImageState.BOUGHT, brief=other.model_dump(mode="json"))

    world.prepare.stage(stamped)

    assert [brief().file_name] == [file.name for file in files(world)]


@pytest.mark.parametrize(("stage", "words"), [("bought", "not in the store yet"), ("staged", "in the store's Files")])
def test_giving_up_says_where_the_picture_is(world, stage, words):
    """What was paid for is never just gone."""
    (image_id,) = getattr(world, stage)()

    world.prepare.give_up(image_id, "Shopify does not answer")

    assert world.is_(image_id, "failed")
    assert words in world.jobs.image(image_id).reason
    assert "Shopify does not answer" in world.jobs.image(image_id).reason


def test_conflicts_of_our_own_are_found_again(world, stamped):
    """A crash after the file was made, before we knew its id: the name leads back to it."""
    world.media.after["create_file"] = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        world.prepare.stage(stamped)
    with pytest.raises(Conflict):
        world.media.create_file("", "", file_name=brief().file_name, alt="")

    assert "go_on" == world.prepare.stage(stamped).next
    assert 1 == len(files(world))
