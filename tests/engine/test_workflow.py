"""The order of the stages on the real engine: each job ends in a named state, whatever its stages say."""

import itertools
import threading
from datetime import UTC, datetime

import pytest

from shopify_imagegen.errors import BadCredentials, NoAnswer, NotFound, RateLimited, Unavailable
from shopify_imagegen.models import (
    GO_ON,
    BackfillRollbackRequested,
    GenerateRequested,
    ImageApproved,
    Job,
    JobState,
    RegenerateRequested,
    RollbackRequested,
    Trigger,
)
from shopify_imagegen.stages import outcome
from shopify_imagegen.workflow.queues import pace
from tests.end_to_end.house import wait_for
from tests.engine.stages import later, stop

SHOP = "lamps.myshopify.com"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
LIMIT_S = 15
BUG = "Stopped by an error of the program (KeyError); its log says more."
names = (f"{number}" for number in itertools.count(1))


@pytest.fixture
def job(stages):
    """A job of two pictures that no other test has seen: its id and theirs."""
    name = next(names)
    return stages.job(f"job:{name}", f"{name}:first", f"{name}:second"), (f"{name}:first", f"{name}:second")


def finished(stages, job_id):
    wait_for(lambda: job_id in stages.called("finish"), LIMIT_S, lambda: stages.calls)


def failed(stages, job_id):
    """The reason that the job failed with."""
    moves = wait_for(
        lambda: [move for move in stages.called("move_job") if move[:2] == (job_id, JobState.FAILED)],
        LIMIT_S,
        lambda: stages.calls,
    )
    return moves[0][2]


def test_work_that_was_accepted_lasts(engine, stages, job, monkeypatch):
    """The dispatcher drops a wish once the engine has it: a power cut must not undo what the engine said."""
    flushed = []
    monkeypatch.setattr(engine, "flush", lambda: flushed.append("flushed"))

    engine.make(job[0], SHOP, Trigger.NEW_LISTING)
    seen = len(flushed)
    finished(stages, job[0])

    assert 1 == seen


def test_a_job_goes_through_the_line(engine, stages, job):
    """Bought side by side, then each made fit and staged, then all attached at once."""
    job_id, (first, second) = job

    engine.make(job_id, SHOP, Trigger.NEW_LISTING)
    finished(stages, job_id)

    told = [call for call in stages.calls if call[0] != "buy"]
    assert {first, second} == set(stages.called("buy"))
    assert [
        ("move_job", (job_id, JobState.GENERATING, "")),
        ("pictures", job_id),
        ("move_job", (job_id, JobState.PUBLISHING, "")),
        ("prepare", first),
        ("prepare", second),
        ("wants_review", job_id),
        ("attach", (first, second)),
        ("finish", job_id),
    ] == told


def test_a_look_may_lead_to_a_job(engine, stages, job):
    """A change of a product, and its pictures."""
    job_id, _ = job
    stages.script["look", "product-1"] = [job_id]

    engine.look(f"look:{job_id}", SHOP, "product-1")

    finished(stages, job_id)


def test_a_look_may_lead_to_nothing(engine, stages):
    """Most changes do."""
    engine.look(f"look:{next(names)}", SHOP, "product-2")

    wait_for(lambda: stages.called("look"), LIMIT_S, "a look")
    assert [] == stages.called("unlooked")


def test_a_person_gets_an_answer(engine, stages, job):
    """With the job that was begun, which then runs."""
    job_id, _ = job
    stages.script["ask", "product-3"] = [(job_id, "")]

    engine.ask(f"request:{job_id}", SHOP, GenerateRequested(product_id="product-3"))

    finished(stages, job_id)
    wait_for(lambda: [(f"request:{job_id}", job_id, "")] == stages.called("answer"), LIMIT_S, "an answer")


def test_the_same_id_is_the_same_work(engine, stages, job):
    """Whoever asks again, after a crash or by mistake, starts nothing."""
    job_id, _ = job
    for _ in range(3):
        engine.make(job_id, SHOP, Trigger.NEW_LISTING)
    finished(stages, job_id)

    engine.make(job_id, SHOP, Trigger.PERSON)
    engine.look(f"after:{job_id}", SHOP, "product-4")
    wait_for(lambda: "product-4" in stages.called("look"), LIMIT_S, "the look behind it")

    assert [job_id] == stages.called("finish")


