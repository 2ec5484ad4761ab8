"""Another picture in the place of one: bought once a generation, and the old one leaves only when the new is there."""

import pytest

from shopify_imagegen import naming
from shopify_imagegen.errors import ImagegenError, NoAnswer, NotFound, Rejected, Unavailable
from shopify_imagegen.models import JobState, RegenerateRequested, RollbackRequested
from tests.fakes import LAMP, PACKSHOT, SHOP, START, a_job, brief, lamp

SCENE = "furniture/reading-corner"
JOB = a_job(START).id


@pytest.fixture
def world(world):
    scenes = world.look.priced(SHOP).library
    world.scene = scenes.categories[0].scenes[0].full_id
    return world


@pytest.fixture
def old(world):
    """A published picture of a scene that exists."""
    (image_id,) = world.published()
    world.rewrite(image_id, scene=world.scene)
    return image_id


def ask(world, image_id, note="brighter, no plants"):
    """(job id or None, reason)."""
    return world.regenerate.on_request(SHOP, RegenerateRequested(image_id=image_id, note=note, by="user 7"))


def planned(world, image_id, note="brighter, no plants"):
    """The id of the picture that the wish leads to."""
    job_id, reason = ask(world, image_id, note)
    assert job_id, reason
    return world.jobs.images(job_id)[0].id


def made(world, image_id, *, review=False):
    """The line, as the engine runs it when nothing fails."""
    for stage in ("buy", "prepare"):
        if getattr(world.line, stage)(image_id).next != "go_on":
            break
    if not review:
        world.line.attach([image_id])
    job_id = world.jobs.image(image_id).job_id
    world.line.finish(job_id)
    return world.jobs.job(job_id)


def gallery(world):
    """Marks of ours, names of the merchant's."""
    return [naming.mark_of(name) or name for name in world.media.names()]


def mark(image_id):
    return image_id[: naming.MARK_DIGITS]


def test_the_new_picture_takes_the_old_ones_place(world, old):
    """The promise. The old one stays in the store's Files, in a named state."""
    new = planned(world, old)

    job = made(world, new)

    assert JobState.PUBLISHED == job.state
    assert ["lamp.jpg", mark(new)] == gallery(world)
    assert world.is_(old, "replaced")
    assert world.jobs.image(old).file_id in world.media.files
    assert JobState.REPLACED == world.jobs.job(JOB).state


def test_it_takes_the_very_place(world):
    """In the middle of others it stays in the middle."""
    first, second = world.published(2)
    world.rewrite(first, scene=world.scene)

    new = planned(world, first)
    made(world, new)

    assert ["lamp.jpg", mark(new), mark(second)] == gallery(world)


def test_the_note_goes_into_the_words_and_nothing_else_changes(world, old):
    """The same slot, scene, photos, shape, alt text; cleaned like all that people write."""
    new = world.jobs.image(planned(world, old, 'brighter, "no" {{ plants }}')).brief
    before = world.jobs.image(old).brief

    assert "brighter" in new.prompt
    assert "{{" not in new.prompt
    kept = ("slot", "scene", "references", "model", "aspect_ratio", "resolution", "output_format", "alt")
    assert {name: getattr(before, name) for name in kept} == {name: getattr(new, name) for name in kept}
    assert (2, old) == (new.generation, new.replaces)


def test_another_note_is_another_picture(world, old):
    """The note is part of the key: what was paid for one wish never stands in for another."""
    plans = [
        world.regenerate.preview(SHOP, RegenerateRequested(image_id=old, note=note)).briefs[0].key
        for note in ("brighter", "brighter", "darker")
    ]

    assert plans[0] == plans[1] != plans[2]


def test_without_a_note_the_words_differ_all_the_same(world, old):
    """The same order twice might well bring the same picture."""
    new = world.jobs.image(planned(world, old, "")).brief

    assert "Version 2 of this picture: arrange the scene differently." in new.prompt


def test_a_preview_leaves_no_trace(world, old):
    """A price is shown before."""
    world.regenerate.preview(SHOP, RegenerateRequested(image_id=old))

    assert [old] == [image.id for image in world.pictures.of_product(SHOP, LAMP)]


