"""What rests is taken up again when what stood in its way may be gone; what keeps failing, less and less."""

from datetime import timedelta

import pytest

from shopify_imagegen.backfills.gate import OFF_HOURS, ON_HOLD
from shopify_imagegen.errors import BadCredentials, MissingScope, NoFunds, ShopClosed
from shopify_imagegen.models import ImageState, JobState
from shopify_imagegen.pausing import ProviderPauses, ShopPauses, missing
from shopify_imagegen.resuming import Resume
from tests.fakes import LAMP, PRICE, SHOP, START, World, a_job

WANTED = ("write_files", "write_products")


class Shopify:
    """Answers the probe with the scopes it has granted, or with an error."""

    def __init__(self):
        self.answer = WANTED
        self.asked = []

    def __call__(self, shop):
        self.asked.append(shop)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class FakeStarter:
    def __init__(self):
        self.started = []

    def again(self, work_id, job, *, refused):
        self.started.append((work_id, job.id, refused))

    @property
    def jobs(self):
        return [job_id for _, job_id, _ in self.started]


@pytest.fixture
def world(world):
    world.shopify, world.starter = Shopify(), FakeStarter()
    world.provider_pauses = ProviderPauses(pauses=world.pauses, provider=world.provider)
    world.resume = Resume(
        shops=world.shops,
        jobs=world.jobs,
        watch=world.watch,
        starter=world.starter,
        probe=world.shopify,
        scopes=WANTED,
        provider=world.provider_pauses,
        clock=world.time.clock,
    )
    return world


def rest(world, state, *, after=timedelta(minutes=1)):
    """The job rests in *state*, that long after it began."""
    world.time.now += after
    world.jobs.move(a_job(START).id, state, "why")


# Shops


def test_a_paused_shop_is_served_again_when_it_answers(world):
    """A frozen shop has paid, a token was renewed: nobody has to tell us."""
    world.shop(state="paused", reason="402")

    world.resume.run_once()

    assert ("active", "") == (world.shops.find(SHOP).state, world.shops.find(SHOP).reason)


@pytest.mark.parametrize("error", [BadCredentials("401"), ShopClosed("402")])
def test_a_shop_that_still_turns_us_away_stays_paused(world, error):
    """Its reason stays, and nothing of it is taken up."""
    world.staged()
    rest(world, JobState.PAUSED)
    world.shop(state="paused", reason="402")
    world.shopify.answer = error
    world.time.now += timedelta(days=1)

    assert 0 == world.resume.run_once()
    assert ("paused", "402") == (world.shops.find(SHOP).state, world.shops.find(SHOP).reason)


@pytest.mark.parametrize(("granted", "state"), [(("write_products",), "paused"), (WANTED, "active")])
def test_a_missing_permission_is_mended_by_that_permission(world, granted, state):
    """A token that may read and not write would buy pictures that cannot be published."""
    ShopPauses(shops=world.shops).pause(SHOP, MissingScope("write_files"))
    world.shopify.answer = granted

    world.resume.run_once()

    assert state == world.shops.find(SHOP).state


def test_a_job_that_was_paused_when_its_shop_left_is_ended(world):
    """Taken up, it finds that the app is not installed any more, and ends so; it must not rest for ever."""
    world.staged()
    rest(world, JobState.PAUSED)
    world.shop(state="uninstalled")

    assert 1 == world.resume.run_once()
    assert [a_job(START).id] == world.starter.jobs


def test_what_has_ended_in_a_shop_that_left_is_left_alone(world):
    """Its picture was paid for, and there is nowhere to put it."""
    world.stamped()
    rest(world, JobState.FAILED, after=timedelta(hours=2))
    world.time.now += timedelta(days=1)
    world.shop(state="uninstalled")

    assert 0 == world.resume.run_once()


@pytest.mark.parametrize("state", ["active", "uninstalled"])
def test_only_paused_shops_are_asked(world, state):
    """An active one answers every day, one that has left is none of our business."""
    world.shop(state=state)

    world.resume.run_once()

    assert [] == world.shopify.asked


def test_products_that_waited_for_their_shop_are_looked_at(world):
    """They came while it was paused; no other webhook need come."""
    world.watch.touch(SHOP, LAMP, created=True, due_at=START)
    world.watch.started(SHOP, LAMP, 1)
    world.shop(state="paused", reason="402")
    world.look.after_a_change(SHOP, LAMP)
    assert () == world.watch.due(START + timedelta(days=9), 10)

    world.resume.run_once()

    assert [LAMP] == [product_id for _, product_id, _ in world.watch.due(world.time.now, 10)]


