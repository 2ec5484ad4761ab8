"""A test picture tries a style: it is bought like every picture, and stands in nobody's way."""

from shopify_imagegen.models import GenerateRequested, ImageApproved, ImageState, JobState, Trigger
from tests.fakes import LAMP, PRICE, SHOP


def tried(world):
    """The job and the picture of one, through the whole line as the engine walks it."""
    job_id, _ = world.line.ask(SHOP, GenerateRequested(product_id=LAMP, trigger=Trigger.TEST, count=1))
    (image_id,) = world.line.pictures(job_id)[1]
    for stage in (world.line.buy, world.line.prepare):
        assert "go_on" == stage(image_id).next
    assert world.line.wants_review(job_id)
    world.line.finish(job_id)
    return job_id, image_id


def test_it_is_bought_and_kept_in_files_and_on_no_product(world):
    """Though this store publishes by itself."""
    job_id, image_id = tried(world)

    assert ["lamp.jpg"] == world.media.names()
    assert JobState.TESTED == world.jobs.job(job_id).state
    assert (ImageState.STAGED, True) == (world.state(image_id), world.jobs.image(image_id).brief.is_test)
    assert (Trigger.TEST, PRICE) == (world.ledger.find(image_id).trigger, world.ledger.find(image_id).cost_microusd)


def test_the_same_style_and_product_are_one_purchase(world):
    """Whoever asks again is shown what was bought."""
    job_id, image_id = tried(world)

    again, _ = world.line.ask(SHOP, GenerateRequested(product_id=LAMP, trigger=Trigger.TEST, count=1))

    assert job_id == again
    assert [image_id] == world.provider.sold


def test_a_new_listing_gets_its_own_pictures_all_the_same(world):
    """A product that was tried on has no lifestyle photos yet, and nothing of it is under way."""
    world.line.ask(SHOP, GenerateRequested(product_id=LAMP, trigger=Trigger.TEST, count=1))
    assert None is world.jobs.active(SHOP, LAMP)
    tried(world)
    assert 0 == world.jobs.shown(SHOP, LAMP)

    job_id = world.line.look(SHOP, LAMP)

    assert Trigger.NEW_LISTING == world.jobs.job(job_id).trigger
    assert 2 == len(world.jobs.images(job_id))


def test_it_is_made_while_other_photos_are_under_way(world):
    """It touches nothing that they touch."""
    own = world.line.look(SHOP, LAMP)
    world.jobs.move(own, JobState.GENERATING)

    assert own != tried(world)[0]


def test_a_person_may_put_it_on_the_product_after_all(world):
    """Then it is one of the product's pictures, and can be taken back like them."""
    job_id, image_id = tried(world)
    assert () == world.rollback.of_product(SHOP, LAMP)

    assert "go_on" == world.line.approve(SHOP, ImageApproved(image_id=image_id, by="admin:1")).next
    assert "go_on" == world.line.attach([image_id]).next
    world.line.finish(job_id)

    assert 2 == len(world.media.names())
    assert JobState.PUBLISHED == world.jobs.job(job_id).state
    assert (1, (image_id,)) == (world.jobs.shown(SHOP, LAMP), world.rollback.of_product(SHOP, LAMP))