def test_two_clicks_are_one_picture(world, old):
    """While it is being made, the same wish leads to the same job."""
    job_id, _ = ask(world, old)

    assert (job_id, "A newer picture in its place is being made already.") == ask(world, old)
    made(world, world.jobs.images(job_id)[0].id)
    assert 1 == len(world.provider.sold)


def test_a_replaced_picture_names_the_newer_one(world, old):
    """Its place is taken."""
    made(world, planned(world, old))

    assert (None, "A newer picture is in its place already; make that one anew.") == ask(world, old)


def test_generation_after_generation(world, old):
    """Each has a number of its own and a purchase of its own."""
    second = planned(world, old)
    made(world, second)
    third = planned(world, second)
    made(world, third)

    assert [1, 2, 3] == [world.jobs.image(image_id).brief.generation for image_id in (old, second, third)]
    assert ["replaced", "replaced", "published"] == [world.state(each) for each in (old, second, third)]
    assert ["lamp.jpg", mark(third)] == gallery(world)


def test_over_budget_the_old_one_stays(world, old):
    """A wish is no reason to pass the ceiling, and a failed wish no reason to lose a picture."""
    world.budget = world.budget.model_copy(update={"per_day_usd": world.budget.per_day_usd * 0})

    job = made(world, planned(world, old))

    assert (JobState.NOTHING_PUBLISHED, True) == (job.state, "budget has no room" in job.reason)
    assert world.is_(old, "published")
    assert 2 == len(gallery(world))


def test_what_was_not_bought_may_be_asked_for_again_under_the_same_number(world, old):
    """The key of a generation that cost nothing is free."""
    world.provider.errors = [Rejected("no")]
    first = planned(world, old)
    made(world, first)
    world.time.sleep(1)

    assert first == planned(world, old)
    made(world, first)
    assert world.is_(first, "published")


def test_a_rejected_generation_is_followed_by_the_next(world, old):
    """It was paid for: the same key would buy nothing."""
    first = planned(world, old)
    made(world, first, review=True)
    world.review.reject(SHOP, first, by="user 7", reason="too dark")

    second = planned(world, old)

    assert first != second
    assert 3 == world.jobs.image(second).brief.generation


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("planned", "still being made"),
        ("refused", "never bought"),
        ("over_budget", "want of budget"),
        ("unknown", "decide on that first"),
    ],
)
def test_why_a_picture_cannot_be_made_anew(world, old, state, words):
    """Each reason says what to do instead."""
    world.jobs.move_image(old, state)

    job_id, reason = ask(world, old)

    assert (None, True) == (job_id, words in reason)


def test_a_newer_one_that_waits_is_decided_on_first(world, old):
    """Two candidates for one place would be one too many to keep apart."""
    made(world, planned(world, old), review=True)

    job_id, reason = ask(world, old)

    assert (None, True) == (job_id, "waits for review" in reason)


def test_in_review_the_old_one_stays_until_the_new_one_is_approved(world, old):
    """The merchant sees both; the shop window shows the old one."""
    new = planned(world, old)
    made(world, new, review=True)
    assert world.is_(old, "published")
    assert ["lamp.jpg", mark(old)] == gallery(world)

    world.line.attach([new])

    assert ["lamp.jpg", mark(new)] == gallery(world)
    assert world.is_(old, "replaced")


def test_a_candidate_that_waits_gives_way_to_the_approved_one(world):
    """Made anew before it was ever published: it never will be, by itself."""
    (old,) = world.staged()
    world.rewrite(old, scene=world.scene)
    world.line.finish(JOB)
    new = planned(world, old)
    made(world, new)

    assert world.is_(old, "replaced")
    assert JobState.REPLACED == world.jobs.job(JOB).state
    assert ["lamp.jpg", mark(new)] == gallery(world)


