"""What a merchant may choose: review before publishing, and a ceiling on the money."""

import pytest

from tests.end_to_end.house import opened, wait_for


@pytest.fixture(scope="module")
def careful(tmp_path_factory):
    """An installation in review mode, with money for three pictures a day."""
    env = {"IMAGEGEN__PUBLISH__MODE": "review", "IMAGEGEN__BUDGET__PER_DAY_USD": "0.18"}
    with opened(tmp_path_factory.mktemp("careful"), **env) as house:
        house.shop = house.add_shop()
        house.start("serve")
        yield house


@pytest.fixture(scope="module")
def waiting(careful):
    """A product whose pictures wait for a decision."""
    product = careful.add_product(careful.shop)
    careful.done_job(product)
    return product


def test_in_review_mode_pictures_wait(careful, waiting):
    """In the store's Files, attached to nothing."""
    job = careful.job(waiting)

    assert ("awaiting_review", "2 lifestyle photos ready for review.") == (job["state"], job["reason"])
    assert [] == careful.ours(waiting)
    assert 2 == len(careful.files_of_ours(careful.shop, waiting))


def test_approve_publishes_one_and_reject_keeps_one_off(careful, waiting):
    """The merchant decides picture by picture."""
    first, second = [image["id"] for image in careful.json("review", "list")]

    assert {"approved": first} == careful.json("review", "approve", first)
    wait_for(lambda: careful.ours(waiting), 20, lambda: careful.job(waiting))
    assert {"rejected": second} == careful.json("review", "reject", second)

    careful.until_idle()
    assert 1 == len(careful.ours(waiting))
    assert "partly_published" == careful.job(waiting)["state"]


def test_a_picture_is_decided_on_once(careful, waiting):
    """The second word comes too late, and says so."""
    image = next(image["id"] for image in careful.job(waiting)["images"] if image["state"] == "published")

    again = careful.command("review", "reject", image)

    assert (1, "") == (again.returncode, again.stdout)
    assert f"picture {image} is published, so it cannot be rejected" in again.stderr


def test_promise_never_over_budget(careful, waiting):
    """0.18 dollars are three pictures: of the second product one is bought, the other ends in a named state."""
    product = careful.add_product(careful.shop)

    job = careful.done_job(product)

    assert ["over_budget", "staged"] == sorted(image["state"] for image in job["images"])
    assert "today's $0.18 budget has no room for $0.06" in job["reason"]
    assert 3 == careful.bill()["count"]


def test_a_spent_budget_buys_nothing(careful, waiting):
    """And the product is in a named state, to be looked at again the next day."""
    product = careful.add_product(careful.shop)

    job = careful.done_job(product)

    assert "nothing_published" == job["state"]
    wait_for(lambda: careful.state(product)[0] == "over_budget", 10, lambda: careful.state(product))
    assert 3 == careful.bill()["count"]