def test_a_job_that_cannot_be_taken_up_again_says_so(engine, stages, job):
    """Who waits for it to move, as a backfill that is retried does, would wait for ever."""
    job_id, _ = job
    fields = {"product_id": "p", "product_title": "Lamp", "recipe": "r", "created_at": NOW, "updated_at": NOW}
    rests = Job(id=job_id, shop=SHOP, trigger=Trigger.PERSON, state=JobState.FAILED, **fields)
    stages.script["reopen", job_id] = [NotFound("its pictures are gone")]

    engine.again(f"again:{job_id}", rests, refused=True)
    wait_for(lambda: stages.called("move_job")[1:], LIMIT_S, "its state")

    moves = [(job_id, JobState.GENERATING, ""), (job_id, JobState.FAILED, "its pictures are gone")]
    assert moves == [move for move in stages.called("move_job") if move[0] == job_id]


@pytest.mark.parametrize("stage", ["buy", "prepare"])
def test_later_is_tried_again(engine, stages, job, stage):
    """A neighbour who is busy is asked again, and the picture is made."""
    job_id, (first, second) = job
    stages.script[stage, first] = [later(), later(), GO_ON]

    engine.make(job_id, SHOP, Trigger.NEW_LISTING)
    finished(stages, job_id)

    assert 3 == stages.called(stage).count(first)
    assert [(first, second)] == stages.called("attach")
    assert [] == stages.called("give_up")


@pytest.mark.parametrize("stage", ["buy", "prepare"])
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param(later("Shopify is away"), "Shopify is away", id="later, for ever"),
        pytest.param(Unavailable("Shopify is away"), "Shopify is away", id="away, for ever"),
        pytest.param(NoAnswer("no answer"), "no answer", id="no answer, for ever"),
        pytest.param(stop("refused"), "refused", id="stop"),
        pytest.param(BadCredentials("the key is wrong"), "the key is wrong", id="one of our errors"),
        pytest.param(KeyError("secret"), BUG, id="a bug"),
    ],
)
def test_one_pictures_trouble_is_named_and_the_other_is_published(engine, stages, job, stage, said, reason):
    """Promise 4: never silent; and what is fine does not suffer."""
    job_id, (first, second) = job
    stages.script[stage, first] = [said]

    engine.make(job_id, SHOP, Trigger.NEW_LISTING)
    finished(stages, job_id)

    assert [(first, reason)] == stages.called("give_up")
    assert [(second,)] == stages.called("attach")


def test_a_bug_in_the_paid_call_is_looked_at_once_more(engine, stages, job):
    """The ledger knows whether the call had left: the second look settles it, and there is no third."""
    job_id, (first, _) = job
    stages.script["buy", first] = [KeyError("a bug after the call"), stop("perhaps charged")]

    engine.make(job_id, SHOP, Trigger.NEW_LISTING)
    finished(stages, job_id)

    assert 2 == stages.called("buy").count(first)
    assert [(first, "perhaps charged")] == stages.called("give_up")


@pytest.mark.parametrize("said", [later("not shown yet"), KeyError("a bug")], ids=["later, for ever", "a bug"])
def test_pictures_that_cannot_be_attached_are_given_up_with_the_reason(engine, stages, job, said):
    """They are in the store's Files; the merchant learns why they are not on the product."""
    job_id, images = job
    stages.script["attach", images] = [said]

    engine.make(job_id, SHOP, Trigger.NEW_LISTING)
    finished(stages, job_id)

    reason = BUG if isinstance(said, KeyError) else "not shown yet"
    assert [(image, reason) for image in images] == stages.called("give_up")


def test_no_picture_is_shown_while_it_is_not_known_whether_a_person_shall_see_it_first(engine, stages, job):
    """The settings could not be read: the pictures stay in Files, and say why."""
    job_id, images = job
    stages.script["wants_review", job_id] = [Unavailable("the database is away")]

    engine.make(job_id, SHOP, Trigger.NEW_LISTING)
    finished(stages, job_id)

    assert [(image, "the database is away") for image in images] == stages.called("give_up")
    assert not any(image in ids for ids in stages.called("attach") for image in images)


@pytest.mark.parametrize(("stage", "key"), [("pictures", "job"), ("finish", "job")], ids=lambda each: str(each))
@pytest.mark.parametrize(
    ("said", "reason"), [(KeyError("a bug"), BUG), (Unavailable("the database is away"), "the database is away")]
)
def test_a_step_that_a_job_cannot_do_without_fails_the_job_by_name(engine, stages, job, stage, key, said, reason):
    """A job that stops must not look as if it ran."""
    job_id, _ = job
    stages.script[stage, job_id if key else None] = [said]

    engine.make(job_id, SHOP, Trigger.NEW_LISTING)

    assert reason == failed(stages, job_id)


