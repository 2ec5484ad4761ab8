"""`jobs retry`: what a person does when the reason of a job is mended."""


def test_a_person_retries_a_job(house):
    """The provider refused the prompt, said sorry, and sells now: the same job, the same picture, bought once."""
    house.fault("images.moderation", times=2)
    product = house.add_product(house.shop)
    refused = house.done_job(product)
    assert ("nothing_published", 0) == (refused["state"], house.bought())

    assert {"retried": refused["id"]} == house.json("jobs", "retry", refused["id"])

    house.until_idle()
    job = house.job(product)
    assert (refused["id"], "published") == (job["id"], job["state"])
    assert (2, 2) == (house.bought(), len(house.ours(product)))


def test_a_job_that_is_published_stays_as_it_is(house):
    """Retrying is harmless: nothing is bought, nothing is attached again."""
    product = house.add_product(house.shop)
    job = house.done_job(product)
    bought = house.bought()

    house.json("jobs", "retry", job["id"])

    house.until_idle()
    assert (bought, 2) == (house.bought(), len(house.ours(product)))
    assert "published" == house.job(product)["state"]


def test_an_unknown_job_is_named(house):
    """A typing error gets a sentence and exit code 1."""
    done = house.command("jobs", "retry", "job:nowhere")

    assert 1 == done.returncode
    assert "there is no job job:nowhere" in done.stderr
