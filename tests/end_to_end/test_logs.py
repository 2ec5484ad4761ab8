"""What a log may hold, seen on the lines of a whole job."""

import json

from tests.end_to_end.house import opened


def test_no_secret_and_no_prompt_is_in_any_log(tmp_path):
    """Logs travel: to a colleague, to a service, into an issue. One key leads through all lines of a job."""
    with opened(tmp_path, IMAGEGEN__APP__LOG_FORMAT="json", IMAGEGEN__APP__LOG_LEVEL="debug") as house:
        house.shop = house.add_shop()
        house.start("serve")
        product = house.add_product(house.shop)
        job = house.done_job(product)
        log = house.log()

    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    about = [line for line in lines if line.get("job", "").startswith("job:")]
    assert {job["id"]} == {line["job"] for line in about}
    assert {"paid", "published"} <= {line.get("action") for line in about}
    secrets = ["shpat_", "sandbox-client-secret", "Bearer ", "hmac", "KEEP THE PRODUCT", "data:image", "base64"]
    assert [] == [secret for secret in secrets if secret.lower() in log.lower()]
