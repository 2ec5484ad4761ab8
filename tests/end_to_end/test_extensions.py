"""What the admin and Flow ask of the real web and worker: once asked, once bought, and followed to its end."""

import json

import httpx
import pytest

from shopify_imagegen.sandbox.shop.session_tokens import session_token
from tests.end_to_end.house import opened, wait_for
from webhooks.signature import sign

CLIENT = {"client_id": "sandbox-client-id", "secret": "sandbox-client-secret"}
TRIGGER = "photos-published"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Web and worker as two processes, with a store that has deployed the Flow trigger."""
    with opened(tmp_path_factory.mktemp("extensions"), IMAGEGEN__SHOPIFY__FLOW_TRIGGER=TRIGGER) as house:
        house.shop = house.add_shop()
        house.start("web")
        house.start("worker")
        yield house
        assert "Traceback" not in house.log()


@pytest.fixture
def old_product(house):
    """Listed quietly: nothing is made for it by itself."""
    return house.add_product(house.shop, announce=False)


def ask(house, method, path, body=None, *, shop=None, **headers):
    """A call as an extension sends it: with a token of this moment, from another origin."""
    token = session_token(shop or house.shop, **CLIENT)
    said = {"Authorization": f"Bearer {token}", "Origin": house.sandbox.base_url} | headers
    return httpx.request(method, f"{house.url}/api/v1{path}", json=body, headers=said, timeout=20, trust_env=False)


def done(house, job):
    """The job, followed by the id that was answered, once it is done."""
    return wait_for(
        lambda: (found := ask(house, "GET", f"/jobs/{job['id']}").json()["job"])["is_done"] and found,
        30,
        lambda: ask(house, "GET", f"/jobs/{job['id']}").text,
    )


def test_an_action_in_the_admin_ends_with_photos_on_the_product(house, old_product):
    """The button pressed three times, by a hasty hand and a bad line: bought once, shown to the end."""
    before = house.bill()["count"]
    offer = ask(house, "GET", f"/products/{old_product.gid}")
    pressed = [
        ask(house, "POST", f"/products/{old_product.gid}/jobs", {"note": "by a window", "count": 1}) for _ in range(3)
    ]

    job = done(house, pressed[0].json()["job"])
    [picture] = job["pictures"]
    assert [202] * 3 == [answer.status_code for answer in pressed]
    assert house.sandbox.base_url == offer.headers["Access-Control-Allow-Origin"]
    assert offer.json()["product"]["can_generate"]
    assert ("published", True, 0.06) == (job["state"], job["is_well"], job["cost_usd"])
    assert 1 == house.bill()["count"] - before == len(house.ours(old_product))
    assert 200 == httpx.get(picture["url"], trust_env=False).status_code


def test_a_selection_is_asked_for_at_once(house):
    """Each product has its own end; one without photos says so, and costs nothing."""
    products = [house.add_product(house.shop, announce=False, photos=photos) for photos in (1, 0)]
    jobs = ask(house, "POST", "/products/jobs", {"ids": [each.id for each in products], "count": 1}).json()["jobs"]

    first, second = (done(house, job) for job in jobs)
    assert ["published", "declined"] == [first["state"], second["state"]]
    assert "no photo" in second["reason"]
    assert [1, 0] == [len(house.ours(product)) for product in products]


def test_another_store_sees_nothing_of_it(house, old_product):
    """A store that has the app too, with its own good token."""
    other = house.add_shop()
    job = done(house, ask(house, "POST", f"/products/{old_product.id}/jobs", {"count": 1}).json()["job"])
    [picture] = job["pictures"]

    paths = [("GET", f"/jobs/{job['id']}"), ("GET", f"/jobs/{job['job_id']}"), ("GET", f"/images/{picture['id']}")]
    paths += [("POST", f"/images/{picture['id']}/{deed}") for deed in ("approve", "reject", "regenerate", "rollback")]
    assert {404} == {ask(house, method, path, shop=other).status_code for method, path in paths}
    assert 1 == len(house.ours(old_product))


def test_a_picture_is_taken_back_from_the_admin(house, old_product):
    """One press, and the product is as it was."""
    originals = house.originals(old_product)
    job = done(house, ask(house, "POST", f"/products/{old_product.id}/jobs", {"count": 1}).json()["job"])
    [picture] = job["pictures"]

    answer = ask(house, "POST", f"/images/{picture['id']}/rollback")
    wait_for(lambda: not house.ours(old_product), 20, answer.text)
    assert "rolled_back" == ask(house, "GET", f"/images/{picture['id']}").json()["picture"]["state"]
    assert originals == house.originals(old_product)


def test_a_workflow_waits_for_its_photos_and_others_hear_of_them(house, old_product):
    """Flow asks again and again under one id: one purchase, 202 until it is there, then 200, and one event."""
    before = house.bill()["count"]
    body = json.dumps(
        {
            "shopify_domain": house.shop,
            "action_run_id": f"run-{old_product.id}",
            "properties": {"product_id": old_product.id, "count": 1, "note": "", "scene": None},
        }
    ).encode()
    signature = {"X-Shopify-Hmac-Sha256": sign(body, CLIENT["secret"]).decode()}

    def run():
        return httpx.post(f"{house.url}/flow/generate", content=body, headers=signature, trust_env=False)

    assert 202 == run().status_code
    wait_for(lambda: 200 == run().status_code, 30, lambda: run().text)
    told = wait_for(lambda: events(house, old_product), 20, "the event")

    assert 1 == house.bill()["count"] - before == len(house.ours(old_product))
    house.until_idle()
    assert [(TRIGGER, {"product_id": old_product.id, "Photos": 1, "Cost in USD": 0.06})] == told
    assert told == events(house, old_product)


def events(house, product):
    """What Flow was told of a product."""
    with house.sandbox.store.lock:
        heard = list(house.sandbox.store.shop(house.shop).flow_triggers)
    return [(handle, payload) for handle, payload in heard if payload["product_id"] == product.id]