# Permissions


@pytest.mark.parametrize(
    ("granted", "state", "named"),
    [
        (WANTED, "active", ""),
        (("write_products",), "paused", "write_files"),
        ((), "paused", "write_files, write_products"),
    ],
    ids=["all", "one lacks", "none"],
)
def test_a_shop_is_paused_for_what_it_does_not_let_us_do(world, granted, state, named):
    """By name, so that somebody can mend it."""
    ShopPauses(shops=world.shops).permitted(SHOP, granted, wanted=WANTED)

    assert state == world.shops.find(SHOP).state
    assert named in world.shops.find(SHOP).reason


def test_the_right_to_write_is_one_to_read(world):
    """Shopify does not name the second."""
    assert () == missing(["read_products", "write_files"], ["write_products", "write_files"])
    assert ("write_products",) == missing(["write_products"], ["read_products"])


@pytest.mark.parametrize("reason", ["402", "A permission is missing: write_files."])
def test_what_is_granted_ends_a_pause_for_that_alone(world, reason):
    """A frozen shop stays frozen, whatever it lets us do."""
    world.shop(state="paused", reason=reason)
    ShopPauses(shops=world.shops).permitted(SHOP, WANTED, wanted=WANTED)

    assert ("paused" if reason == "402" else "active") == world.shops.find(SHOP).state


# Jobs


def test_a_paused_job_goes_on_when_its_shop_is_served(world):
    """The paid picture has waited in the spool."""
    world.stamped()
    rest(world, JobState.PAUSED)
    world.shop(state="paused", reason="402")
    world.time.now += timedelta(minutes=1)

    assert 1 == world.resume.run_once()
    assert [a_job(START).id] == world.starter.jobs
    assert not world.starter.started[0][2], "what was refused stays refused"


@pytest.mark.parametrize("reason", [ON_HOLD, OFF_HOURS.format("22-06", "UTC")], ids=["paused", "hours"])
def test_a_job_that_waits_for_its_backfill_is_left_to_it(world, reason):
    """A pause of the backfill would otherwise end after a minute, job by job."""
    world.stamped()
    world.time.now += timedelta(minutes=1)
    world.jobs.move(a_job(START).id, JobState.PAUSED, reason)
    world.time.now += timedelta(days=1)

    assert 0 == world.resume.run_once()


def test_taking_up_twice_is_the_same_work(world):
    """Several workers do this at once; the engine runs one name once."""
    world.stamped()
    rest(world, JobState.PAUSED)
    world.time.now += timedelta(minutes=1)

    world.resume.run_once()
    world.resume.run_once()

    assert 1 == len(set(world.starter.started))
    world.jobs.move(a_job(START).id, JobState.PUBLISHING)
    rest(world, JobState.PAUSED, after=timedelta(hours=2))
    world.time.now += timedelta(hours=2)
    world.resume.run_once()
    assert 2 == len(set(world.starter.started)), "it has moved since, so this is other work"


def test_a_job_that_is_paused_again_and_again_is_tried_less_and_less(world):
    """A shop that answers the probe, and turns away the rest."""
    world.stamped()
    rest(world, JobState.PAUSED, after=timedelta(minutes=30))

    assert [0, 1] == [world.resume.run_once(), later(world, minutes=30)]
    world.jobs.move(a_job(START).id, JobState.PUBLISHING)
    rest(world, JobState.PAUSED, after=timedelta(days=3))
    assert [0, 1] == [later(world, minutes=59), later(world, minutes=1)]


def test_a_job_waits_for_the_provider_only_if_it_has_pictures_to_buy(world):
    """Publishing what was bought needs no balance."""
    (planned,) = world.begin()
    world.provider_pauses.pause(NoFunds("used up"))
    world.provider.left_microusd = 0
    rest(world, JobState.PAUSED)

    assert 0 == later(world, hours=1)
    world.jobs.move_image(planned, ImageState.STAGED)
    assert 1 == world.resume.run_once()


def test_jobs_go_on_when_the_balance_is_there_again(world):
    """The probe is free."""
    world.begin()
    world.provider_pauses.pause(NoFunds("used up"))
    rest(world, JobState.PAUSED)
    world.provider.left_microusd = PRICE

    assert 1 == later(world, hours=1)