@pytest.mark.parametrize(
    ("said", "reason"), [(KeyError("a bug"), BUG), (Unavailable("Shopify is away"), "Shopify is away")]
)
def test_a_look_that_fails_for_good_is_a_named_state(engine, stages, said, reason):
    """Promise 4 holds before there is a job."""
    stages.script["look", "product-5"] = [said]

    engine.look(f"look:{next(names)}", SHOP, "product-5")

    wait_for(lambda: ("product-5", reason) in stages.called("unlooked"), LIMIT_S, lambda: stages.calls)


def test_a_person_gets_an_answer_even_from_a_bug(engine, stages):
    """Somebody waits in front of a screen."""
    stages.script["ask", "product-6"] = [KeyError("a bug")]

    engine.ask("request-6", SHOP, GenerateRequested(product_id="product-6"))

    wait_for(lambda: [("request-6", None, BUG)] == stages.called("answer"), LIMIT_S, lambda: stages.calls)


def test_in_review_nothing_is_attached_until_it_is_approved(engine, stages, job):
    """And then that picture alone."""
    job_id, (first, _) = job
    stages.review = True
    engine.make(job_id, SHOP, Trigger.NEW_LISTING)
    finished(stages, job_id)
    assert [] == stages.called("attach")

    engine.approve(f"click on {first}", SHOP, ImageApproved(image_id=first))

    wait_for(lambda: f"job of {first}" in stages.called("finish"), LIMIT_S, lambda: stages.calls)
    assert [(first,)] == stages.called("attach")
    assert [(f"click on {first}", f"job of {first}", "")] == stages.called("answer")


def test_an_approval_that_is_refused_is_answered_and_attaches_nothing(engine, stages, job):
    """The product is gone, or somebody was quicker: the person who clicked learns why."""
    _, (first, _) = job
    stages.script["approve", first] = [stop("The product was deleted.")]

    engine.approve(f"click on {first}", SHOP, ImageApproved(image_id=first))

    answer = (f"click on {first}", None, "The product was deleted.")
    wait_for(lambda: answer in stages.called("answer"), LIMIT_S, lambda: stages.calls)
    assert [] == stages.called("attach")


def test_another_picture_is_made_by_the_same_line(engine, stages, job):
    """A wish for a picture anew is asked, made and answered like any other."""
    job_id, (first, _) = job
    stages.script["ask", f"anew {first}"] = [(job_id, "")]

    engine.ask(f"click on {job_id}", SHOP, RegenerateRequested(image_id=f"anew {first}"))

    finished(stages, job_id)
    assert [(f"click on {job_id}", job_id, "")] == stages.called("answer")


def test_a_product_that_cannot_be_rolled_back_does_not_hold_up_the_others(engine, stages):
    """Each product for itself; the answer says what became of all."""
    wish = RollbackRequested(images=("a", "b"))
    stages.script["products_of", wish.images] = [{"lamp": ["a"], "desk": ["b"]}]
    stages.script["roll_back", ("lamp", "a")] = [Unavailable("not now")]

    engine.roll_back("click", SHOP, wish)

    answer = ("click", None, "not now\ndesk is as it was")
    wait_for(lambda: answer in stages.called("answer"), LIMIT_S, lambda: stages.calls)
    assert 6 == stages.called("roll_back").count(("lamp", "a"))


def test_a_whole_backfill_is_taken_back_a_few_products_a_step(engine, stages):
    """Each step goes on behind the one before, so a crash loses no more than one."""
    stages.script["roll_back_some", ("bf-1", 0)] = [8]
    stages.script["roll_back_some", ("bf-1", 8)] = [later(), 12]

    engine.roll_back_all("click-1", SHOP, BackfillRollbackRequested(backfill_id="bf-1"))

    wait_for(lambda: ("click-1", None, "") in stages.called("answer"), LIMIT_S, lambda: stages.calls)
    assert [("bf-1", 0), ("bf-1", 8), ("bf-1", 8), ("bf-1", 12)] == stages.called("roll_back_some")
    assert [] == stages.called("stop_rolling_back")