@pytest.mark.parametrize("method", ["gallery", "attach", "detach", "move"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("error", [NoAnswer("silence"), Unavailable("500")], ids=["silence", "500"])
def test_promise_the_old_one_leaves_only_when_the_new_one_is_there(world, method, moment, error):
    """Each call fails once, without and with its effect: never is the place empty, and in the end there is one."""
    old, _ = world.published(2)
    world.rewrite(old, scene=world.scene)
    new = planned(world, old)
    for stage in ("buy", "prepare"):
        getattr(world.line, stage)(new)
    getattr(world.media, moment)[method] = [error]
    for _ in range(4):
        try:
            said = world.line.attach([new])
        except ImagegenError:
            assert {mark(old), mark(new)} & set(gallery(world))
            continue
        if said.next == "go_on":
            break

    assert ["lamp.jpg", mark(new), mark(brief(1).key)] == gallery(world)
    assert ["replaced", "published"] == [world.state(old), world.state(new)]


def test_a_rollback_puts_the_earlier_picture_back(world, old):
    """In the place where the new one was; nothing is bought."""
    new = planned(world, old)
    made(world, new)
    sold = len(world.provider.sold)

    (undone,) = world.rollback.run(SHOP, RollbackRequested(images=(new,), by="user 7"))

    assert old == undone.pictures[0].earlier
    assert ["lamp.jpg", mark(old)] == gallery(world)
    assert ["published", "rolled_back"] == [world.state(old), world.state(new)]
    assert sold == len(world.provider.sold)
    assert [JobState.PUBLISHED, JobState.ROLLED_BACK] == [
        world.jobs.job(world.jobs.image(image_id).job_id).state for image_id in (old, new)
    ]


@pytest.mark.parametrize("method", ["gallery", "attach", "detach", "move"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_rollback_to_the_earlier_picture_may_be_interrupted(world, method, moment):
    """Run again, and the end is the same."""
    old, _ = world.published(2)
    world.rewrite(old, scene=world.scene)
    new = planned(world, old)
    made(world, new)
    getattr(world.media, moment)[method] = [Unavailable("500")]
    for _ in range(3):
        try:
            world.rollback.run(SHOP, RollbackRequested(images=(new,), by="user 7"))
            break
        except ImagegenError:
            continue

    assert ["lamp.jpg", mark(old), mark(brief(1).key)] == gallery(world)
    assert ["published", "rolled_back"] == [world.state(old), world.state(new)]


def test_a_rollback_of_the_product_brings_nothing_back(world, old):
    """All of ours was meant."""
    made(world, planned(world, old))

    world.rollback.run(SHOP, RollbackRequested(images=world.rollback.of_product(SHOP, LAMP), by="user 7"))

    assert ["lamp.jpg"] == gallery(world)


def test_a_candidate_that_was_never_approved_does_not_come_back(world):
    """Nothing reaches the shop window that nobody let in."""
    (old,) = world.staged()
    world.rewrite(old, scene=world.scene)
    world.line.finish(JOB)
    new = planned(world, old)
    made(world, new)

    world.rollback.run(SHOP, RollbackRequested(images=(new,), by="user 7"))

    assert ["lamp.jpg"] == gallery(world)
    assert world.is_(old, "replaced")


def test_a_deleted_product_is_named(world, old):
    """The wish is answered."""
    world.catalog.products.clear()

    assert (None, "The product has been deleted from the store.") == ask(world, old)


def test_a_product_without_photos_of_its_own_is_named(world, old):
    """Pictures are made from the merchant's photos alone."""
    world.catalog.products[LAMP] = lamp(media=())

    job_id, reason = ask(world, old)

    assert (None, True) == (job_id, "no photo yet" in reason)


def test_a_scene_that_is_gone_is_named(world):
    """It was switched off, or taken out of the library."""
    (image_id,) = world.published()

    with pytest.raises(Rejected, match="home/desk"):
        ask(world, image_id)


def test_another_shops_picture_is_not_found(world, old):
    """No request reaches into another store."""
    with pytest.raises(NotFound):
        world.regenerate.on_request("other.myshopify.com", RegenerateRequested(image_id=old))


def test_no_paid_call_for_a_shop_that_is_paused(world, old):
    """Its token does not work; the reason is the pause's."""
    world.shop(state="paused", reason="frozen")

    job_id, reason = ask(world, old)

    assert (None, True) == (job_id, "frozen" in reason)
    assert PACKSHOT in world.downloads.pages