@pytest.mark.parametrize("kept", ["bytes", "file"])
def test_a_paid_picture_that_could_not_be_published_is_tried_again_by_itself(world, kept):
    """Shopify was away for longer than the engine's patience."""
    (image_id,) = world.stamped() if kept == "bytes" else world.staged()
    world.line.give_up(image_id, "Shopify answered 500")
    rest(world, JobState.NOTHING_PUBLISHED)

    assert [0, 1] == [later(world, minutes=59), later(world, minutes=1)]


def test_it_is_tried_less_and_less_and_not_for_ever(world):
    """When it has rested as long as it has lasted: about ten times in thirty days."""
    (image_id,) = world.stamped()
    world.line.give_up(image_id, "Shopify answered 500")
    rest(world, JobState.NOTHING_PUBLISHED)
    tries = 0
    while world.time.now < START + timedelta(days=40):
        if later(world, hours=2):
            tries += 1
            world.jobs.move(a_job(START).id, JobState.PUBLISHING)
            world.jobs.move(a_job(START).id, JobState.NOTHING_PUBLISHED, "why")

    assert 7 <= tries <= 12


@pytest.mark.parametrize("state", [ImageState.PUBLISHED, ImageState.REFUSED, ImageState.UNFIT, ImageState.UNKNOWN])
def test_a_job_without_a_kept_picture_is_left_alone(world, state):
    """What was refused, unfit or perhaps charged is for a person."""
    (image_id,) = world.begin()
    world.jobs.move_image(image_id, state, "why")
    rest(world, JobState.NOTHING_PUBLISHED)

    assert 0 == later(world, days=2)


def short(world, **job_fields):
    """A listing that has one of its pictures; for the other the day's budget had no room."""
    ids = world.begin(2, **job_fields)
    world.jobs.move_image(ids[0], ImageState.PUBLISHED)
    world.jobs.move_image(ids[1], ImageState.OVER_BUDGET, "no room")
    rest(world, JobState.PARTLY_PUBLISHED)
    return ids


def test_the_rest_of_a_listing_is_tried_when_the_next_day_begins(world):
    """14 hours after the start it is midnight, UTC; and one job a day is one try."""
    _, over_budget = short(world)

    assert [0, 1] == [later(world, hours=13), later(world, hours=1)]
    world.jobs.move(a_job(START).id, JobState.GENERATING)
    world.jobs.move_image(over_budget, ImageState.OVER_BUDGET, "no room today")
    rest(world, JobState.PARTLY_PUBLISHED)
    assert [0, 0, 1] == [later(world, hours=1), later(world, hours=22), later(world, hours=1)]


def test_it_is_not_tried_for_ever(world):
    """After thirty days only a person takes it up."""
    short(world)

    assert 0 == later(world, days=31)


@pytest.mark.parametrize("state", [ImageState.ROLLED_BACK, ImageState.REJECTED, ImageState.REFUSED])
def test_a_listing_that_has_none_or_whose_merchant_wants_none_is_not_tried_so(world, state):
    """Without any, the product itself is looked at again; what was taken back stays so."""
    first, _ = short(world)
    world.jobs.move_image(first, state, "why")

    assert 0 == later(world, days=1)


def test_it_waits_for_a_provider_that_does_not_sell(world):
    """A job that rests with its reason says more than one that is paused."""
    short(world)
    world.provider_pauses.pause(NoFunds("used up"))
    world.provider.left_microusd = 0

    assert 0 == later(world, days=1)


def test_a_job_that_is_under_way_is_left_alone(world):
    """Its engine knows."""
    world.stamped()
    rest(world, JobState.PUBLISHING)

    assert 0 == later(world, days=2)


def later(world, **time):
    """How many jobs are taken up that much later."""
    world.time.now += timedelta(**time)
    return world.resume.run_once()


# What taking up does to a picture


def reopened(world, image_id, *, refused=False):
    world.line.reopen(a_job(START).id, refused=refused)
    return world.jobs.image(image_id).state


def test_a_kept_picture_goes_on_from_its_bytes(world):
    """It was never in the store."""
    (image_id,) = world.stamped()
    world.line.give_up(image_id, "Shopify answered 500")

    assert ImageState.BOUGHT == reopened(world, image_id)
    assert "go_on" == world.line.prepare(image_id).next


def test_a_staged_picture_goes_on_from_the_stores_files(world):
    """It is attached as it is; no second file."""
    (image_id,) = world.staged()
    world.line.give_up(image_id, "not shown")

    assert ImageState.STAGED == reopened(world, image_id)
    assert "go_on" == world.line.attach([image_id]).next
    assert 2 == len(world.media.galleries[LAMP])


