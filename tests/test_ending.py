"""A job's end in one state and one sentence, and never without a reason."""

import itertools

import pytest

from shopify_imagegen.ending import ending
from shopify_imagegen.models import FINAL_JOB_STATES, Image, ImageState, JobState
from tests.fakes import LAMP, SHOP, START, brief


def pictures(*states_and_reasons):
    return [
        Image(
            id=brief(slot).key,
            job_id="job",
            shop=SHOP,
            product_id=LAMP,
            slot=slot,
            state=ImageState(state),
            reason=reason,
            brief=brief(slot),
            created_at=START,
            updated_at=START,
        )
        for slot, (state, reason) in enumerate(states_and_reasons)
    ]


@pytest.mark.parametrize(
    ("images", "state", "reason"),
    [
        ([("published", "")], "published", "1 lifestyle photo on the product."),
        ([("published", ""), ("published", "")], "published", "2 lifestyle photos on the product."),
        (
            [("published", ""), ("unfit", "It is blank.")],
            "partly_published",
            "1 of 2 lifestyle photos on the product. It is blank.",
        ),
        ([("refused", "Too bold."), ("refused", "Too bold.")], "nothing_published", "Too bold."),
        ([("refused", "Too bold."), ("unknown", "No answer")], "nothing_published", "Too bold. No answer."),
        ([("staged", ""), ("published", "")], "awaiting_review", "1 lifestyle photo ready for review."),
        (
            [("staged", ""), ("unfit", "It is blank.")],
            "awaiting_review",
            "1 lifestyle photo ready for review. It is blank.",
        ),
    ],
)
def test_the_end_is_summed_up(images, state, reason):
    """What a merchant reads in the list of jobs."""
    assert (JobState(state), reason) == ending(pictures(*images))


@pytest.mark.parametrize("states", list(itertools.combinations_with_replacement(ImageState, 2)))
def test_promise_never_silent(states):
    """Whatever the pictures are, the end is a named state with a reason, even where a step could not name its own."""
    state, reason = ending(pictures(*((each, "") for each in states)))

    assert state in FINAL_JOB_STATES | {JobState.AWAITING_REVIEW}
    assert reason.strip()


def test_a_published_pictures_old_reason_is_not_told():
    """It was in trouble on the way and got there."""
    assert "trouble" not in ending(pictures(("published", "trouble"), ("unfit", "It is blank.")))[1]