def test_a_rollback_of_a_backfill_that_is_stopped_says_so(engine, stages):
    """The merchant reads why, and whoever waits for the answer is told too."""
    stages.script["roll_back_some", ("bf-2", 0)] = [8]
    stages.script["roll_back_some", ("bf-2", 8)] = [BadCredentials("the token is revoked")]

    engine.roll_back_all("click-2", SHOP, BackfillRollbackRequested(backfill_id="bf-2"))

    answer = ("click-2", None, "the token is revoked")
    wait_for(lambda: answer in stages.called("answer"), LIMIT_S, lambda: stages.calls)
    assert [("bf-2", "the token is revoked")] == stages.called("stop_rolling_back")


def test_jobs_without_a_workflow_are_known(engine, stages, job):
    """What a crash left between the job's row and its workflow."""
    job_id, _ = job
    engine.make(job_id, SHOP, Trigger.NEW_LISTING)

    assert {"never started"} == engine.without_workflow([job_id, "never started"])
    assert set() == engine.without_workflow([])
    finished(stages, job_id)


def test_one_stores_jobs_do_not_hold_up_another_store(engine, stages):
    """A thousand products of one shop, and a new listing in another."""
    gate = threading.Event()
    for number in range(8):
        image = f"slow:{number}"
        stages.script["prepare", image] = [lambda: gate.wait(LIMIT_S) and None]
        engine.make(stages.job(f"slow-job:{number}", image), "busy.myshopify.com", Trigger.NEW_LISTING)
    wait_for(lambda: stages.called("prepare"), LIMIT_S, "the busy shop")

    engine.make(stages.job("quick-job", "quick"), "calm.myshopify.com", Trigger.NEW_LISTING)

    try:
        finished(stages, "quick-job")
    finally:
        gate.set()
    wait_for(lambda: len(stages.called("finish")) == 9, LIMIT_S, "the busy shop's jobs")


@pytest.mark.parametrize(
    ("raised", "next_", "retry_after_s"),
    [
        (RateLimited("slow down", retry_after_s=7), "later", 7),
        (Unavailable("away"), "later", None),
        (NoAnswer("silence"), "later", None),
        (BadCredentials("no"), "stop", None),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else "",
)
def test_our_errors_become_outcomes(raised, next_, retry_after_s):
    """Temporary means later; permanent means stop; the reason is the error's own words."""

    def stage():
        raise raised

    said = outcome(stage)

    assert (next_, str(raised), retry_after_s, False) == (
        said["next"],
        said["reason"],
        said["retry_after_s"],
        said["bug"],
    )


@pytest.mark.parametrize("requests_per_minute", [1, 5, 15, 59, 60, 61, 300, 6000])
def test_the_pace_is_never_faster_than_allowed(requests_per_minute):
    """In small batches, and not slower than the limit either."""
    limit = pace(requests_per_minute)

    assert limit["limit"] >= 1
    assert limit["limit"] * 60 / limit["period"] == pytest.approx(requests_per_minute)


def test_the_end_of_a_job_is_told_where_it_is_news(engine, stages, job):
    """Shopify Flow hears of it once the job has ended, and only where somebody listens."""
    job_id, _ = job
    stages.script["finish", job_id] = [SHOP]

    engine.make(job_id, SHOP, Trigger.NEW_LISTING)

    wait_for(lambda: [job_id] == stages.called("tell"), LIMIT_S, lambda: stages.calls)


def test_the_message_waits_for_a_store_that_is_away(engine, stages, job):
    """For some minutes; the job has ended meanwhile, and nobody waits for it."""
    job_id, _ = job
    stages.script["finish", job_id] = [SHOP]
    stages.script["tell", job_id] = [Unavailable("away"), Unavailable("away"), None]

    engine.make(job_id, SHOP, Trigger.NEW_LISTING)

    wait_for(lambda: 3 == len(stages.called("tell")), LIMIT_S, lambda: stages.calls)
    assert [job_id] == stages.called("finish")


def test_a_message_that_never_gets_through_is_given_up(engine, stages, job):
    """A workflow that starts an hour late helps nobody."""
    job_id, _ = job
    stages.script["finish", job_id] = [SHOP]
    stages.script["tell", job_id] = [Unavailable("away")]

    engine.make(job_id, SHOP, Trigger.NEW_LISTING)
    wait_for(lambda: 4 == len(stages.called("tell")), LIMIT_S, lambda: stages.calls)
    engine.look(f"after:tell:{job_id}", SHOP, "product-9")
    wait_for(lambda: "product-9" in stages.called("look"), LIMIT_S, "the look behind it")

    assert 4 == len(stages.called("tell"))
    assert [] == [move for move in stages.called("move_job") if move[1] == JobState.FAILED]