def test_a_file_that_shopify_never_finished_is_made_anew(world):
    """Waiting for it longer would be in vain; the stuck one is deleted."""
    (image_id,) = world.stamped()
    world.media.new_status = "PROCESSING"
    world.line.prepare(image_id)
    stuck = world.jobs.image(image_id).file_id
    world.line.give_up(image_id, "still processing")
    world.media.new_status = "READY"

    reopened(world, image_id)

    assert [stuck] == world.media.deleted
    assert "go_on" == world.line.prepare(image_id).next
    assert stuck != world.jobs.image(image_id).file_id


def test_a_file_that_became_ready_meanwhile_is_used(world):
    """It only took longer than we waited."""
    (image_id,) = world.stamped()
    world.media.new_status = "PROCESSING"
    world.media.looks_until_ready = 99
    world.line.prepare(image_id)
    world.line.give_up(image_id, "still processing")
    world.media.looks_until_ready = 1

    reopened(world, image_id)

    assert [] == world.media.deleted
    assert "go_on" == world.line.prepare(image_id).next


def test_a_store_that_is_away_does_not_stop_the_taking_up(world):
    """Whether the file is stuck is then found out by the step itself."""
    (image_id,) = world.stamped()
    world.media.new_status = "PROCESSING"
    world.line.prepare(image_id)
    world.line.give_up(image_id, "still processing")
    world.media.before["file"] = [BadCredentials("401")]

    assert ImageState.BOUGHT == reopened(world, image_id)
    assert world.jobs.image(image_id).file_id


@pytest.mark.parametrize("state", [ImageState.REFUSED, ImageState.OVER_BUDGET])
@pytest.mark.parametrize("refused", [True, False])
def test_what_was_not_bought_is_bought_if_a_person_says_so(world, state, refused):
    """By itself only what was paid for goes on."""
    (image_id,) = world.begin()
    world.jobs.move_image(image_id, state, "why")

    assert (ImageState.PLANNED if refused else state) == reopened(world, image_id, refused=refused)


@pytest.mark.parametrize("state", [ImageState.UNKNOWN, ImageState.UNFIT, ImageState.REJECTED, ImageState.PUBLISHED])
def test_what_was_decided_stays(world, state):
    """Perhaps charged, unfit, rejected by a person, on the product: taking up changes none of it."""
    (image_id,) = world.begin()
    world.jobs.move_image(image_id, state, "why")

    assert state == reopened(world, image_id, refused=True)


def thawed(world):
    """A worker froze in its paid call, another one took its work over, and then the first one brought the picture."""
    (image_id,) = world.begin()
    real = world.provider.render

    def frozen(*about, **options):
        rendering = real(*about, **options)
        world.generate.give_up(image_id, "taken over")
        rest(world, JobState.NOTHING_PUBLISHED)
        return rendering

    world.provider.render = frozen
    world.line.buy(image_id)
    return image_id


def test_a_picture_that_a_thawed_worker_brings_is_published(world):
    """It was paid for: its job has ended without it, and takes it up by itself."""
    image_id = thawed(world)
    assert (ImageState.BOUGHT, "paid") == (world.state(image_id), world.ledger.find(image_id).state)

    assert [0, 1] == [later(world, minutes=59), later(world, minutes=1)]
    assert ImageState.BOUGHT == reopened(world, image_id)


@pytest.mark.parametrize("state", [ImageState.UNKNOWN, ImageState.REFUSED])
def test_a_thawed_worker_that_died_before_it_could_say_so_loses_nothing(world, state):
    """Its last act was the commit with the bytes: the picture still says what others had made of it."""
    image_id = thawed(world)
    world.jobs.move_image(image_id, state, "why")

    assert 1 == later(world, hours=1)
    assert ImageState.BOUGHT == reopened(world, image_id)
    assert ["go_on"] * 2 == [world.line.buy(image_id).next, world.prepare.inspect(image_id).next]
    assert 1 == len(world.provider.calls)


def test_a_sold_picture_that_was_not_fetched_is_fetched(tmp_path):
    """The receipt is still there: it costs nothing."""
    world = World(tmp_path, in_two=True)
    (image_id,) = world.begin()
    world.provider.fetching = [BadCredentials("storage is closed")]
    world.line.buy(image_id)
    world.line.give_up(image_id, "storage is closed")
    assert ImageState.FAILED == world.state(image_id)

    assert ImageState.PLANNED == reopened(world, image_id)
    assert "go_on" == world.line.buy(image_id).next
    assert 1 == len(world.provider.sold)
    world.close()
